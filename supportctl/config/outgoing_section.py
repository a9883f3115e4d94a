"""The section `outgoing` of the desk or of a queue: from whom mail comes, and how it leaves."""

from __future__ import annotations

import re
from pathlib import Path

from supportctl.config.mapping_reader import MappingReader
from supportctl.config.settings import OutgoingSettings, Transport
from supportctl.values import parse_seconds

OUTGOING = ("from", "name", "signature", "transport", "credentials", "timeout")
SENDMAIL = "/usr/sbin/sendmail"
PORTS = {"smtp": 25, "smtps": 465}

_SERVER = re.compile(r"(smtps?)://(?:\[([0-9a-fA-F:.]{2,45})\]|([A-Za-z0-9][A-Za-z0-9.-]{0,252}))(?::(\d{1,5}))?/?")
_HINT = "choose from maildir, sendmail, sendmail:/path/to/command, smtp://HOST[:PORT] and smtps://HOST[:PORT]"


def read_outgoing(parent: MappingReader, default: OutgoingSettings, file: Path) -> OutgoingSettings:
    """The settings under `outgoing`; what is not there is as in `default`. Relative paths start from the file."""
    fields = parent.mapping("outgoing", OUTGOING)
    transport = fields.checked("transport", parse_transport, default.transport)
    credentials = fields.checked("credentials", lambda text: str(file.parent / _parse_path(text)), "")
    if fields.has("credentials") and not transport.host:
        text = "credentials: only for a transport that begins with smtp:// or smtps://"
        fields.problems.add(fields.line_at("credentials"), f"{fields.where}: {text}")
    return OutgoingSettings(
        sender=fields.address("from") or default.sender,
        name=fields.line_text("name", default.name),
        signature=fields.text("signature").strip("\n") or default.signature,
        transport=transport._replace(
            # The server that they are for is the desk's, unless the queue has one of its own.
            credentials=credentials or ("" if fields.has("transport") else default.transport.credentials),
            timeout=fields.checked("timeout", _parse_timeout, default.transport.timeout),
        ),
    )


def parse_transport(text: str) -> Transport:
    """A transport as the file writes it, without credentials; raises ValueError."""
    if text == "maildir":
        return Transport()
    kind, _, rest = text.partition(":")
    if kind == "sendmail":
        return Transport("sendmail", command=_parse_command(rest) if text != kind else SENDMAIL)
    if kind in PORTS and "@" in rest:  # not repeated: it may hold a password
        raise ValueError("a user or a password does not belong here; put it into a file, and name that in credentials")
    found = _SERVER.fullmatch(text)
    if not found:
        raise ValueError(f"not a valid transport: {text[:100]!r}; {_HINT}")
    port = int(found[4] or PORTS[found[1]])
    if not 0 < port < 65536:
        raise ValueError(f"not a valid port: {port}")
    return Transport("smtps" if found[1] == "smtps" else "smtp", host=found[2] or found[3].lower(), port=port)


def _parse_command(text: str) -> str:
    if not text.startswith("/") or not text.isprintable():
        raise ValueError(f"not the absolute path of a command: {text[:100]!r}; write sendmail:/path/to/command")
    return text


def _parse_path(text: str) -> Path:
    if text.startswith("~") or not text.isprintable():
        raise ValueError(f"{text[:100]!r}: write out the whole path, without ~")
    return Path(text)


def _parse_timeout(text: str) -> int:
    seconds = parse_seconds(text)
    if not seconds:
        raise ValueError("must be at least 1s")
    return seconds
