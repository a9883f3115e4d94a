"""What `queues.yaml` says, as plain typed data: checked, complete, without a trace of YAML.

Whatever a person may ask the reason of keeps its line in the file (counted from 1).
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from supportctl.errors import NotFoundError, UsageError
from supportctl.records import Record
from supportctl.values import Span, parse_span

ROBOT = "robot"
"""The key of the role of whatever runs without a person."""

On = Literal["new", "follow-up"]
TransportKind = Literal["maildir", "sendmail", "smtp", "smtps"]


class FollowUp(Record):
    """What a person's message does to a closed ticket: within this span, it opens the ticket again in this queue."""

    reopen_within: Span
    queue: str


class Transport(Record):
    """How mail leaves the desk.

    `maildir`: not at all, it stays in the outbox. `sendmail`: by a `command` (an absolute path). `smtp` and `smtps`: by
    the server at `host` and `port`, as the account in the file `credentials` (absolute; "" for none). `timeout` is in
    seconds.
    """

    kind: TransportKind = "maildir"
    command: str = ""
    host: str = ""
    port: int = 0
    credentials: str = ""
    timeout: int = 60

    def __str__(self) -> str:
        """The transport as the file writes it."""
        if self.kind == "sendmail":
            return f"sendmail:{self.command}"
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.kind}://{host}:{self.port}" if self.host else self.kind


class OutgoingSettings(Record):
    """From whom mail comes that the desk writes, and how it leaves; `sender` is an address in lower case."""

    sender: str
    name: str
    signature: str
    transport: Transport


class DeskSettings(Record):
    """The desk itself: its folder (absolute), its addresses (lower case), and what its messages and dates refer to.

    `timezone` is an IANA name, "" for the machine's time zone. `delay` is how long outgoing mail waits before it may
    leave, in seconds.
    """

    maildir: Path
    name: str
    sender: str
    domain: str
    addresses: tuple[str, ...]
    ticket_prefix: str
    intake: str
    timezone: str
    trusted_authserv: tuple[str, ...]
    follow_up: FollowUp
    outgoing: OutgoingSettings
    delay: int = 0


class Role(Record):
    """A role and the accounts that hold it."""

    key: str
    title: str
    agents: tuple[str, ...]
    line: int
    agents_line: int

    @property
    def names(self) -> tuple[str, ...]:
        """All names of the role that a person may use."""
        return self.key, self.title


class Queue(Record):
    """A queue; `access`, `move_in` and `ask` are keys of roles.

    `move_in_line` and `ask_line` are 0 where the file has no such key. `follow_up` is the desk's where the queue has
    none of its own, and so is each part of `outgoing`. `needs`, `on_arrival` and the like are "" for nothing.
    """

    key: str
    title: str
    aliases: tuple[str, ...]
    purpose: str
    access: tuple[str, ...]
    move_in: tuple[str, ...]
    ask: tuple[str, ...]
    on_arrival: Literal["", "close"]
    needs: Literal["", "due"]
    needs_at_close: Literal["", "issue_type"]
    forward_to: str
    after_forward: Literal["", "close"]
    public: bool
    follow_up: FollowUp
    outgoing: OutgoingSettings
    line: int
    access_line: int
    move_in_line: int
    ask_line: int

    @property
    def names(self) -> tuple[str, ...]:
        """All names of the queue that a person may use."""
        return self.key, self.title, *self.aliases

    @property
    def movers(self) -> tuple[str, ...]:
        """The roles that move tickets in without confirming: those of `move_in`, or without it those of `access`."""
        return self.move_in if self.move_in_line else self.access

    @property
    def movers_line(self) -> int:
        """The line that names the movers."""
        return self.move_in_line or self.access_line


class Actions(Record):
    """What a rule does: `move` and `notice` are keys, `forward` is an address; "" for nothing."""

    move: str = ""
    close: bool = False
    tags: tuple[str, ...] = ()
    issue_type: str = ""
    notice: str = ""
    forward: str = ""


class Rule(Record):
    """A query and what to do with messages that match; `proceeds` lets the rules after it act as well."""

    name: str
    when: str
    on: On
    proceeds: bool
    actions: Actions
    line: int
    when_line: int


class Notice(Record):
    """A message that the desk sends by itself, to one sender at most once within `once_per`."""

    key: str
    subject: str
    text: str
    once_per: Span
    line: int


class Config:
    """The whole configuration; mappings are by key and in the order of the file. Compared by identity.

    `folders` has the queue for each folder of a mail client that stands for one.
    """

    def __init__(
        self,
        file: Path,
        desk: DeskSettings,
        roles: dict[str, Role],
        queues: dict[str, Queue],
        issue_types: tuple[str, ...],
        lists: dict[str, tuple[str, ...]],
        notices: dict[str, Notice],
        rules: tuple[Rule, ...],
        folders: dict[str, str],
        robot_accounts: tuple[str, ...] | None = None,
    ) -> None:
        self.file = file
        self.desk = desk
        self.roles = roles
        self.queues = queues
        self.issue_types = issue_types
        self.lists = lists
        self.notices = notices
        self.rules = rules
        self.folders = folders
        self.robot_accounts = robot_accounts  # None: the owner of the desk

    @property
    def waiting(self) -> Queue | None:
        """The queue for pending tickets, if the desk has one."""
        return next((queue for queue in self.queues.values() if queue.needs == "due"), None)

    @property
    def queue_folders(self) -> dict[str, str]:
        """The queue for each folder whose mail is the desk's: its own folder, and those of mail clients."""
        return {**{key: key for key in self.queues}, **self.folders}

    @property
    def queue_names(self) -> dict[str, str]:
        """The key of a queue for each of its names in lower case."""
        return {name.casefold(): queue.key for queue in self.queues.values() for name in queue.names}

    def queue(self, name: str) -> Queue:
        """The queue of this key, title or alias, in any case; raises NotFoundError with the nearest names."""
        queue = self.queues.get(name)
        if queue is not None:
            return queue
        spellings = self.queue_names
        if name.casefold() not in spellings:
            raise NotFoundError(f"no queue named {name!r}", suggest(name, spellings))
        return self.queues[spellings[name.casefold()]]

    def role(self, name: str) -> Role:
        """The role of this key or title, in any case; raises UsageError with the nearest names."""
        spellings = {known.casefold(): role.key for role in self.roles.values() for known in role.names}
        if name.casefold() not in spellings:
            raise UsageError(f"no role named {name!r}", suggest(name, spellings))
        return self.roles[spellings[name.casefold()]]

    def issue_type(self, name: str) -> str:
        """The issue type as the file writes it, for a name in any case; raises UsageError."""
        spellings = {known.casefold(): known for known in self.issue_types}
        if name.casefold() not in spellings:
            raise UsageError(f"no issue type named {name!r}", suggest(name, spellings))
        return spellings[name.casefold()]

    def to_json(self) -> dict[str, Any]:
        """The configuration as a plain dict that any JSON codec takes."""
        return {
            "file": str(self.file),
            "desk": _plain(self.desk) | {"maildir": str(self.desk.maildir)},
            "roles": {key: role._asdict() for key, role in self.roles.items()},
            "queues": {key: _plain(queue) for key, queue in self.queues.items()},
            "issue_types": self.issue_types,
            "lists": self.lists,
            "notices": {key: _plain_notice(notice) for key, notice in self.notices.items()},
            "robot_accounts": self.robot_accounts,
            "rules": [rule._asdict() | {"actions": rule.actions._asdict()} for rule in self.rules],
            "folders": self.folders,
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Config:
        """The configuration that `to_json` wrote; raises KeyError, TypeError and the like for other data."""
        return cls(
            file=Path(data["file"]),
            desk=_desk(data["desk"]),
            roles={key: Role(**_tuples(role)) for key, role in data["roles"].items()},
            queues={key: _queue(queue) for key, queue in data["queues"].items()},
            issue_types=tuple(data["issue_types"]),
            lists=_tuples(data["lists"]),
            notices={key: _notice(notice) for key, notice in data["notices"].items()},
            rules=tuple(_rule(rule) for rule in data["rules"]),
            folders=data["folders"],
            robot_accounts=None if data["robot_accounts"] is None else tuple(data["robot_accounts"]),
        )


def suggest(name: str, spellings: Mapping[str, str]) -> str:
    """A hint for a mistyped name: the nearest names, or all there are.

    `spellings` has the proper name for everything that may have been meant, in lower case.
    """
    from difflib import get_close_matches

    near = get_close_matches(name.casefold(), spellings, n=3)
    if near:
        return "did you mean " + " or ".join(dict.fromkeys(spellings[spelling] for spelling in near)) + "?"
    return "choose from " + ", ".join(dict.fromkeys(spellings.values())) if spellings else "none is defined"


def _plain(settings: DeskSettings | Queue) -> dict[str, Any]:
    follow_up = {"reopen_within": str(settings.follow_up.reopen_within), "queue": settings.follow_up.queue}
    outgoing = settings.outgoing._asdict() | {"transport": settings.outgoing.transport._asdict()}
    return settings._asdict() | {"follow_up": follow_up, "outgoing": outgoing}


def _plain_notice(notice: Notice) -> dict[str, Any]:
    return notice._asdict() | {"once_per": str(notice.once_per)}


def _tuples(data: dict[str, Any]) -> dict[str, Any]:
    return {key: tuple(value) if isinstance(value, list) else value for key, value in data.items()}


def _desk(data: dict[str, Any]) -> DeskSettings:
    return DeskSettings(**_tuples(data) | {"maildir": Path(data["maildir"])} | _nested(data))


def _queue(data: dict[str, Any]) -> Queue:
    return Queue(**_tuples(data) | _nested(data))


def _nested(data: dict[str, Any]) -> dict[str, Any]:
    follow_up, outgoing = data["follow_up"], data["outgoing"]
    return {
        "follow_up": FollowUp(parse_span(follow_up["reopen_within"]), follow_up["queue"]),
        "outgoing": OutgoingSettings(**outgoing | {"transport": Transport(**outgoing["transport"])}),
    }


def _notice(data: dict[str, Any]) -> Notice:
    return Notice(**data | {"once_per": parse_span(data["once_per"])})


def _rule(data: dict[str, Any]) -> Rule:
    return Rule(**data | {"actions": Actions(**_tuples(data["actions"]))})
