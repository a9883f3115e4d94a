"""`ingest -` as a mail server sees it: 0 or 75 whatever happens, and what was answered with 0 is there."""

from __future__ import annotations

import fcntl
import os
import shutil
import signal
import subprocess
import termios
import time
from array import array
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import pytest

from tests.support.desks import ROOT, DeskDir, make_mail
from tests.support.inside import locked

TEMPORARY = 75
IS_ROOT = os.getuid() == 0

Change = Callable[[DeskDir], None]


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> DeskDir:
    """A desk that stays as it is."""
    return DeskDir(tmp_path_factory.mktemp("empty") / "desk")


@pytest.fixture
def scratch(empty: DeskDir, tmp_path: Path) -> DeskDir:
    """A desk that is spoilt, or on which nothing is to happen: nobody checks it in the end."""
    return empty.copy(tmp_path / "scratch")


@pytest.fixture
def desk(empty: DeskDir, tmp_path: Path) -> Iterator[DeskDir]:
    """An empty desk, which must be consistent when the test ends."""
    made = empty.copy(tmp_path / "desk")
    yield made
    made.check()


def deliver(
    desk: DeskDir, content: bytes = b"", *arguments: str, **environment: str
) -> subprocess.CompletedProcess[bytes]:
    """Hand a mail over as a mail server does; any answer but 0 and 75 would bounce it.

    The arguments are those behind the verb, or, with `ingest` among them, all of them.
    """
    verb = () if "ingest" in arguments else ("ingest",)
    command = [*desk.command, *verb, *(arguments or ("-",))]
    done = subprocess.run(
        command, input=content, capture_output=True, env=desk.environment | environment, cwd=desk.folder, check=False,
        timeout=120,
    )  # fmt: skip
    assert done.returncode in (0, TEMPORARY), f"the mail is bounced: {done.returncode} {done.stderr.decode()}"
    return done


def copies(desk: DeskDir, content: bytes) -> list[str]:
    """The folders of the desk where a message with this very content lies, INBOX and archive included."""
    boxes = (part for place in ("new", "cur") for part in desk.maildir.rglob(place))
    files = (file for part in boxes for file in part.iterdir() if file.is_file())
    return sorted(file.parent.parent.name for file in files if file.read_bytes() == content)


def accept(desk: DeskDir, content: bytes, *arguments: str, **environment: str) -> None:
    """Hand over a mail that must be taken, once."""
    done = deliver(desk, content, *arguments, **environment)
    assert done.returncode == 0, done.stderr.decode()
    assert len(copies(desk, content)) == 1


def refuse(desk: DeskDir, content: bytes, *arguments: str, **environment: str) -> str:
    """Hand over a mail that can't be taken now: nothing of it is kept, so that the server sends it again."""
    before = desk.contents()
    done = deliver(desk, content, *arguments, **environment)
    assert done.returncode == TEMPORARY
    assert desk.contents() == before
    return done.stderr.decode()


@pytest.mark.parametrize(
    "content",
    [
        make_mail(mid="one@example.org"),
        b"",
        b"\n",
        b"\0",
        b"\r\r\r",
        bytes(range(256)) * 40,
        b"Subject: only a header",
        b"\n\nno header at all\n",
        b"From someone\nSubject: a line without a date on top\n\nFrom here on\n",
        b"Subject: dots\r\n\r\n.\r\n..\r\n",
        make_mail("a" * 200_000),
        b"Content-Type: multipart/mixed; boundary=x\n\n" + b"--x\n" * 5000,
        ("Subject: ü\n\n" + "ü" * 1000).encode("utf-16"),
    ],
    ids=lambda content: f"{content[:16]!r}",
)
def test_any_bytes_are_accepted(desk: DeskDir, content: bytes) -> None:
    accept(desk, content)
    assert copies(desk, content) == [".triage"]
    (ticket,) = desk.ids("ls")
    assert desk.run("show", "--raw", ticket).stdout == content


def test_a_mail_of_thirty_megabytes(desk: DeskDir) -> None:
    content = make_mail("large", mid="large@example.org") + b"0123456789abcdef" * 64 * 30_000
    assert len(content) > 30_000_000
    accept(desk, content)


def test_a_second_delivery_is_a_duplicate(desk: DeskDir) -> None:
    content = make_mail(mid="twice@example.org")
    accept(desk, content)
    assert deliver(desk, content).returncode == 0
    assert copies(desk, content) == [".duplicates", ".triage"]
    assert len(desk.ids("ls")) == 1


def test_rules_act_where_they_are_asked_to(desk: DeskDir) -> None:
    accept(desk, make_mail("About a20141022.2", mid="case@example.org"), "-", "--classify")
    assert [row["queue"] for row in desk.rows("ls")] == ["support-engineers"]


def test_it_says_nothing(desk: DeskDir) -> None:
    done = deliver(desk, make_mail())
    assert (done.stdout, done.stderr) == (b"", b"")


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        ("- --bogus", "no such option: --bogus"),
        ("--bogus -", "no such option: --bogus"),
        ("- --queue", "option '--queue' requires an argument"),
        ("- --queue nowhere", "no queue named 'nowhere'"),
        ("- --queue pending-for-action", "needs a due date"),
        ("- -", "- takes one message"),
        ("- other.eml", "- takes one message"),
        ("- --dry-run", "- takes one message"),
        ("- --format yaml", "'yaml' is not one of"),
        ("- --role boss", "no role named 'boss'"),
        ("- --help", ""),
    ],
)
def test_a_wrong_command_line(scratch: DeskDir, arguments: str, reason: str) -> None:
    assert reason in refuse(scratch, make_mail(), *arguments.split())


@pytest.mark.parametrize(
    "before",
    [
        *(("--bogus",), ("--role", "boss"), ("--wait", "soon")),
        *(("--config", "nowhere.yaml"), ("--maildir", "/nowhere"), ("-q",)),
    ],
    ids=" ".join,
)
def test_options_before_the_verb(scratch: DeskDir, before: tuple[str, ...]) -> None:
    done = deliver(scratch, make_mail(), *before, "ingest", "-")
    assert done.returncode == (0 if before == ("-q",) else TEMPORARY)


def test_a_queue_that_the_robot_may_not_fill(desk: DeskDir) -> None:
    """The mail is safe before that shows: it waits in the INBOX for an ingest that knows better."""
    content = make_mail(mid="disputed@example.org")
    done = deliver(desk, content, "-", "--queue", "disputes")
    assert done.returncode == 0
    assert b"INBOX" in done.stderr
    assert copies(desk, content) == ["maildir"]
    assert len(desk.lines("ingest")) == 1


# The desk is not as it should be


def lose_config(desk: DeskDir) -> None:
    desk.config.unlink()


def spoil_config(desk: DeskDir) -> None:
    desk.config.write_text("desk: [\n")


def contradict_config(desk: DeskDir) -> None:
    desk.config.write_text(desk.config.read_text().replace("intake: triage", "intake: nowhere"))


def lose_maildir(desk: DeskDir) -> None:
    shutil.rmtree(desk.maildir)


def lose_state(desk: DeskDir) -> None:
    shutil.rmtree(desk.maildir / "supportctl")


def make_maildir_a_file(desk: DeskDir) -> None:
    shutil.rmtree(desk.maildir)
    desk.maildir.write_text("")


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (lose_config, "queues.yaml: No such file"),
        (spoil_config, "not valid YAML"),
        (contradict_config, "no queue named 'nowhere'"),
        (lose_maildir, "no desk at"),
        (lose_state, "no desk at"),
        (make_maildir_a_file, "no desk at"),
    ],
)
def test_a_desk_that_is_not_there(scratch: DeskDir, spoil: Change, reason: str) -> None:
    spoil(scratch)
    assert reason in refuse(scratch, make_mail())


def lose_catalogue(desk: DeskDir) -> None:
    for file in (desk.maildir / "supportctl").glob("*.sqlite*"):
        file.write_bytes(b"no database")


def spoil_log(desk: DeskDir) -> None:
    for file in (desk.maildir / "supportctl" / "log").iterdir():
        file.write_bytes(b"\n" + file.read_bytes()[1:])


def spoil_head(desk: DeskDir) -> None:
    (desk.maildir / "supportctl" / "head").write_bytes(b"{")


def spoil_tickets(desk: DeskDir) -> None:
    (desk.maildir / ".triage" / "tickets.json").write_bytes(b"{")


def fill_the_inbox_with_garbage(desk: DeskDir) -> None:
    (desk.maildir / "new" / "no:key\x1b").write_bytes(bytes(range(256)))
    (desk.maildir / "new" / "a folder").mkdir()
    (desk.maildir / "new" / "link").symlink_to("/nowhere")


@pytest.mark.parametrize(
    "spoil",
    [lose_catalogue, spoil_log, spoil_head, spoil_tickets, fill_the_inbox_with_garbage],
    ids=lambda spoil: spoil.__name__,
)
def test_what_stands_in_the_way_of_a_ticket_does_not_refuse_the_mail(scratch: DeskDir, spoil: Change) -> None:
    desk = scratch
    accept(desk, make_mail(mid="before@example.org"))
    spoil(desk)
    accept(desk, make_mail("after", mid="after@example.org"))
    if spoil is fill_the_inbox_with_garbage:
        assert copies(desk, make_mail("after", mid="after@example.org")) == [".triage"]


def test_a_locked_desk(desk: DeskDir) -> None:
    content = make_mail(mid="meanwhile@example.org")
    with locked(desk.maildir):
        start = time.monotonic()
        accept(desk, content)
        assert time.monotonic() - start < 5
        assert copies(desk, content) == ["maildir"]
    assert len(desk.lines("ingest")) == 1
    assert copies(desk, content) == [".triage"]


def test_mail_that_waits_is_taken_along(desk: DeskDir) -> None:
    desk.deliver(make_mail("first", mid="first@example.org"))
    accept(desk, make_mail("second", mid="second@example.org"))
    assert [row["subject"] for row in desk.rows("ls")] == ["first", "second"]


def test_many_deliveries_at_once(desk: DeskDir) -> None:
    contents = [make_mail(f"mail {number}", mid=f"{number}@example.org") for number in range(12)]
    processes = [desk.start("ingest", "-") for _ in contents]
    for process, content in zip(processes, contents, strict=True):
        assert process.stdin is not None
        process.stdin.write(content)
        process.stdin.close()
    assert [process.wait(timeout=60) for process in processes] == [0] * 12
    for process in processes:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        process.stderr.close()
    desk.run("ingest")
    assert sorted(row["subject"] for row in desk.rows("ls")) == sorted(f"mail {number}" for number in range(12))
    assert all(copies(desk, content) == [".triage"] for content in contents)


# The disk


@contextmanager
def mounted(folder: Path, *options: str) -> Iterator[None]:
    """Something mounted on a folder, if this account may mount."""
    done = subprocess.run(["mount", *options, str(folder)], capture_output=True, check=False) if IS_ROOT else None
    if done is None or done.returncode:
        pytest.skip("this account may not mount file systems")
    try:
        yield
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def test_a_read_only_disk(desk: DeskDir) -> None:
    with mounted(desk.maildir, "--bind", str(desk.maildir)):
        subprocess.run(["mount", "-o", "remount,bind,ro", str(desk.maildir)], check=True)
        said = refuse(desk, make_mail())
    assert "Read-only file system" in said
    assert "fault of supportctl" not in said


def test_a_full_disk(tmp_path: Path) -> None:
    folder = tmp_path / "small"
    folder.mkdir()
    with mounted(folder, "-t", "tmpfs", "-o", "size=2m", "none"):
        desk = DeskDir(folder / "desk")
        accept(desk, make_mail(mid="small@example.org"))
        said = refuse(desk, make_mail("large", text="x" * 3_000_000))
        assert "No space left" in said
        assert "fault of supportctl" not in said
        assert list((desk.maildir / "tmp").iterdir()) == []
        with (folder / "ballast").open("wb") as ballast:
            fill(ballast.fileno())
        refuse(desk, make_mail("no room at all", text="y" * 5000))
        (folder / "ballast").unlink()
        accept(desk, make_mail("room again", mid="again@example.org"))
        desk.check()


def fill(descriptor: int) -> None:
    try:
        while True:
            os.write(descriptor, b"\0" * 4096)
    except OSError:
        return


def test_a_disk_with_room_for_the_mail_and_not_for_the_ticket(tmp_path: Path) -> None:
    folder = tmp_path / "small"
    folder.mkdir()
    with mounted(folder, "-t", "tmpfs", "-o", "size=4m", "none"):
        desk = DeskDir(folder / "desk")
        accept(desk, make_mail(mid="first@example.org"))
        room = os.statvfs(folder)
        with (folder / "ballast").open("wb") as ballast:
            ballast.write(b"\0" * (room.f_bavail * room.f_bsize - 12_288))
            ballast.flush()
            content = make_mail("tight", mid="tight@example.org", text="z" * 4000)
            done = deliver(desk, content)
        (folder / "ballast").unlink()
        assert len(copies(desk, content)) == (1 if done.returncode == 0 else 0)
        desk.run("ingest")
        desk.check()


@pytest.mark.skipif(IS_ROOT, reason="for root no folder is read-only")
def test_a_folder_that_is_not_writable(desk: DeskDir) -> None:
    for part in ("tmp", "new"):
        (desk.maildir / part).chmod(0o500)
        assert "Permission denied" in refuse(desk, make_mail())
        (desk.maildir / part).chmod(0o700)


# The process


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_while_the_mail_comes_in(desk: DeskDir, number: int) -> None:
    before = desk.contents()
    process = desk.start("ingest", "-")
    assert process.stdin is not None
    process.stdin.write(make_mail(text="x" * 100_000))
    process.stdin.flush()
    wait_until_read(process.stdin)
    process.send_signal(number)
    process.communicate(timeout=30)
    assert process.returncode == TEMPORARY
    assert desk.contents() == before


def wait_until_read(pipe: IO[bytes]) -> None:
    """Wait until the process at the other end has taken all that was written, and so waits for more."""
    deadline = time.monotonic() + 30
    unread = array("i", [1])
    while unread[0]:
        assert time.monotonic() < deadline, f"{unread[0]} bytes of the mail are never read"
        fcntl.ioctl(pipe, termios.FIONREAD, unread)
        time.sleep(0.005)


@pytest.mark.parametrize("moment", range(0, 160, 40))
def test_a_signal_at_any_moment(desk: DeskDir, moment: int) -> None:
    """Whatever is answered, the mail is there if it is 0, and a second delivery adds no ticket."""
    content = make_mail(mid="cut@example.org")
    process = desk.start("ingest", "-")
    assert process.stdin is not None
    process.stdin.write(content)
    process.stdin.close()
    process.stdin = None
    time.sleep(moment / 1000)
    process.terminate()
    process.communicate(timeout=30)
    # Before the program has set its answer to signals, the signal itself is: servers take that for temporary.
    assert process.returncode in (0, TEMPORARY, -signal.SIGTERM)
    if process.returncode == 0:
        assert copies(desk, content)
    assert deliver(desk, content).returncode == 0
    assert len(desk.ids("ls")) == 1
    assert ".triage" in copies(desk, content)


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", ">&- 2>&-", "<&- >&- 2>&-", ">/dev/full 2>/dev/full"])
@pytest.mark.parametrize("is_right", [True, False], ids=["right", "wrong"])
def test_closed_streams(scratch: DeskDir, closed: str, is_right: bool) -> None:
    content = make_mail(mid="closed@example.org")
    words = ["-"] if is_right else ["-", "--bogus"]
    command = f'exec "$@" {closed}'
    done = subprocess.run(
        ["sh", "-c", command, "sh", *scratch.command, "ingest", *words],
        input=content, capture_output=True, env=scratch.environment, check=False,
    )  # fmt: skip
    is_taken = is_right and "<&-" not in closed
    assert done.returncode == (0 if is_taken else TEMPORARY), done.stderr
    assert copies(scratch, content) == ([".triage"] if is_taken else [])


@pytest.mark.parametrize("directory", ["/", "gone"])
def test_a_strange_place_to_run(desk: DeskDir, directory: str, tmp_path: Path) -> None:
    place = tmp_path / "gone"
    place.mkdir()
    change = f'cd {place} && rmdir {place}; exec "$@"' if directory == "gone" else 'cd / && exec "$@"'
    done = subprocess.run(
        ["sh", "-c", change, "sh", *desk.command, "ingest", "-"],
        input=make_mail(mid="place@example.org"), capture_output=True, env=desk.environment, check=False,
    )  # fmt: skip
    assert done.returncode in (0, TEMPORARY), done.stderr
    assert len(copies(desk, make_mail(mid="place@example.org"))) == (done.returncode == 0)


@pytest.mark.parametrize(
    "environment",
    [{"HOME": "/nowhere"}, {"LANG": "C", "LC_ALL": "C"}, {"PYTHONIOENCODING": "ascii"}, {"TZ": "Nowhere/No"}],
    ids=str,
)
def test_a_strange_environment(desk: DeskDir, environment: dict[str, str]) -> None:
    accept(desk, make_mail("Grüße", mid="environment@example.org"), "-", **environment)
    assert [row["subject"] for row in desk.rows("ls")] == ["Grüße"]


# The installation


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the program, to be broken."""
    folder = tmp_path_factory.mktemp("source")
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "supportctl", folder / "supportctl", ignore=ignored)
    return folder


@contextmanager
def broken(source: Path, name: str, content: str) -> Iterator[None]:
    file = source / "supportctl" / name
    whole = file.read_text()
    try:
        file.write_text(content.replace("WHOLE", whole))
        yield
    finally:
        file.write_text(whole)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("cli/group.py", "import nothing_of_that_name"),
        ("cli/group.py", "def run(:"),
        ("cli/group.py", "raise SystemExit(1)"),
        ("cli/group.py", "def run(arguments):\n    return 1\n"),
        ("cli/group.py", "def run(arguments):\n    raise RecursionError\n"),
        ("output/terminal.py", "import nothing_of_that_name"),
        ("commands/ingest.py", "raise ValueError('\\x1b[2J')"),
        ("commands/ingest.py", "command = None"),
        ("store/durable.py", "WHOLE\ndef write_pieces(*a, **k):\n    raise MemoryError\n"),
        ("store/durable.py", "WHOLE\ndef sync(*a):\n    raise OSError(5, 'Input/output error')\n"),
        ("config/loading.py", "1/0"),
    ],
)
def test_a_broken_installation(scratch: DeskDir, source: Path, name: str, content: str) -> None:
    with broken(source, name, content):
        said = refuse(scratch, make_mail(), "-", PYTHONPATH=str(source), PYTHONDONTWRITEBYTECODE="1")
    assert "\x1b" not in said


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("mail/message.py", "WHOLE\ndef parse(*a, **k):\n    raise ValueError('a mail that nobody thought of')\n"),
        ("mail/message.py", "WHOLE\ndef parse(*a, **k):\n    raise RecursionError\n"),
        ("store/tickets.py", "WHOLE\ndef rewrite(*a):\n    return 1 / 0\n"),
        ("index/search.py", "import nothing_of_that_name"),
    ],
)
def test_a_fault_in_the_work_on_tickets_does_not_refuse_the_mail(
    scratch: DeskDir, source: Path, name: str, content: str
) -> None:
    """A server that is told otherwise would send it again for days, and each time it would be kept."""
    desk = scratch
    mail = make_mail(mid="fault@example.org")
    with broken(source, name, content):
        done = deliver(desk, mail, "-", PYTHONPATH=str(source), PYTHONDONTWRITEBYTECODE="1")
    assert done.returncode == 0, done.stderr.decode()
    assert len(copies(desk, mail)) == 1
    desk.run("ingest")
    assert copies(desk, mail) == [".triage"]
