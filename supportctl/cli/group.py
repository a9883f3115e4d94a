"""The command `supportctl`: imports the one verb that is asked for, and turns every error into an exit status."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Callable

import click

from supportctl import __version__
from supportctl.cli.exit_statuses import CLOSED_PIPE, INTERRUPTED
from supportctl.cli.options import GlobalOptions, require_value
from supportctl.errors import DeskError, NotFoundError, NothingMatched, TemporaryError, UsageError
from supportctl.output.terminal import OUTPUT, clean, point_at, say

VERB_SECTIONS: dict[str, dict[str, str]] = {
    "Setup": {
        "init": "Create a desk: its folders and its queues.yaml.",
        "check": "Check that Maildir, metadata, log and caches agree.",
        "can": "Say whether an agent has a right to a queue, and why.",
    },
    "Incoming mail": {
        "ingest": "Turn mail into tickets.",
        "classify": "Apply the rules to tickets that no person has touched.",
    },
    "Reading": {
        "queues": "List the queues with their counts and your rights.",
        "ls": "List open tickets.",
        "show": "Show a ticket and its messages.",
        "search": "Find tickets, open and closed.",
        "stats": "Count tickets by queue, issue type, state, month or owner.",
    },
    "Working on tickets": {
        "mv": "Move tickets to another queue.",
        "tag": "Change tags, issue type and owner.",
        "note": "Put a note on tickets, which never leaves the desk.",
        "pend": "Put tickets on hold until a date.",
        "wake": "Return tickets that are due to their queues.",
        "reply": "Answer tickets by mail.",
        "templates": "List the texts for replies.",
        "forward": "Forward tickets by mail.",
        "outbox": "List outgoing mail, send it, or take it out.",
        "close": "Close tickets.",
        "reopen": "Reopen closed tickets.",
    },
    "History": {
        "log": "Show who did what, when and why.",
        "undo": "Undo an operation.",
    },
}
VERBS = {verb: summary for section in VERB_SECTIONS.values() for verb, summary in section.items()}

ROLE_HELP = "Act as ROLE, one of yours."
QUIET_HELP = "Print errors only."


class VerbGroup(click.Group):
    """The verbs by name, each imported when it is asked for and not before."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """Every verb, in the order of work."""
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """The verb's command, with the options that every verb takes; None if there is no such verb."""
        if cmd_name not in VERBS:
            return None
        from importlib import import_module

        command: click.Command = import_module(f"supportctl.commands.{cmd_name}").command
        return _with_common_options(command)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """As click does it, with the nearest verb in the message for an unknown one."""
        if args[0] not in VERBS and (args[0] == "-" or not args[0].startswith("-")):
            from difflib import get_close_matches

            close = get_close_matches(args[0], VERBS, n=1)
            hint = (f"did you mean {close[0]}? " if close else "") + "supportctl --help lists the verbs"
            raise UsageError(f"no verb named {args[0]!r}", hint)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """Write the verbs by section, from the table above, so that help imports none of them."""
        longest = max(map(len, VERBS))
        for title, verbs in VERB_SECTIONS.items():
            with formatter.section(title):
                formatter.write_dl([(verb.ljust(longest), summary) for verb, summary in verbs.items()])


@click.group(
    cls=VerbGroup,
    subcommand_metavar="VERB ...",
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.option("--config", callback=require_value, metavar="FILE", help="Use FILE as queues.yaml.")
@click.option("--maildir", callback=require_value, metavar="DIR", help="Use DIR instead of the configured Maildir.")
@click.option("--role", callback=require_value, metavar="ROLE", help=ROLE_HELP)
@click.option("--wait", default=30.0, metavar="SECONDS", show_default=True, help="Wait this long for another writer.")
@click.option("-q", "--quiet", is_flag=True, help=QUIET_HELP)
@click.version_option(__version__, message="supportctl %(version)s")
@click.pass_context
def supportctl(ctx: click.Context, config: str, maildir: str, role: str, wait: float, quiet: bool) -> None:
    """A support desk in a shell: mail becomes tickets, tickets move between queues."""
    if not wait >= 0:  # nor nan, which no time ever reaches
        raise UsageError(f"--wait: not a number of seconds: {wait:g}", "give a number from 0 on, such as --wait 60")
    settings = ctx.ensure_object(GlobalOptions)
    settings.config, settings.maildir, settings.role = config, maildir, role
    settings.wait, settings.quiet = wait, quiet
    settings.verb = ctx.invoked_subcommand or ""


def run(arguments: list[str]) -> int:
    """Run a command line, report errors on standard error, and return the exit status.

    Errors that are neither the desk's nor the command line's nor the operating system's are faults of the program, and
    are raised.
    """
    settings = GlobalOptions()
    # Flushed here, where a full disk or a closed pipe still becomes a status; at exit nobody would hear of it.
    status = _attempt(lambda: _invoke(arguments, settings), settings)
    flushed = _attempt(_flush, settings)
    return status or flushed


def _attempt(step: Callable[[], int], settings: GlobalOptions) -> int:
    try:
        return step()
    except DeskError as error:
        return _report_error(error, settings)
    except click.ClickException as error:
        return _report_usage_error(error, settings)
    except (click.Abort, KeyboardInterrupt):
        return INTERRUPTED
    except OSError as error:
        return _report_os_error(error, settings)
    except MemoryError:
        return _report_error(TemporaryError("out of memory"), settings)


def _invoke(arguments: list[str], settings: GlobalOptions) -> int:
    if "_SUPPORTCTL_COMPLETE" in os.environ:
        supportctl.main(arguments, prog_name="supportctl")
    try:
        with supportctl.make_context("supportctl", list(arguments), obj=settings) as context:
            supportctl.invoke(context)
    except click.exceptions.Exit as ended:
        return ended.exit_code
    return 0


def _flush() -> int:
    if sys.stdout is not None:
        sys.stdout.flush()
    return 0


def _report_error(error: DeskError, settings: GlobalOptions) -> int:
    is_silent = not error.message or (settings.quiet and isinstance(error, NothingMatched))
    if not is_silent:
        say(f"supportctl {settings.verb}".rstrip() + ": " + clean(error.message, keep_newlines=True))
        if error.excerpt and error.excerpt[0].strip():
            say(point_at(*error.excerpt))
        say("hint: " + clean(error.hint, keep_newlines=True), quiet=not error.hint)
    return error.status


def _report_usage_error(error: click.ClickException, settings: GlobalOptions) -> int:
    """Tell of a mistake on the command line; a command line without any word gets the help instead."""
    if isinstance(error, click.exceptions.NoArgsIsHelpError):
        say(error.format_message())
        return UsageError.status
    from supportctl.cli.usage_errors import translate

    return _report_error(translate(error, settings.verb), settings)


def _report_os_error(error: OSError, settings: GlobalOptions) -> int:
    """Report an error of the operating system: temporary, a missing permission, or (raised) a fault."""
    if error.filename == OUTPUT:
        _drop_output()
        if error.errno == errno.EPIPE:
            return CLOSED_PIPE
        return _report_error(TemporaryError(f"can't write to {OUTPUT}: {error.strerror}"), settings)
    if error.errno == errno.ENOENT and _is_working_folder_gone():
        return _report_error(NotFoundError("the working folder is gone", "change to another folder"), settings)
    from supportctl.store.disk_errors import explain, is_of_the_system

    if is_of_the_system(error):
        return _report_error(explain(error), settings)
    raise error


def _is_working_folder_gone() -> bool:
    try:
        os.getcwd()  # noqa: PTH109 - nothing but the question
    except FileNotFoundError:
        return True
    return False


def _drop_output() -> None:
    """Send what is left in the buffer nowhere, so that it does not fail a second time."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.close(nowhere)


def _with_common_options(command: click.Command) -> click.Command:
    """The verb with `-q` and `--role`, which may come after it as well."""
    for part in command.commands.values() if isinstance(command, click.Group) else ():
        _with_common_options(part)
    # Once: click asks for the same command several times.
    known = {spelling for param in command.params for spelling in param.opts}
    command.params += [option for option in _COMMON if known.isdisjoint(option.opts)]
    return command


def _set_common(context: click.Context, parameter: click.Parameter, value: str | bool | None) -> None:
    if not isinstance(value, bool):
        value = require_value(context, parameter, value)
    # Only where it is given, so that the verb's default does not reset what was given before the verb.
    if value:
        setattr(context.obj, parameter.name or "", value)


_COMMON = [
    click.Option(["-q", "--quiet"], is_flag=True, expose_value=False, callback=_set_common, help=QUIET_HELP),
    click.Option(["--role"], metavar="ROLE", expose_value=False, callback=_set_common, help=ROLE_HELP),
]
