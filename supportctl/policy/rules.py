"""What the desk does by itself: message → decisions. Nothing here reads, writes or carries out."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Literal

from supportctl.config import Actions, Config, On, Rule
from supportctl.query.evaluate import explain_match, matches

if TYPE_CHECKING:
    from supportctl.query import Query
    from supportctl.query.evaluate import PartOutcome, Target

TrialResult = Literal["matches", "does not match", "has acted before", "not reached"]


@dataclass(frozen=True, slots=True)
class Decision:
    """A rule (its name) that acts on a message, and its actions."""

    rule: str
    actions: Actions


@dataclass(frozen=True, slots=True)
class Trial:
    """What became of one rule on one message; `decides` is whether it keeps the rules after it from being tried.

    `findings` are the outcomes of the parts of the rule's query, where the query was evaluated.
    """

    rule: Rule
    result: TrialResult
    decides: bool
    findings: tuple[PartOutcome, ...] = ()


def decide_by_rules(config: Config, target: Target, on: On = "new", *, now: int) -> list[Decision]:
    """The decisions about a message: every rule that matches, up to the first without `continue`.

    A rule acts on a ticket once. Relative dates in queries count from `now` (seconds since the epoch).
    """
    decisions: list[Decision] = []
    for rule, query in _rules(config, on, now):
        result = _try(rule, query, target)
        if result == "matches":
            decisions.append(Decision(rule.name, rule.actions))
        if _decides(rule, result):
            break
    return decisions


def explain_rules(config: Config, target: Target, on: On = "new", *, now: int) -> list[Trial]:
    """What becomes of every rule on a message, in order; those that match are those of `decide_by_rules`."""
    trials: list[Trial] = []
    is_decided = False
    for rule, query in _rules(config, on, now):
        if is_decided:
            trials.append(Trial(rule, "not reached", decides=False))
            continue
        result = _try(rule, query, target)
        is_decided = _decides(rule, result)
        trials.append(Trial(rule, result, is_decided, tuple(explain_match(query, target))))
    return trials


def _try(rule: Rule, query: Query, target: Target) -> TrialResult:
    # A new ticket stays as it was decided; a follow-up is a new message, which the rule has to match as well.
    has_acted = rule.name in target.ticket.rules
    if has_acted and rule.on == "new":
        return "has acted before"
    if not matches(query, target):
        return "does not match"
    return "has acted before" if has_acted else "matches"


def _decides(rule: Rule, result: TrialResult) -> bool:
    return not rule.proceeds and result in ("matches", "has acted before")


# By identity of the configuration and by time: one intake asks with the same two for each of its messages.
@lru_cache(maxsize=8)
def _rules(config: Config, on: On, now: int) -> tuple[tuple[Rule, Query], ...]:
    """The rules for an occasion with their parsed queries; parsing a query takes longer than evaluating it."""
    from supportctl.query import parse_query

    queues, zone = config.queue_names, config.desk.timezone
    return tuple(
        (rule, parse_query(rule.when, lists=config.lists, queues=queues, now=now, zone=zone))
        for rule in config.rules
        if rule.on == on
    )
