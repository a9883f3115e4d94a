"""Mail that was damaged, cut, glued together and blown up is read, judged, indexed and shown like any other."""

from __future__ import annotations

import resource
from collections.abc import Callable, Iterator, Sequence

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from supportctl import query
from supportctl.index.search import SearchIndex
from supportctl.mail.content import MessageContent
from supportctl.query import document
from supportctl.query.highlight import Highlighter
from supportctl.store.catalogue import Catalogue
from tests.conftest import RealMails
from tests.support import reading
from tests.support.desks import EXAMPLES
from tests.support.hostile_mail import BODIES, FIELDS, FRAMES, PIECES, field_filled

LARGEST = 60_000  # bytes of a mail to begin with: what is beyond takes time, and shows nothing new
LONGEST = 200_000
SECONDS = 1.0
MEGABYTES = 300
MANY = 100_000
SHARES = 20
QUERIES = tuple(map(query.parse_query, ("a*", '"a b"', "/x.*y/", "subject:re or from:com", "amount:15.00USD")))

Mutation = Callable[[bytes], bytes]
Add = Callable[[MessageContent], None]


def cut(start: float, end: float) -> Mutation:
    """Leave a part out."""
    return lambda raw: raw[: int(start * len(raw))] + raw[int(end * len(raw)) :]


def insert(at: float, piece: bytes, times: int) -> Mutation:
    """Put a piece in, some times over."""
    return lambda raw: raw[: int(at * len(raw))] + piece * times + raw[int(at * len(raw)) :]


def repeat(start: float, length: int, times: int) -> Mutation:
    """Repeat a part."""
    return lambda raw: raw.replace(part, part * times, 1) if (part := raw[int(start * len(raw)) :][:length]) else raw


def flip(at: float, bit: int) -> Mutation:
    """Change one bit."""

    def change(raw: bytes) -> bytes:
        changed = bytearray(raw)
        changed[int(at * len(raw))] ^= 1 << bit
        return bytes(changed)

    return change


def substitute(old: bytes, new: bytes) -> Mutation:
    """Put a piece in the place of another, everywhere."""
    return lambda raw: raw.replace(old, new)


PLACES = st.floats(0, 0.999)
TOKENS = st.sampled_from([
    *PIECES, *(name.encode() + b": " for name in FIELDS), *(part for frame in FRAMES for part in frame if part),
    *(b"\n", b"\n\n", b"\r", b"\r\n", b"--", b"> ", b"Content-Type: multipart/mixed; boundary=", b"base64"),
    *(b"Content-Type: text/html\n\n", b"Content-Type: message/rfc822\n\n", b"Content-Transfer-Encoding: base64\n"),
    *(b"quoted-printable", b"utf-8", b"utf-7", b"iso-2022-jp", b"utf-16", b"<b>", b"<div>", b"<table>", b"<!--"),
])  # fmt: skip
MUTATIONS = st.lists(
    st.one_of(
        st.builds(cut, PLACES, PLACES),
        st.builds(insert, PLACES, TOKENS, st.sampled_from([1, 1, 2, 50, 2_000])),
        st.builds(repeat, PLACES, st.integers(1, 2_000), st.sampled_from([2, 10, 100])),
        st.builds(flip, PLACES, st.integers(0, 7)),
        st.builds(substitute, TOKENS, TOKENS),
    ),
    max_size=6,
)
QUICKLY = settings(max_examples=200, suppress_health_check=list(HealthCheck), database=None)
SLOWLY = settings(max_examples=MANY // SHARES, suppress_health_check=list(HealthCheck), database=None)


@pytest.fixture(scope="module")
def seeds() -> Sequence[bytes]:
    """Mail that is in the tree, and mail made to be hostile."""
    examples = [path.read_bytes() for path in sorted(EXAMPLES.rglob("*")) if path.is_file()]
    fields = [field_filled(name, PIECES[n], FRAMES[n % len(FRAMES)], 500) for n, name in enumerate(FIELDS)]
    return [*examples, *fields, *(make(4_000) for make in BODIES.values())]


@pytest.fixture(scope="module")
def real_seeds(real_mails: RealMails, seeds: Sequence[bytes]) -> Sequence[bytes]:
    """The same, and real mail."""
    return [*(raw for file in real_mails.files if len(raw := file.read_bytes()) <= LARGEST), *seeds]


@pytest.fixture(scope="module")
def add(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Add]:
    """The way to add a mail to an index."""
    folder = tmp_path_factory.mktemp("index")
    catalogue = Catalogue(folder / "catalogue.sqlite")
    catalogue.position()  # makes the file
    index = SearchIndex(folder / "text.sqlite", catalogue)
    yield lambda content: index.add([(index.position()[0] + 1, content)], (index.position()[0] + 1, content.digest))
    index.close()


def go_through(raw: bytes, add: Add) -> float:
    """Do with a mail what the desk does; returns the seconds that it takes."""
    seconds: dict[str, float] = {}
    with reading.timed(seconds, "all"):
        content = reading.read(raw)
        reading.judge(content)
        reading.show(content)
        add(content)
        page = document.page_of(content, [document.read_column(content, name) for name in document.HEADING])
        for parsed in QUERIES:
            Highlighter(parsed).snippet(page.text[: page.body], page.text[page.body :])
    return seconds["all"]


def mutate(raw: bytes, mutations: Sequence[Mutation]) -> bytes:
    for mutation in mutations:
        raw = mutation(raw)[:LONGEST]
        if not raw:
            break
    return raw


@QUICKLY
@given(data=st.data())
def test_mutated_mail(data: st.DataObject, seeds: Sequence[bytes], add: Add) -> None:
    assert go_through(mutate(data.draw(st.sampled_from(seeds)), data.draw(MUTATIONS)), add) < SECONDS


@QUICKLY
@given(data=st.data())
def test_mutated_real_mail(data: st.DataObject, real_seeds: Sequence[bytes], add: Add) -> None:
    assert go_through(mutate(data.draw(st.sampled_from(real_seeds)), data.draw(MUTATIONS)), add) < SECONDS


@pytest.mark.slow
@pytest.mark.parametrize("share", range(SHARES))
def test_mutated_mail_by_the_thousand(share: int, real_seeds: Sequence[bytes], add: Add) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

    @SLOWLY
    @given(data=st.data())
    def go(data: st.DataObject) -> None:
        assert go_through(mutate(data.draw(st.sampled_from(real_seeds)), data.draw(MUTATIONS)), add) < SECONDS

    go()
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < MEGABYTES << 10
