"""Hand a message to the machine's mail server by its `sendmail` command, or by one that takes the same arguments."""

from __future__ import annotations

import os
import pwd
import signal
import subprocess
from collections.abc import Sequence
from contextlib import suppress

from supportctl.config import Transport
from supportctl.transport.answers import Answer, one_line, refuse_bad_addresses

REFUSED = {
    65: "the message is not valid",
    67: "no such recipient",
    68: "no such host",
    77: "not permitted",
}
"""Exit statuses that are about this message or this recipient, and will be the same tomorrow (sysexits(3)).

All others may be about the machine: a full disk, a mistake in its configuration, a command that is not there.
"""
_LONGEST_OUTPUT = 4096
_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


class SendmailCourier:
    """Runs the command once for each recipient: its exit status speaks of all that it was given."""

    def __init__(self, transport: Transport) -> None:
        self._command = transport.command
        self._timeout = transport.timeout

    def send(self, sender: str, recipients: Sequence[str], raw: bytes) -> dict[str, Answer]:
        """Hand a message over; the answer for each recipient."""
        bad = refuse_bad_addresses(sender, recipients)
        return {to: bad.get(to) or self._send_to(sender, to, raw) for to in recipients}

    def close(self) -> None:
        """Do nothing: each command has ended."""

    def _send_to(self, sender: str, to: str, raw: bytes) -> Answer:
        from tempfile import TemporaryFile

        # No shell, and `--` before what somebody else has written. -i: a line with one dot does not end the message.
        arguments = [self._command, "-i", "-f", sender, "--", to]
        try:
            # Files and no pipes: what the command leaves running may hold a pipe open for hours.
            with TemporaryFile() as message, TemporaryFile() as said:
                message.write(raw)
                message.seek(0)
                process = subprocess.Popen(
                    arguments, stdin=message, stdout=said, stderr=subprocess.STDOUT,
                    cwd="/", env=_environment(), start_new_session=True,
                )  # fmt: skip
                if not _await_end(process, self._timeout):
                    return Answer("unknown", f"{self._command} took longer than {self._timeout} s")
                said.seek(0)
                return _answer(process.returncode, said.read(_LONGEST_OUTPUT).decode(errors="replace"))
        except OSError as error:
            return Answer("deferred", f"can't run {self._command}: {error.strerror}")


def _answer(status: int, said: str) -> Answer:
    if status == 0:
        return Answer("sent")
    meaning = f"killed by signal {-status}" if status < 0 else REFUSED.get(status, f"exit status {status}")
    words = one_line(said)
    return Answer("failed" if status in REFUSED else "deferred", f"{meaning}: {words}" if words else meaning)


def _await_end(process: subprocess.Popen[bytes], timeout: int) -> bool:
    """Whether a command ends in time; else, and on Ctrl-C, it is killed with all that it has started."""
    try:
        process.wait(timeout)
    except BaseException as error:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        if not isinstance(error, subprocess.TimeoutExpired):
            raise
        return False
    return True


def _environment() -> dict[str, str]:
    """What the command sees: nothing of the caller's, who is somebody else on a guarded desk."""
    try:
        entry = pwd.getpwuid(os.getuid())
    except KeyError:
        return {"PATH": _PATH, "HOME": "/"}
    return {"PATH": _PATH, "HOME": entry.pw_dir, "USER": entry.pw_name, "LOGNAME": entry.pw_name}
