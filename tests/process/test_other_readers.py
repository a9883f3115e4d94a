"""What this program reads in the headers of real mail, beside other readers: each difference has a reason.

The reasons are classes, each with a test of its own on what both readers say; a difference of no class fails. With
`-s` the numbers are printed.
"""

from __future__ import annotations

import re
import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.conftest import RealMails
from tests.support import other_readers
from tests.support.other_readers import Here, Said

FIELDS = ("subject", "sender", "to", "cc", "date", "mid", "references", "files")


class Difference(NamedTuple):
    """What two readers say of one field of a mail."""

    field: str
    here: Any
    there: Any
    read: Here
    raw: bytes

    @property
    def head(self) -> bytes:
        """The header, unfolded, in lower case."""
        return self.read.head

    @property
    def only_there(self) -> list[str]:
        """Addresses that only the other reader has."""
        return [one for one in self.there if one not in self.here] if isinstance(self.there, tuple) else []

    @property
    def only_here(self) -> list[str]:
        """Addresses that only this program has."""
        return [one for one in self.here if one not in self.there] if isinstance(self.there, tuple) else []


def is_address_list(it: Difference) -> bool:
    return it.field in {"sender", "to", "cc"} and isinstance(it.there, tuple)


def is_broken(text: Any) -> bool:
    """Whether another reader left bytes undecoded, or encoded words."""
    return bool(
        re.search("[\ufffd\udc80-\udcff\x80-\x9f]|=\\?[^?]+\\?[bq]\\?|xn--", str(text), re.I)
    ) or "\\udc" in str(text)


def is_latin(text: Any) -> bool:
    """Whether another reader took all raw bytes for Latin-1."""
    return any("\x80" <= char <= "\xff" for char in str(text))


def is_doubled(it: Difference) -> bool:
    names = {"sender": b"from", "mid": b"message-id"}
    name = names.get(it.field, it.field.encode())
    return len(re.findall(rb"^" + name + rb"[ \t]*:", it.head, re.M)) > 1


def has_no_fields_between(it: Difference) -> bool:
    return any(
        "fields" in problem or "before the header" in problem or "doubled" in problem for problem in it.read.problems
    )


def has_bare_returns(it: Difference) -> bool:
    return (
        b"\r" in it.raw
        and b"\n" not in it.raw[: it.raw.find(b"\r")]
        and not it.raw.startswith(b"\r\n", it.raw.find(b"\r"))
    )


def unbroken(value: Any) -> str:
    return re.sub(r"[\ufffd\udc80-\udcff]+|\\udc[0-9a-f]{2}", "", str(value))


def is_unroutable(it: Difference) -> bool:
    """Whether the other reader has an address with blanks or two at signs, or a piece of one."""
    return any(
        re.search(r"[\s\"<>]|^@|@$|@.*@|^[^@]*$|[:;,]", one)
        or any(piece in it.head for piece in (one.encode() + b"@", b":" + one.encode(), b":\\" + one.encode()))
        for one in it.only_there
        if one.isascii()
    )


def is_word_out_of_order(it: Difference) -> bool:
    """Whether there are encoded words, of which another reader has not more than a beginning and an end."""
    start = next((at for at, char in enumerate(it.there) if not it.here[at:].startswith(char)), len(it.there))
    return b"=?" in it.head and it.here.startswith(it.there[:start]) and it.here.endswith(it.there[start:])


def squeezed(value: Any) -> str:
    return re.sub(r"\s", "", str(value))


# Of each class: what it is, the fields, and how it is known. The first that fits counts.
CLASSES: list[tuple[str, str, Callable[[Difference], bool]]] = [
    ("the other reader fails", "*", lambda it: str(it.there).startswith("!")),
    ("the header begins or goes on behind what is no field", "*", has_no_fields_between),
    ("lines end with bare carriage returns", "*", has_bare_returns),
    ("a doubled field: the first counts here", "*", is_doubled),
    # dates
    (
        "a date that is doubtful: it falls back and says so",
        "date",
        lambda it: it.read.doubt not in {"", "is not valid"},
    ),
    ("a date that is not valid", "date", lambda it: it.here is None and it.read.doubt == "is not valid"),
    ("a date that is read here alone", "date", lambda it: it.there in {None, 0}),
    ("a clock of twelve hours", "date", lambda it: bool(re.search(rb"^date:.*\d [ap]m\b", it.head, re.M))),
    ("a zone behind a comment", "date", lambda it: bool(re.search(rb"^date:.*\).*[+-]\d{4}", it.head, re.M))),
    (
        "a zone by name or GMT+N",
        "date",
        lambda it: bool(re.search(rb"^date:.*[a-z]{3}(?:\+\d| time)?\s*$", it.head, re.M)),
    ),
    # charsets
    ("raw bytes are decoded here", "*", lambda it: is_broken(it.there) and not is_broken(it.here)),
    ("raw bytes are in a charset that is detected here", "subject sender to cc", lambda it: is_latin(it.there)),
    ("characters that were lost before", "*", lambda it: unbroken(it.here) == unbroken(it.there)),
    ("HZ is read here", "subject", lambda it: "~{" in it.there),
    ("blanks beside encoded words", "subject", lambda it: squeezed(it.here) == squeezed(it.there)),
    ("encoded words that are cut or not in order are read here", "subject", is_word_out_of_order),
    # addresses
    (
        "a name alone is an address there",
        "sender to cc",
        lambda it: bool(it.only_there) and all("@" not in one for one in it.only_there),
    ),
    ("what no server could send to is an address there", "sender to cc", is_unroutable),
    ("encoded words that stand in the place of an address", "sender to cc", lambda it: "=?" in str(it.here)),
    ("quotes around a local part", "sender to cc", lambda it: str(it.here).replace('"', "") == str(it.there)),
    (
        "an address that is not quite in order is read here alone",
        "sender to cc",
        lambda it: is_address_list(it) and not it.only_there,
    ),
    ("two addresses without a comma are two here", "sender to cc", lambda it: len(it.here) > len(it.there)),
    (
        "an address in a name is an address there",
        "sender to cc",
        lambda it: (
            bool(it.only_there)
            and all(
                re.search(
                    rb"[\"(<]?[^,<>]*" + re.escape(one.encode("utf-8", "replace")) + rb"[^,<>]*[\")]?\s*<", it.head
                )
                for one in it.only_there
            )
        ),
    ),
    # Message-IDs
    (
        "an id of the other reader's own",
        "mid",
        lambda it: it.there.startswith("notmuch-sha1-") or it.there.endswith("@mu.id"),
    ),
    ("blanks within an id do not count here", "mid", lambda it: squeezed(it.there) == it.here),
    (
        "text around or within the brackets of an id",
        "mid",
        lambda it: bool(re.search(r"[\s<>@(:]", it.there + it.here)),
    ),
    ("an id without brackets counts here", "references", lambda it: set(it.there) < set(it.here)),
    ("at most a hundred ids count here", "references", lambda it: len(it.here) == 100),
    ("an id that is too long or empty counts there", "references", lambda it: set(it.here) < set(it.there)),
    # files
    (
        "a name has other blanks or backslashes",
        "files",
        lambda it: squeezed(it.here).replace("\\", "") == squeezed(it.there).replace("\\", ""),
    ),
    ("parts that are read here alone", "files", lambda it: set(it.there) < set(it.here)),
    (
        "a message within counts as one file here",
        "files",
        lambda it: b"message/" in it.raw and set(it.here) < set(it.there),
    ),
    ("a name or a type that is not in order", "files", lambda it: len(it.here) >= len(it.there)),
]


def explain(it: Difference) -> str:
    """The class of a difference; "" if there is none."""
    for name, fields, is_so in CLASSES:
        if (fields == "*" or it.field in fields.split()) and is_so(it):
            return name
    return ""


def differences(read: Here, there: Said, raw: bytes) -> Iterator[Difference]:
    for field in FIELDS:
        if getattr(read, field) != getattr(there, field):
            yield Difference(field, getattr(read, field), getattr(there, field), read, raw)


def compare(
    mails: RealMails, say: Callable[[Path, bytes], Said | None], fields: tuple[str, ...] = FIELDS
) -> Counter[str]:
    """The number of differences of each class; those of none fail."""
    classes: Counter[str] = Counter()
    unexplained = []
    for file in mails.files:
        raw = file.read_bytes()
        there = say(file, raw)
        for one in differences(other_readers.read_here(raw), there, raw) if there else ():
            if one.field in fields:
                classes[name := explain(one)] += 1
                if not name:
                    unexplained.append(f"{file.name} {one.field}: here {one.here!r:.200}, there {one.there!r:.200}")
    print("\n" + "\n".join(f"{count:5} {name}" for name, count in classes.most_common()))
    assert not unexplained, "\n".join(unexplained)
    return classes


@pytest.mark.slow
def test_python_s_email_with_its_default_policy(real_mails: RealMails) -> None:
    assert compare(real_mails, lambda _, raw: other_readers.read_with_email(raw)).total() < 550


@pytest.mark.slow
def test_python_s_email_with_compat32(real_mails: RealMails) -> None:
    assert compare(real_mails, lambda _, raw: other_readers.read_with_compat32(raw)).total() < 550


@pytest.mark.slow
@pytest.mark.parametrize("program", ["notmuch", "mu"])
def test_another_program(program: str, real_mails: RealMails, tmp_path: Path) -> None:
    if shutil.which(program) is None:
        pytest.skip(f"{program} is not installed")
    read = other_readers.read_with_notmuch if program == "notmuch" else other_readers.read_with_mu
    said = read(real_mails.files, tmp_path)
    assert len(said) > len(real_mails.files) * 0.8
    counts = compare(real_mails, lambda file, _: said.get(file), ("subject", "sender", "to", "cc", "date", "mid"))
    assert counts.total() < 1_200
