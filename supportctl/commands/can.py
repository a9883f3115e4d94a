"""`supportctl can`: say whether an agent has a right to a queue, and why."""

from __future__ import annotations

from typing import get_args

import click

from supportctl.cli.options import GlobalOptions
from supportctl.desk.open import open_desk
from supportctl.errors import NothingMatched
from supportctl.output import formats
from supportctl.output.terminal import clean
from supportctl.policy import access
from supportctl.policy.agents import determine_agent


@click.command()
@click.argument("agent")
@click.argument("right", type=click.Choice(get_args(access.Right)))
@click.argument("queue")
@click.pass_obj
def command(settings: GlobalOptions, agent: str, right: access.Right, queue: str) -> None:
    """Say whether AGENT, an account, has a right to QUEUE, and which line of queues.yaml decides.

    access is the right to read and work on tickets, move_in the right to move tickets into the queue. Exits 0
    for "yes" and for "ask" (yes, after confirming), 1 for "no".
    """
    desk = open_desk(settings)
    config = desk.config
    # For oneself with the role that was asked for; for others with all of theirs.
    someone = desk.agent if agent == desk.account else determine_agent(config, agent, agent == desk.owner)
    verdict = access.decide(config, someone, right, config.queue(queue).key)
    formats.write_text(clean(f"{verdict.answer}: {verdict.why} ({config.file}, line {verdict.line})") + "\n")
    if verdict.answer == "no":
        raise NothingMatched("")
