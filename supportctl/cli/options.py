"""Arguments that verbs share, as decorators: tickets, format, and how a change is meant.

A verb imports this module, decorates its function, and gets plain values:

    @click.command()
    @options.tickets()
    @click.argument("queue")
    @options.writing
    @click.pass_obj
    def command(settings: GlobalOptions, tickets: TicketArguments, queue: str, writing: WriteOptions) -> None: ...
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable
from functools import update_wrapper
from typing import Any

import click

from supportctl.desk.requests import DeskOptions
from supportctl.errors import UsageError
from supportctl.output.formats import FORMATS, Format
from supportctl.output.terminal import is_terminal, say
from supportctl.records import Record

Verb = Callable[..., Any]
NUMBER = click.IntRange(1, 2**63 - 1)
"""A number of things, or of an operation: as large as a catalogue can count."""


class GlobalOptions(DeskOptions):
    """The options before the verb, the verb itself, and whether to be quiet."""

    quiet: bool = False
    verb: str = ""

    def warn(self, text: str) -> None:
        """Write a warning to standard error."""
        say(f"supportctl {self.verb}: {text}")


class TicketArguments(Record):
    """Tickets as they were named, in order, each once: ids, Message-IDs, or (`are_paths`) paths of messages.

    `given` is False where no ticket was named; an empty list on standard input is given, and leaves nothing to do.
    `is_input_read` is whether the names came by standard input.
    """

    names: list[str]
    are_paths: bool = False
    given: bool = True
    is_input_read: bool = False


class WriteOptions(Record):
    """How a change is meant: its reason, whether it is only shown, and what is confirmed in advance."""

    reason: str = ""
    is_dry_run: bool = False
    yes: bool = False
    confirm: bool = False
    keep_going: bool = False


def tickets(*, required: bool = True) -> Callable[[Verb], Verb]:
    """`TICKET…` (or `-` to read them from standard input), `-0`, `--paths`: passed on as `tickets: TicketArguments`.

    Raises UsageError without any ticket, unless they are not `required`.
    """

    def decorate(verb: Verb) -> Verb:
        def read(*positional: object, ticket: tuple[str, ...], null: bool, paths: bool, **named: object) -> object:
            if ticket or required:
                given = TicketArguments(
                    read_names(ticket, null=null, are_paths=paths), paths, is_input_read="-" in ticket
                )
            else:
                given = TicketArguments([], paths, given=False)
            return verb(*positional, tickets=given, **named)

        return _with_params(update_wrapper(read, verb), *_ticket_params(required))

    return decorate


def writing(verb: Verb) -> Verb:
    """The options of every verb that changes tickets, `-m -n -y --confirm --keep-going`, as `writing: WriteOptions`."""

    def read(
        *positional: object,
        reason: str,
        dry_run: bool,
        yes: bool,
        confirm: bool,
        keep_going: bool,
        **named: object,
    ) -> object:
        return verb(*positional, writing=WriteOptions(reason, dry_run, yes, confirm, keep_going), **named)

    return _with_params(update_wrapper(read, verb), *_writing_params())


def output(*formats: Format) -> Callable[[Verb], Verb]:
    """`--format` as `format: str`: a table on a terminal, plain in a pipe; `formats` narrows the choice."""
    choice = click.Choice(formats or FORMATS)
    help_text = "Output format.  [default: table on a terminal, plain in a pipe]"
    return click.option("--format", type=choice, callback=_choose_format, help=help_text)


def require_value(_context: click.Context, parameter: click.Parameter, value: str | None) -> str:
    """The value of an option, "" where the option is not given; raises UsageError for an empty value."""
    if value == "":  # as "$name" gives it where the variable is empty: not the same as no option
        raise UsageError(f"{max(parameter.opts, key=len)}: the value is empty", "leave the option out, or give a value")
    return value or ""


_NAMING = "name tickets, or use - to read their names from standard input"


def read_names(arguments: Iterable[str], *, null: bool = False, are_paths: bool = False) -> list[str]:
    """The names of tickets from the arguments, with standard input in place of `-`; each once, in order.

    Each line of standard input gives its first field (of paths: all up to a tab); with `null`, each NUL-terminated
    record is a name. Arguments that are not UTF-8 keep their bytes as `os.fsdecode` has them. Raises UsageError if
    nothing is named; an empty standard input leaves nothing to do: [].
    """
    words = list(arguments)
    if not words:
        raise UsageError("no tickets given", _NAMING)
    if "" in words:  # as "$name" gives it where the variable is empty: not the same as no names, which may mean all
        raise UsageError("the name of a ticket is empty", _NAMING)
    if null and "-" not in words:
        raise UsageError("-0 works only with names on standard input", "add - to read names from there")
    # A dict as an ordered set: a ticket that is named twice is changed once.
    names: dict[str, None] = {}
    for word in words:
        names.update(dict.fromkeys(_read_input(null, are_paths) if word == "-" else [word]))
    return [name for name in names if name]


def _read_input(null: bool, are_paths: bool) -> list[str]:
    text = os.fsdecode(sys.stdin.buffer.read()) if sys.stdin is not None else ""
    if null:
        return text.split("\0")
    if are_paths:
        return [line.rstrip("\r").partition("\t")[0] for line in text.split("\n")]
    return [line.split(None, 1)[0] for line in text.split("\n") if line.strip()]


def _choose_format(_context: click.Context, _parameter: click.Parameter, value: str | None) -> str:
    return value or ("table" if is_terminal(sys.stdout) else "plain")


def _with_params(verb: Verb, *params: click.Parameter) -> Verb:
    # click.option and click.argument leave what they declare here, the last one first.
    declared = [*getattr(verb, "__click_params__", []), *reversed(params)]
    verb.__click_params__ = declared  # type: ignore[attr-defined]
    return verb


def _ticket_params(required: bool) -> list[click.Parameter]:
    return [
        click.Argument(["ticket"], nargs=-1, metavar="TICKET..." if required else "[TICKET]..."),
        click.Option(["-0", "--null", "null"], is_flag=True, help="Names on standard input end with NUL."),
        click.Option(["--paths"], is_flag=True, help="TICKETs are paths of messages."),
    ]


def _writing_params() -> list[click.Parameter]:
    return [
        click.Option(["-m", "--message", "reason"], default="", metavar="REASON", help="Give a reason, for the log."),
        click.Option(["-n", "--dry-run"], is_flag=True, help="Show what would be done; change nothing."),
        click.Option(["-y", "--yes"], is_flag=True, help="Change many tickets without asking."),
        click.Option(["--confirm"], is_flag=True, help="Confirm moves that ask for confirmation."),
        click.Option(["--keep-going"], is_flag=True, help="Skip refused tickets and do the rest (exit 3)."),
    ]
