"""The index as a cache of the log: what it holds, in which order it finds it, and what it survives."""

from __future__ import annotations

import sqlite3
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from supportctl import query
from supportctl.index.lookups import find_lookups
from supportctl.index.search import Hit, SearchIndex
from supportctl.index.update import INDEX_BATCH, parse_missing, read_again, read_missing
from supportctl.mail.content import Address, MessageContent
from supportctl.mail.message import parse_message
from supportctl.query.evaluate import Target
from supportctl.store.cache_errors import CacheDamageError, CacheTroubleError, with_sound_caches
from supportctl.store.catalogue import Catalogue
from supportctl.store.exchange import Scope
from supportctl.store.store import FolderStore
from tests.support.query_samples import NOW, QUEUES, Desk, mail, ticket
from tests.support.store_scenes import arrive, mail_of, make_ticket, remove

CONVERSATION = ticket(4)  # in triage, as is ticket 8


def _mail(number: int, **fields: object) -> MessageContent:
    told = {"subject": f"mail {number}", "text": "common words", "digest": f"d{number}", "mid": f"{number}@x"}
    return mail(**{**told, "date": NOW + number, "sender": Address("Zoë", "zoe@example.org"), **fields})


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """Six mails, of which 1, 3 and 5 are one ticket; 2 is in junk."""
    tickets = [CONVERSATION, ticket(2), CONVERSATION, ticket(8), CONVERSATION, ticket(12)]
    desk = Desk(tmp_path, [Target(_mail(n), it, n == 4) for n, it in enumerate(tickets, 1)])
    yield desk
    desk.index.close()


def _search(desk: Desk, text: str, **options: object) -> list[Hit]:
    scope = Scope(["triage"], desk.is_unread, lambda folder, key: Path(folder, key))
    found = desk.index.search(query.parse_query(text, now=NOW), scope, **options)  # type: ignore[arg-type]
    return list(found)


def _numbers(desk: Desk, text: str, **options: object) -> list[int]:
    return [hit.number for hit in _search(desk, text, **options)]


@pytest.mark.parametrize("text", ["common", "*", "is:open or -is:open", "subject:mail -nothing"])
def test_tickets_come_once_newest_first(desk: Desk, text: str) -> None:
    assert _numbers(desk, text) == [6, 5, 4]
    assert _numbers(desk, text, sort="oldest") == [1, 4, 6]
    assert _numbers(desk, text, messages=True) == [6, 5, 4, 3, 1]
    assert _numbers(desk, text, limit=1, offset=1) == [5]
    assert _numbers(desk, text, offset=2) == [4]
    assert _numbers(desk, text, limit=2, messages=True, sort="oldest") == [1, 3]


def test_count(desk: Desk) -> None:
    common, nothing = query.parse_query("common"), query.parse_query("nothing")
    index, unread = desk.index, desk.is_unread
    assert index.count(common, Scope(["triage"], unread, Path)) == (5, 3)
    assert index.count(common, Scope(["triage", "junk"], unread, Path)) == (6, 4)
    assert index.count(common, Scope([], unread, Path)) == index.count(nothing, Scope(QUEUES, unread, Path)) == (0, 0)


def test_parts_beyond_all_numbers(desk: Desk) -> None:
    assert _numbers(desk, "common", limit=2**70, offset=1) == [5, 4]
    assert _numbers(desk, "common", limit=sys.maxsize, offset=2**70) == []


@pytest.mark.parametrize("text", ["common", "*", "in:junk", "id:s20261123.2", "/common/", "in:junk or x"])
def test_only_the_given_queues_are_searched(desk: Desk, text: str) -> None:
    assert 2 not in _numbers(desk, text, messages=True)
    parsed = query.parse_query(text)
    everywhere = desk.index.search(parsed, Scope(["triage", "junk"], desk.is_unread, Path), messages=True)
    assert 2 in [hit.number for hit in everywhere]


def test_unread_is_asked_by_folder_and_key(desk: Desk) -> None:
    asked: list[tuple[str, str]] = []

    def is_unread(folder: str, key: str) -> bool:
        asked.append((folder, key))
        return key == "4"

    found = desk.index.search(query.parse_query("is:unread common"), Scope(["triage"], is_unread, Path))
    assert [hit.number for hit in found] == [4]
    assert (".triage", "4") in asked


def test_a_hit_says_where_the_mail_is(desk: Desk) -> None:
    (hit,) = _search(desk, "common id:s20261123.8")
    assert (hit.ticket, hit.queue, hit.path, hit.date) == ("s20261123.8", "triage", Path(".triage/4"), NOW + 4)
    assert (hit.subject, hit.sender) == ("mail 4", "Zoë <zoe@example.org>")


def test_what_the_catalogue_does_not_know_is_not_found(desk: Desk) -> None:
    with sqlite3.connect(desk.catalogue.path) as connection:
        connection.execute("DELETE FROM message WHERE number = 6")
    assert _numbers(desk, "common") == [5, 4]


def test_the_body_begins_where_the_heading_ends(tmp_path: Path) -> None:
    desk = Desk(tmp_path, [Target(_mail(1, subject="é\0é ééé", text="ä body", written="ä"), ticket(4))])
    assert _numbers(desk, "body:/^ä body$/ unquoted:/^ä$/ /é\ufffdé/ /zoe@/") == [1]
    assert not _numbers(desk, "body:/é|zoe|@/ or unquoted:/body/")
    (hit,) = _search(desk, "is:open or -is:open")
    assert (hit.snippet.text, hit.subject) == ("ä body", "é\ufffdé ééé")


@pytest.mark.parametrize(
    "text",
    [
        *("is:pending", "is:open", "is:closed", "-is:closed", "id:s1.1", "id:s1*", "mid:a@b", "mid:a*", "in:junk"),
        *("tag:x", "has:tag", "owner:anna", "type:x*", "has:type", "is:pending or id:s1.1", "is:unread tag:x"),
        "-is:closed or mid:a@b",
    ],
)
def test_fields_of_tickets_are_looked_up(text: str) -> None:
    """Nothing else keeps them as quick in a large archive as in a small one."""
    assert find_lookups(query.parse_query(text))


@pytest.mark.parametrize("text", ["*", "common", "-is:open", "is:unread", "tag:x or common", "-mid:a@b", "no:type"])
def test_what_may_be_anywhere_is_not_looked_up(text: str) -> None:
    assert not find_lookups(query.parse_query(text))


# --- the snippet

_LONG = "Dear all,\n\nnothing   here.\n" + "far away " * 40 + "the Lösung\nis near, lösung!\n" + "and more " * 40


@pytest.mark.parametrize(
    ("text", "marked"),
    [
        ("losung", ["Lösung", "lösung"]),
        ('"losung is"', ["Lösung is"]),
        ("lös*", ["Lösung", "lösung"]),
        ("losung near", ["Lösung", "near", "lösung"]),
        ("/l.sung is/", []),
        ("/l.sung\\s+is/", ["Lösung is"]),
        ("losung -absent", ["Lösung", "lösung"]),
        ("dear", ["Dear"]),
        ("subject:title", ["Title"]),
        ("from:zoe@example.org", ["zoe@example.org"]),
        ("is:open or -is:open", []),
    ],
)
def test_snippets(tmp_path: Path, text: str, marked: list[str]) -> None:
    desk = Desk(tmp_path, [Target(_mail(1, text=_LONG, subject="The Title"), ticket(4))])
    hits = _search(desk, text)
    for hit in hits:
        snippet = hit.snippet
        assert len(snippet.text) <= 100
        assert snippet.text == " ".join(snippet.text.split())
        assert [snippet.text[start:end] for start, end in snippet.spans] == marked
    assert len(hits) == (text != "/l.sung is/")


@pytest.mark.parametrize("filling", ["Füllung, und mehr\n", "Füllung, und mehr "])
@pytest.mark.parametrize("place", [0, 100, 5000])
def test_a_match_far_down_is_shown_as_well(tmp_path: Path, filling: str, place: int) -> None:
    text = filling * place + "the needle, here\n" + filling * 5000
    desk = Desk(tmp_path, [Target(_mail(1, text=text, subject="The Title"), ticket(4))])
    (hit,) = _search(desk, "needle")
    assert [hit.snippet.text[start:end] for start, end in hit.snippet.spans] == ["needle"]
    (hit,) = _search(desk, "is:open or -is:open")
    assert (hit.snippet.text[:10], hit.snippet.spans) == (text[:10], ())


def test_a_match_far_down_is_shown_sooner_than_one_in_the_subject(tmp_path: Path) -> None:
    text = "filling\n" * 5000 + "the needle, here\n"
    desk = Desk(tmp_path, [Target(_mail(1, text=text, subject="The Needle"), ticket(4))])
    (hit,) = _search(desk, "needle")
    assert hit.snippet.text.endswith("the needle, here")


# --- the cache


def test_a_new_index_has_seen_nothing(tmp_path: Path) -> None:
    index = SearchIndex(tmp_path / "text.sqlite", Catalogue(tmp_path / "catalogue.sqlite"))
    assert index.position() == (0, "")
    assert list(tmp_path.iterdir()) == []
    index.add([], (7, "abc"))
    assert SearchIndex(tmp_path / "text.sqlite", Catalogue(tmp_path / "catalogue.sqlite")).position() == (7, "abc")


@pytest.mark.parametrize("damage", [b"", b"garbage" * 999, "version", "header"])
def test_an_unusable_index_is_thrown_away(desk: Desk, damage: bytes | str) -> None:
    desk.index.close()
    path = desk.index._file._path
    if damage == "version":
        with sqlite3.connect(path) as connection:
            connection.execute("PRAGMA user_version = 99")
        connection.close()
    elif damage == "header":
        with path.open("r+b") as file:
            file.write(b"x" * 100)
    else:
        path.write_bytes(damage if isinstance(damage, bytes) else b"")
    assert with_sound_caches(desk.index.position) == (0, "")
    desk.index.add([(number, it.content) for number, it in desk.candidates.items()], (2, "b"))
    assert desk.index.position() == (2, "b")
    assert _numbers(desk, "common") == [6, 5, 4]


def test_damage_met_on_the_way_is_told(desk: Desk) -> None:
    with sqlite3.connect(desk.index._file._path) as connection:
        (size,) = connection.execute("PRAGMA page_size").fetchone()
        root = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'document'").fetchone()[0]
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    desk.index.close()
    with desk.index._file._path.open("r+b") as file:
        file.seek((root - 1) * size)
        file.write(b"\xff" * size)
    with pytest.raises(CacheDamageError):
        _search(desk, "common")
    with pytest.raises(CacheDamageError):
        desk.index.count(query.parse_query("common"), Scope(QUEUES, desk.is_unread, Path))


def test_an_addition_that_fails_leaves_nothing(desk: Desk) -> None:
    def rows() -> Iterator[tuple[int, MessageContent]]:
        yield 7, _mail(7)
        raise OSError("gone")

    with pytest.raises(CacheTroubleError, match="gone"):
        desk.index.add(rows(), (2, "b"))
    assert desk.index.position() == (1, "hash")
    with pytest.raises(CacheDamageError):
        desk.index.add([(7, _mail(7)), (6, _mail(99))], (2, "b"))
    assert desk.index.position() == (1, "hash")


def test_adding_twice_is_adding_once(desk: Desk) -> None:
    desk.index.add([(6, _mail(6))], (2, "b"))
    assert _numbers(desk, "common", messages=True) == [6, 5, 4, 3, 1]
    assert desk.index.position() == (2, "b")


def test_two_writers_wait_for_each_other(desk: Desk) -> None:
    other = SearchIndex(desk.index._file._path, desk.catalogue)
    other.add([(7, _mail(7))], (2, "b"))
    desk.index.add([(8, _mail(8))], (3, "c"))
    assert other.position() == (3, "c")
    other.close()


# --- what it reads

_ROUND = 100  # instructions of SQLite between two calls of its progress handler


def _work(desk: Desk, text: str, **options: object) -> tuple[int, int]:
    """How many messages a search finds, and how many instructions it takes SQLite to find them."""
    rounds = 0

    def count() -> None:
        nonlocal rounds
        rounds += 1

    connection = desk.index._file.attach()
    connection.set_progress_handler(count, _ROUND)
    found = len(_search(desk, text, **options))
    connection.set_progress_handler(None, 0)
    return found, rounds * _ROUND


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """5,000 tickets in triage, all closed but one, whose mails came in in another order than that of their dates."""
    tickets = [CONVERSATION._replace(id=f"s1.{n}", state="closed", owner="", tags=[]) for n in range(5000)]
    tickets[7] = tickets[7]._replace(state="pending", owner="Zoë", tags=["Rare"], issue_type="One")
    mails = [_mail(n, date=NOW + n * 7919 % 5000, text=f"common word{n}") for n in range(5000)]
    mails[7] = mails[7]._replace(automatic="bounce", likely="reply", is_signed=True, auth=["a.example.org"])
    desk = Desk(tmp_path_factory.mktemp("large"), map(Target, mails, tickets))
    yield desk
    desk.index.close()


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("is:pending", 1), ("owner:zoë", 1), ("tag:rare", 1), ("tag:ra*", 1), ("type:one", 1), ("id:s1.7", 1),
        ("mid:7@x", 1), ("mid:7@*", 1), ("automatic:bounce", 1), ("has:signature", 1), ("auth:example.org", 1),
        ("likely:reply", 1), ("likely:bounce", 0),
        ("word7", 1), ("common is:pending", 1), ("common id:s1.7", 1), ("is:open", 0),
        ("owner:nobody", 0), ("tag:none", 0), ("tag:no*", 0), ("type:none", 0), ("id:s1.5000", 0), ("id:s2*", 0),
        ("mid:nobody@x", 0), ("automatic:reply", 0), ("has:encryption", 0), ("auth:example.com", 0), ("nowhere", 0),
        ("in:disputes", 0), ("date:2020", 0), ("common date:2020", 0), ("/common/ date:2020", 0),
        ("is:open or owner:nobody or id:x or mid:y", 0), ("from:nobody@example.org", 0), ("common nowhere", 0),
    ],
)  # fmt: skip
def test_what_finds_little_reads_little(large: Desk, text: str, found: int) -> None:
    number, work = _work(large, text)
    assert number == found
    assert work < 10_000


@pytest.mark.parametrize("text", ["common", "*", "is:closed", "in:triage", "common is:closed", "date:2026", "/common/"])
def test_the_first_of_many_are_found_at_once(large: Desk, text: str) -> None:
    number, work = _work(large, text, limit=5)
    assert number == 5
    assert work < 40_000 < 70_000 < _work(large, text)[1]
    dates = [hit.date for hit in _search(large, text, limit=5)]
    assert dates == [NOW + 4999 - place for place in range(5)]


def test_no_more_than_a_batch_is_read_at_once(tmp_path: Path) -> None:
    """Also after an intake, which knows what its own mails say: the index may have been lost before it."""
    store = FolderStore(tmp_path / "maildir")
    store.create(["triage"])
    count = INDEX_BATCH + 1
    arrive(store, *(make_ticket(number, "triage", number) for number in range(1, count + 1)))
    index = SearchIndex(*store.index_files)
    known = {count: parse_message(mail_of(count), received=0)}
    found = []
    while True:
        missing = store.feed(lambda feed: read_missing(feed, index, known))
        if missing.position is None:
            break
        found.append(len(missing.messages))
        index.add(parse_missing(missing, known, frozenset()), missing.position)
    assert found == [INDEX_BATCH, 1]
    index.close()


def test_a_message_is_read_again_and_no_other_one_in_its_place(tmp_path: Path) -> None:
    store = FolderStore(tmp_path / "maildir")
    store.create(["triage"])
    arrive(store, *(make_ticket(number, "triage", number) for number in (1, 2, 3)))
    remove(store, 2)
    for number, found in ((1, [1]), (2, []), (3, [3]), (4, [])):
        again = store.feed(partial(read_again, number=number))
        assert [message.number for message, _ in again.messages] == found
