"""The program: runs the command line, and answers a mail server 0 or 75 and nothing else."""

from __future__ import annotations

import gc
import os
import sys
from itertools import pairwise
from typing import NoReturn

from supportctl.cli.exit_statuses import CLOSED_PIPE, FAULT, INTERRUPTED, TEMPORARY

_REPORT = """\
This is a bug in supportctl; your mail is not at fault. Nothing that was committed is lost.
Please report it as README.md says, with the lines above and the output of `supportctl --version`.
"""


def main() -> NoReturn:
    """Run the command line of this process and leave with its exit status.

    A mail server that delivers to `ingest -` bounces the message on any status but 0 and 75, so it gets 75 for
    everything but success: a broken installation, a wrong option, a signal.
    """
    # A collection while modules load finds nothing to free; a large intake makes cycles enough to reach this number.
    gc.set_threshold(100_000)
    arguments = sys.argv[1:]
    is_mail = is_delivery(arguments)
    # Before the program is imported: even a kill during the imports has to be answered with 75.
    if is_mail:
        _answer_signals()
    status = FAULT
    try:
        status = _run(arguments)
    finally:  # even if reporting what is wrong has failed
        if is_mail and (status or _is_help(arguments)):
            status = TEMPORARY
        _leave(status)


def is_delivery(arguments: list[str]) -> bool:
    """Whether a mail server hands over a message: `ingest` with a `-` after it, however wrong the options.

    Before the verb come only options and what may be their values.
    """
    if "ingest" not in arguments or "-" not in arguments[arguments.index("ingest") :]:
        return False
    before = arguments[: arguments.index("ingest")]
    return all(word.startswith("-") or _takes_value(option) for option, word in pairwise(["", *before]))


def _takes_value(option: str) -> bool:
    """Whether the next word may be this option's value."""
    return option.startswith("-") and "=" not in option and option not in ("-q", "--quiet")


def _is_help(arguments: list[str]) -> bool:
    """Whether this prints a text and takes no message."""
    return not {"-h", "--help", "--version"}.isdisjoint(arguments)


def _run(arguments: list[str]) -> int:
    try:
        _prepare_streams()
        from supportctl.cli import group

        return group.run(arguments)
    except SystemExit as ended:
        return ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    except KeyboardInterrupt:
        return INTERRUPTED
    except BaseException as error:  # noqa: BLE001 - the last resort: a report, and 75 for a mail server
        _report(error)
        return FAULT


def _prepare_streams() -> None:
    """Make output UTF-8 whatever the locale, and keep files of the desk from getting the number of a closed stream."""
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)
    from supportctl.output.terminal import open_output

    if sys.stdout is not None:
        sys.stdout = open_output()
    if sys.stderr is not None:
        sys.stderr.reconfigure(encoding="utf-8", errors="backslashreplace")  # type: ignore[union-attr]


def _report(error: BaseException) -> None:
    if sys.stderr is None:
        return
    safe = "".join(part if part.isprintable() or part == "\n" else "\ufffd" for part in _describe(error))
    sys.stderr.write(safe + _REPORT)
    sys.stderr.flush()


def _describe(error: BaseException) -> str:
    try:
        from traceback import format_exception
    except ImportError:  # the installation is that broken
        return f"{error!r}\n"
    return "".join(format_exception(error))


def _answer_signals() -> None:
    """Let a signal end a delivery with 75, without tidying up."""
    import signal

    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        if signal.getsignal(number) is not signal.SIG_IGN:
            # os._exit is safe at any point: whatever the signal interrupts would survive a kill -9 as well.
            signal.signal(number, lambda *_: os._exit(TEMPORARY))


def _leave(status: int) -> NoReturn:
    """End the process with an exit status, without the interpreter's tidying up, which takes as long as its start."""
    if status in (INTERRUPTED, CLOSED_PIPE):
        import signal

        # Shells stop a loop for a program that dies of the signal, and go on for one that only exits with its status.
        number = signal.SIGINT if status == INTERRUPTED else signal.SIGPIPE
        signal.signal(number, signal.SIG_DFL)
        os.kill(os.getpid(), number)
    # Nothing is left to do: streams are flushed (`group.run`), and everything on the desk survives a kill -9.
    os._exit(status)
