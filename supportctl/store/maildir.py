"""Maildir++ on disk: folders, keys, and where a message lies now.

A folder is named as people write it, without the leading dot: `junk`, `junk.closed.2026-11`; the name
"" is the INBOX. A message is found by its key, the file name up to `:2,`: mail clients change the rest
(https://cr.yp.to/proto/maildir.html).
"""

from __future__ import annotations

import os
import re
import stat
import time
from collections.abc import Iterator
from itertools import count
from pathlib import Path

from supportctl.model import INBOX, RawMessage, Waiting

PARTS = ("cur", "new", "tmp")
STATE = "supportctl"

_SAFE_KEY = r"[A-Za-z0-9][A-Za-z0-9._,=+@%~-]{0,200}"
_counter = count(1)
_PIECE = 1 << 20


def folder_path(root: Path, folder: str) -> Path:
    """Where a folder lies: `<root>/.junk`, or the root itself for the INBOX."""
    return root / f".{folder}" if folder else root


def relative_path(folder: str) -> str:
    """The folder as a prefix of a path below the root: `.junk/`, or nothing for the INBOX."""
    return f".{folder}/" if folder else ""


def key_of(name: str) -> str:
    """The stable part of a message's file name."""
    return name.partition(":2,")[0]


def flags_of(name: str) -> str:
    """The flags of a message's file name, such as `RS`."""
    return name.partition(":2,")[2]


def known_flags(place: str) -> str | None:
    """The flags of a message at `new/NAME` (None) or `cur/NAME`, without what is no flag: names come from anybody."""
    if place.startswith("new/"):
        return None
    return "".join(flag for flag in flags_of(place) if flag.isascii() and flag.isalpha())


def place_of(key: str, flags: str | None) -> str:
    """Where a message lies in its folder: in `new/` with flags of None, else in `cur/`."""
    return f"new/{key}" if flags is None else f"cur/{key}:2,{flags}"


def with_key(place: str, key: str) -> str:
    """Where a message at `new/NAME` or `cur/NAME` lies once it has another key."""
    part, _, name = place.partition("/")
    return f"{part}/{key}{name.removeprefix(key_of(name))}"


def with_flag(place: str, flag: str) -> str:
    """Where a message at `new/NAME` or `cur/NAME` lies once it has a flag: always in `cur/`."""
    name = place.partition("/")[2]
    flags = "".join(sorted({*flags_of(name), flag}))
    return f"cur/{key_of(name)}:2,{flags}"


def is_safe_key(key: str) -> bool:
    """Whether a key can stay as it is: short, printable, without a slash or a colon."""
    return re.fullmatch(_SAFE_KEY, key) is not None


def make_key() -> str:
    """A key that no other delivery on this or another machine gives."""
    now = time.time_ns()
    host = re.sub(r"[^A-Za-z0-9.-]", "_", os.uname().nodename)[:40] or "localhost"
    return f"{now // 10**9}.M{now // 1000 % 10**6}P{os.getpid()}Q{next(_counter)}.{host}"


def make_folder(path: Path) -> None:
    """Create a folder with its three parts; nothing happens to what is there already."""
    path.mkdir(parents=True, exist_ok=True)
    for part in PARTS:
        (path / part).mkdir(exist_ok=True)


def mark_folder(path: Path) -> None:
    """Put the `maildirfolder` file that tells a delivery agent that this is no top level (Maildir++)."""
    (path / "maildirfolder").touch()


def is_folder(path: Path) -> bool:
    """Whether a Maildir folder lies here."""
    return all((path / part).is_dir() for part in ("cur", "new"))


def list_folders(root: Path) -> list[str]:
    """The names of all folders below the root, sorted; the INBOX is not among them."""
    with os.scandir(root) as entries:
        return sorted(entry.name[1:] for entry in entries if entry.name.startswith(".") and is_folder(Path(entry.path)))


def list_messages(root: Path, folder: str) -> dict[str, str]:
    """The messages of a folder: key → `new/NAME` or `cur/NAME`; a folder that is not there has none.

    A message that a mail client moves from `new/` to `cur/` in between is found: `new/` is read first.
    """
    path = folder_path(root, folder)
    return _by_key([place for part in ("new", "cur") for place in _list_places(path, part)])


def find_message(root: Path, folder: str, key: str) -> str | None:
    """The path of one message below the root, or None where it is not in that folder."""
    prefix = relative_path(folder)
    for guess in (f"{prefix}new/{key}", f"{prefix}cur/{key}:2,S", f"{prefix}cur/{key}:2,"):
        if os.path.lexists(root / guess):
            return guess
    place = list_messages(root, folder).get(key)
    return prefix + place if place else None


def is_unread(place: str) -> bool:
    """Whether a message at `new/NAME` or `cur/NAME` has not been seen by anyone."""
    return place.startswith("new/") or "S" not in flags_of(place)


def read_messages(root: Path, *, is_inbox: bool = False) -> Iterator[RawMessage]:
    """The messages of a Maildir, oldest delivery first; those of the desk's INBOX wait there to be moved.

    What another process takes away in between is left out, and so is what is no file. Of two with the same key in the
    INBOX one waits for the next intake; in a foreign Maildir both come, as nothing knows them by their keys.
    """
    base, now = str(root), int(time.time())
    for place in _list_arrived(root, is_inbox):
        path = f"{base}/{place}"
        try:
            file = _read_file(path)
        except FileNotFoundError:
            continue
        if file is not None:
            raw, received = file
            waits = Waiting(INBOX, key_of(place[4:])) if is_inbox else None
            flags = known_flags(place)
            yield RawMessage(place if is_inbox else path, raw, min(received, now), waits, flags)


def _list_arrived(root: Path, is_inbox: bool) -> Iterator[str]:
    """Where the messages of an INBOX lie, oldest delivery first.

    They wait as one text: a hundred thousand strings would be the largest part of an intake's memory.
    """
    fresh, known = _list_places(root, "new"), _list_places(root, "cur")
    places = fresh + known
    if is_inbox and (known or any(":2," in place for place in fresh)):
        places = list(_by_key(places).values())  # the ones that a plan sees (`list_messages`)
    places.sort()
    places.sort(key=lambda place: _delivered(root, place))
    return (match[0] for match in re.finditer(r"[^\0]+", "\0".join(places)))


def _list_places(root: Path, part: str) -> list[str]:
    try:
        return [f"{part}/{name}" for name in os.listdir(root / part) if not name.startswith(".")]
    except FileNotFoundError:
        return []


def _by_key(places: list[str]) -> dict[str, str]:
    """Messages by their keys; of several with the same one, the last."""
    return {key_of(place[4:]): place for place in places}


def _delivered(root: Path, place: str) -> float:
    stamp = place[4:].partition(".")[0]
    if stamp.isdecimal() and len(stamp) < 12:
        return float(stamp)
    try:
        return (root / place).stat().st_mtime
    except FileNotFoundError:
        return 0.0


def _read_file(path: str) -> tuple[bytes, int] | None:
    """The bytes of a file and its time; None for what is no file, which is not opened: a socket can't be."""
    status = Path(path).stat()
    if not stat.S_ISREG(status.st_mode):
        return None
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        return b"".join(iter(lambda: os.read(descriptor, _PIECE), b"")), int(status.st_mtime)
    finally:
        os.close(descriptor)
