"""The YAML tree → a Config: one function for each section of `queues.yaml`."""

from __future__ import annotations

import re
import string
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from supportctl.config.document import Problems
from supportctl.config.mapping_reader import MappingReader, keys_of
from supportctl.config.outgoing_section import read_outgoing
from supportctl.config.settings import (
    ROBOT,
    Actions,
    Config,
    DeskSettings,
    FollowUp,
    Notice,
    OutgoingSettings,
    Queue,
    Role,
    Rule,
    Transport,
)
from supportctl.values import TICKET_PREFIX, Span, parse_seconds, parse_tag, parse_zone

if TYPE_CHECKING:
    from yaml import Node

# fmt: off
SECTIONS = (
    "desk", "outgoing", "outbox", "robot", "roles", "queues", "issue_types", "lists", "notices", "rules", "folders",
)
DESK = (
    "maildir", "name", "from", "domain", "addresses", "ticket_prefix", "intake", "timezone", "trusted_authserv",
    "follow_up",
)
ROBOT_KEYS = ("accounts",)
ROLE = ("title", "agents")
QUEUE = (
    "title", "aliases", "purpose", "access", "move_in", "ask", "on_arrival", "needs", "needs_at_close",
    "forward_to", "after_forward", "public", "follow_up", "outgoing",
)
# fmt: on
FOLLOW_UP = ("reopen_within", "in")
OUTBOX = ("delay",)
NOTICE = ("subject", "text", "once_per")
ACTIONS = ("move", "close", "tag", "issue_type", "notice", "forward")
RULE = ("name", "when", "on", "continue", *ACTIONS)

PLACEHOLDERS = ("ticket", "subject", "desk")
"""The names that may be in braces in a notice."""

RESERVED = ("inbox", "outbox", "sent", "duplicates", "undone", "supportctl")
"""Folder names that are the desk's own, or that mean something to every mail client."""

KEY = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?")
_NAME_RULE = "not a valid name; use lower case letters and digits, '-' only between them, at most 64 in all"
DOMAIN = re.compile(r"[a-z0-9](?:[a-z0-9.-]{0,250}[a-z0-9])?")


@dataclass(frozen=True, slots=True)
class DefinedNames:
    """The names that some sections define and others refer to."""

    roles: tuple[str, ...]
    queues: tuple[str, ...]
    issue_types: tuple[str, ...]
    notices: tuple[str, ...]


def read_sections(root: Node | None, file: Path, problems: Problems) -> Config:
    """The configuration under a root node; problems are noted, and values with problems are read as nothing."""
    if root is None:
        problems.add(0, "empty; expected " + ", ".join(SECTIONS))
    top = MappingReader(root, "the file", SECTIONS, problems)
    top.require("desk", "roles", "queues")
    # The names first: sections refer to each other in every direction.
    names = DefinedNames(
        roles=tuple(dict.fromkeys((*keys_of(top.nodes.get("roles")), ROBOT))),
        queues=keys_of(top.nodes.get("queues")),
        issue_types=top.texts("issue_types"),
        notices=keys_of(top.nodes.get("notices")),
    )
    desk = _read_desk(top, file, names)
    queues = {queue.key: queue for queue in _read_queues(top, names, desk)}
    senders = [queue.outgoing.sender for queue in queues.values()]
    return Config(
        file=file,
        desk=desk._replace(addresses=tuple(dict.fromkeys(filter(None, (*desk.addresses, *senders))))),
        roles={role.key: role for role in _read_roles(top)},
        queues=queues,
        issue_types=names.issue_types,
        lists=_read_lists(top),
        notices={notice.key: notice for notice in _read_notices(top)},
        rules=tuple(_read_rules(top, names)),
        folders=_read_folders(top, names),
        robot_accounts=_read_robot_accounts(top),
    )


def _read_desk(top: MappingReader, file: Path, names: DefinedNames) -> DeskSettings:
    fields = top.mapping("desk", DESK)
    fields.require("maildir", "from", "addresses", "intake")
    sender = fields.address("from")
    intake = fields.reference("intake", names.queues, "queue")
    default = FollowUp(Span(30, "d"), intake)
    name = fields.line_text("name", sender)
    outgoing = read_outgoing(top, OutgoingSettings(sender, name, "", Transport()), file)
    return DeskSettings(
        maildir=file.parent / fields.checked("maildir", _parse_folder, Path()),
        name=name,
        sender=sender,
        domain=fields.checked("domain", _parse_domain, sender.partition("@")[2]),
        addresses=tuple(dict.fromkeys((*fields.addresses("addresses"), sender, outgoing.sender))),
        ticket_prefix=fields.checked("ticket_prefix", _parse_prefix, "s"),
        intake=intake,
        timezone=fields.checked("timezone", parse_zone, ""),
        trusted_authserv=tuple(name.lower() for name in fields.texts("trusted_authserv")),
        follow_up=_read_follow_up(fields, names, default),
        outgoing=outgoing,
        delay=top.mapping("outbox", OUTBOX).checked("delay", parse_seconds, 0),
    )


def _read_follow_up(parent: MappingReader, names: DefinedNames, default: FollowUp) -> FollowUp:
    fields = parent.mapping("follow_up", FOLLOW_UP)
    return FollowUp(
        reopen_within=fields.span("reopen_within", default.reopen_within),
        queue=fields.reference("in", names.queues, "queue") or default.queue,
    )


def _read_robot_accounts(top: MappingReader) -> tuple[str, ...] | None:
    fields = top.mapping("robot", ROBOT_KEYS)
    return fields.texts("accounts") if fields.has("accounts") else None


def _read_roles(top: MappingReader) -> Iterator[Role]:
    for key, fields in top.children("roles", "role", ROLE):
        _note_bad_key(fields, key)
        yield Role(
            key=key,
            title=fields.line_text("title", key),
            agents=fields.texts("agents"),
            line=fields.line,
            agents_line=fields.line_at("agents"),
        )


def _read_queues(top: MappingReader, names: DefinedNames, desk: DeskSettings) -> Iterator[Queue]:
    for key, fields in top.children("queues", "queue", QUEUE):
        _note_bad_key(fields, key, RESERVED)
        fields.require("access")
        if fields.has("after_forward"):
            fields.require("forward_to")
        yield Queue(
            key=key,
            title=fields.line_text("title", key),
            aliases=fields.texts("aliases"),
            purpose=fields.text("purpose").strip(),
            access=fields.references("access", names.roles, "role"),
            move_in=fields.references("move_in", names.roles, "role"),
            ask=fields.references("ask", names.roles, "role"),
            on_arrival="close" if fields.choice("on_arrival", ("close",)) else "",
            needs="due" if fields.choice("needs", ("due",)) else "",
            needs_at_close="issue_type" if fields.choice("needs_at_close", ("issue_type",)) else "",
            forward_to=fields.address("forward_to"),
            after_forward="close" if fields.choice("after_forward", ("close",)) else "",
            public=fields.flag("public"),
            follow_up=_read_follow_up(fields, names, desk.follow_up),
            outgoing=read_outgoing(fields, desk.outgoing, top.problems.file),
            line=fields.line,
            access_line=fields.line_at("access"),
            move_in_line=fields.line_at("move_in"),
            ask_line=fields.line_at("ask"),
        )


def _read_lists(top: MappingReader) -> dict[str, tuple[str, ...]]:
    fields = top.mapping("lists", None)
    for key, line in fields.key_lines.items():
        if not KEY.fullmatch(key):
            fields.problems.add(line, f"list {key}: {_NAME_RULE}")
    return {key: fields.addresses(key) for key in fields.nodes}


def _read_notices(top: MappingReader) -> Iterator[Notice]:
    for key, fields in top.children("notices", "notice", NOTICE):
        _note_bad_key(fields, key)
        fields.require("subject", "text")
        yield Notice(
            key=key,
            subject=_note_bad_braces(fields, "subject", fields.line_text("subject")),
            text=_note_bad_braces(fields, "text", fields.text("text")),
            once_per=fields.span("once_per", Span(1, "d")),
            line=fields.line,
        )


def _read_rules(top: MappingReader, names: DefinedNames) -> Iterator[Rule]:
    for fields in top.items("rules", "rule", RULE):
        fields.require("name", "when")
        if not any(fields.has(action) for action in ACTIONS):
            fields.problems.add(fields.line, f"{fields.where}: no action; give at least one of {', '.join(ACTIONS)}")
        yield Rule(
            name=fields.line_text("name"),
            when=fields.text("when").strip(),
            on="follow-up" if fields.choice("on", ("new", "follow-up")) == "follow-up" else "new",
            proceeds=fields.flag("continue"),
            actions=_read_actions(fields, names),
            line=fields.line,
            when_line=fields.line_at("when"),
        )


def _read_actions(fields: MappingReader, names: DefinedNames) -> Actions:
    return Actions(
        move=fields.reference("move", names.queues, "queue"),
        close=fields.flag("close"),
        tags=fields.each("tag", parse_tag),
        issue_type=fields.reference("issue_type", names.issue_types, "issue type"),
        notice=fields.reference("notice", names.notices, "notice"),
        forward=fields.address("forward"),
    )


def _read_folders(top: MappingReader, names: DefinedNames) -> dict[str, str]:
    fields = top.mapping("folders", None)
    own = {*names.queues, *RESERVED}
    for name, line in fields.key_lines.items():
        # A folder of closed tickets is told by its queue.
        if name in own or name.startswith("sent.") or name.partition(".closed.")[0] in names.queues:
            fields.problems.add(line, f"folder {name}: this is a folder of the desk itself")
        elif "/" in name or name.startswith(".") or not name.isprintable():
            text = "not a valid name; write what follows the first dot of its directory, such as Junk or INBOX.Spam"
            fields.problems.add(line, f"folder {name}: {text}")
    return {name: fields.reference(name, names.queues, "queue") for name in fields.nodes}


def _note_bad_key(fields: MappingReader, key: str, reserved: tuple[str, ...] = ()) -> None:
    if not KEY.fullmatch(key):
        fields.problems.add(fields.line, f"{fields.where}: {_NAME_RULE}")
    elif key in reserved:
        fields.problems.add(fields.line, f"{fields.where}: this name is reserved, as are all of {', '.join(reserved)}")


def _note_bad_braces(fields: MappingReader, key: str, text: str) -> str:
    try:
        problems = [problem for _, *field in string.Formatter().parse(text) if (problem := _brace_problem(*field))]
    except ValueError:
        problems = ["braces come in pairs; write {{ or }} for a brace itself"]
    for problem in problems:
        fields.problems.add(fields.line_at(key), f"{fields.where}: {key}: {problem}")
    return text


def _brace_problem(name: str | None, form: str | None, conversion: str | None) -> str:
    """What is wrong with a pair of braces, given the parts that the parser of format strings finds."""
    if name is None:
        return ""
    if name not in PLACEHOLDERS:
        return f"unknown placeholder {{{name}}}; choose from {', '.join(f'{{{known}}}' for known in PLACEHOLDERS)}"
    return f"{{{name}}} takes no format: write only the name in braces" if form or conversion else ""


def _parse_folder(text: str) -> Path:
    if text.startswith("~"):
        raise ValueError(f"{text!r}: ~ is not expanded; write out the whole path")
    if "\0" in text:
        raise ValueError("contains a NUL")
    return Path(text)


def _parse_domain(text: str) -> str:
    if not DOMAIN.fullmatch(text.lower()):
        raise ValueError(f"not a valid domain: {text!r}")
    return text.lower()


def _parse_prefix(text: str) -> str:
    if not re.fullmatch(TICKET_PREFIX, text):
        raise ValueError(f"not a valid prefix: {text!r}; use one to eight lower case letters")
    return text
