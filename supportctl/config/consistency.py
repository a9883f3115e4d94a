"""What is wrong with a configuration although each of its keys is right by itself."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from supportctl.config.document import Problem
from supportctl.config.settings import ROBOT, Config, Queue, Role, Rule


def find_contradictions(config: Config) -> Iterator[Problem]:
    """Everything in a configuration that can't be meant, in no order."""
    yield from _double_names(config)
    yield from _misfit_queues(config)
    for rule in config.rules:
        where = f"rule {rule.name}"
        yield from (Problem(rule.line, f"{where}: {text}") for text in _misfit_actions(config, rule))
        yield from (Problem(rule.when_line, f"{where}: when: {text}") for text in _query_errors(config, rule))


def _double_names(config: Config) -> Iterator[Problem]:
    yield from _doubles("queue", config.queues.values())
    yield from _doubles("role", config.roles.values())
    seen: dict[str, Rule] = {}
    for rule in config.rules:
        first = seen.setdefault(rule.name, rule)
        if first is not rule and rule.name:
            yield Problem(rule.line, f"rule {rule.name}: the rule on line {first.line} has the same name")


def _doubles(what: str, named: Iterable[Queue | Role]) -> Iterator[Problem]:
    seen: dict[str, Queue | Role] = {}
    for item in named:
        for name in item.names:
            first = seen.setdefault(name.casefold(), item)
            if first is not item:
                yield Problem(
                    item.line,
                    f"{what} {item.key}: {name!r} is also a name of {what} {first.key} (line {first.line})",
                )


def _misfit_queues(config: Config) -> Iterator[Problem]:
    waiting = config.waiting
    for queue in config.queues.values():
        for text in _misfits(config, queue):
            yield Problem(queue.line, f"queue {queue.key}: {text}")
        if queue.needs and queue is not waiting and waiting:
            text = f"there is already a waiting queue, {waiting.key} (line {waiting.line})"
            yield Problem(queue.line, f"queue {queue.key}: {text}")


def _misfits(config: Config, queue: Queue) -> Iterator[str]:
    # A name that is unknown is noted where it is read.
    reopens_in = config.queues.get(queue.follow_up.queue)
    if queue.key == config.desk.intake:
        yield from _misfit_intake(queue)
    if reopens_in:
        yield from _misfit_follow_up(queue, reopens_in)
    both = set(queue.movers) & set(queue.ask)
    if both:
        yield f"{', '.join(sorted(both))} may move tickets in without confirming, but is also listed under ask"
    if queue.needs and queue.on_arrival:
        yield "closes what arrives, so tickets can't wait in this queue"
    if queue.needs and (names := [name for name, key in config.folders.items() if key == queue.key]):
        yield f"needs a due date, which a mail client can't set, but folders has {', '.join(names)} for this queue"


def _misfit_follow_up(queue: Queue, reopens_in: Queue) -> Iterator[str]:
    if reopens_in is not queue and ROBOT not in reopens_in.movers:
        yield f"opens follow-ups in {reopens_in.key}, where the {ROBOT} may not move tickets"
    if reopens_in.on_arrival or reopens_in.needs:
        yield f"opens follow-ups in {reopens_in.key}, which closes what arrives or makes it wait"


def _misfit_intake(queue: Queue) -> Iterator[str]:
    if queue.on_arrival or queue.needs:
        yield "the intake queue can't close what arrives or make it wait"
    for right, roles in (("access", queue.access), ("move_in", queue.movers)):
        if ROBOT not in roles:
            yield f"the {ROBOT} needs {right} to the intake queue"


def _misfit_actions(config: Config, rule: Rule) -> Iterator[str]:
    target = config.queues.get(rule.actions.move or config.desk.intake)
    if target is None:
        return
    if rule.actions.move and ROBOT not in target.movers:
        yield f"the {ROBOT} may not move tickets to {target.key} (line {target.movers_line})"
    if rule.actions.close and ROBOT not in target.access:
        yield f"the {ROBOT} has no access to {target.key} (line {target.access_line}), so can't close tickets there"
    if rule.actions.move and target.needs:
        yield f"{target.key} (line {target.line}) needs a due date, which a rule can't set"
    closes = rule.actions.close or (rule.actions.move and target.on_arrival)
    if closes and target.needs_at_close and not rule.actions.issue_type:
        yield f"closes tickets in {target.key} (line {target.line}), which needs an issue_type"


def _query_errors(config: Config, rule: Rule) -> Iterator[str]:
    from supportctl.query import QueryError, parse_query

    if not rule.when:
        return
    try:
        parse_query(rule.when, lists=config.lists, queues=config.queue_names, now=0, zone=config.desk.timezone)
    except QueryError as error:
        rest = rule.when[error.position :].split("\n")[0]
        excerpt = rest if len(rest) <= 30 else rest[:29] + "…"
        hint = f"; {error.hint}" if error.hint else ""
        yield f"{error.problem}, at character {error.position + 1}: {excerpt or 'the end'}{hint}"
