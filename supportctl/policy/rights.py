"""The rights of one agent on one desk, and the error for a missing right: why, and which line decides."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property

from supportctl.config import Config
from supportctl.errors import ConfigError, ConfirmationNeeded, DeniedError, DeskError
from supportctl.policy.access import Agent, Need, Right, Verdict, decide


class Rights:
    """What an agent may do; each verdict is found once, as thousands of tickets lie in a few queues."""

    def __init__(self, config: Config, agent: Agent) -> None:
        self._config = config
        self._agent = agent
        self._verdicts: dict[Need, Verdict] = {}

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
        verdict = self._decide(right, queue)
        if verdict.answer == "yes":
            return None
        message = f"{ticket_id}: {self._reason(verdict)}"
        if verdict.answer == "ask":
            return ConfirmationNeeded(message, "--confirm", f"{message}. Move anyway?")
        return DeniedError(message, self._question(right, queue))

    def _decide(self, right: Right, queue: str) -> Verdict:
        if (right, queue) not in self._verdicts:
            self._verdicts[right, queue] = decide(self._config, self._agent, right, queue)
        return self._verdicts[right, queue]

    def _question(self, right: Right, queue: str) -> str:
        """The command that explains a right of the agent, in the role in which the agent acts now."""
        role = f"--role {self._agent.roles[0]} " if self._agent.is_owner and len(self._agent.roles) == 1 else ""
        return f"run supportctl {role}can {self._agent.account} {right} {queue}"

    def _reason(self, verdict: Verdict) -> str:
        return f"{verdict.why} ({self._config.file.name}, line {verdict.line})"
