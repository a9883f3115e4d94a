"""Mail is hostile: nothing of it steers a terminal, and no attachment leaves its folder."""

from __future__ import annotations

import base64
import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.desks import DeskDir, make_mail
from tests.support.teletypes import run_on_terminal

# Sets a window's title, clears the screen, rings; by C0, by C1, by UTF-8 and by Latin-1; then what turns text round.
EVIL = (
    "\x1b]0;owned\x07\x1b[2J\x9b31m\x9d0;owned\x9c\x00\x08\x7f\x0b\x0c\r\x85\u2028"
    "\u202etxt.exe\u2066\u200f\ufeff\U000e0041evil"
)
FORBIDDEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff\U000e0000-\U000e007f]"
)
OWN_STYLE = re.compile("\x1b\\[(?:0|1|2|1;33)m")
FORMATS = ("table", "plain", "json", "jsonl", "csv", "ids")


def word(text: str, charset: str = "utf-8") -> str:
    """An encoded word (RFC 2047)."""
    return f"=?{charset}?b?{base64.b64encode(text.encode(charset)).decode()}?="


def evil_mails() -> Iterator[bytes]:
    """Mails that try to steer the terminal from every place of them that is ever shown."""
    evil = word(f"spam {EVIL}")
    copy = f"{evil} <bob@example.org>"
    yield make_mail(evil, f"{evil} <ann@example.org>", mid="encoded@example.org", Cc=copy, text=f"body {EVIL}\n")
    yield make_mail(
        f"spam raw {EVIL}".replace("\r", "").replace("\x0b", "").replace("\x0c", ""),
        '"raw \x1b[31m" <"\x1b[31m"@example.org>',
        mid="raw\x1b]0;id\x07\x9b31m@example.org",
        text=f"raw {EVIL}",
    )
    latin = make_mail(
        "spam \x9b31m", text="latin \x9b31m", mid="l@example.org", Content_Type="text/plain; charset=latin-1"
    )
    yield latin.decode().encode("latin-1")
    html = f"<p>spam &#27;[31m &#155;31m &#x202e; {EVIL}</p><script>\x1b[2J</script><img alt='\x1b[2J'>"
    yield make_mail("spam html", mid="html@example.org", Content_Type="text/html; charset=utf-8", text=html)
    yield with_attachments([f"{EVIL}.pdf", "\x1b[2J", f"../{EVIL}"], subject="spam attached")
    # A bounce that names an evil original, a reply to an evil id, an evil client, an evil boundary.
    yield make_mail(
        "spam a20141022.2 fields",
        mid="fields@example.org",
        In_Reply_To="<\x1b[31m@example.org>",
        References="<a\x9b@example.org> <b\x1b@example.org>",
        X_Mailer="The Bat! \x1b[31m",
        Date="\x1b[31m",
        Content_Type='multipart/mixed; boundary="\x1b[2J"',
        text="--\x1b[2J\nContent-Type: text/\x1b[31m; name=\x1b[31m\n\nspam\n--\x1b[2J--\n",
    )


def with_attachments(names: list[str], subject: str = "attachments") -> bytes:
    """A mail with an attachment under each of these names, whose content is its number."""
    fields = "Content-Type: application/octet-stream\nContent-Disposition: attachment"
    parts = [f"{fields};\n filename*=utf-8''{quoted(name)}\n\n{number}\n" for number, name in enumerate(names)]
    body = "--x\nContent-Type: text/plain\n\nspam\n" + "".join(f"--x\n{part}" for part in parts) + "--x--\n"
    return make_mail(subject, text=body, mid=f"{subject.replace(' ', '-')}@example.org", MIME_Version="1.0",
                     Content_Type="multipart/mixed; boundary=x")  # fmt: skip


def quoted(name: str) -> str:
    return "".join(f"%{byte:02X}" for byte in name.encode("utf-8", "surrogateescape"))


@pytest.fixture(scope="module")
def evil_desk(tmp_path_factory: pytest.TempPathFactory) -> DeskDir:
    desk = DeskDir(tmp_path_factory.mktemp("evil") / "desk")
    desk.deliver(*evil_mails())
    name = "1763800000.\x1b[31m.evil:2,\x1b]0;flags\x07S"
    (desk.maildir / "cur" / name).write_bytes(make_mail("spam name", mid="n@example.org"))
    desk.run("ingest", "--classify")
    ids = [row["id"] for row in desk.rows("ls")]
    assert len(ids) == 7
    desk.run("tag", "+tag\x9b31m\u202e", *ids, "-m", f"reason {EVIL.replace(chr(0), '')}")
    desk.run("forward", "--to", "bob@example.org", ids[0])
    desk.run("close", "--type", "Wiki ACL", ids[1])
    return desk


def check_harmless(output: bytes, *, colour: bool = False) -> str:
    """Assert that there is nothing in the output that steers a terminal; returns it as text."""
    text = output.decode()
    found = FORBIDDEN.search(OWN_STYLE.sub("", text) if colour else text)
    assert found is None, f"{found[0]!r} in {text[max(0, found.start() - 60) : found.end() + 20]!r}"
    return text


READING = [
    ["ls"],
    ["search", "spam"],
    ["search", "--messages", "spam"],
    ["log", "--all"],
    ["stats", "--by", "queue,type,state,owner"],
    ["queues"],
]


@pytest.mark.parametrize("command", READING, ids=" ".join)
def test_lists(evil_desk: DeskDir, command: list[str]) -> None:
    for format in FORMATS:
        if command[0] == "stats" and format == "ids":
            continue
        text = check_harmless(evil_desk.run(*command, "--format", format).stdout)
        check_is_parsed(text, format)
    status, heard = on_terminal(evil_desk, *command)
    assert status == 0
    assert command[0] in ("stats", "queues", "log") or b"spam" in heard
    check_harmless(heard, colour=True)
    check_harmless(on_terminal(evil_desk, *command, NO_COLOR="1")[1])
    check_harmless(on_terminal(evil_desk, *command, "--format", "json")[1])


def check_is_parsed(text: str, format: str) -> None:
    if format == "json":
        json.loads(text)
    elif format == "jsonl":
        assert all(json.loads(line) for line in text.splitlines())


def on_terminal(desk: DeskDir, *arguments: str, **environment: str) -> tuple[int, bytes]:
    command = [*desk.command, *arguments]
    return run_on_terminal(command, environment=desk.environment | environment, folder=desk.folder)


def test_the_evil_is_there_and_only_shown_harmlessly(evil_desk: DeskDir) -> None:
    """Were it lost on the way in, this file would test nothing."""
    raws = [evil_desk.run("show", "--raw", row["id"]).stdout for row in evil_desk.rows("search", "spam")]
    assert sum(b"\x1b[" in raw for raw in raws) >= 3
    subjects = [row["subject"] for row in evil_desk.rows("search", "spam")]
    assert any("\x9b31m" in subject for subject in subjects)
    assert any("\u202e" in subject for subject in subjects)
    names = [part["name"] for document in shown(evil_desk) for part in document["attachments"]]
    assert any("\x1b" in name for name in names)


def shown(desk: DeskDir) -> Iterator[dict[str, list[dict[str, str]]]]:
    for row in desk.rows("search", "spam"):
        yield from json.loads(desk.run("show", "--format", "json", row["id"]).stdout)["ticket"]["messages"]


def test_show(evil_desk: DeskDir) -> None:
    ids = [row["id"] for row in evil_desk.rows("search", "spam")]
    assert check_harmless(evil_desk.run("show", *ids).stdout).count("spam") >= len(ids)
    check_harmless(evil_desk.run("show", "--format", "json", *ids).stdout)
    check_harmless(evil_desk.run("show", "--path", *ids).stdout)
    check_harmless(on_terminal(evil_desk, "show", *ids)[1], colour=True)
    check_harmless(on_terminal(evil_desk, "show", "--path", *ids)[1])
    status, heard = on_terminal(evil_desk, "show", "--raw", *ids)
    assert status == 0
    assert heard.count(b"ubject: ") >= len(ids)
    check_harmless(heard)


def test_a_body_keeps_its_lines(evil_desk: DeskDir) -> None:
    (ticket,) = evil_desk.ids("search", "subject:fields")
    assert evil_desk.run("show", ticket).stdout.count(b"\n") > 5


@pytest.mark.parametrize("arguments", [["search", "--path", "spam"], ["search", "--count", "spam"]], ids=" ".join)
def test_plain_answers(evil_desk: DeskDir, arguments: list[str]) -> None:
    check_harmless(evil_desk.run(*arguments).stdout)
    check_harmless(on_terminal(evil_desk, *arguments)[1])


def test_explain(evil_desk: DeskDir) -> None:
    ids = [row["id"] for row in evil_desk.rows("search", "spam")]
    for format in FORMATS[:5]:
        check_harmless(evil_desk.run("classify", "--explain", "--format", format, *ids).stdout)
    status, heard = on_terminal(evil_desk, "classify", "--explain", *ids)
    assert status == 0
    check_harmless(heard, colour=True)


@pytest.mark.parametrize("format", ["", *FORMATS])
def test_taking_in(tmp_path: Path, format: str) -> None:
    desk = DeskDir(tmp_path / "desk")
    mails = tmp_path / "evil\x1b]0;folder\x07"
    mails.mkdir()
    for number, mail in enumerate(evil_mails()):
        (mails / f"{number}\x1b[31m\x9b.eml").write_bytes(mail)
    words = ["ingest", "--classify", *(["--format", format] if format else []), *map(str, sorted(mails.iterdir()))]
    for done in (desk.run(*words, "--dry-run"), desk.run(*words)):
        check_harmless(done.stdout + done.stderr)
    status, heard = on_terminal(desk, *words, "--dry-run")
    assert status == 0
    check_harmless(heard, colour=True)
    assert len(desk.ids("ls")) == 6


def test_changes_on_a_terminal(evil_desk: DeskDir, tmp_path: Path) -> None:
    copied = tmp_path / "copy"
    shutil.copytree(evil_desk.folder, copied)
    options = ["--config", str(copied / "queues.yaml")]
    ids = [row["id"] for row in evil_desk.rows("ls")]
    send = ["forward", "--to", "a@example.org", *ids]
    for words in (["mv", *ids, "junk"], ["undo"], ["tag", "+x\x9b", *ids], ["close", *ids], send):
        for dry in (["--dry-run"], []):
            _, heard = on_terminal(evil_desk, *options, *words, *dry, "--keep-going")
            check_harmless(heard, colour=True)


@pytest.mark.parametrize(
    "arguments",
    [
        ["show", "<evil\x1b[31m@example.org>"],
        ["show", "\x1b[31m"],
        ["ls", "\x1b[31m"],
        ["mv", ".1", "\x9b31m"],
        ["search", "subject:/\x1b[31m(/"],
        ["search", "nofield\x1b:x"],
        ["tag", "+\x1b[31m", ".1"],
        ["ingest", "/nowhere/\x1b[31m"],
        ["ingest", "--queue", "\x1b[31m"],
        ["pend", ".1", "--until", "\x1b[31m"],
        ["forward", ".1", "--to", "\x1b[31m"],
        ["stats", "--by", "\x1b[31m"],
        ["can", "\x1b[31m", "access", "junk"],
        ["--role", "\x1b[31m", "ls"],
        ["--config", "/nowhere/\x1b[31m", "ls"],
        ["\x1b[31m"],
        ["ls", "--\x1b[31m"],
        ["show", "--paths", "/x/\x1b[31m"],
    ],
    ids=lambda arguments: " ".join(arguments).encode("unicode_escape").decode(),
)
def test_errors(evil_desk: DeskDir, arguments: list[str]) -> None:
    done = evil_desk.run(*arguments, status=None)
    assert done.returncode in (1, 2, 66, 77, 78), done
    check_harmless(done.stdout + done.stderr)
    check_harmless(on_terminal(evil_desk, *arguments)[1], colour=True)


def test_files_that_somebody_put_there(tmp_path: Path) -> None:
    desk = DeskDir(tmp_path / "desk")
    desk.deliver(make_mail(mid="a@example.org"))
    desk.run("ingest")
    stray = desk.maildir / ".junk" / "new" / "\x1b]0;stray\x07\x9b31m"
    stray.write_bytes(make_mail("spam stray", mid="b@example.org"))
    (desk.maildir / ".\x1b[31m" / "cur").mkdir(parents=True)
    (desk.maildir / ".\x1b[31m" / "new").mkdir()
    (desk.maildir / ".\x1b[31m" / "new" / "x\x1b[31m").write_bytes(b"x")
    for words in (["check"], ["check", "--format", "json"], ["check", "--repair"]):
        done = desk.run(*words, status=None)
        check_harmless(done.stdout + done.stderr)
        check_harmless(on_terminal(desk, *words)[1], colour=True)


# Attachments

NAMES = [
    *("plain.txt", "plain.txt", "there.txt", "link.txt", "dangling.txt", "folder"),
    *("../outside.txt", "../../outside.txt", "/etc/outside.txt", "..\\outside.txt", "C:\\outside.txt", "sub/in.txt"),
    *("..", ".", "", " ", "/", "\\", "...", "../", "a/", "-rf", "--help", ".bashrc", ". .hidden", "~", "~root"),
    *("nul\0.txt", "line\nbreak.txt", "\x1b[31m.txt", "gpj.\u202eexe", "\udc9b31m.txt", "*", "$(id)", "`id`", "con"),
    *("ü.txt", "x" * 300 + ".txt", "ж" * 300 + ".txt", "-" * 300, "." * 300 + "x", "x/" * 300, "\u0301" * 200),
    "x" * 120 + "-rf" * 60,
]


@pytest.fixture
def closet(tmp_path: Path) -> Path:
    """A folder to save in, with links that lead out of it."""
    folder = tmp_path / "house" / "closet"
    (folder / "folder").mkdir(parents=True)
    (folder / "there.txt").write_text("mine")
    (tmp_path / "house" / "canary.txt").write_text("alive")
    (folder / "link.txt").symlink_to(tmp_path / "house" / "canary.txt")
    (folder / "dangling.txt").symlink_to(tmp_path / "house" / "born.txt")
    return folder


def tree(folder: Path) -> dict[str, bytes | str]:
    return {str(path.relative_to(folder)): content_of(path) for path in folder.rglob("*")}


def content_of(path: Path) -> bytes | str:
    if path.is_symlink():
        return f"→ {path.readlink()}"
    return path.read_bytes() if path.is_file() else ""


def test_attachments_stay_in_their_folder_and_replace_nothing(desk: DeskDir, closet: Path) -> None:
    desk.deliver(with_attachments(NAMES))
    (ticket,) = desk.lines("ingest")
    before = tree(closet.parent)
    told = desk.run("show", "--save", str(closet), ticket).stdout
    after = tree(closet.parent)
    assert {name: content for name, content in after.items() if name in before} == before
    new = {name: content for name, content in after.items() if name not in before}
    assert sorted(map(int, new.values())) == list(range(len(NAMES))), "each attachment is saved once, as it was sent"
    assert {str(Path(name).parent) for name in new} == {"closet"}
    saved = [Path(name).name for name in new]
    assert not [name for name in saved if name.startswith(("-", ".", " "))]
    assert not [name for name in saved if FORBIDDEN.search(name) or "\n" in name]
    numbered = {f"{name}-2.txt" for name in ("plain", "there", "link", "dangling")}
    assert numbered | {"plain.txt", "folder-2", "ü.txt"} <= set(saved)
    assert sorted(check_harmless(told).splitlines()) == sorted(str(closet.parent / name) for name in new)


def test_saving_twice_replaces_nothing(desk: DeskDir, closet: Path) -> None:
    desk.deliver(with_attachments(["a.txt", "b", ".c"]))
    (ticket,) = desk.lines("ingest")
    for _ in range(2):
        desk.run("show", "--save", str(closet), ticket)
    new = {file.name for file in closet.iterdir()} - {"there.txt", "link.txt", "dangling.txt", "folder"}
    assert new == {"a.txt", "a-2.txt", "b", "b-2", "c", "c-2"}


def test_a_folder_to_save_in_is_made(desk: DeskDir, tmp_path: Path) -> None:
    desk.deliver(with_attachments(["a.txt"]))
    (ticket,) = desk.lines("ingest")
    desk.run("show", "--save", str(tmp_path / "new" / "folder"), ticket)
    assert (tmp_path / "new" / "folder" / "a.txt").read_text() == "0"
    desk.run("show", "--save", str(tmp_path / "new" / "folder" / "a.txt"), ticket, status=2)
    assert (tmp_path / "new" / "folder" / "a.txt").read_text() == "0"
