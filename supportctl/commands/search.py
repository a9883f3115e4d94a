"""`supportctl search`: find tickets, open and closed."""

from __future__ import annotations

from typing import Literal

import click

from supportctl import options, render
from supportctl.errors import NothingMatched
from supportctl.excerpts import write_hits
from supportctl.opening import open_desk
from supportctl.operations import searching
from supportctl.options import Settings
from supportctl.query import parse
from supportctl.words import QueryCommand


@click.command(cls=QueryCommand)
@click.option("--limit", type=click.IntRange(1), metavar="N", help="At most so many.")
@click.option("--offset", type=click.IntRange(0), default=0, metavar="N", help="Leave out the first so many.")
@click.option("--sort", type=click.Choice(["newest", "oldest"]), default="newest", show_default=True)
@click.option("--messages", is_flag=True, help="Single mails instead of tickets.")
@click.option("--path", is_flag=True, help="The files of the mails that match, for xargs, mutt or mblaze.")
@click.option("--count", is_flag=True, help="Only how many.")
@options.output()
@click.pass_obj
def command(
    settings: Settings,
    query: tuple[str, ...],
    limit: int | None,
    offset: int,
    sort: Literal["newest", "oldest"],
    messages: bool,
    path: bool,
    count: bool,
    format: str,
) -> None:
    """Find tickets by QUERY, open and closed, newest mail first: words, "phrases", field:value, /regex/.

    `supportctl search 'from:ann@example.org subject:passphrase after:2024 -in:junk'`; docs/language.md has it all.
    """
    desk = open_desk(settings)
    asked = parse(" ".join(query), lists=desk.config.lists)
    wanted = searching.Wanted(asked, limit, offset, sort, messages or path)
    queues = desk.readable_queues()
    if count:
        found = desk.search(lambda state: searching.count(state, wanted, queues))
        render.write(f"{found}\n")
    elif path:
        files = desk.search(lambda state: searching.find_paths(state, wanted, queues))
        found = len(files)
        render.write_bytes(b"".join(file + b"\n" for file in files))
    else:
        rows = desk.search(lambda state: searching.find(state, wanted, queues))
        found = len(rows)
        if format == "table":
            write_hits(rows)
        else:
            fields = searching.MESSAGE if messages else searching.TICKET
            render.rows(rows, fields, format, kind="messages" if messages else "tickets")
    if not found:
        raise NothingMatched("")
