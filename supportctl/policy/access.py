"""Who may do what: agent × right × queue → yes, no or ask, and why. Nothing here reads or writes."""

from __future__ import annotations

from typing import Literal

from supportctl.config import ROBOT, Config, Queue
from supportctl.errors import DeniedError
from supportctl.model import Ticket
from supportctl.records import Record

Right = Literal["access", "move_in"]
Answer = Literal["yes", "no", "ask"]
Need = tuple[Right, str]
"""A right, and the key of the queue for which it is needed."""


class Agent(Record):
    """Who acts: an account, the keys of its roles, and whether the account owns the desk and holds every right."""

    account: str
    roles: tuple[str, ...]
    is_owner: bool = False
    all_rights: bool = False


class Verdict(Record):
    """Whether an agent holds a right, why in words, and the line of `queues.yaml` that decides."""

    answer: Answer
    why: str
    line: int


def determine_agent(config: Config, account: str, is_owner: bool, role: str | None = None) -> Agent:
    """The agent that an account is, with every role that lists the account, or with the one role that is asked for.

    The desk's owner may take any role, and holds every right if listed under none. Raises DeniedError for a role that
    is not the account's, UsageError for one that does not exist.
    """
    # An owner who is listed anywhere has chosen to work with less than every right.
    own = tuple(known.key for known in config.roles.values() if account in known.agents)
    if role is None:
        return Agent(account, own, is_owner, all_rights=is_owner and not own)
    picked = config.role(role)
    if picked.key not in own and not is_owner:
        raise DeniedError(
            f"{account} doesn't have the role {picked.title}",
            f"{config.file.name}, line {picked.agents_line or picked.line} lists who does",
        )
    return Agent(account, (picked.key,), is_owner)


THE_ROBOT = Agent(ROBOT, (ROBOT,))
"""The agent of whatever runs without a person; `queues.yaml` gives the robot its rights, as it does for roles."""


def decide(config: Config, agent: Agent, right: Right, queue_key: str) -> Verdict:
    """Whether an agent holds a right to a queue; "ask" is for a move that has to be confirmed.

    Raises NotFoundError where there is no such queue.
    """
    queue = config.queue(queue_key)
    roles, line = _holders(queue, right)
    if agent.all_rights:
        return Verdict("yes", f"{agent.account} owns the desk and has no role, so has every right", queue.line)
    held = _common(agent, roles)
    if held:
        return Verdict("yes", f"{_titles(config, held)} may {_describe_right(queue, right)}", line)
    asked = _common(agent, queue.ask) if right == "move_in" else ()
    if asked:
        rarely = "normally doesn't" if len(asked) == 1 else "normally don't"
        return Verdict("ask", f"{_titles(config, asked)} {rarely} {_describe_right(queue, right)}", queue.ask_line)
    return Verdict("no", f"{_who_may(config, roles)} {_describe_right(queue, right)}; {_who_is(config, agent)}", line)


def needed_rights(before: Ticket | None, after: Ticket | None) -> list[Need]:
    """The rights that a change of a ticket needs: access to its queue, and moving it to the next one.

    A pending ticket belongs to the queue that it goes back to, so going back is no move.
    """
    needed: list[Need] = []
    if before is not None:
        needed.append(("access", before.queue))
    if after is not None and (before is None or after.queue not in (before.queue, before.return_to)):
        needed.append(("move_in", after.queue))
    return needed


def _holders(queue: Queue, right: Right) -> tuple[tuple[str, ...], int]:
    return (queue.access, queue.access_line) if right == "access" else (queue.movers, queue.movers_line)


def _common(agent: Agent, roles: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(role for role in agent.roles if role in roles)


def _describe_right(queue: Queue, right: Right) -> str:
    return f"read and work on tickets in {queue.title}" if right == "access" else f"move tickets to {queue.title}"


def _who_may(config: Config, roles: tuple[str, ...]) -> str:
    people = tuple(role for role in roles if role != ROBOT)
    return f"only {_roles(config, people)} may" if people else "no role may"


def _who_is(config: Config, agent: Agent) -> str:
    return f"{agent.account} has {_roles(config, agent.roles) if agent.roles else 'no role'}"


def _roles(config: Config, roles: tuple[str, ...]) -> str:
    return f"the {'role' if len(roles) == 1 else 'roles'} {_titles(config, roles)}"


def _titles(config: Config, roles: tuple[str, ...]) -> str:
    *others, last = (config.roles[role].title if role in config.roles else role for role in roles)
    return f"{', '.join(others)} and {last}" if others else last
