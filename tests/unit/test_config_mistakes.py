"""Every mistake in `queues.yaml` is told with its line, and all of them at once."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supportctl import config
from supportctl.errors import ConfigError

HELP_DESK = (Path(__file__).parents[1] / "support" / "desks" / "help.yaml").read_text()


def write(folder: Path, text: str | bytes) -> Path:
    file = folder / "queues.yaml"
    file.write_bytes(text.encode() if isinstance(text, str) else text)
    return file


def line_with(text: str, part: str) -> int:
    return text[: text.index(part)].count("\n") + 1


def problems_of(folder: Path, text: str | bytes) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        config.load(write(folder, text))
    assert caught.value.status == 78
    return caught.value.message.splitlines()


# fmt: off
MISTAKES = [
    # what is replaced by what, the part of the file that the problem is told at, how it begins
    ("intake: new", "intake: neu", "intake", "desk: intake: no queue named 'neu'; did you mean new?"),
    ("intake: new", "inteke: new", "inteke", "desk: unknown key 'inteke'; did you mean intake?"),
    ("intake: new", "intake: 7", "intake", "desk: intake: expected text, found a number (put it in quotes)"),
    ("intake: new", "intake: [new]", "intake", "desk: intake: expected text, found a list"),
    ("intake: new", "intake:", "intake", "desk: intake: expected text, found nothing"),
    ("intake: new", "intake: ' '", "intake", "desk: intake: empty"),
    ("from: Help@Example.org", "from: help", "from", "desk: from: not a valid address: 'help'; an ad"),
    ("maildir: mail", "maildir: ~/mail", "maildir", "desk: maildir: '~/mail': ~ is not expanded; write out"),
    ("maildir: mail", "x: y\n  maildir: mail", "x: y", "desk: unknown key 'x'; choose from maildir, name, fr"),
    ("maildir: mail", "ticket_prefix: T7", "ticket_prefix", "desk: ticket_prefix: not a valid prefix: 'T7'; use "),
    ("maildir: mail", "timezone: Europe/Berln", "timezone", "desk: timezone: unknown time zone: 'Europe/Berln'; "),
    ("maildir: mail", "timezone: 1", "timezone", "desk: timezone: expected text, found a number (put it in q"),
    ("maildir: mail", "domain: a b", "domain", "desk: domain: not a valid domain: 'a b'"),
    ("maildir: mail", 'name: "a\\nb"', "name", "desk: name: 'a\\nb' contains a line break or a control "),
    ("maildir: mail", "intake: done", "intake: new", "desk: 'intake' appears twice, first on line 2"),
    ("maildir: mail", "follow_up: {reopen_within: 30}", "follow_up", "desk: follow_up: reopen_within: expec"),
    ("maildir: mail", "follow_up: {reopen_within: 30x}", "follow_up", "desk: follow_up: reopen_within: not a v"),
    ("maildir: mail", "follow_up: {in: nw}", "follow_up", "desk: follow_up: in: no queue named 'nw'"),
    ("  robot: {}", "  Robot: {}", "Robot", "role Robot: not a valid name; use lower case letters"),
    ("title: Helper", "titel: Helper", "titel", "role helper: unknown key 'titel'; did you mean title?"),
    ("agents: [kim]", "agents: kim", "agents", "role helper: agents: expected a list, found text"),
    ("agents: [kim]", "agents: [no]", "agents", "role helper: agents: expected text, found yes or no (put"),
    ("agents: [kim]", "agents: [kim, kim]", "agents", "role helper: agents: 'kim' appears twice"),
    ("title: Helper", "title: Robot", "robot: {}", "role robot: 'robot' is also a name of role helper (line 7)"),
    ("access: [helper], needs", "access: [halper], needs", "later", "queue later: access: no role named 'halper'"),
    ("access: [helper], needs", "needs", "later", "queue later: 'access' is missing"),
    ("needs: due", "needs: date", "needs", "queue later: needs: not a valid value: 'date'; choose from due"),
    ("needs: due", "public: maybe", "public", "queue later: public: expected true or false, found text"),
    ("needs: due", "after_forward: close", "later", "queue later: 'forward_to' is missing"),
    ("needs: due", "ask: [helper]", "later", "queue later: helper may move tickets in without confirming, "),
    ("needs: due", "needs: due, on_arrival: close", "later", "queue later: closes what arrives, so tickets "),
    ("  later:", "  Later:", "Later:", "queue Later: not a valid name; use lower case letters"),
    ("  later:", "  la.ter:", "la.ter:", "queue la.ter: not a valid name; use lower case"),
    ("  later:", "  -later:", "-later:", "queue -later: not a valid name; use lower case"),
    ("  later:", "  ../later:", "../later:", "queue ../later: not a valid name; use lower case"),
    ("  later:", "  outbox:", "outbox:", "queue outbox: this name is reserved, as are all of inbox, outbox"),
    ("  later:", "  new:", "new: {title: Later", "queues: 'new' appears twice, first on line 10"),
    ("  later:", "  [a]:", "[a]:", "queues: expected a name as key, found a list"),
    ("title: Later", "title: NEW", "NEW", "queue later: 'NEW' is also a name of queue new (line 10)"),
    ("title: Later", "title: spam", "done:", "queue done: 'Spam' is also a name of queue later (line 11)"),
    ("aliases: [D, Spam]", "needs: due", "done:", "queue done: there is already a waiting queue, later (line 11)"),
    ("title: New, access: [helper, robot]", "title: New, access: [helper]", "new:", "queue new: the robot needs acc"),
    ("{title: New,", "{title: New, on_arrival: close,", "new:", "queue new: the intake queue can't close "),
    ("{title: New,", "{title: New, follow_up: {in: later},", "new:", "queue new: opens follow-ups in later,"),
    ("queues:", "queues: []\nx:", "queues", "queues: expected a mapping, found a list"),
    ("queues:", "quues:", "quues", "the file: unknown key 'quues'; did you mean queues or rules?"),
    ("[Printer, Password]", "[Printer, 7]", "issue_types", "the file: issue_types: expected text, found a n"),
    ("[cron@example.org]", "[cron]", "machines:", "lists: machines: not a valid address: 'cron'"),
    ("  machines: [", "  Machines: [", "Machines:", "list Machines: not a valid name; use lower case"),
    ("{ticket}", "{tickt}", "thanks:", "notice thanks: text: unknown placeholder {tickt}; choose from {ticke"),
    ("{ticket}", "{ticket", "thanks:", "notice thanks: text: braces come in pairs"),
    ("{ticket}", "{ticket:d}", "thanks:", "notice thanks: text: {ticket} takes no format"),
    ("{ticket}", "{ticket!r}", "thanks:", "notice thanks: text: {ticket} takes no format"),
    ("subject: We have it, ", "", "thanks:", "notice thanks: 'subject' is missing"),
    ("from:{machines}", "from:{machine}", "when: from", "rule machines: when: no list named 'machine', at"),
    ("from:{machines}", "'subject:/(/'", "when: 'subject", "rule machines: when: "),
    ("from:{machines}", "'amount:lots'", "when: 'amount", "rule machines: when: expected an amount of money"),
    ("from:{machines}", "'(a or b'", "when: '(a", "rule machines: when: "),
    ("    move: done", "    mv: done", "mv: done", "rule machines: unknown key 'mv'; did you mean move?"),
    ("    move: done", "    continue: true", "name: machines", "rule machines: no action; give at least one"),
    ("    move: done", "    move: gone", "move: gone", "rule machines: move: no queue named 'gone'; did you"),
    ("    move: done", "    move: later", "name: machines", "rule machines: the robot may not move tickets "),
    ("{title: New,", "{title: New, follow_up: {in: done},", "new:", "queue new: opens follow-ups in done, which c"),
    ("    move: done", "    forward: [a@b]", "forward: [", "rule machines: forward: expected text, found a "),
    ("    move: done", "    on: arrival\n    close: true", "on: arr", "rule machines: on: not a valid value"),
    ("    move: done", "    close: 1", "close: 1", "rule machines: close: expected true or false, found a n"),
    ("name: printers", "name: machines", "name: machines\n    when: sub", "rule machines: the rule on line 19"),
    ("issue_type: Printer", "issue_type: Drucker", "Drucker", "rule printers: issue_type: no issue type named"),
    ("notice: thanks", "notice: thank", "notice: thank", "rule printers: notice: no notice named 'thank'"),
    ("[hardware]", "[hard ware]", "tag:", "rule printers: tag: not a valid tag: 'hard ware'; "),
    ("[hardware]", "['+a']", "tag:", "rule printers: tag: not a valid tag: '+a'"),
    ("  - name: printers\n    when", "  - when", "- when: subj", "rule 2: 'name' is missing"),
    ("[Printer, Password]", "&all [Printer]\nx: *all", "x: *all", "the YAML alias *all is not supported"),
    ("[Printer, Password]", "[Printer", "lists:", "not valid YAML: "),
    ("[Printer, Password]", "a\x01b", "a\x01b", "the control character U+0001 is not allowed"),
    ("[Printer, Password]", "[" * 21 + "]" * 21, "issue_types", "nested more than 20 levels deep"),
    ("[Printer, Password]", "!!python/name:os.system 1", "issue_types", "the file: issue_types: expected a "),
    ("lists:\n", "folders: {Junk: jnk}\nlists:\n", "folders", "folders: Junk: no queue named 'jnk'; choose from new"),
    ("lists:\n", "folders: {done: done}\nlists:\n", "folders", "folder done: this is a folder of the desk itself"),
    ("lists:\n", "folders: {outbox: done}\nlists:\n", "folders", "folder outbox: this is a folder of the desk itself"),
    ("lists:\n", "folders: {done.closed.2026-11: done}\nlists:\n", "folders", "folder done.closed.2026-11: this is a "),
    ("lists:\n", "folders: {.Junk: done}\nlists:\n", "folders", "folder .Junk: not a valid name; write what follows"),
    ("lists:\n", "folders: {a/b: done}\nlists:\n", "folders", "folder a/b: not a valid name"),
    ("lists:\n", "folders: {Junk: [done]}\nlists:\n", "folders", "folders: Junk: expected text, found a list"),
    ("lists:\n", "folders: [Junk]\nlists:\n", "folders", "folders: expected a mapping, found a list"),
    ("lists:\n", "folders: {Junk: later}\nlists:\n", "later: {", "queue later: needs a due date, which a mail client"),
    ("lists:\n", "folders:\n  Junk: done\n  Junk: new\nlists:\n", "  Junk: new", "folders: 'Junk' appears twice, fir"),
    ("lists:\n", "outbox: {delay: 3d}\nlists:\n", "outbox:", "outbox: delay: not a valid short time: '3d'"),
    ("lists:\n", "folders: {sent.2026-11: done}\nlists:\n", "folders", "folder sent.2026-11: this is a folder of the"),
    ("{title: New,", "{title: New, outgoing: {transport: x},", "new: {", "queue new: outgoing: transport: not a valid"),
]
OUTGOING_MISTAKES = [
    ("transport: mail", "transport: not a valid transport: 'mail'; choose from maildir"),
    ("transport: 'smtp://u:p@mx.example'", "transport: a user or a password does not belong here"),
    ("transport: 'smtp://mx.example:0'", "transport: not a valid port: 0"),
    ("transport: 'smtp://mx.example:99999'", "transport: not a valid port: 99999"),
    ("transport: 'smtp://mx example'", "transport: not a valid transport: "),
    ("transport: 'smtp:mx'", "transport: not a valid transport: "),
    ("transport: 'sendmail:mail -t'", "transport: not the absolute path of a command"),
    ("transport: 'sendmail:'", "transport: not the absolute path of a command"),
    ("transport: 5", "transport: expected text, found a number"),
    ("credentials: x", "credentials: only for a transport that begins with smtp://"),
    ("transport: 'smtp://mx', credentials: ~/x", "credentials: '~/x': write out the whole path"),
    ("timeout: 0s", "timeout: must be at least 1s"),
    ("timeout: 5m", "timeout: not a valid short time: '5m'"),
    ("from: -C@example.org", "from: not a valid address"),
    ("name: \"a\\nb\"", "name: 'a\\nb' contains a line break"),
    ("password: x", "unknown key 'password'"),
]
# fmt: on


@pytest.mark.parametrize(("old", "new", "place", "wording"), MISTAKES, ids=[row[1][:30] for row in MISTAKES])
def test_each_mistake_is_told_with_its_line(tmp_path: Path, old: str, new: str, place: str, wording: str) -> None:
    assert HELP_DESK.count(old) == 1
    text = HELP_DESK.replace(old, new)
    told = problems_of(tmp_path, text)
    beginning = f"queues.yaml:{line_with(text, place)}: {wording}"
    assert any(problem.startswith(beginning) for problem in told), "\n".join([beginning, *told])


@pytest.mark.parametrize(("settings", "wording"), OUTGOING_MISTAKES)
def test_each_mistake_about_outgoing_mail_is_told_with_its_line(tmp_path: Path, settings: str, wording: str) -> None:
    for old, new, where in (
        ("lists:\n", f"outgoing: {{{settings}}}\nlists:\n", "outgoing"),
        ("{title: New,", f"{{title: New, outgoing: {{{settings}}},", "queue new: outgoing"),
    ):
        text = HELP_DESK.replace(old, new)
        told = problems_of(tmp_path, text)
        beginning = f"queues.yaml:{line_with(text, 'outgoing')}: {where}: {wording}"
        assert any(problem.startswith(beginning) for problem in told), "\n".join([beginning, *told])


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"", ["queues.yaml: empty; expected desk, outgoing, outbox, robot, roles"]),
        (b"[]", ["queues.yaml:1: the file: expected a mapping, found a list"]),
        (b"desk: {}\n\xff", ["queues.yaml:2: not UTF-8: byte 0xff"]),
        (("ü: 1\n" * 50_000 + "b: \x7f").encode(), ["queues.yaml:50001: the control character U+007F is not allowed"]),
        (b"a: 1\n---\nb: 2\n", ["queues.yaml:2: not valid YAML: "]),
        (b"[" * 200_000, ["queues.yaml:1: nested more than 20 levels deep"]),
        ("# ü\na: ".encode() + b"[" * 2000 + b"]" * 2000, ["queues.yaml:2: nested more than 20 levels deep"]),
        (b"{a: " * 200_000, ["queues.yaml:1: nested more than 20 levels deep"]),
        (b"- " * 200_000, ["queues.yaml:1: nested more than 20 levels deep"]),
        (b"".join(b" " * at + b"a:\n" for at in range(1200)), ["queues.yaml:21: nested more than 20 levels deep"]),
        (b"[" * 20 + b"{", ["queues.yaml:1: nested more than 20 levels deep"]),
        (b"[" * 20, ["queues.yaml:2: not valid YAML: "]),
        (b"#" * 1_000_001, ["queues.yaml: too large: more than 1,000,000 bytes"]),
        (b"desk: {maildir: m", ["queues.yaml:2: not valid YAML: "]),
    ],
)
def test_what_is_no_configuration_at_all(tmp_path: Path, data: bytes, told: list[str]) -> None:
    problems = problems_of(tmp_path, data)
    assert len(problems) == len(told)
    assert all(problem.startswith(beginning) for problem, beginning in zip(problems, told, strict=True)), problems


def test_deep_nesting_is_refused_in_no_time(tmp_path: Path) -> None:
    start = time.process_time()
    for level in ("[", "{a: ", "- ", "? "):
        problems_of(tmp_path, level * (900_000 // len(level)))
    assert time.process_time() - start < 2


def test_a_bomb_of_aliases_is_refused_at_once(tmp_path: Path) -> None:
    lines = ["a0: &a0 [x]"] + [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 30)]
    assert "the YAML alias *a0 is not supported" in problems_of(tmp_path, "\n".join(lines))[0]


def test_all_problems_are_told_at_once_by_line(tmp_path: Path) -> None:
    text = HELP_DESK.replace("intake: new", "intake: neu").replace("subject:printer", "subjekt:printer")
    text = text.replace("[kim]", "kim").replace("tag: [hardware]", "tags: [hardware]")
    problems = problems_of(tmp_path, text)
    lines = [int(problem.split(":")[1]) for problem in problems]
    assert lines == sorted(lines)
    assert lines == [5, 7, 23, 25]
    with pytest.raises(ConfigError) as caught:
        config.load(tmp_path / "queues.yaml")
    assert caught.value.hint == f"4 problems to fix in {tmp_path / 'queues.yaml'}"


def test_a_bare_on_is_a_key_although_yaml_calls_it_true(tmp_path: Path) -> None:
    text = HELP_DESK.replace("    move: done", "    move: done\n    on: follow-up")
    assert config.load(write(tmp_path, text)).rules[0].on == "follow-up"


def test_a_rule_that_closes_gives_what_the_queue_needs(tmp_path: Path) -> None:
    text = HELP_DESK.replace("on_arrival: close", "on_arrival: close, needs_at_close: issue_type")
    assert problems_of(tmp_path, text) == [
        "queues.yaml:19: rule machines: closes tickets in done (line 12), which needs an issue_type"
    ]
    text = text.replace("    move: done", "    move: done\n    issue_type: Printer")
    assert config.load(write(tmp_path, text)).rules[0].actions.issue_type == "Printer"


def test_a_rule_cannot_let_a_ticket_wait(tmp_path: Path) -> None:
    text = HELP_DESK.replace("    move: done", "    move: later").replace("access: [helper],", "access: [robot],")
    assert problems_of(tmp_path, text) == [
        "queues.yaml:19: rule machines: later (line 11) needs a due date, which a rule can't set"
    ]


def test_the_robot_needs_access_to_close(tmp_path: Path) -> None:
    text = HELP_DESK.replace("    move: done", "    move: later\n    close: true").replace(", needs: due", "")
    assert "the robot has no access to later (line 11), so can't close tickets there" in "\n".join(
        problems_of(tmp_path, text)
    )


@pytest.mark.parametrize("kind", ["absent", "folder"])
def test_an_unreadable_file_is_a_configuration_error(tmp_path: Path, kind: str) -> None:
    place = tmp_path if kind == "folder" else tmp_path / "queues.yaml"
    with pytest.raises(ConfigError, match=r"No such file|Is a directory"):
        config.load(place)


@pytest.mark.parametrize("section", ["roles", "queues", "notices", "rules"])
def test_a_section_with_thousands_of_entries_is_refused_at_once(section: str) -> None:
    entries = "".join(
        f"  - {{name: r{number}}}\n" if section == "rules" else f"  e{number}: {{}}\n" for number in range(20_000)
    )
    start = time.process_time()
    with pytest.raises(ConfigError, match=f"{section}: more than 1,000"):
        config.parse_config(f"{section}:\n{entries}".encode(), Path("/desk/queues.yaml"))
    assert time.process_time() - start < 5, "it was minutes"


def test_a_file_of_mistakes_is_not_read_to_its_end() -> None:
    with pytest.raises(ConfigError, match="too many problems: the rest of the file was not read") as caught:
        config.parse_config(
            "".join(f"key{number}: 1\n" for number in range(10_000)).encode(), Path("/desk/queues.yaml")
        )
    assert len(caught.value.message.splitlines()) == 301


@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_no_bytes_raise_anything_else(data: bytes) -> None:
    with pytest.raises(ConfigError):
        config.parse_config(data, Path("/desk/queues.yaml"))


@given(st.data())
def test_no_damage_to_a_good_file_raises_anything_else(data: st.DataObject) -> None:
    lines = HELP_DESK.splitlines(keepends=True)
    place = data.draw(st.integers(0, len(lines) - 1))
    damage = data.draw(st.sampled_from(["", "x: 1\n", "  - 1\n", "? [a]\n", "  title: [\n", "    a: {b: c}\n"]))
    lines[place] = damage
    try:
        config.parse_config("".join(lines).encode(), Path("/desk/queues.yaml"))
    except ConfigError as error:
        assert error.message.startswith("queues.yaml")
