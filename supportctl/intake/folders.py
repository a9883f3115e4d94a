"""Folders of mail that somebody names: Maildirs with their subfolders, folders of `.eml` files, of mboxes, of MH."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from supportctl.errors import UnreadableMessageError
from supportctl.intake.mbox import is_mail
from supportctl.intake.window import Window
from supportctl.store import maildir, message_files

_NUMBER = re.compile(r"([0-9]{1,30})")


class Folder:
    """A tree of folders: its Maildirs and files of mail.

    `skipped` are the files that are no mail, `closed` the folders that can't be read, each with the reason.
    """

    def __init__(self, root: Path) -> None:
        self.skipped: list[Path] = []
        self.closed: list[tuple[Path, str]] = []
        self._root = root

    def mailboxes(self) -> Iterator[Path]:
        """The Maildirs, and the files that may be mail, in the order of their names."""
        yield from self._walk(self._root)

    def _walk(self, folder: Path) -> Iterator[Path]:
        if is_box := _is_maildir(folder):
            yield folder
        folders = []
        for path in self._list(folder):
            # Not by a link: it may lead back here.
            if path.is_dir() and not path.is_symlink():
                folders.append(path)
            elif not path.name.startswith("."):
                if _may_be_mail(path):
                    yield path
                elif not is_box:  # there it is a file of a mail server
                    self.skipped.append(path)
        for path in folders:
            # Of hidden folders, those of a Maildir++ and of KMail; and of a Maildir all but its three parts.
            is_part = is_box and path.name in maildir.PARTS
            is_hidden = path.name.startswith(".") and not (_is_maildir(path) or path.suffix == ".directory")
            if not (is_part or is_hidden):
                yield from self._walk(path)

    def _list(self, folder: Path) -> list[Path]:
        try:
            return sorted(folder.iterdir(), key=_by_number)
        except OSError as error:
            self.closed.append((folder, str(error.strerror)))
            return []


def _is_maildir(path: Path) -> bool:
    """Whether a folder is a Maildir; of a copy, an archive or git may have left out what is empty."""
    return maildir.is_folder(path) or (path / "cur").is_dir()


def is_desk(path: Path) -> bool:
    """Whether a folder is the Maildir of a desk."""
    return (path / "supportctl" / "log").is_dir()


def _may_be_mail(path: Path) -> bool:
    """Whether a file is mail by its name or by how it begins; also where it can't be read, which is told later."""
    if path.suffix.lower() in (".eml", ".mbox", ".mbx"):
        return True
    try:
        with message_files.opened(str(path)) as (descriptor, _):
            return bool(message_files.compression_of(descriptor)) or is_mail(Window(descriptor))
    except (UnreadableMessageError, FileNotFoundError):
        return True


def _by_number(path: Path) -> list[tuple[int, str]]:
    """A key by which 9 comes before 10, as MH names its messages."""
    return [(int(piece), "") if piece.isdecimal() else (0, piece) for piece in _NUMBER.split(path.name)]
