"""The rules at work: the actions of a rule become changes of a ticket, logged with the rule's name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from supportctl.config import Config, On
from supportctl.errors import NotFoundError
from supportctl.model import MessageContent, Ticket
from supportctl.operations.draft import Draft
from supportctl.operations.outgoing import write_forward, write_notice
from supportctl.operations.reading import read_opening
from supportctl.operations.tagging import with_tags
from supportctl.operations.transitions import enter_queue, note_left_open, try_to_close
from supportctl.policy.rules import Decision, decide_by_rules, explain_rules
from supportctl.query.evaluate import Target
from supportctl.records import Row

if TYPE_CHECKING:
    from supportctl.store.contract import Snapshot


def classify_untouched(draft: Draft) -> None:
    """Let the rules act on every open ticket of the intake queue that no person has touched."""
    for ticket in draft.find_in(draft.config.desk.intake):
        if ticket.state == "open" and not ticket.touched:
            _classify(draft, ticket)


def classify_tickets(draft: Draft, names: list[str]) -> None:
    """Let the rules act on these tickets, as far as they are open and no person has touched them."""
    for ticket in draft.find_many(names):
        if ticket.state == "open" and not ticket.touched:
            _classify(draft, ticket)


def _classify(draft: Draft, ticket: Ticket) -> None:
    content = read_opening(draft.planning, draft.config, ticket)
    if content is None:
        draft.warn(ticket.id, "the first message is missing")
    else:
        apply_rules(draft, ticket, content, "new")


def apply_rules(draft: Draft, ticket: Ticket, content: MessageContent, on: On) -> None:
    """Let the rules for an occasion act on a ticket."""
    target = Target(content, ticket, unread=True)
    for decision in decide_by_rules(draft.config, target, on, now=draft.now):
        _act(draft, ticket.id, content, decision)


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


def _act(draft: Draft, ticket_id: str, content: MessageContent, decision: Decision) -> None:
    ticket = draft.find(ticket_id)
    actions, name = decision.actions, decision.rule
    notes: list[str] = []
    reason = ""
    ticket.rules = [*ticket.rules, name]
    ticket.tags = with_tags(ticket.tags, actions.tags)
    ticket.issue_type = actions.issue_type or ticket.issue_type
    if actions.move:
        reason = enter_queue(ticket, draft.queue(actions.move), draft.now)
    if actions.notice:
        notes += write_notice(draft, ticket, content, draft.config.notices[actions.notice])
    if actions.forward:
        notes += write_forward(draft, ticket, actions.forward)
    if actions.close and ticket.state != "closed":
        reason = try_to_close(ticket, draft.queue(ticket.queue), draft.now)
    draft.put(ticket, why=name, notes=[*notes, *note_left_open(reason)])
