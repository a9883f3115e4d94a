"""The rules at work: the actions of a rule become changes of a ticket, logged with the rule's name."""

from __future__ import annotations

from supportctl.config import On
from supportctl.mail.content import MessageContent
from supportctl.model import Ticket
from supportctl.operations.draft import Draft
from supportctl.operations.outgoing import write_forward, write_notice
from supportctl.operations.tagging import with_tags
from supportctl.operations.transitions import enter_queue, note_left_open, try_to_close
from supportctl.policy.rules import Decision, decide_by_rules
from supportctl.query.evaluate import Target


def apply_rules(draft: Draft, ticket: Ticket, content: MessageContent, on: On) -> None:
    """Let the rules for an occasion act on a ticket."""
    target = Target(content, ticket, unread=True)
    for decision in decide_by_rules(draft.config, target, on, now=draft.now):
        _act(draft, ticket.id, content, decision)


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
