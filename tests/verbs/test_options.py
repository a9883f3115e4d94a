"""Arguments that verbs share: words told from options, tickets from standard input, questions asked back."""

from __future__ import annotations

import os
import pty
import re
import select
import signal
import sys
import time

import pytest

from tests.support.desks import DeskDir
from tests.support.throwaway import argv, environment, raising, run

SHOWS_TAG = """
@click.command(cls=TagCommand)
@options.tickets()
@options.writing
@click.option("--type", "issue_type", default="")
def command(changes, tickets, writing, issue_type):
    formats.write_text(f"{changes} {tickets.names} {writing.reason!r} {writing.is_dry_run} {issue_type!r}")
"""


@pytest.mark.parametrize(
    ("arguments", "shows"),
    [
        (["+a", "-b", "s1"], "('+a', '-b') ['s1'] '' False ''"),
        (["s1", "+a", "s2", "-b"], "('+a', '-b') ['s1', 's2'] '' False ''"),
        (["-n", "-next", "s1"], "('-next',) ['s1'] '' True ''"),
        (["-m", "-not a tag", "+dispute?", "s1"], "('+dispute?',) ['s1'] '-not a tag' False ''"),
        (["--message=+x", "--type", "-y", "s1"], "() ['s1'] '+x' False '-y'"),
        (["-mail", "s1"], "('-mail',) ['s1'] '' False ''"),
        (["-_x", "+é", "+2fa", "s1"], "('-_x', '+é', '+2fa') ['s1'] '' False ''"),
        (["+a", "--", "-b@example.org", "+c"], "('+a',) ['-b@example.org', '+c'] '' False ''"),
        (["-0", "+a", "-"], "('+a',) ['s7', 's8'] '' False ''"),
    ],
)
def test_tags_are_told_from_options(arguments: list[str], shows: str) -> None:
    ran = run(SHOWS_TAG, "tag", *arguments, verb="tag", stdin=b"s7\0s8\0")
    assert (ran.stdout.decode(), ran.stderr) == (shows, b"")


SHOWS_QUERY = """
@click.command(cls=QueryCommand)
@options.output()
@click.pass_obj
def command(settings, query, format):
    formats.write_text(f"{query} {format} {settings.quiet}")
"""


@pytest.mark.parametrize(
    ("arguments", "shows"),
    [
        (["viagra", "-word"], "('viagra', '-word') plain False"),
        (["-from:x", "--format", "ids", "-(a", "or", "b)"], "('-from:x', '-(a', 'or', 'b)') ids False"),
        (["-q", "-quiet", "--format=json"], "('-quiet',) json True"),
        (["a", "--", "--format", "-q", "-h"], "('a', '--format', '-q', '-h') plain False"),
        (['-"two words"', "-", "-/re/"], "('-\"two words\"', '-', '-/re/') plain False"),
        ([], "() plain False"),
    ],
)
def test_query_words_are_told_from_options(arguments: list[str], shows: str) -> None:
    ran = run(SHOWS_QUERY, "search", *arguments, verb="search")
    assert (ran.stdout.decode(), ran.stderr) == (shows, b"")


def test_a_mistaken_long_option_is_no_word() -> None:
    assert run(SHOWS_QUERY, "search", "--fromat", "ids", verb="search").returncode == 2
    assert run(SHOWS_TAG, "tag", "--tpye", "x", "s1", verb="tag").returncode == 2


def test_words_show_in_the_usage() -> None:
    assert b"[+TAG|-TAG]... TICKET..." in run(SHOWS_TAG, "tag", "-h", verb="tag").stdout
    assert b"QUERY..." in run(SHOWS_QUERY, "search", "--help", verb="search").stdout


SHOWS_NAMES = """
@click.command()
@options.tickets({0})
@click.argument("queue")
def command(tickets, queue):
    formats.write_text(f"{{tickets.names}} {{tickets.are_paths}} {{tickets.given}} {{queue}}")
"""


@pytest.mark.parametrize(
    ("arguments", "stdin", "shows"),
    [
        ("s1 s2 s1 junk", b"", "['s1', 's2'] False True junk"),
        ("- junk", b"s1\tx y\n\n  s2 subject\ns1\r\ns3", "['s1', 's2', 's3'] False True junk"),
        ("s9 - s1 junk", b"s1\n", "['s9', 's1'] False True junk"),
        ("- junk", b"", "[] False True junk"),
        ("-0 - junk", b"a b\0c\nd\0", "['a b', 'c\\nd'] False True junk"),
        ("--paths - junk", b"a b/cur/1:2,S\n./c\tsubject\n", "['a b/cur/1:2,S', './c'] True True junk"),
        ("-0 --paths - junk", b"\xff/x\0", "['\\udcff/x'] True True junk"),
    ],
)
def test_tickets_come_as_arguments_or_on_standard_input(arguments: str, stdin: bytes, shows: str) -> None:
    ran = run(SHOWS_NAMES.format(""), "mv", *arguments.split(), verb="mv", stdin=stdin)
    assert (ran.stdout.decode(), ran.stderr) == (shows, b"")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [("junk", b"no tickets given"), ("-0 s1 junk", b"-0 works only with names")],
)
def test_a_verb_without_its_tickets_is_a_mistake(arguments: str, says: bytes) -> None:
    ran = run(SHOWS_NAMES.format(""), "mv", *arguments.split(), verb="mv", stdin=b"s1\n")
    assert ran.returncode == 2
    assert says in ran.stderr and b"hint: " in ran.stderr


def test_tickets_that_may_be_missing_are_told_from_an_empty_list() -> None:
    body = SHOWS_NAMES.format("required=False")
    assert run(body, "mv", "junk", verb="mv").stdout == b"[] False False junk"
    assert run(body, "mv", "-", "junk", verb="mv").stdout == b"[] False True junk"


@pytest.mark.parametrize(
    "arguments",
    [
        *(["--role", "", "ls"], ["ls", "--role", ""], ["--config=", "ls"], ["--maildir", "", "ls"]),
        *(["ingest", "--queue", ""], ["ingest", "--type="], ["close", "--type", "", ".1"], ["stats", "--since", ""]),
    ],
)
def test_an_option_with_an_empty_value_is_a_mistake_and_not_left_out(plain_desk: DeskDir, arguments: list[str]) -> None:
    said = plain_desk.run(*arguments, status=2).stderr.decode()
    assert re.search(r"--(role|config|maildir|queue|type|since): the value is empty\nhint: leave the option out", said)


def test_intent() -> None:
    body = "@click.command()\n@options.writing\ndef command(writing):\n    formats.write_text(repr(writing))\n"
    assert run(body, "ls", "-n", "-y", "-m", "why", "--confirm", "--keep-going").stdout == (
        b"WriteOptions(reason='why', is_dry_run=True, yes=True, confirm=True, keep_going=True)"
    )


def test_formats_can_be_narrowed() -> None:
    body = "@click.command()\n@options.output('plain', 'json')\ndef command(format):\n    formats.write_text(format)\n"
    assert run(body, "ls").stdout == b"plain"
    assert run(body, "ls", "--format", "csv").returncode == 2


ASKS = raising("'-y' in sys.argv or confirmation.confirm('sure?', '--yes'); formats.write_text('done\\\\n')").replace(
    "@click.command()", "@click.command()\n@click.option('-y', is_flag=True, expose_value=False)"
)


def test_nobody_is_asked_without_a_terminal() -> None:
    ran = run(ASKS, "ls", stdin=b"y\n")
    assert (ran.returncode, ran.stdout) == (77, b"")
    assert ran.stderr == b"supportctl ls: confirmation needed: sure?\nhint: confirm with --yes\n"
    assert run(ASKS, "ls", "-y").stdout == b"done\n"


@pytest.mark.parametrize(
    ("answer", "status", "heard"),
    [(b"y\n", 0, b"done"), (b"\n", 77, b"nothing was changed"), (b"\x03", -signal.SIGINT, b"sure?")],
)
def test_a_person_is_asked(answer: bytes, status: int, heard: bytes) -> None:
    process, master = pty.fork()
    if process == 0:
        os.execve(sys.executable, argv(ASKS, "ls"), environment())
    said = converse(master, answer)
    assert os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]) == status
    assert heard in said


def converse(master: int, answer: bytes) -> bytes:
    """All that is said; the answer is given again while nothing comes, as ^C can come before the reading."""
    said = b""
    deadline = time.monotonic() + 60
    try:
        while True:
            assert time.monotonic() < deadline, said
            is_silent = not select.select([master], [], [], 1)[0]
            said += b"" if is_silent else os.read(master, 1024)
            if said.endswith(b"[y/N]: ") or (is_silent and b"[y/N]: " in said):
                os.write(master, answer)
    except OSError:  # how Linux says that the other side is closed
        pass
    os.close(master)
    return said
