"""The rules at work: the actions of a rule become changes of a ticket, logged with the rule's name."""

from __future__ import annotations

from typing import NamedTuple

from supportctl.config import Config, On
from supportctl.errors import DeskError, describe_fault
from supportctl.mail.content import MessageContent
from supportctl.model import Ticket
from supportctl.operations.draft import Draft
from supportctl.operations.outgoing import write_forward, write_notice
from supportctl.operations.tagging import with_tags
from supportctl.operations.transitions import enter_queue, note_left_open, try_to_close
from supportctl.policy.rules import Decision, decide_by_rules
from supportctl.query.evaluate import Target

_FAULT = "the rules failed: "
"""How the problem begins that is noted on a ticket for which the rules could not be applied."""


class Judgement(NamedTuple):
    """What the rules decide about a message of a ticket, as the two were; `fault` is why they could not."""

    ticket: Ticket
    content: MessageContent
    decisions: list[Decision]
    fault: str = ""


def judge(config: Config, ticket: Ticket, content: MessageContent, on: On, now: int) -> Judgement:
    """What the rules for an occasion decide; never raises, since one message must not stop others."""
    try:
        decisions = decide_by_rules(config, Target(content, ticket, unread=True), on, now=now)
    except Exception as error:  # noqa: BLE001 - a fault of ours, which is noted on the ticket
        return Judgement(ticket, content, [], describe_fault(error))
    return Judgement(ticket, content, decisions)


def apply_rules(draft: Draft, ticket: Ticket, content: MessageContent, on: On) -> None:
    """Let the rules for an occasion act on a ticket."""
    carry_out(draft, judge(draft.config, ticket, content, on, draft.now))


def carry_out(draft: Draft, judgement: Judgement) -> None:
    """Do what the rules have decided, all of it or nothing: what can't be done is a problem on the ticket.

    Raises PostponedError where that has to wait for the next operation.
    """
    name, fault = judgement.ticket.id, judgement.fault
    take_back = draft.savepoint(name)
    try:
        for decision in judgement.decisions:
            _act(draft, name, judgement.content, decision)
    except Exception as error:
        take_back()
        if isinstance(error, DeskError | OSError):
            raise
        fault = describe_fault(error)
    _note_fault(draft, name, fault)


def _note_fault(draft: Draft, name: str, fault: str) -> None:
    """Note on a ticket that the rules failed, once; or that they no longer do."""
    ticket = draft.find(name)
    problems = [problem for problem in ticket.problems if not problem.startswith(_FAULT)]
    problems += [_FAULT + fault] if fault else []
    if problems != ticket.problems:
        ticket.problems = problems
        draft.put(ticket)
        if fault:
            draft.warn(name, _FAULT + fault)


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
    if actions.forward and actions.forward == content.sender.addr:
        # An automatic answer to a forward would be sent back, answered again, and so on.
        notes.append(f"not forwarded to {actions.forward}: the message came from there")
    elif actions.forward:
        notes += write_forward(draft, ticket, actions.forward)
    if actions.close and ticket.state != "closed":
        reason = try_to_close(ticket, draft.queue(ticket.queue), draft.now)
    draft.put(ticket, why=name, notes=[*notes, *note_left_open(reason)])
