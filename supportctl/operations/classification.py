"""Classifying: the rules act on tickets that no person has touched, or tell what they would do."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from supportctl.config import Config
from supportctl.errors import NotFoundError
from supportctl.model import Ticket, is_left_to_rules
from supportctl.operations.draft import Draft
from supportctl.operations.reading import read_opening
from supportctl.operations.rule_actions import apply_rules
from supportctl.policy.rules import explain_rules
from supportctl.query.evaluate import Target
from supportctl.records import Row

if TYPE_CHECKING:
    from supportctl.store.contract import Snapshot


def list_untouched(snapshot: Snapshot, config: Config) -> list[str]:
    """The ids of the open tickets of the intake queue that no person has touched."""
    return [ticket.id for ticket in snapshot.tickets_in(config.desk.intake) if is_left_to_rules(ticket)]


def classify_untouched(draft: Draft) -> None:
    """Let the rules act on every open ticket of the intake queue that no person has touched."""
    for ticket in draft.find_in(draft.config.desk.intake):
        if is_left_to_rules(ticket):
            _classify(draft, ticket)


def classify_tickets(draft: Draft, names: list[str]) -> None:
    """Let the rules act on these tickets, as far as they are open and no person has touched them."""
    for ticket in draft.find_many(names):
        if is_left_to_rules(ticket):
            _classify(draft, ticket)


def _classify(draft: Draft, ticket: Ticket) -> None:
    content = read_opening(draft.planning, draft.config, ticket)
    if content is None:
        draft.warn(ticket.id, "the first message is missing")
    else:
        apply_rules(draft, ticket, content, "new")


def describe_trials(snapshot: Snapshot, config: Config, names: Iterable[str], now: int) -> Iterator[Row]:
    """For each ticket, the outcome of each rule and why, as rows; raises NotFoundError for an unknown ticket."""
    for name in names:
        ticket = snapshot.find(name)
        content = read_opening(snapshot, config, ticket)
        if content is None:
            raise NotFoundError(f"{name}: the first message is missing", "run supportctl check")
        for trial in explain_rules(config, Target(content, ticket, unread=True), "new", now=now):
            yield {
                "ticket": name,
                "rule": trial.rule.name,
                "result": trial.result + (", decides" if trial.decides else ""),
                "why": "  ".join(f"{'+' if finding.is_true else '-'}{finding.text}" for finding in trial.findings[:6]),
                "findings": [[finding.text, finding.is_true, finding.depth] for finding in trial.findings],
            }
