"""`supportctl outbox`: list, send and drop outgoing mail."""

from __future__ import annotations

import time

import click

from supportctl.cli import options
from supportctl.cli.options import GlobalOptions, WriteOptions, read_names
from supportctl.cli.sending import tell_failures
from supportctl.cli.writing import confirm_and_write, report, request_for
from supportctl.desk.desk import Desk
from supportctl.desk.open import open_desk
from supportctl.desk.requests import WriteRequest
from supportctl.errors import TemporaryError, UsageError
from supportctl.operations.draft import Draft
from supportctl.operations.outbox import Chosen, choose, drop_messages, free_held, id_of, list_outbox
from supportctl.outbox.sending import VERB, Sender
from supportctl.output import columns, formats
from supportctl.output.outgoing_view import describe_fates
from supportctl.output.terminal import clean, say
from supportctl.values import count_of


@click.group(invoke_without_command=True, subcommand_metavar="[send|drop] ...")
@options.output()
@click.pass_context
def command(context: click.Context, format: str) -> None:
    """List outgoing mail that has not left, and why; send it, or drop it.

    A message is called by its id, by its Message-ID, or, with all others of its ticket, by the ticket's name.
    """
    if context.invoked_subcommand is None:
        desk = open_desk(context.obj)
        rows = desk.read(lambda snapshot: list(list_outbox(snapshot, desk.config)))
        formats.write_rows(rows, columns.OUTGOING, format, kind="messages", zone=desk.config.desk.timezone)
        if not rows and format == "table":
            say("outbox: nothing is left to do", quiet=context.obj.quiet)


@command.command()
@click.argument("messages", nargs=-1, metavar="[MESSAGE]...")
@click.option("--held", is_flag=True, help="Let MESSAGEs go that are held or have failed.")
@click.option("-m", "--message", "reason", default="", metavar="REASON", help="Give a reason, for the log.")
@click.pass_obj
def send(settings: GlobalOptions, messages: tuple[str, ...], held: bool, reason: str) -> None:
    """Hand over to the transport what is due (for cron); or MESSAGEs, due or not."""
    settings.verb = VERB
    if held and not messages:
        raise UsageError("--held: no messages given", "name them; supportctl outbox lists them")
    desk = open_desk(settings)
    names = read_names(messages) if messages else []
    if held:
        desk.write(WriteRequest(VERB, reason), lambda draft: free_held(draft, names))
    _send(desk, _choose(desk, names) if messages else None, quiet=settings.quiet)


@command.command()
@click.argument("messages", nargs=-1, metavar="MESSAGE...", required=True)
@options.writing
@click.pass_obj
def drop(settings: GlobalOptions, messages: tuple[str, ...], writing: WriteOptions) -> None:
    """Take MESSAGEs out of the outbox: they go to nobody who has not got them."""
    settings.verb = "outbox drop"
    desk = open_desk(settings)
    names = read_names(messages)
    request = request_for(settings, writing)
    outcome = confirm_and_write(desk, request, lambda draft: drop_messages(draft, names, writing.reason))
    report(desk, outcome, settings, writing)


def _choose(desk: Desk, names: list[str]) -> Chosen:
    """The messages that are named; raises what the agent is refused."""
    chosen: Chosen = {}

    def plan(draft: Draft) -> None:
        chosen.clear()
        chosen.update(choose(draft, names))

    desk.write(WriteRequest(VERB, is_dry_run=True), plan)
    return chosen


def _send(desk: Desk, chosen: Chosen | None, *, quiet: bool) -> None:
    outcome = Sender(desk.as_robot(), chosen).run()
    seen = [entry for entry in outcome.attempts if desk.rights.may("access", entry.queue)]
    for entry in seen if not quiet else ():
        fate = describe_fates(desk.config, [entry], int(time.time()))
        formats.write_text(f"{id_of(entry.ticket, entry.outgoing)}\t{clean(fate)}\n")
    for reason, count in outcome.held_up.items():
        say(f"supportctl {VERB}: {count_of(count, 'message')} left in the outbox: {reason}")
    for error in outcome.obstacles[1:]:
        say(f"supportctl {VERB}: {error.message}")
    if outcome.obstacles:
        raise outcome.obstacles[0]
    if deferred := tell_failures(VERB, seen):
        # For cron, that is no news: nobody has to do anything about it.
        text = "" if quiet else f"{count_of(deferred, 'message')} deferred"
        raise TemporaryError(text, "supportctl outbox says why, and until when")
