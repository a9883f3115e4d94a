"""`supportctl search`: find tickets, open and closed."""

from __future__ import annotations

from typing import Literal

import click

from supportctl.cli import options
from supportctl.cli.dash_words import QueryCommand
from supportctl.cli.options import GlobalOptions
from supportctl.desk.open import open_desk
from supportctl.errors import NothingMatched, UsageError
from supportctl.operations.searching import SearchRequest
from supportctl.output.search_results import ResultKind, show_results
from supportctl.output.terminal import say
from supportctl.query import parse_query
from supportctl.values import count_of


@click.command(cls=QueryCommand)
@click.option("--limit", type=options.NUMBER, metavar="N", help="Show at most N.")
@click.option("--offset", type=click.IntRange(0, options.NUMBER.max), default=0, metavar="N", help="Skip the first N.")
@click.option(
    "--sort", type=click.Choice(["newest", "oldest"]), default="newest", show_default=True, help="Show these first."
)
@click.option("--messages", is_flag=True, help="Find messages instead of tickets.")
@click.option("--path", "view", flag_value="paths", help="Print the paths of messages, for xargs, mutt or mblaze.")
@click.option("-0", "--null", "null", is_flag=True, help="With --path: end each path with NUL, for xargs -0.")
@click.option("--count", "view", flag_value="count", help="Print only the number found.")
@click.option("--explain", "view", flag_value="parts", help="Show what each part of the query means and finds.")
@options.output()
@click.pass_obj
def command(
    settings: GlobalOptions,
    query: tuple[str, ...],
    limit: int | None,
    offset: int,
    sort: Literal["newest", "oldest"],
    messages: bool,
    view: ResultKind | None,
    null: bool,
    format: str,
) -> None:
    """Find tickets, open and closed, newest message first. QUERY is words, "phrases", field:value, /regex/.

    \b
    supportctl search 'from:ann@example.org subject:passphrase after:2024 -in:junk'

    docs/search.md has more examples, docs/language.md describes the language.
    """
    if null and view != "paths":
        raise UsageError("-0 works only with --path", "add --path")
    desk = open_desk(settings)
    config = desk.config
    parsed = parse_query(" ".join(query), lists=config.lists, queues=config.queue_names, zone=config.desk.timezone)
    request = SearchRequest(parsed, limit, offset, sort, messages or view == "paths")
    is_found = show_results(desk, request, view or "", format, end=b"\0" if null else b"\n", quiet=settings.quiet)
    if count := desk.count_unindexed():
        lacks = f"{count_of(count, 'message')} could not be read, and can't be found"
        say(f"supportctl search: {lacks}; supportctl check names what can't be read, check --repair tries again")
    if not is_found:
        raise NothingMatched("")
