"""`queues.yaml`: what is read out of it, where it is found, and its cache."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import orjson
import pytest

from supportctl import config
from supportctl.config.outgoing_section import parse_transport
from supportctl.errors import ConfigError, NotFoundError, UsageError
from supportctl.values import Span

CACERT = Path(__file__).parents[2] / "queues.yaml"

HELP_DESK = (Path(__file__).parents[1] / "support" / "desks" / "help.yaml").read_text()


def write(folder: Path, text: str | bytes) -> Path:
    file = folder / "queues.yaml"
    file.write_bytes(text.encode() if isinstance(text, str) else text)
    return file


# What is read


def test_the_desk_of_cacert() -> None:
    desk = config.load(CACERT)
    assert list(desk.queues) == [
        *("disputes", "organisation-assurance", "secure-test", "support-engineers", "deleted-accounts"),
        *("new-point-calculation", "pending-for-action", "requested-passphrase", "triage", "junk"),
        *("paypal", "returns", "the-bat", "verification-abuse", "cacert-support"),
    ]
    assert list(desk.roles) == ["triage", "support-engineer", "arbitrator", "organisation-assurer", "robot"]
    assert desk.issue_types == (
        "Arbitration Support",
        "Code Signing",
        "General Questions",
        "Name Change with Assurance",
        "Name Change Precedent Case",
        "New Point Calculation",
        "Old Style Password reset",
        "Organisation assurance",
        "Password reset with Assurance",
        "Revoke assurance",
        "Signing request",
        "Wiki ACL",
    )
    assert desk.waiting is desk.queues["pending-for-action"]
    closing = {key for key, queue in desk.queues.items() if queue.on_arrival == "close"}
    assert closing == {
        "requested-passphrase",
        "junk",
        "paypal",
        "returns",
        "the-bat",
        "verification-abuse",
    }
    public = [queue for queue in desk.queues.values() if queue.public]
    assert [(queue.key, queue.forward_to, queue.after_forward) for queue in public] == [
        ("cacert-support", "cacert-support@lists.cacert.org", "close")
    ]
    assert [key for key, queue in desk.queues.items() if queue.needs_at_close] == ["support-engineers"]
    assert all(queue.purpose for queue in desk.queues.values())


def test_another_desk_needs_only_another_file(tmp_path: Path) -> None:
    desk = config.load(write(tmp_path, HELP_DESK))
    assert desk.desk == config.DeskSettings(
        maildir=tmp_path / "mail",
        name="help@example.org",
        sender="help@example.org",
        domain="example.org",
        addresses=("help@example.org", "info@example.org"),
        ticket_prefix="s",
        intake="new",
        timezone="",
        trusted_authserv=(),
        follow_up=config.FollowUp(Span(30, "d"), "new"),
        outgoing=config.OutgoingSettings("help@example.org", "help@example.org", "", config.Transport()),
    )
    assert desk.queues["done"] == config.Queue(
        key="done",
        title="Done",
        aliases=("D", "Spam"),
        purpose="",
        access=("helper", "robot"),
        move_in=(),
        ask=(),
        on_arrival="close",
        needs="",
        needs_at_close="",
        forward_to="",
        after_forward="",
        public=False,
        follow_up=config.FollowUp(Span(30, "d"), "new"),
        outgoing=desk.desk.outgoing,
        line=12,
        access_line=12,
        move_in_line=0,
        ask_line=0,
    )
    assert desk.waiting is desk.queues["later"]
    assert desk.roles["helper"] == config.Role("helper", "Helper", ("kim",), 7, 7)
    assert desk.notices["thanks"].once_per == Span(1, "d")
    assert desk.rules[0] == config.Rule(
        "machines", "from:{machines}", "new", False, config.Actions(move="done"), 19, 20
    )
    assert desk.rules[1].proceeds
    assert desk.rules[1].actions == config.Actions(tags=("hardware",), issue_type="Printer", notice="thanks")


def test_python_knows_no_fact_of_one_desk() -> None:
    package = Path(config.__file__).parents[1]
    sources = {file: file.read_text().casefold() for file in package.rglob("*.py")}
    facts = ("cacert", "paypal", "the bat", "a20110119", "arbitrat", "requested-passphrase", "thawte")
    told = [(file.name, fact) for file, text in sources.items() for fact in facts if f'"{fact}' in text]
    assert told == []


@pytest.mark.parametrize("value", ["mail", "./mail", "{folder}/mail"])
def test_the_maildir_is_meant_from_where_the_file_lies(tmp_path: Path, value: str) -> None:
    text = HELP_DESK.replace("maildir: mail", f"maildir: {value.format(folder=tmp_path)}")
    assert config.load(write(tmp_path, text)).desk.maildir == tmp_path / "mail"


def test_move_in_of_nobody_is_not_move_in_of_everybody(tmp_path: Path) -> None:
    text = HELP_DESK.replace("access: [helper], needs", "access: [helper], move_in: [], needs")
    queue = config.load(write(tmp_path, text)).queues["later"]
    assert queue.movers == ()
    assert queue.movers_line == 11


@pytest.mark.parametrize("name", ["support-engineers", "Support Engineers", "SE", "se", "SUPPORT ENGINEERS"])
def test_a_queue_goes_by_key_title_and_alias(name: str) -> None:
    assert config.load(CACERT).queue(name).key == "support-engineers"


def test_a_folder_of_a_client_stands_for_a_queue(tmp_path: Path) -> None:
    desk = config.load(write(tmp_path, HELP_DESK + "\nfolders:\n  Junk: done\n  INBOX.Spam: done\n"))
    assert desk.queue_folders == {"new": "new", "later": "later", "done": "done", "Junk": "done", "INBOX.Spam": "done"}


def test_an_unknown_name_gets_the_nearest() -> None:
    desk = config.load(CACERT)
    with pytest.raises(NotFoundError) as queue:
        desk.queue("Dispute")
    assert (queue.value.message, queue.value.hint) == (
        "no queue named 'Dispute'",
        "did you mean disputes?",
    )
    assert queue.value.status == 66
    with pytest.raises(NotFoundError) as far:
        desk.queue("zzz")
    assert far.value.hint.startswith("choose from disputes, organisation-assurance")
    with pytest.raises(UsageError) as role:
        desk.role("arbiter")
    assert role.value.hint == "did you mean arbitrator?"
    with pytest.raises(UsageError) as issue_type:
        desk.issue_type("code sining")
    assert issue_type.value.hint == "did you mean Code Signing?"
    assert desk.issue_type("code signing") == "Code Signing"


# JSON, and the cache


@pytest.mark.parametrize("text", [HELP_DESK, CACERT.read_text()], ids=["help desk", "CAcert"])
def test_through_json_and_back_it_is_the_same(tmp_path: Path, text: str) -> None:
    first = config.load(write(tmp_path, text))
    again = config.Config.from_json(orjson.loads(orjson.dumps(first.to_json())))
    for part in ("file", "desk", "roles", "queues", "issue_types", "lists", "notices", "rules"):
        assert getattr(again, part) == getattr(first, part)
        assert type(getattr(again, part)) is type(getattr(first, part))
    assert isinstance(again.desk.maildir, Path)
    assert isinstance(again.queues[again.desk.intake].follow_up, config.FollowUp)


def loads_without_yaml(file: Path, cache: Path) -> bool:
    script = (
        "import sys; from pathlib import Path; from supportctl import config;"
        "config.load(*map(Path, sys.argv[1:])); sys.exit('yaml' in sys.modules)"
    )
    return subprocess.run([sys.executable, "-c", script, file, cache], check=False).returncode == 0


def test_the_cache_saves_reading_yaml(tmp_path: Path) -> None:
    file, cache = write(tmp_path, HELP_DESK), tmp_path / "cache.json"
    assert not loads_without_yaml(file, cache)
    assert loads_without_yaml(file, cache)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["cache.json", "queues.yaml"]


@pytest.mark.parametrize("change", ["content", "version", "place", "torn", "other shape", "not ours", "deep"])
def test_a_cache_of_something_else_is_not_believed(tmp_path: Path, change: str) -> None:
    file, cache = write(tmp_path, HELP_DESK), tmp_path / "cache.json"
    config.load(file, cache)
    kept = orjson.loads(cache.read_bytes())
    kept["config"]["desk"]["name"] = "stale"
    cache.write_bytes(orjson.dumps(kept))
    assert config.load(file, cache).desk.name == "stale"
    match change:
        case "content":
            write(tmp_path, HELP_DESK + "# changed\n")
        case "version":
            cache.write_bytes(orjson.dumps(kept | {"version": "0"}))
        case "place":
            (tmp_path / "elsewhere").mkdir()
            file = write(tmp_path / "elsewhere", HELP_DESK)
        case "torn":
            cache.write_bytes(cache.read_bytes()[:-9])
        case "other shape":
            cache.write_bytes(orjson.dumps(kept | {"config": kept["config"] | {"roles": []}}))
        case "deep":
            cache.write_bytes(b"[" * 100_000)
        case _:
            cache.write_bytes(b"[]")
    assert config.load(file, cache).desk.name == "help@example.org"
    assert orjson.loads(cache.read_bytes())["config"]["desk"]["name"] == "help@example.org"


def test_a_cache_that_cannot_be_written_is_no_matter(tmp_path: Path) -> None:
    file = write(tmp_path, HELP_DESK)
    assert config.load(file, tmp_path / "nowhere" / "cache.json").desk.intake == "new"
    (tmp_path / "folder").mkdir()
    assert config.load(file, tmp_path / "folder").desk.intake == "new"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["folder", "queues.yaml"]


def test_a_wrong_file_leaves_no_cache(tmp_path: Path) -> None:
    with pytest.raises(ConfigError):
        config.load(write(tmp_path, "desk:"), tmp_path / "cache.json")
    assert not (tmp_path / "cache.json").exists()


# Where it is found


def find(environ: dict[str, str], named: str = "") -> Path:
    return config.find_config(named, config.list_places(environ))


def test_the_places_are_tried_in_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    here, home, xdg = (tmp_path / name for name in ("here", "home", "xdg"))
    for folder in (here, home / ".config/supportctl", xdg / "supportctl"):
        folder.mkdir(parents=True)
        write(folder, HELP_DESK)
    environ = {"XDG_CONFIG_HOME": str(xdg), "HOME": str(home)}
    monkeypatch.chdir(here)
    assert find(environ, "option.yaml") == here / "option.yaml"
    assert find(environ, "/named.yaml") == Path("/named.yaml")
    assert find(environ) == here / "queues.yaml"
    monkeypatch.chdir(tmp_path)
    assert find(environ) == xdg / "supportctl/queues.yaml"
    environ["XDG_CONFIG_HOME"] = "relative/is/ignored"
    assert find(environ) == home / ".config/supportctl/queues.yaml"


def test_what_is_no_file_is_passed_over_unless_it_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = tmp_path / "home"
    (home / ".config/supportctl").mkdir(parents=True)
    kept = write(home / ".config/supportctl", HELP_DESK)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "queues.yaml").mkdir()
    assert find({"HOME": str(home)}) == kept
    assert find({"HOME": str(home)}, "queues.yaml") == tmp_path / "queues.yaml"


def test_a_working_folder_that_is_gone_is_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home, gone = tmp_path / "home", tmp_path / "gone"
    (home / ".config/supportctl").mkdir(parents=True)
    kept = write(home / ".config/supportctl", HELP_DESK)
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    assert find({"HOME": str(home)}) == kept
    with pytest.raises(ConfigError, match="the working folder is gone"):
        find({"HOME": str(home)}, "queues.yaml")


def test_only_a_regular_file_is_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    (tmp_path / "link").symlink_to("/dev/zero")
    for file in (tmp_path / "fifo", tmp_path / "link", Path("/dev/zero")):
        with pytest.raises(ConfigError, match=f"can't read {file}: not a regular file"):
            config.load(file)
    with pytest.raises(ConfigError, match="No such file"):
        config.load(tmp_path / "none")


@pytest.mark.skipif(Path("/etc/supportctl/queues.yaml").exists(), reason="this machine has a desk")
def test_without_any_the_places_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ConfigError) as caught:
        find({"HOME": str(tmp_path)})
    assert caught.value.message.splitlines()[1:] == [
        f"  {tmp_path}/queues.yaml",
        f"  {tmp_path}/.config/supportctl/queues.yaml",
        "  /etc/supportctl/queues.yaml",
    ]
    assert "--config" in caught.value.hint


OUTGOING = """
outgoing:
  name: The desk
  transport: smtps://mx.example.org
  credentials: smtp.netrc
  timeout: 5min
  signature: |
    The desk

outbox: {delay: 30s}
"""


def test_a_queue_has_what_it_does_not_say_of_outgoing_mail_from_the_desk(tmp_path: Path) -> None:
    text = HELP_DESK.replace("{title: New,", "{title: New, outgoing: {from: New@Example.org},")
    text = text.replace("{title: Later,", "{title: Later, outgoing: {transport: 'smtp://[::1]:2525'},")
    desk = config.load(write(tmp_path, text + OUTGOING))
    server = config.Transport("smtps", "", "mx.example.org", 465, str(tmp_path / "smtp.netrc"), 300)
    assert desk.desk.outgoing == config.OutgoingSettings("help@example.org", "The desk", "The desk", server)
    assert desk.queues["new"].outgoing == desk.desk.outgoing._replace(sender="new@example.org")
    assert "new@example.org" in desk.desk.addresses, "the desk never answers itself"
    other = config.Transport("smtp", "", "::1", 2525, "", 300)
    assert desk.queues["later"].outgoing == desk.desk.outgoing._replace(transport=other), "not with their password"
    assert desk.desk.delay == 30
    assert [str(queue.outgoing.transport) for queue in desk.queues.values()] == [
        "smtps://mx.example.org:465", "smtp://[::1]:2525", "smtps://mx.example.org:465"
    ]  # fmt: skip
    again = config.Config.from_json(orjson.loads(orjson.dumps(desk.to_json())))
    assert again.queues == desk.queues


@pytest.mark.parametrize(
    ("text", "transport"),
    [
        ("maildir", config.Transport()),
        ("sendmail", config.Transport("sendmail", "/usr/sbin/sendmail")),
        ("sendmail:/usr/bin/msmtp", config.Transport("sendmail", "/usr/bin/msmtp")),
        ("smtp://MX.example.org", config.Transport("smtp", "", "mx.example.org", 25)),
        ("smtp://localhost:587/", config.Transport("smtp", "", "localhost", 587)),
        ("smtps://[2001:db8::1]", config.Transport("smtps", "", "2001:db8::1", 465)),
    ],
)
def test_transports(text: str, transport: config.Transport) -> None:
    assert parse_transport(text) == transport
    assert parse_transport(str(transport)) == transport
