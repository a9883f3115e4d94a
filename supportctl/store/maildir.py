"""Maildir++ on disk: folders, keys, and the places of messages.

A folder is named without its leading dot: `junk`, `junk.closed.2026-11`; the INBOX is "". A message is found by its
key, the file name up to `:2,`, since mail clients change the rest (https://cr.yp.to/proto/maildir.html). Where no colon
is allowed in a name (FAT, Windows), programs write `;2,` or `!2,`, which are read here and never written. The place of
a message is `new/NAME` or `cur/NAME` within its folder.
"""

from __future__ import annotations

import errno
import os
import re
import time
from collections.abc import Iterator
from itertools import count
from pathlib import Path

from supportctl.errors import UnreadableMessageError
from supportctl.model import INBOX, ByteRange, LeftMessage, RawMessage, Waiting

PARTS = ("cur", "new", "tmp")
MISSING = {errno.ENOENT, errno.ENOTDIR, errno.ELOOP}
"""What is said of a path in a folder that is not there; by the last two, something else has its name."""

# A key that others gave is kept only if no shell, no archive and no other Maildir program stumbles over it.
_SAFE_KEY = r"[A-Za-z0-9][A-Za-z0-9._,=+@%~-]{0,200}"
# None of these may be in a key that is kept, so no key of a desk changes by them. U+F03A is the colon of Windows' own
# programs (Cygwin, WSL, Samba) on a disk that allows none.
_OTHER_MARK = re.compile("([;!\uf03a]2,)([A-Za-z]{0,60})\\Z")
# What zip and rsync programs make of a colon; a key of a desk may end like this.
_REPLACED_MARK = re.compile(r"(?:_|%3[Aa])2,([A-Za-z]{0,60})\Z")
_LONGEST_KEY = 200  # bytes: clients add to it, and a name has room for 255
_counter = count(1)


def folder_path(root: Path, folder: str) -> Path:
    """The path of a folder: `<root>/.junk`, or the root itself for the INBOX."""
    return root / f".{folder}" if folder else root


def relative_path(folder: str) -> str:
    """A folder as a prefix of paths below the root: `.junk/`, or nothing for the INBOX."""
    return f".{folder}/" if folder else ""


def key_of(name: str) -> str:
    """The stable part of a message's file name."""
    return _split_name(name)[0]


def flags_of(name: str) -> str:
    """The flags in a message's file name, such as `RS`."""
    return _split_name(name)[2]


def _split_name(name: str) -> tuple[str, str, str]:
    """The key, the mark before the flags ("" for none), and the flags."""
    parts = name.partition(":2,")
    if parts[1] or "2," not in name:
        return parts
    match = _OTHER_MARK.search(name)
    return (name[: match.start()], match[1], match[2]) if match else parts


def _foreign_flags(place: str) -> str | None:
    """`common_flags` in a Maildir of others, where an archive may have unpacked a colon as something else."""
    replaced = _REPLACED_MARK.search(place)
    return common_flags(f"{place[: replaced.start()]}:2,{replaced[1]}" if replaced else place)


def common_flags(place: str) -> str | None:
    """The flags of a message by its place that mean the same in every folder; None in `new/`.

    Those are capital letters, each once, since names come from anybody. What `a` to `z` mean, each folder says for
    itself (the keywords of IMAP, as Dovecot keeps them).
    """
    if place.startswith("new/"):
        return None
    return _in_any_folder(flags_of(place))


def place_of(key: str, flags: str | None) -> str:
    """The place of a message: in `new/` with flags of None, else in `cur/`."""
    return f"new/{key}" if flags is None else f"cur/{key}:2,{flags}"


def with_key(place: str, key: str, *, is_same_folder: bool) -> str:
    """The place of a message after its key is replaced; another folder gets the common flags alone."""
    part, _, name = place.partition("/")
    _, mark, flags = _split_name(name)
    return f"{part}/{key}{mark and ':2,'}{flags if is_same_folder else _in_any_folder(flags)}"


def _in_any_folder(flags: str) -> str:
    return "".join(sorted({flag for flag in flags if "A" <= flag <= "Z"}))


def with_flags(place: str, flags: str) -> str:
    """The place of a message after flags are set: always in `cur/`."""
    name = place.partition("/")[2]
    return f"cur/{key_of(name)}:2,{''.join(sorted({*flags_of(name), *flags}))}"


def with_envelope(key: str, envelope: str) -> str:
    """The key of a message that waits in the INBOX, with the envelope's `From ` line in it, if there is room."""
    if not envelope:
        return key
    from urllib.parse import quote  # not at the top: most mail has no such line

    whole = f"{key},F={quote(envelope, safe='@+=,')}"
    return whole if len(whole) <= _LONGEST_KEY else key


def split_key(key: str) -> tuple[str, str]:
    """The key without what `with_envelope` added, and that."""
    plain, mark, quoted = key.partition(",F=")
    if not mark:
        return key, ""
    from urllib.parse import unquote

    return plain, unquote(quoted)


def is_safe_key(key: str) -> bool:
    """Whether a key can stay as it is: short, printable, without a slash or a colon."""
    return re.fullmatch(_SAFE_KEY, key) is not None


def make_key() -> str:
    """A key that no other delivery on this or another machine makes."""
    # Time, microseconds, process, counter, host, as https://cr.yp.to/proto/maildir.html has it.
    now = time.time_ns()
    host = re.sub(r"[^A-Za-z0-9.-]", "_", os.uname().nodename)[:40] or "localhost"
    return f"{now // 10**9}.M{now // 1000 % 10**6}P{os.getpid()}Q{next(_counter)}.{host}"


def make_folder(path: Path) -> None:
    """Create a folder with its three parts; what exists already stays as it is."""
    path.mkdir(parents=True, exist_ok=True)
    for part in PARTS:
        (path / part).mkdir(exist_ok=True)


def mark_folder(path: Path) -> None:
    """Create the file `maildirfolder`, which tells a delivery agent that this is a sub-folder (Maildir++)."""
    (path / "maildirfolder").touch()


def is_folder(path: Path) -> bool:
    """Whether a path is a Maildir folder."""
    return all((path / part).is_dir() for part in ("cur", "new"))


def list_folders(root: Path) -> list[str]:
    """The names of all folders below the root, sorted, without the INBOX; a folder may lack `cur` or `new`."""
    with os.scandir(root) as entries:
        boxes = [Path(entry.path) for entry in entries if entry.name.startswith(".")]
    return sorted(box.name[1:] for box in boxes if any((box / part).is_dir() for part in ("cur", "new")))


def list_messages(root: Path, folder: str) -> dict[str, str]:
    """The messages of a folder: key → `new/NAME` or `cur/NAME`; none where there is no folder."""
    return _by_key(places_in(root, folder))


def places_in(root: Path, folder: str) -> list[str]:
    """The places of all messages of a folder, where two may have one key."""
    path = folder_path(root, folder)
    # new/ before cur/: a message that a client moves from the one to the other meanwhile is seen at least once.
    return [place for part in ("new", "cur") for place in _list_places(path, part)]


def find_message(root: Path, folder: str, key: str) -> str | None:
    """The path of one message below the root, or None where it is not in that folder."""
    prefix = relative_path(folder)
    # The three usual names first: listing a folder of many thousands takes longer than all else.
    for guess in (f"{prefix}new/{key}", f"{prefix}cur/{key}:2,S", f"{prefix}cur/{key}:2,"):
        if key and os.path.lexists(root / guess):
            return guess
    place = list_messages(root, folder).get(key)
    return prefix + place if place else None


def is_unread(place: str) -> bool:
    """Whether nobody has seen a message, by its place."""
    return place.startswith("new/") or "S" not in flags_of(place)


def read_messages(root: Path, *, is_inbox: bool = False) -> Iterator[RawMessage | LeftMessage]:
    """The messages of a Maildir, oldest delivery first; `is_inbox` for the desk's own, whose messages are moved later.

    A message that another process takes away meanwhile is left out; what can't be read is told, and left. Where two
    messages in the INBOX have one key, one of them is left for the next look; in a foreign Maildir both are read, as
    nothing there is found by key.
    """
    for place in _list_arrived(root, is_inbox):
        waits = Waiting(INBOX, key_of(place[4:])) if is_inbox else None
        # The result has no name here: nothing of one message is held while the next one is read.
        yield from filter(None, (read_arrived(f"{root}/{place}", waits, name=place if is_inbox else ""),))


def read_arrived(path: str, waits: Waiting | None, name: str = "") -> RawMessage | LeftMessage | None:
    """A message in a Maildir on its way to a ticket, wherever in there a client has moved it; None where it is gone."""
    from supportctl.store.message_files import measure, read_message  # not at the top: a list reads no message

    # On the desk a message is found by its key: without one, it would be taken for others.
    if waits and not waits.key:
        return LeftMessage(path, "its name has nothing before the flags; rename it")
    try:
        # What is moved must be the message itself: a link leads nowhere from another folder, or to what its maker may
        # not read.
        raw, whole, written = read_message(path, is_link_followed=waits is None)
        if waits and whole.compression:  # it stays compressed, and is known by the bytes of its file
            size, digest = measure(path)
            whole = whole._replace(size=size, digest=digest)
    except UnreadableMessageError as error:
        return LeftMessage(path, error.reason)
    except FileNotFoundError:
        current = _follow(path)
        return read_arrived(current, waits, name) if current != path else None
    place = "/".join(path.rsplit("/", 2)[1:])
    flags = common_flags(place) if waits else _foreign_flags(place)
    envelope = split_key(waits.key)[1] if waits else ""
    return RawMessage(name or path, raw, whole, min(written, int(time.time())), waits, flags, envelope=envelope)


def read_pieces(whole: ByteRange) -> Iterator[bytes]:
    """The bytes of a message that has been looked at before, piece by piece; a rename by a mail client is followed.

    Raises UnreadableMessageError where the message is gone, or is another one by now.
    """
    from supportctl.store.message_files import stream

    try:
        yield from stream(whole._replace(path=_follow(whole.path)))
    except FileNotFoundError:
        raise UnreadableMessageError(whole.path, "it is gone") from None


def _follow(path: str) -> str:
    """The current path of a message in a Maildir; any other path stays as it is."""
    box, _, place = path.rpartition("/")
    root, _, part = box.rpartition("/")
    if part not in ("new", "cur") or os.path.lexists(path):
        return path
    found = find_message(Path(root), INBOX, key_of(place))
    return f"{root}/{found}" if found else path


def _list_arrived(root: Path, is_inbox: bool) -> Iterator[str]:
    """The places of the messages in a Maildir, oldest delivery first."""
    fresh, known = _list_places(root, "new"), _list_places(root, "cur")
    places = fresh + known
    if is_inbox and (known or any("2," in place for place in fresh)):
        places = list(_by_key(places).values())  # the ones that a plan sees (`list_messages`)
    # Twice, since sorting is stable: within one second of delivery, by name.
    places.sort()
    places.sort(key=lambda place: _delivered(root, place))
    # Joined into one text: a hundred thousand strings would be the largest part of an intake's memory.
    return (match[0] for match in re.finditer(r"[^\0]+", "\0".join(places)))


def _list_places(root: Path, part: str) -> list[str]:
    try:
        return [f"{part}/{name}" for name in os.listdir(root / part) if not name.startswith(".")]
    except OSError as error:
        if error.errno in MISSING:
            return []
        raise


def _by_key(places: list[str]) -> dict[str, str]:
    """Places by key; of several with one key, the last."""
    return {key_of(place[4:]): place for place in places}


def _delivered(root: Path, place: str) -> float:
    stamp = place[4:].partition(".")[0]
    # A name begins with its time of delivery; a foreign one that does not has the time of its file.
    if stamp.isdecimal() and len(stamp) < 12:
        return float(stamp)
    try:
        return (root / place).stat().st_mtime
    except OSError:  # whoever reads the file says why
        return 0.0
