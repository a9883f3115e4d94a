"""Who may do what: agent × right × queue → yes, no or ask, and why. Nothing here reads or writes."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from typing import Literal

from supportctl.config import ROBOT, Config, Queue
from supportctl.errors import ConfigError, ConfirmationNeeded, DeniedError, DeskError
from supportctl.model import Ticket
from supportctl.policy.agents import Agent
from supportctl.records import Record

Right = Literal["access", "move_in"]
Answer = Literal["yes", "no", "ask"]
Need = tuple[Right, str]
"""A right, and the key of the queue for which it is needed."""


class Permission(Record):
    """Whether an agent holds a right, why in words, and the line of `queues.yaml` that decides."""

    answer: Answer
    why: str
    line: int


def decide(config: Config, agent: Agent, right: Right, queue_key: str) -> Permission:
    """Whether an agent holds a right to a queue; "ask" is for a move that has to be confirmed.

    Raises NotFoundError where there is no such queue.
    """
    queue = config.queue(queue_key)
    roles, line = _holders(queue, right)
    if agent.all_rights:
        return Permission("yes", f"{agent.account} owns the desk and has no role, so has every right", queue.line)
    held = _common(agent, roles)
    if held:
        return Permission("yes", f"{_titles(config, held)} may {_describe_right(queue, right)}", line)
    asked = _common(agent, queue.ask) if right == "move_in" else ()
    if asked:
        rarely = "normally doesn't" if len(asked) == 1 else "normally don't"
        return Permission("ask", f"{_titles(config, asked)} {rarely} {_describe_right(queue, right)}", queue.ask_line)
    return Permission(
        "no", f"{_who_may(config, roles)} {_describe_right(queue, right)}; {_who_is(config, agent)}", line
    )


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


class Rights:
    """What an agent may do; each permission is found once, as thousands of tickets lie in a few queues."""

    def __init__(self, config: Config, agent: Agent) -> None:
        self._config = config
        self._agent = agent
        self._permissions: dict[Need, Permission] = {}

    def may(self, right: Right, queue: str) -> bool:
        """Whether the agent has a right to a queue without confirming."""
        return queue in self._config.queues and self._decide(right, queue).answer == "yes"

    @cached_property
    def readable_queues(self) -> tuple[str, ...]:
        """The keys of the queues that the agent may read, in the order of the configuration."""
        return tuple(key for key in self._config.queues if self.may("access", key))

    def objection(self, ticket_id: str, needs: Iterable[Need], *, is_confirmed: bool = False) -> DeskError | None:
        """The error that keeps the agent from a change of a ticket with these needs, or None."""
        for right, queue in needs:
            error = self._refusal(ticket_id, right, queue)
            if error and not (isinstance(error, ConfirmationNeeded) and is_confirmed):
                return error
        return None

    def objection_to_work(self, ticket_id: str, queue: str) -> DeskError | None:
        """The error that keeps the agent from working on a ticket in a queue, or None."""
        return self._refusal(ticket_id, "access", queue)

    def require_role(self) -> None:
        """Raise DeniedError for an account that has no role and doesn't own the desk."""
        agent = self._agent
        if not (agent.roles or agent.is_owner):
            raise DeniedError(
                f"{agent.account} has no role on this desk", f"{self._config.file.name} lists who has, under roles"
            )

    def require_access(self, queue: str) -> None:
        """Raise DeniedError unless the agent may read a queue."""
        if not self.may("access", queue):
            raise self.denial(queue)

    def denial(self, queue: str) -> DeniedError:
        """The error for an agent that wants to read a queue without access to it."""
        return DeniedError(self._reason(self._decide("access", queue)), self._question("access", queue))

    def _refusal(self, ticket_id: str, right: Right, queue: str) -> DeskError | None:
        if queue not in self._config.queues:
            return ConfigError(f"{ticket_id}: queue {queue!r} is not in queues.yaml", "add the queue again")
        permission = self._decide(right, queue)
        if permission.answer == "yes":
            return None
        message = f"{ticket_id}: {self._reason(permission)}"
        if permission.answer == "ask":
            return ConfirmationNeeded(message, "--confirm", f"{message}. Move anyway?")
        return DeniedError(message, self._question(right, queue))

    def _decide(self, right: Right, queue: str) -> Permission:
        if (right, queue) not in self._permissions:
            self._permissions[right, queue] = decide(self._config, self._agent, right, queue)
        return self._permissions[right, queue]

    def _question(self, right: Right, queue: str) -> str:
        """The command that explains a right of the agent, in the role in which the agent acts now."""
        role = f"--role {self._agent.roles[0]} " if self._agent.is_owner and len(self._agent.roles) == 1 else ""
        return f"run supportctl {role}can {self._agent.account} {right} {queue}"

    def _reason(self, permission: Permission) -> str:
        return f"{permission.why} ({self._config.file.name}, line {permission.line})"


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
