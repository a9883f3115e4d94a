"""What is judged to be automatic, certainly or only likely: real mail by its label, and the tests' made-up mail."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from pathlib import Path

from benchmarks.collection import find_collection, unpack
from benchmarks.table import write_table
from supportctl.mail.message import parse_message
from tests.support.automatic_replies import write_replies
from tests.support.peoples_mail import write_about_bounces, write_about_words
from tests.support.returned_mail import BOUNCES, ask_about

_NOW = 1793750400  # 2026-11-03, after every date in the mails

#: Columns: what is certain, and what is likely of the rest.
_CERTAIN = ("bounce", "reply", "notification")
_LIKELY = ("bounce", "reply")
_HEADS = ("mails", "of them", *_CERTAIN, *(f"{kind}?" for kind in _LIKELY), "people's", "certain", "certain or likely")


def write_judgement(mails: Path | None, folder: Path) -> str:
    """The table, of the collection in `mails` (or the one that is found), unpacked in `folder`."""
    rows = [_row(name, list(raws)) for name, raws in chain(_by_label(mails, folder), _made_up())]
    return write_table(_HEADS, rows)


def _row(name: str, raws: Iterable[bytes]) -> tuple[str, ...]:
    found: Counter[str] = Counter(_judge(raw) for raw in raws)
    counts = [found[kind] for kind in (*_CERTAIN, *(f"{kind}?" for kind in _LIKELY), "")]
    whole, certain, likely = sum(counts), sum(counts[:3]), sum(counts[3:5])
    share = [f"{100 * part / whole:.1f} %" for part in (certain, certain + likely)]
    return (name, str(whole), *map(str, counts), *share)


def _judge(raw: bytes) -> str:
    mail = parse_message(raw, received=_NOW)
    if mail.automatic in _CERTAIN:
        return mail.automatic
    return f"{mail.likely}?" if mail.likely else ""


def _by_label(mails: Path | None, folder: Path) -> Iterator[tuple[str, Iterable[bytes]]]:
    collection = find_collection(mails)
    lines = (collection / "labels.jsonl").read_text().splitlines()
    labels = {row["file"]: row["label"] for row in map(json.loads, lines)}
    files: dict[str, list[Path]] = {label: [] for label in sorted(set(labels.values()))}
    for file in unpack(collection, folder):
        files[labels[str(file.relative_to(folder / "mail"))]].append(file)
    for label, chosen in files.items():
        yield f"real: {label}", (file.read_bytes() for file in chosen)
    returned = (file.read_bytes() for label in ("bounce", "auto-reply") for file in files[label])
    yield "real: bounces and replies, sent on by people", _sent_on(returned)


def _made_up() -> Iterator[tuple[str, Iterable[bytes]]]:
    bounces = [text.encode() for text in BOUNCES.values()]
    replies = [raw for _, raw in write_replies()]
    yield "made up: bounces", bounces
    yield "made up: replies", replies
    yield "made up: both, sent on by people", _sent_on([*bounces, *replies])
    people: tuple[tuple[str, Callable[[], Iterator[tuple[str, bytes]]]], ...] = (
        ("made up: people with programs' words and fields", write_about_words),
        ("made up: people who write about bounces", write_about_bounces),
    )
    for name, write in people:
        yield name, (raw for _, raw in write())


def _sent_on(returned: Iterable[bytes]) -> Iterator[bytes]:
    return (raw for each in returned for _, raw in ask_about(each))
