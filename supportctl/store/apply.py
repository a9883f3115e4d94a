"""Apply a committed operation: its renames, in their order, and nothing else.

Applying twice is applying once, so after a crash the operation is applied again. Meanwhile a mail client may have
renamed a message (it sets flags, it moves from `new/` to `cur/`), and another one may have come under the old name. A
message that is in doubt is found by its key, and known by its digest.

No rename stops the others. A folder that is missing is made, and what is in the way of a rename is set aside under
another name. A rename that can't be done at all is skipped: the message stays where it is, and the caller notes that in
the log. Raised is only what keeps a whole folder from being changed: a full, broken or read-only disk, a permission.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import NamedTuple

from supportctl.errors import UnreadableMessageError
from supportctl.model import INBOX, UNDONE
from supportctl.store import durable, maildir, message_files
from supportctl.store.layout import STAGE
from supportctl.store.log import Rename

_PARTS = ("/new", "/cur")

# What the next attempt may find otherwise, once folders are there and the way is free.
_IN_THE_WAY = {errno.ENOENT, errno.ENOTDIR, errno.EISDIR, errno.EEXIST, errno.ENOTEMPTY}
# What is about this one rename, and will be no better tomorrow.
_IMPOSSIBLE = {errno.EXDEV, errno.ENAMETOOLONG, errno.ELOOP, errno.EMLINK, errno.EINVAL, errno.EACCES, errno.EPERM}
_GONE = "is gone"
_ATTEMPTS = 4
"""How often a rename is tried: a part of a folder may be in the way, then the folder missing, then the target taken."""


class Skipped(NamedTuple):
    """A rename that was not done, and why; `left` is where the message is now, "" for one that is gone."""

    source: str
    target: str
    why: str
    left: str = ""


class Applied(NamedTuple):
    """What did not go as planned: the renames that were not done, and what was set aside, by its path now."""

    skipped: list[Skipped]
    aside: list[str]


def apply(
    root: Path,
    renames: Iterable[Rename],
    digest_of: Callable[[Rename], str] = lambda _: "",
    *,
    is_repeated: bool = False,
) -> Applied:
    """Do an operation's renames durably; return what did not go as planned.

    `is_repeated` says that they may have been done already. `digest_of` tells the digest of the message that a rename
    moves, "" where nobody knows it. Raises OSError where a whole folder or the whole desk can't be changed.
    """
    base = str(root)
    application = _Application(base, digest_of)
    folders = set()
    for source, target in renames:
        folders.add(target.rpartition("/")[0])
        # The stage needs no sync: names that come back in it after a power failure are discarded.
        if not source.startswith(STAGE):
            folders.add(source.rpartition("/")[0])
        # A rename replaces its target silently. When an operation is applied again, its message may have arrived, and
        # another one may lie under the source's name by now: that one must not replace the first.
        is_taken = _is_message(target) and (is_repeated or os.path.lexists(f"{base}/{target}"))
        if is_taken or not _rename(f"{base}/{source}", f"{base}/{target}"):
            application.settle(source, target)
    # Before the caller replaces `head`: what `head` calls applied is never applied again.
    durable.sync_folders(root / folder for folder in folders | application.made)
    return application.applied


def _rename(source: str, target: str) -> bool:
    """Rename at once, as is possible almost always."""
    try:
        return durable.move_path(source, target)
    except OSError:
        return False  # `settle` looks closer, and raises what it can't help


class _Application:
    """The renames of one operation that are in doubt, or need the way to be cleared."""

    def __init__(self, base: str, digest_of: Callable[[Rename], str]) -> None:
        self.applied = Applied([], [])
        self.made: set[str] = set()
        self._base = base
        self._digest_of = digest_of
        self._listed: dict[str, dict[str, list[str]]] = {}

    def settle(self, source: str, target: str) -> None:
        """Do one rename, unless it is done already."""
        if not _is_message(target):
            self._settle_file(source, target)
        elif source.startswith(STAGE):
            self._settle_delivery(source, target)
        else:
            self._settle_message(source, target)

    def _settle_file(self, source: str, target: str) -> None:
        """Put metadata or a whole folder in place."""
        if not os.path.lexists(self._path(source)):
            return  # they have come; if they were removed since, `check --repair` rebuilds them from the log
        if self._whole(source).is_dir() and self._whole(target).is_dir():
            # Somebody has made a folder of that name since: it gets what ours has.
            maildir.make_folder(self._whole(target))
            for name in sorted(set(os.listdir(self._path(source))) - set(maildir.PARTS)):
                self._settle_file(f"{source}/{name}", f"{target}/{name}")
        elif (why := self._move(source, target)) and why != _GONE:
            # The next plan is made on the metadata: as the last way they are copied.
            durable.replace(self._whole(target), self._whole(source).read_bytes())

    def _settle_delivery(self, source: str, target: str) -> None:
        """Put a message from the stage in place; it has arrived if it is there no more."""
        if os.path.lexists(self._path(source)):
            if why := self._put(source, target):
                self._skip(source, target, why, self._keep(source))
        elif not self._find(target, ""):
            self._skip(source, target, _GONE)

    def _settle_message(self, source: str, target: str) -> None:
        """Move a message that lies on the desk already, wherever in its folder it is now."""
        digest = self._digest_of((source, target))
        for _ in range(_ATTEMPTS):  # a client may rename it once more
            # The target first: once the message has arrived there, the key may stand for another message at the source.
            if self._find(target, digest):
                return
            found = self._find(source, digest)
            why = self._put(found, target if found == source else _follow(found, target)) if found else _GONE
            if found and why != _GONE:
                if why:
                    self._skip(source, target, why, found)
                return
            self._listed.clear()
        if not self._find(target, ""):  # else it is there, but changed: `check` tells
            self._skip(source, target, _GONE)

    def _put(self, source: str, target: str) -> str:
        """Rename a message; what lies under its name is another one's. Return why it can't be done."""
        if os.path.lexists(self._path(target)):
            self._set_aside(target)
        return self._move(source, target)

    def _move(self, source: str, target: str) -> str:
        """Rename, clearing the way; return why it can't be done."""
        for _ in range(_ATTEMPTS):
            try:
                return "" if durable.move_path(self._path(source), self._path(target)) else _GONE
            except OSError as error:
                last = error
                self._make_way(error, source, target)
        if last.errno not in _IMPOSSIBLE | _IN_THE_WAY:
            raise last
        return last.strerror or str(last)

    def _make_way(self, error: OSError, source: str, target: str) -> None:
        """Remove what kept a rename from being done; raise the error where nothing can."""
        if error.errno in _IN_THE_WAY:
            self._make_folder(target)
            # A file replaces a file, and a folder an empty folder; only another kind is in the way.
            if os.path.lexists(self._path(target)) and self._whole(target).is_dir() != self._whole(source).is_dir():
                self._set_aside(target)
        elif error.errno not in _IMPOSSIBLE | {errno.EINTR}:
            raise error
        elif error.errno in (errno.EACCES, errno.EPERM):
            for folder in (self._whole(source).parent, self._whole(target).parent):
                if not os.access(folder, os.W_OK | os.X_OK):  # it is not about this file alone
                    raise PermissionError(error.errno, error.strerror, str(folder)) from error

    def _make_folder(self, target: str) -> None:
        """Make the folder of a target, with its parts; what is in the way of that is set aside."""
        part = target.rpartition("/")[0]
        box = part.rpartition("/")[0] if _is_message(target) else part
        for path in filter(None, (box, part)):
            if os.path.lexists(self._path(path)) and not self._whole(path).is_dir():
                self._set_aside(path)
        if part and not self._whole(part).is_dir():
            is_new = not self._whole(box).is_dir()
            maildir.make_folder(self._whole(box))
            if is_new:
                maildir.mark_folder(self._whole(box))
            self.made |= {box, ""}

    def _set_aside(self, path: str) -> None:
        """Give what lies at a path another name; mail gets one by which it stays mail."""
        whole = self._whole(path)
        if _is_message(path) and stat.S_ISREG(whole.lstat().st_mode):
            aside = whole.with_name(maildir.make_key() + whole.name.removeprefix(maildir.key_of(whole.name)))
            durable.move_path(str(whole), str(aside))
        else:
            # With a dot it is no message, and without one no folder of mail.
            aside = durable.set_aside(whole, f".{whole.name}" if _is_message(path) else whole.name.removeprefix("."))
        self.applied.aside.append(str(aside.relative_to(self._base)))

    def _keep(self, source: str) -> str:
        """Bring a message that can't be delivered out of the stage, which is emptied after this; return its path."""
        kept = f"{maildir.relative_path(UNDONE)}new/{maildir.make_key()}"
        self._make_folder(kept)
        durable.move_path(self._path(source), self._path(kept))
        self.made.add(kept.rpartition("/")[0])
        return kept

    def _skip(self, source: str, target: str, why: str, left: str = "") -> None:
        self.applied.skipped.append(Skipped(source, target, why, left))

    def _find(self, message: str, digest: str) -> str:
        """The current path of the message that a path names by its folder and key; "" where there is none."""
        if not _is_message(message):
            return ""
        prefix, name = _split(message)
        places = self._places(prefix).get(maildir.key_of(name), ())
        paths = sorted((prefix + place for place in places), key=lambda path: path != message)
        return next((path for path in paths if self._has_digest(path, digest)), "")

    def _places(self, prefix: str) -> dict[str, list[str]]:
        """The places of all messages in a folder by key; read once, as there may be very many."""
        if prefix not in self._listed:
            places = self._listed[prefix] = {}
            for place in maildir.places_in(Path(self._base), prefix[1:-1] or INBOX):
                places.setdefault(maildir.key_of(place[4:]), []).append(place)
        return self._listed[prefix]

    def _has_digest(self, path: str, digest: str) -> bool:
        try:
            return not digest or message_files.measure(self._path(path))[1] == digest
        except FileNotFoundError:
            return False
        except UnreadableMessageError:
            return self._whole(path).is_file()  # the name is all that can be read

    def _path(self, path: str) -> str:
        return f"{self._base}/{path}"

    def _whole(self, path: str) -> Path:
        return Path(self._base, path)


def _is_message(path: str) -> bool:
    return f"/{path.rpartition('/')[0]}".endswith(_PARTS)


def _split(message: str) -> tuple[str, str]:
    """The folder of a message's path as a prefix, and the name."""
    part, _, name = message.rpartition("/")
    return part[:-3], name


def _follow(found: str, target: str) -> str:
    """The target of a message that a mail client has renamed: with the flags that it has now."""
    (source_box, _), (box, name) = _split(found), _split(target)
    place = maildir.with_key(found[len(source_box) :], maildir.key_of(name), is_same_folder=source_box == box)
    return box + place
