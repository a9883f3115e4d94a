"""A text that a person writes: on standard input, or in an editor."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from supportctl.cli.options import TicketArguments
from supportctl.desk.guard import require_unguarded
from supportctl.errors import UsageError
from supportctl.output.terminal import is_terminal


def read_piped_text(tickets: TicketArguments) -> str | None:
    """The text on standard input; "" where that is closed, None where it is a terminal, so that an editor may start.

    Raises UsageError where the names of the tickets came by standard input.
    """
    if sys.stdin is None:
        return ""
    if is_terminal(sys.stdin):
        return None
    if tickets.is_input_read:
        raise UsageError("standard input can't give both tickets and text", "give the text with --text")
    return sys.stdin.buffer.read().decode(errors="replace")


def write_in_editor() -> str:
    """A new text that a person writes in an editor; raises DeniedError on a guarded desk, UsageError as `edit` does."""
    from tempfile import TemporaryDirectory

    require_unguarded("an editor")
    with TemporaryDirectory(prefix="supportctl-") as folder:
        file = Path(folder, "note.txt")
        file.touch()
        return edit(file)


def edit(file: Path) -> str:
    """What a person leaves in a file, with $VISUAL or $EDITOR; raises UsageError where the editor fails."""
    import shlex
    import subprocess

    editor = os.environ.get("VISUAL") or os.environ.get("EDITOR") or "vi"
    try:
        status = subprocess.run([*shlex.split(editor), str(file)], check=False).returncode
    except (OSError, ValueError) as error:
        raise UsageError(f"can't run the editor {editor}: {error}", "set $EDITOR") from error
    if status:
        raise UsageError(f"the editor {editor} exited with {status}")
    return file.read_text(errors="replace")
