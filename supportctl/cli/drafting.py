"""A reply in a person's editor: the draft goes there and back until it can be sent, and is kept if it is not."""

from __future__ import annotations

import mimetypes
import os
import time
from collections.abc import Sequence
from pathlib import Path

from supportctl.cli.options import GlobalOptions, TicketArguments
from supportctl.cli.text_input import edit, read_piped_text
from supportctl.config.templates import read_template
from supportctl.desk.desk import Desk
from supportctl.desk.guard import require_unguarded
from supportctl.desk.open import open_desk
from supportctl.errors import DeskError, NotFoundError, UsageError
from supportctl.mail.reply_draft import (
    MISTAKE,
    AttachedFile,
    DraftError,
    ReplyDraft,
    is_unchanged,
    read_draft,
    write_draft,
)
from supportctl.operations.naming import resolve_or_raise
from supportctl.operations.reading import read_to_show
from supportctl.operations.replying import Reply, begin_draft, choose_message
from supportctl.output.terminal import say
from supportctl.store.contract import Snapshot

Written = tuple[ReplyDraft, Path]
"""A draft that can be sent, and the file that keeps it until then."""


def attach(files: Sequence[Path]) -> tuple[AttachedFile, ...]:
    """The files to attach; raises NotFoundError for one that can't be read."""
    if files:
        require_unguarded("--attach")
    return tuple(map(_read_file, files))


def _read_file(file: Path) -> AttachedFile:
    try:
        content = file.read_bytes()
    except OSError as error:
        raise NotFoundError(f"can't read {file}: {error.strerror}", "name a file with --attach") from error
    kind, encoding = mimetypes.guess_type(file.name)
    return AttachedFile(file.name, kind if kind and not encoding else "application/octet-stream", content)


def read_reply(
    settings: GlobalOptions, tickets: TicketArguments, asked: Reply, template: str, *, is_resumed: bool
) -> tuple[Reply, Path | None]:
    """A reply with its text: as given, of a template, from standard input, or from an editor.

    One from an editor comes with the file that keeps it. Raises UsageError where there is no text.
    """
    if template:
        return asked._replace(template=read_template(open_desk(settings).config, template)), None
    if asked.text and not is_resumed:
        return asked, None
    piped = None if is_resumed else read_piped_text(tickets)
    if piped is not None:
        if not piped.strip():
            raise UsageError("the text is empty: nothing is sent", "give it on standard input, or with --text")
        return asked._replace(text=piped), None
    require_unguarded("an editor")
    written, file = (_resume if is_resumed else _write_anew)(open_desk(settings), tickets, asked)
    return asked._replace(draft=written), file


def _write_anew(desk: Desk, tickets: TicketArguments, request: Reply) -> Written:
    """Let a person write a reply to one ticket; raises UsageError where nothing was written."""
    ticket_id, begun = _begin(desk, tickets, request)
    file = _file_of(ticket_id)
    if file.exists():
        raise UsageError(f"a draft for {ticket_id} is there: {file}", "go on with --resume, or remove the file")
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    _write(file, write_draft(begun))
    if is_unchanged(_edit(file), begun):
        file.unlink()
        raise UsageError("nothing was written: nothing is sent")
    return _read_until_good(file), file


def _resume(desk: Desk, tickets: TicketArguments, request: Reply) -> Written:
    """Let a person go on with the draft for one ticket; raises NotFoundError where there is none."""
    ticket_id, _ = _begin(desk, tickets, request)
    file = _file_of(ticket_id)
    if not file.exists():
        raise NotFoundError(f"no draft for {ticket_id}", f"run supportctl reply {ticket_id}")
    _edit(file)
    return _read_until_good(file), file


def _begin(desk: Desk, tickets: TicketArguments, request: Reply) -> tuple[str, ReplyDraft]:
    def look(snapshot: Snapshot) -> tuple[str, ReplyDraft]:
        ids = resolve_or_raise(snapshot, desk.config, tickets.names, int(time.time()), are_paths=tickets.are_paths)
        if len(ids) != 1:
            raise UsageError("the editor is for one ticket", "answer several with --text, or a text on standard input")
        ticket = snapshot.find(ids[0])
        content = read_to_show(snapshot, ticket, choose_message(ticket, desk.config))
        if content is None:
            raise NotFoundError(f"{ticket.id}: the message to answer is missing", "run supportctl check")
        return ticket.id, begin_draft(desk.config, ticket, content, to_all=request.to_all)

    return desk.read(look)


def _read_until_good(file: Path) -> ReplyDraft:
    """The draft in a file, which opens again with what is wrong until that is mended; raises DraftError."""
    while True:
        text = file.read_text(errors="replace")
        try:
            return read_draft(text)
        except DraftError as error:
            lines = [line for line in text.splitlines(keepends=True) if not line.startswith(MISTAKE)]
            shown = f"{MISTAKE}{error.message}; {error.hint}\n" + "".join(lines)
            _write(file, shown)
            if _edit(file) == shown:
                raise _kept(error, file) from None


def _kept(error: DeskError, file: Path) -> DraftError:
    return DraftError(f"{error.message}; nothing is sent", f"the draft is kept in {file}: go on with --resume")


def _edit(file: Path) -> str:
    """What a person leaves in a draft, which is kept if the editor fails; raises UsageError then."""
    try:
        return edit(file)
    except UsageError as error:
        say(f"the draft is kept in {file}: go on with --resume")
        raise UsageError(f"{error.message}: nothing is sent", error.hint) from error


def _file_of(ticket_id: str) -> Path:
    """Where the draft for a ticket is kept: in the person's own state folder (XDG Base Directory Specification)."""
    named = os.environ.get("XDG_STATE_HOME", "")
    base = Path(named) if named.startswith("/") else Path.home() / ".local" / "state"
    return base / "supportctl" / f"reply-{ticket_id}.txt"


def _write(file: Path, text: str) -> None:
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as stream:
        stream.write(text)
