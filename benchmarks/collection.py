"""The real mail to measure with: found, unpacked, laid out as Maildirs."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path

COLLECTION = Path(__file__).parents[2] / "shared" / "corpora"


class NoCollectionError(Exception):
    """There is no real mail where it should be."""


def find_collection(chosen: Path | None = None) -> Path:
    """The folder with the real mail: the chosen one, `$SUPPORTCTL_MAILS`, or the one beside the checkout.

    Raises NoCollectionError, which says what is missing.
    """
    folder = chosen or Path(os.environ.get("SUPPORTCTL_MAILS", COLLECTION))
    if not (folder / "unpack").is_file():
        raise NoCollectionError(
            f"no collection of real mail at {folder}: it must hold a program `unpack DIR` that lays mails out as\n"
            "DIR/mail/<source>/<name>.eml. Name another folder with SUPPORTCTL_MAILS or --mails."
        )
    return folder


def unpack(collection: Path, target: Path) -> list[Path]:
    """The mails of a collection, unpacked below `target` (once), in a stable order."""
    stamp = target / "unpacked"
    if not stamp.exists():
        shutil.rmtree(target, ignore_errors=True)
        target.mkdir(parents=True)
        subprocess.run([collection / "unpack", target], check=True)
        stamp.touch()
    return sorted((target / "mail").rglob("*.eml"))


def make_maildir(folder: Path) -> Path:
    """An empty Maildir."""
    for part in ("new", "cur", "tmp"):
        (folder / part).mkdir(parents=True)
    return folder


def fill_maildir(folder: Path, mails: Iterable[Path]) -> Path:
    """A new Maildir with copies of mails; each has the same name in every Maildir made of these mails."""
    new = make_maildir(folder) / "new"
    for number, mail in enumerate(mails):
        shutil.copyfile(mail, new / f"{1_000_000_000 + number}.M{number}.bench")
    return folder


def digest(mails: Iterable[Path]) -> str:
    """What tells this set of mails from any other: their names and sizes."""
    known = hashlib.sha256()
    for mail in mails:
        known.update(f"{mail.parent.name}/{mail.name} {mail.stat().st_size}\n".encode())
    return known.hexdigest()[:16]
