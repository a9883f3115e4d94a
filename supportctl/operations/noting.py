"""Put notes on tickets: texts that never leave the desk."""

from __future__ import annotations

from supportctl.errors import UsageError
from supportctl.model import Note
from supportctl.operations.draft import Draft

LONGEST_NOTE = 100_000
"""The number of characters of a note: tickets.json is read as a whole."""


def read_note(text: str) -> str:
    """The text of a note, without empty lines around it; raises UsageError for none, and for a longer one."""
    note = text.encode(errors="replace").decode().strip()
    if not note:
        raise UsageError("the note is empty", "give its text with --text, or on standard input")
    if len(note) > LONGEST_NOTE:
        raise UsageError(f"the note has {len(note):,} characters, and {LONGEST_NOTE:,} are allowed")
    return note


def add_note(draft: Draft, names: list[str], text: str) -> None:
    """Put a note on tickets."""
    for ticket in draft.find_many(names):
        key = str(1 + max((int(note.key) for note in ticket.notes), default=0))
        ticket.notes = [*ticket.notes, Note(key, draft.now, draft.account, text)]
        draft.put(ticket)
