"""Transports to try the desk with: a `sendmail` that does what it is told, and an SMTP server on loopback."""

from __future__ import annotations

from email import message_from_bytes
from email.message import Message
from email.policy import compat32
from pathlib import Path
from typing import NamedTuple

from tests.support.desks import DeskDir

_SENDMAIL = """\
#!/bin/sh
# Notes its arguments and its input, then does what the file "behaviour" says.
n=$$
: > "{folder}/calls/$n.args"
for argument; do printf '%s\\0' "$argument" >> "{folder}/calls/$n.args"; done
cat > "{folder}/calls/$n.mail.part"
mv "{folder}/calls/$n.mail.part" "{folder}/calls/$n.mail"
. "{folder}/behaviour"
"""


class Call(NamedTuple):
    """What `sendmail` was called with."""

    arguments: list[str]
    mail: bytes

    @property
    def recipients(self) -> list[str]:
        """The arguments behind `--`."""
        return self.arguments[self.arguments.index("--") + 1 :]

    @property
    def sender(self) -> str:
        """The argument of -f."""
        return self.arguments[self.arguments.index("-f") + 1]

    @property
    def message(self) -> Message:
        """The mail as the standard library reads it."""
        return message_from_bytes(self.mail, policy=compat32)


class Sendmail:
    """A command that takes the arguments of sendmail, in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "calls").mkdir(parents=True)
        self.command = folder / "sendmail"
        self.command.write_text(_SENDMAIL.format(folder=folder))
        self.command.chmod(0o755)
        self.behave("exit 0")

    def behave(self, script: str) -> None:
        """Let the command end in this way, in the words of a shell."""
        (self.folder / "behaviour").write_text(script + "\n")

    @property
    def transport(self) -> str:
        """The transport as queues.yaml names it."""
        return f"sendmail:{self.command}"

    def calls(self) -> list[Call]:
        """What it was called with so far, in no order; calls that have read all of their input."""
        return [
            Call(path.with_suffix(".args").read_text().split("\0")[:-1], path.read_bytes())
            for path in sorted((self.folder / "calls").glob("*.mail"))
        ]


def set_outgoing(desk: DeskDir, *lines: str, delay: str = "0s") -> None:
    """Put other settings in place of those of outgoing mail."""
    before, mark, rest = desk.config.read_text().partition("\noutgoing:\n")
    after = rest.partition("\n\n\n")[2]
    assert mark
    settings = "".join(f"  {line}\n" for line in lines)
    desk.config.write_text(f"{before}{mark}{settings}outbox: {{delay: {delay}}}\n\n\n{after}")


def outbox(desk: DeskDir) -> list[tuple[str, str]]:
    """Recipient and state of what is left to do."""
    return [(row["to"], row["state"]) for row in desk.rows("outbox")]


def sent_mails(desk: DeskDir) -> list[bytes]:
    """The mails in the folders of what has left."""
    folders = [path.name[1:] for path in desk.maildir.glob(".sent.*")]
    return [content for folder in folders for content in desk.mails(folder).values()]


def bring_everything_due(desk: DeskDir) -> None:
    """Let the longest pause pass."""
    desk.clock += 8 * 3600 + 60
