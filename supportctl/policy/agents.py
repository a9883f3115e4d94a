"""Who acts: an account in its roles, the owner of the desk, or the robot."""

from __future__ import annotations

from supportctl.config import ROBOT, Config
from supportctl.errors import DeniedError
from supportctl.records import Record


class Agent(Record):
    """Who acts: an account, the keys of its roles, and whether the account owns the desk and holds every right."""

    account: str
    roles: tuple[str, ...]
    is_owner: bool = False
    all_rights: bool = False

    @property
    def described_roles(self) -> str:
        """The roles as the log has them, joined by `+`; `owner` or `none` without any."""
        return "+".join(self.roles) or ("owner" if self.all_rights else "none")


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


def may_be_robot(config: Config, agent: Agent, role: str) -> bool:
    """Whether an agent is the robot where nobody asks for anything else: what it brings came from a mail server.

    The accounts that the configuration names are, by default the owner of the desk; but not in a `role` of a person.
    """
    accounts = config.robot_accounts
    is_listed = agent.is_owner if accounts is None else agent.account in accounts
    return is_listed and (not role or agent.roles == (ROBOT,))


THE_ROBOT = Agent(ROBOT, (ROBOT,))
"""The agent of whatever runs without a person; `queues.yaml` gives the robot its rights, as it does for roles."""
