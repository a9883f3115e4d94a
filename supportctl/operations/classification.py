"""Classifying: the rules act on tickets that no person has touched, or tell what they would do."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING

from supportctl.config import Config
from supportctl.errors import DataError, UnreadableMessageError
from supportctl.mail.content import MessageContent
from supportctl.model import Ticket, is_left_to_rules
from supportctl.operations.draft import Draft
from supportctl.operations.outgoing import PostponedError
from supportctl.operations.questions import NotReadError
from supportctl.operations.reading import read_opening
from supportctl.operations.rule_actions import Judgement, carry_out, judge
from supportctl.policy.rules import explain_rules
from supportctl.query.evaluate import PartOutcome, Target
from supportctl.query.fields import VERDICTS
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
    if not ticket.messages:
        return
    try:
        (judgement,) = draft.ask("rules", ticket, ticket.messages[:1], partial(_judge, draft, ticket))
    except NotReadError:  # it came in while the others were read: the next run's
        return
    except UnreadableMessageError as error:
        draft.refuse(ticket.id, error)
        return
    except DataError:
        draft.warn(ticket.id, "the first message is missing")
        return
    # What has changed since then is judged by the next run.
    if judgement.ticket == ticket:
        with suppress(PostponedError):
            carry_out(draft, judgement)


def _judge(draft: Draft, ticket: Ticket, content: MessageContent) -> Judgement:
    """What the rules decide; without the texts, which no action needs: thousands of tickets may be decided at once."""
    judgement = judge(draft.config, ticket, content, "new", draft.now)
    return judgement._replace(content=content._replace(text="", written="", quoted="", attachments=[]))


def describe_trials(snapshot: Snapshot, config: Config, names: Iterable[str], now: int) -> Iterator[Row]:
    """The outcome of each rule on each ticket and why, as rows; or one row that says why the rules can't be tried.

    Raises NotFoundError for an unknown ticket.
    """
    for name in names:
        yield from _describe_trials_on(snapshot, config, name, now)


def _describe_trials_on(snapshot: Snapshot, config: Config, name: str, now: int) -> Iterator[Row]:
    from supportctl.mail.verdict import describe_sign

    ticket = snapshot.find(name)
    try:
        content = read_opening(snapshot, config, ticket)
        problem = "" if content is not None else "the first message is missing"
    except UnreadableMessageError as error:
        content, problem = None, error.message
    if content is None:
        yield {"ticket": name, "rule": "", "result": "not tried", "why": problem, "findings": [], "signs": []}
        return
    for trial in explain_rules(config, Target(content, ticket, unread=True), "new", now=now):
        signs = content.signs if any(map(_asks_for_verdict, trial.findings)) else []
        reasons = [f"({'; '.join(map(describe_sign, signs))})"] if signs else []
        yield {
            "ticket": name,
            "rule": trial.rule.name,
            "result": trial.result + (", decides" if trial.decides else ""),
            "why": "  ".join([*(f"{'+' if it.is_true else '-'}{it.text}" for it in trial.findings[:6]), *reasons]),
            "findings": [[finding.text, finding.is_true, finding.depth] for finding in trial.findings],
            "signs": [sign._asdict() for sign in signs],
        }


def _asks_for_verdict(finding: PartOutcome) -> bool:
    """Whether a part of a query asks if a message is automatic."""
    return finding.text.lower().startswith(tuple(f"{name}:" for name in VERDICTS))
