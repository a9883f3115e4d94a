"""Something that can't be read where a message should be: each verb leaves it, says so, and does the rest."""

from __future__ import annotations

import os
import stat
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support.desks import DeskDir, make_mail, make_maildir

LEAVE = 3
RULES = """\
  - name: questions
    when: 'subject:question'
    tag: [asked]
"""


KINDS: dict[str, Callable[[Path], None]] = {
    "a folder": Path.mkdir,
    "a fifo": os.mkfifo,
    "a socket": lambda path: os.mknod(path, stat.S_IFSOCK | 0o600),
    "a link to nothing": lambda path: path.symlink_to("/nonexistent"),
}


class Spoilt:
    """A desk with three tickets in Triage, of which the second has something else for its message."""

    def __init__(self, folder: Path, kind: str) -> None:
        self.desk = DeskDir(folder / "desk")
        self.desk.set_rules(RULES)
        self.desk.take(*(make_mail(f"A question {number}", text=f"word{number} common\n") for number in (1, 2, 3)))
        self.first, self.second, self.third = sorted(self.desk.tickets())
        key = self.desk.tickets()[self.second]["messages"][0]["key"]
        self.path = self.desk.maildir / ".triage" / "new" / key
        self._kept = folder / "kept"
        self.path.rename(self._kept)
        KINDS[kind](self.path)
        self.reason = f"{self.path}: it is {kind}"

    def mend(self) -> None:
        """Put the message back to where it was."""
        remove(self.path)
        self._kept.rename(self.path)


def remove(path: Path) -> None:
    """Remove whatever has a path."""
    if path.is_dir():
        path.rmdir()
    else:
        path.unlink()


@pytest.fixture(params=KINDS)
def spoilt(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Spoilt]:
    made = Spoilt(tmp_path, request.param)
    yield made
    made.mend()
    made.desk.run("check", "--repair")
    made.desk.check()
    assert made.desk.ids("search", "word2") == [made.second]
    assert made.desk.run("search", "common").stderr == b""


def test_check_names_it(spoilt: Spoilt) -> None:
    for options in ([], ["--repair"]):
        done = spoilt.desk.run("check", *options, status=65)
        assert done.stdout.decode().count("\n") == 1
        assert f"{spoilt.second}\tcan't read {spoilt.reason}" in done.stdout.decode()


def test_classify_does_the_rest_and_explain_tells(spoilt: Spoilt) -> None:
    trials = spoilt.desk.rows("classify", "--explain", status=LEAVE)
    results = {trial["ticket"]: trial["result"].partition(",")[0] for trial in trials}
    assert results == {spoilt.first: "matches", spoilt.second: "not tried", spoilt.third: "matches"}
    for status, classified in ((LEAVE, {spoilt.first, spoilt.third}), (LEAVE, set())):
        done = spoilt.desk.run("classify", status=status)
        assert set(done.stdout.decode().split()) == classified
        assert done.stderr.decode().count(spoilt.reason) == 1
    assert "asked" not in spoilt.desk.tickets()[spoilt.second].get("tags", [])
    done = spoilt.desk.run("classify", "--dry-run", spoilt.second, status=65)
    assert spoilt.reason in done.stderr.decode()


def test_a_new_index_has_the_rest_and_search_says_what_it_lacks(spoilt: Spoilt) -> None:
    spoilt.desk.forget_index()
    for query in ("common", "/comm.n/"):
        done = spoilt.desk.run("search", query, "--format", "ids")
        assert set(done.stdout.decode().split()) == {spoilt.first, spoilt.third}
        assert "1 message could not be read" in done.stderr.decode()


def test_show_says_what_is_wrong_with_the_one_and_shows_the_others(spoilt: Spoilt, tmp_path: Path) -> None:
    done = spoilt.desk.run("show", spoilt.first, spoilt.second, spoilt.third)
    assert "word1" in done.stdout.decode()
    assert spoilt.reason in done.stdout.decode()
    assert "word3" in done.stdout.decode()
    assert spoilt.reason in spoilt.desk.run("show", "--format", "json", spoilt.second).stdout.decode()
    for options in (["--raw"], ["--save", str(tmp_path / "saved")]):
        assert spoilt.reason in spoilt.desk.run("show", *options, spoilt.second, status=65).stderr.decode()


def test_forward_sends_the_rest(spoilt: Spoilt) -> None:
    names = (spoilt.first, spoilt.second, spoilt.third)
    done = spoilt.desk.run("forward", "--to", "else@example.org", *names, status=65)
    assert spoilt.reason in done.stderr.decode()
    assert spoilt.desk.outbox() == []
    spoilt.desk.run("forward", "--keep-going", "--to", "else@example.org", *names, status=LEAVE)
    assert len(spoilt.desk.outbox()) == 2


def test_a_rule_forwards_the_rest(spoilt: Spoilt) -> None:
    text = spoilt.desk.config.read_text().replace("tag: [asked]", "forward: else@example.org")
    spoilt.desk.config.write_text(text)
    spoilt.desk.run("classify", status=LEAVE)
    assert len(spoilt.desk.outbox()) == 2


def test_what_reads_no_message_does_its_work(spoilt: Spoilt) -> None:
    names = (spoilt.first, spoilt.second)
    spoilt.desk.run("tag", "+x", *names)
    spoilt.desk.run("mv", *names, "support-engineers")
    spoilt.desk.run("close", "--type", "Wiki ACL", *names)
    spoilt.desk.run("reopen", *names)
    spoilt.desk.run("pend", "--until", "2d", *names)
    spoilt.desk.clock = 86400 * 3
    assert spoilt.desk.ids("wake") == list(names)
    (spoilt.path,) = spoilt.desk.maildir.glob(f".support-engineers/*/{spoilt.path.name}*")


# What lies where mail comes from


@pytest.mark.parametrize("kind", KINDS)
def test_a_source_with_it_gives_the_rest(desk: DeskDir, tmp_path: Path, kind: str) -> None:
    """A Maildir; single files, of which it is one; and folders of queues, for what is put into them by hand."""
    box = make_maildir(tmp_path / "box", {"new/1.a": make_mail("One"), "new/3.c": make_mail("Three")})
    KINDS[kind](box / "new" / "2.b")
    done = desk.run("ingest", str(box), status=LEAVE)
    assert len(done.stdout.split()) == 2
    assert f"left {box}/new/2.b: it is {kind}" in done.stderr.decode()
    if kind != "a folder":  # which would be a Maildir, and is not
        (tmp_path / "single.eml").write_bytes(make_mail("Single"))
        done = desk.run("ingest", str(box / "new" / "2.b"), str(tmp_path / "single.eml"), status=LEAVE)
        assert len(done.stdout.split()) == 1
    KINDS[kind](desk.maildir / ".triage" / "new" / "4.d")
    (desk.maildir / ".triage" / "new" / "5.e").write_bytes(make_mail("By hand"))
    done = desk.run("check", "--repair", status=65)
    assert f"left {desk.maildir}/.triage/new/4.d: it is {kind}" in done.stderr.decode()
    assert len(desk.tickets()) == (3 if kind == "a folder" else 4)
    remove(desk.maildir / ".triage" / "new" / "4.d")


def test_a_fifo_is_never_waited_for(desk: DeskDir) -> None:
    """Not even if somebody writes to it: what comes out of one is gone from it."""
    path = desk.maildir / "new" / "1.pipe"
    os.mkfifo(path)
    descriptor = os.open(path, os.O_RDWR | os.O_NONBLOCK)
    os.write(descriptor, make_mail("In a pipe"))
    desk.run("ingest", status=LEAVE)
    assert os.read(descriptor, 1 << 16) == make_mail("In a pipe")
    os.close(descriptor)
    path.unlink()


# Errors of the disk, made by strace


def fail(desk: DeskDir, path: Path, call: str, error: str, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    """Run a command for which each call of a kind on a path fails."""
    trace = [
        "-f",
        "-qq",
        "-o",
        os.devnull,
        "-P",
        str(path),
        "-e",
        f"trace={call}",
        "-e",
        f"inject={call}:error={error}",
    ]
    return subprocess.run(
        ["strace", *trace, *desk.command, *arguments],
        env=desk.environment, cwd=desk.folder, capture_output=True, check=False, timeout=60,
    )  # fmt: skip


@pytest.mark.usefixtures("strace")
@pytest.mark.parametrize(("call", "error"), [("openat", "EACCES"), ("openat", "EIO"), ("pread64", "EIO")])
def test_a_file_that_the_system_does_not_give(desk: DeskDir, call: str, error: str) -> None:
    words = {"EACCES": "Permission denied", "EIO": "Input/output error"}[error]
    desk.deliver(*(make_mail(f"Mail {number}", text=f"word{number} common\n") for number in range(60)))
    path = sorted((desk.maildir / "new").iterdir())[30]
    done = fail(desk, path, call, error, "ingest")
    assert (done.returncode, len(done.stdout.split())) == (LEAVE, 59), done.stderr
    assert done.stderr.decode().count(f"left {path}: {words}") == 1
    assert path.exists()
    assert fail(desk, path, call, error, "check").returncode == 65
    assert len(desk.lines("ingest")) == 1, "once it can be read"
    path = desk.maildir / ".triage" / "new" / path.name
    for line in (["check"], ["check", "--repair"]):
        done = fail(desk, path, call, error, *line)
        assert done.returncode == 65
        assert f"can't read {path}: {words}" in done.stdout.decode()
    desk.forget_index()
    done = fail(desk, path, call, error, "search", "--count", "common")
    assert (done.returncode, done.stdout) == (0, b"59\n"), done.stderr
    assert fail(desk, path, call, error, "classify").returncode == LEAVE
    desk.run("check", "--repair")
    assert desk.lines("search", "--count", "common") == ["60"]


def test_a_bad_sector_within_an_mbox_ends_that_one(desk: DeskDir, tmp_path: Path, strace: None) -> None:
    box, single = tmp_path / "box", tmp_path / "single.eml"
    lines = b"From a@b.c Sun Nov 22 10:00:00 2026\n"
    box.write_bytes(b"".join(lines + make_mail(f"Mail {number}") + b"\n" for number in range(3)))
    single.write_bytes(make_mail("Single"))
    done = fail(desk, box, "pread64", "EIO", "ingest", str(box), str(single))
    assert (done.returncode, len(done.stdout.split())) == (LEAVE, 1), done.stderr
    assert f"left {box}: Input/output error" in done.stderr.decode()
    assert stat.S_ISREG(box.stat().st_mode)
    assert len(desk.lines("ingest", str(box))) == 3
