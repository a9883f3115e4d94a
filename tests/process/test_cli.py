"""The program as a process: exit statuses, streams, signals, arguments; with verbs made for the test."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import click
import pytest

from supportctl import errors
from supportctl.cli import exit_statuses, group
from supportctl.cli.group import VERB_SECTIONS, VERBS
from supportctl.cli.main import is_delivery
from supportctl.errors import DeskError
from tests.support.throwaway import CHECKOUT, argv, environment, raising, run

DOES_NOTHING = "command = click.Command('x', callback=lambda: None)"


def supportctl(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "supportctl", *arguments]
    return subprocess.run(command, capture_output=True, text=True, env=environment(), timeout=60)


def test_help_shows_the_verbs_by_section_and_imports_none() -> None:
    ran = supportctl("--help")
    assert ran.returncode == 0
    places = [ran.stdout.index(f"\n{section}:") for section in VERB_SECTIONS]
    assert places == sorted(places)
    assert all(f"\n  {verb} " in ran.stdout for verb in VERBS)
    assert run("1/0", "-h").returncode == 0


@pytest.mark.parametrize("verb", VERBS)
def test_a_verb_and_its_options_are_explained_in_sentences(verb: str) -> None:
    command = group.supportctl.get_command(click.Context(group.supportctl), verb)
    assert command
    texts = {option.opts[-1]: option.help or "" for option in command.params if isinstance(option, click.Option)}
    for name, text in {"summary": VERBS[verb], "help": command.help or "", **texts}.items():
        assert re.match(r"[A-Z][^\n]*\.(  \[default: .*\])?$", text, re.M), f"{name}: {text!r}"
        assert not re.search(r"\bmails\b", text), f"one mail is a message: {text!r}"


def test_the_verbs_are_those_of_the_plan() -> None:
    bringing = "init ingest classify ls queues show mv close reopen pend wake tag note forward reply outbox templates"
    looking = "search stats log undo check can"
    assert sorted(VERBS) == sorted(f"{bringing} {looking}".split())


@pytest.mark.parametrize("verb", VERBS)
def test_each_verb_has_a_file_of_tests(verb: str) -> None:
    assert (CHECKOUT / "tests" / "verbs" / f"test_{verb}.py").is_file()


def test_version() -> None:
    ran = supportctl("--version")
    assert (ran.returncode, ran.stdout) == (0, "supportctl 0.1.0\n")


@pytest.mark.parametrize(
    ("arguments", "problem", "hint"),
    [
        ("serch", ": no verb named 'serch'", "did you mean search? supportctl --help lists the verbs"),
        ("xyzzy", ": no verb named 'xyzzy'", "supportctl --help lists the verbs"),
        ("-q", ": no verb given", "supportctl --help lists the verbs"),
        ("--wiat 3 ls", ": no such option: --wiat", "did you mean --wait? supportctl --help lists the options"),
        ("--wait soon ls", ": --wait: 'soon' is not a number", "supportctl --help lists the options"),
        ("--wait nan ls", ": --wait: not a number of seconds: nan", "give a number from 0 on, such as --wait 60"),
        ("--wait -1 ls", ": --wait: not a number of seconds: -1", "give a number from 0 on, such as --wait 60"),
        ("mv --colse", " mv: no such option: --colse", "did you mean --closed? supportctl mv --help lists the options"),
        ("mv -Z .1 junk", " mv: no such option: -Z", "supportctl mv --help lists the options"),
        ("ls --zzz", " ls: no such option: --zzz", "supportctl ls --help lists the options"),
        ("log --limit few", " log: --limit: 'few' is not a whole number", "supportctl log --help lists the options"),
        ("log --limit", " log: option '--limit' requires an argument", "supportctl log --help lists the options"),
        ("pend .1", " pend: missing option: --until", "supportctl pend --help lists the options"),
        ("mv", " mv: missing argument: QUEUE", "usage: supportctl mv [OPTIONS] TICKET... QUEUE"),
        ("init a b", " init: unexpected extra argument (b)", "usage: supportctl init [OPTIONS] [DIR]"),
        ("undo x", " undo: OP: 'x' is not a whole number", "supportctl undo --help lists the options"),
        ("tag .1", " tag: nothing to change", "give +TAG, -TAG, --type TYPE or --owner ACCOUNT"),
    ],
)  # fmt: skip
def test_a_wrong_command_line_exits_2_and_says_what_is_wrong_and_what_to_do(
    arguments: str, problem: str, hint: str
) -> None:
    ran = supportctl(*arguments.split())
    assert (ran.returncode, ran.stdout) == (2, "")
    assert ran.stderr == f"supportctl{problem}\nhint: {hint}\n"


def test_a_value_that_is_none_of_the_choices() -> None:
    ran = supportctl("stats", "--format", "ids")
    problem, hint = ran.stderr.splitlines()
    assert (ran.returncode, ran.stdout) == (2, "")
    assert problem.startswith("supportctl stats: --format: 'ids' is not one of 'table', ")
    assert hint == "hint: supportctl stats --help lists the options"


def test_a_command_line_without_a_word_gets_the_help_and_exits_2() -> None:
    ran = supportctl()
    assert (ran.returncode, ran.stdout) == (2, "")
    assert ran.stderr.startswith("Usage: supportctl [OPTIONS] VERB ...\n")
    assert all(f"\n  {verb} " in ran.stderr for verb in VERBS)


@pytest.mark.parametrize(
    ("arguments", "says"), [(["--nope", "ls"], "--nope"), (["ls", "surplus"], "surplus"), (["ls", "\x9b31m"], "�31m")]
)
def test_a_wrong_command_line_steers_no_terminal(arguments: list[str], says: str) -> None:
    ran = run(DOES_NOTHING, *arguments)
    assert ran.returncode == 2
    assert says in ran.stderr.decode()
    assert ran.stdout == b"" and b"Traceback" not in ran.stderr and "\x9b" not in ran.stderr.decode()


def test_settings_reach_the_verb() -> None:
    body = "@click.command()\n@click.pass_obj\ndef command(settings):\n    formats.write_text(repr(vars(settings)))\n"
    assert run(body, "--config", "C", "--maildir", "M", "--role", "R", "--wait", "5", "-q", "ls").stdout == (
        b"{'config': 'C', 'maildir': 'M', 'role': 'R', 'wait': 5.0, 'quiet': True, 'verb': 'ls'}"
    )
    assert b"'role': 'R', 'wait': 30.0, 'quiet': True" in run(body, "ls", "-q", "--role", "R").stdout
    assert b"'role': 'S', 'wait': 30.0, 'quiet': False" in run(body, "--role", "R", "ls", "--role", "S").stdout


ERRORS = [
    ("errors.NothingMatched('none')", 1),
    ("errors.UsageError('none')", 2),
    ("errors.DonePartly('none')", 3),
    ("errors.DataError('none')", 65),
    ("errors.NotFoundError('none')", 66),
    ("errors.TemporaryError('none')", 75),
    ("errors.DeniedError('none')", 77),
    ("errors.ConfigError('none')", 78),
]


@pytest.mark.parametrize(("error", "status"), ERRORS)
def test_an_error_of_the_desk_is_one_line_and_its_status(error: str, status: int) -> None:
    ran = run(raising(f"raise {error}"), "ls")
    assert (ran.returncode, ran.stdout, ran.stderr) == (status, b"", b"supportctl ls: none\n")


def test_every_error_of_the_desk_is_in_the_table_above() -> None:
    assert {kind.__name__ for kind in DeskError.__subclasses__()} == {
        text.removeprefix("errors.").partition("(")[0] for text, _ in ERRORS
    }


def test_a_message_is_cleaned_and_a_hint_follows() -> None:
    ran = run(raising("raise errors.DataError('a\\\\x1b[1m\\\\nb', 'look\\\\x9b')"), "ls")
    assert ran.stderr.decode() == "supportctl ls: a�[1m\nb\nhint: look�\n"


def test_quiet_leaves_only_errors() -> None:
    assert run(raising("raise errors.NothingMatched('none')"), "-q", "ls").stderr == b""
    assert run(raising("raise errors.DeniedError('none')"), "-q", "ls").stderr != b""


@pytest.mark.parametrize(
    ("error", "status", "says"),
    [
        ("OSError(28, 'No space left on device', '/desk/log')", 75, "/desk/log: No space left on device"),
        ("OSError(122, 'Disk quota exceeded', '/desk/log')", 75, "/desk/log: Disk quota exceeded"),
        ("OSError(30, 'Read-only file system', b'/d', None, b'/e')", 75, "/d → /e: Read-only file system"),
        ("OSError(28, 'No space left on device')", 75, "No space left on device"),
        ("PermissionError(13, 'Permission denied', '/desk')", 77, "/desk: Permission denied"),
        ("MemoryError()", 75, "out of memory"),
    ],
)
def test_a_passing_state_of_the_machine_is_one_line_and_what_to_do(error: str, status: int, says: str) -> None:
    ran = run(raising(f"raise {error}"), "ls")
    said, _, hint = ran.stderr.decode().partition("\n")
    assert (ran.returncode, said) == (status, f"supportctl ls: {says}")
    assert hint.startswith("hint: ") or error == "MemoryError()"


@pytest.mark.parametrize(
    "statement",
    [
        "raise ValueError('fault\\\\x1b[1m')",
        "raise FileNotFoundError(2, 'fault', 'x')",
        "raise BrokenPipeError(32, 'fault')",
    ],
)
def test_a_fault_shows_where_it_is_and_exits_70(statement: str) -> None:
    ran = run(raising(statement), "ls")
    assert ran.returncode == 70
    assert b"Traceback" in ran.stderr and b"a bug in supportctl" in ran.stderr and b"report it" in ran.stderr
    assert b"\x1b" not in ran.stderr


@pytest.mark.parametrize(("statement", "status"), [("sys.exit(4)", 4), ("sys.exit()", 0), ("sys.exit('no')", 1)])
def test_a_library_that_exits(statement: str, status: int) -> None:
    assert run(raising(statement), "ls").returncode == status


MUCH = raising("[formats.write_text('line\\\\n') for _ in range(200_000)]")


def test_a_closed_pipe_ends_quietly() -> None:
    process = subprocess.Popen(argv(MUCH, "ls"), stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment())
    assert process.stdout is not None and process.stderr is not None
    assert process.stdout.readline() == b"line\n"
    process.stdout.close()
    assert process.stderr.read() == b""
    assert process.wait() == -signal.SIGPIPE  # a shell calls it 141
    process.stderr.close()


@pytest.mark.parametrize("body", [MUCH, raising("formats.write_text('short')")])
def test_a_full_disk_behind_the_output_is_no_success(body: str) -> None:
    with Path("/dev/full").open("wb") as full:
        ran = subprocess.run(argv(body, "ls"), stdout=full, stderr=subprocess.PIPE, env=environment())
    assert ran.returncode == 75
    assert ran.stderr == b"supportctl ls: can't write to standard output: No space left on device\n"


def test_an_error_keeps_its_status_and_the_output_before_it() -> None:
    ran = run(raising("formats.write_text('s1\\\\n'); raise errors.DonePartly('s2: denied')"), "ls")
    assert (ran.returncode, ran.stdout) == (3, b"s1\n")


def test_output_is_utf8_in_any_locale() -> None:
    body = raising("formats.write_text('\\\\xfc\\\\u65e5\\\\udcff\\\\n'); raise errors.DataError('\\\\xe9')")
    ran = run(body, "ls", LC_ALL="C", PYTHONUTF8="0", PYTHONCOERCECLOCALE="0")
    assert (ran.returncode, ran.stdout, ran.stderr) == (65, "ü日?\n".encode(), "supportctl ls: é\n".encode())


def test_closed_streams_are_nobodys_files() -> None:
    body = raising("formats.write_text('x'); f = open('/dev/null'); assert f.fileno() > 2; errors.DataError('')")
    for closed in (">&-", "<&- >&- 2>&-"):
        command = ["sh", "-c", f'exec "$@" {closed}', "sh", *argv(body, "ls")]
        assert subprocess.run(command, env=environment()).returncode == 0, closed


def test_an_interrupt_ends_as_a_shell_expects_it() -> None:
    process = start_and_signal("ls", signal.SIGINT, "ls")
    assert process.returncode == -signal.SIGINT
    assert process.stderr == b""


def start_and_signal(verb: str, number: signal.Signals, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    body = TAKES_MAIL.format("formats.write_text('ready\\\\n'); sys.stdout.flush(); time.sleep(30)")
    command = argv(body, *arguments, verb=verb)
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment())
    assert process.stdout is not None
    assert process.stdout.readline() == b"ready\n"
    process.send_signal(number)
    out, err = process.communicate(timeout=20)
    return subprocess.CompletedProcess(command, process.returncode, out, err)


TAKES_MAIL = "@click.command()\n@click.argument('source', nargs=-1)\ndef command(source):\n    {0}\n"


TAKES_IT = TAKES_MAIL.format("pass")


@pytest.mark.parametrize(
    ("body", "arguments", "says"),
    [
        ("import no_such_module", "ingest -", "no_such_module"),
        ("syntax error", "ingest -", "SyntaxError"),
        (TAKES_IT, "ingest --nope -", "--nope"),
        (TAKES_IT, "--nope ingest -", "--nope"),
        (TAKES_IT, "--wait soon ingest -", "soon"),
        (TAKES_IT, "--role ingest -", "no verb named '-'"),
        (TAKES_IT, "ingest - --help", ""),
        (TAKES_IT, "--version ingest -", ""),
        (TAKES_MAIL.format("raise errors.ConfigError('bad')"), "--config F ingest -", "bad"),
        (TAKES_MAIL.format("raise errors.DataError('bad')"), "ingest -", "bad"),
        (TAKES_MAIL.format("raise KeyboardInterrupt"), "ingest -", ""),
        (TAKES_MAIL.format("raise RecursionError"), "ingest -", "RecursionError"),
        (TAKES_MAIL.format("sys.exit(1)"), "ingest -", ""),
        (TAKES_MAIL.format("raise OSError(2, 'gone')"), "ingest -", "gone"),
        (TAKES_MAIL.format("sys.stderr.close(); raise ValueError"), "ingest -", ""),
    ],
)
def test_a_mail_server_is_told_75_whatever_fails(body: str, arguments: str, says: str) -> None:
    ran = run(body, *arguments.split(), verb="ingest")
    assert ran.returncode == 75
    assert says in ran.stderr.decode()


def test_a_mail_server_is_told_0_for_success() -> None:
    assert run(TAKES_MAIL.format("pass"), "--config", "F", "-q", "ingest", "-", verb="ingest").returncode == 0


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_mail_server_is_told_75_by_a_signal(number: signal.Signals) -> None:
    body_takes = start_and_signal("ingest", number, "ingest", "-", "x") if False else None
    assert body_takes is None
    command = argv(TAKES_MAIL.format("print('ready', flush=True); time.sleep(30)"), "ingest", "-", verb="ingest")
    process = subprocess.Popen(command, stdout=subprocess.PIPE, env=environment())
    assert process.stdout is not None and process.stdout.readline() == b"ready\n"
    process.send_signal(number)
    assert process.wait(timeout=20) == 75
    process.stdout.close()


def test_the_status_of_what_is_temporary_is_one() -> None:
    assert errors.TemporaryError.status == exit_statuses.TEMPORARY


@pytest.mark.parametrize("module", ["click", "supportctl.cli.group", "supportctl.output.terminal", "supportctl.errors"])
def test_a_mail_server_is_told_75_by_a_broken_installation(module: str) -> None:
    program = f"import sys; sys.modules['{module}'] = None\nfrom supportctl.cli.main import main; main()"
    command = [sys.executable, "-c", program, "ingest", "-"]
    ran = subprocess.run(command, capture_output=True, env=environment())
    assert ran.returncode == 75
    assert module.encode() in ran.stderr


@pytest.mark.parametrize(
    ("line", "is_mail"),
    [
        ("ingest -", True),
        ("ingest --classify -", True),
        ("ingest -- -", True),
        ("--config F ingest -", True),
        ("--config=F -q --maildir D ingest --queue junk -", True),
        ("--confg F ingest -", True),
        ("--role ingest -", True),
        ("ingest", False),
        ("ingest mail.eml", False),
        ("mv - ingest", False),
        ("- ingest", False),
        ("ls ingest -", False),
        ("-q ls ingest -", False),
        ("--config=F mv ingest -", False),
        ("", False),
    ],
)
def test_is_delivery(line: str, is_mail: bool) -> None:
    assert is_delivery(line.split()) is is_mail


def test_start_up_loads_nothing_that_a_verb_may_not_need() -> None:
    program = "import sys; had = set(sys.modules); import supportctl.cli.group; print(*set(sys.modules) - had)"
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, env=environment(), check=True)
    loaded = set(ran.stdout.split())
    heavy = "yaml tinydb email sqlite3 re2 tabulate orjson json csv pathlib shutil subprocess socket"
    assert not loaded & {
        *heavy.split(),
        "unicodedata",
        "logging",
        "multiprocessing",
        "concurrent.futures",
        "importlib.metadata",
        "difflib",
    }
    ours = {name for name in loaded if name.startswith("supportctl.")}
    assert ours == {
        f"supportctl.{name}"
        for name in (
            *("cli", "cli.exit_statuses", "cli.group", "cli.options"),
            *("desk", "desk.requests", "errors", "records"),
            *("output", "output.formats", "output.terminal"),
        )
    }


def test_leaving_takes_no_time() -> None:
    """The interpreter's tidying up is skipped: what a library registers for the end does not run."""
    body = raising("import atexit; atexit.register(time.sleep, 20); formats.write_text('done')")
    start = time.monotonic()
    assert run(body, "ls").stdout == b"done"
    assert time.monotonic() - start < 10
