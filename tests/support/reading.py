"""Everything that the program does with what one mail says, and what that takes."""

from __future__ import annotations

import contextlib
import io
import time
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

from supportctl import config, query
from supportctl.config import On
from supportctl.mail import message
from supportctl.mail.compose import compose_forward, compose_inline_forward, compose_notice
from supportctl.mail.content import Address, MessageContent
from supportctl.mail.threads import find_ticket_ids
from supportctl.model import Message, Ticket
from supportctl.operations.viewing import MessageView, TicketView
from supportctl.output.ticket_view import describe_view, write_view
from supportctl.policy.rules import decide_by_rules, explain_rules
from supportctl.query.evaluate import Target
from supportctl.store.exchange import Scope
from tests.support.query_samples import LISTS, NOW, QUEUES, Desk, ticket

CACERT = config.load(Path(__file__).parents[2] / "queues.yaml")
TRUSTED = frozenset({"example.org"})
OCCASIONS: tuple[On, ...] = ("new", "follow-up")
SEARCHES = (
    *("a", "a*", '"a a a"', "from:a@b.c", "to:x*", "/a.*b.*c/", "subject:/\\ba20\\d{6}\\.\\d+\\b/", "has:text"),
    *("amount:15.00USD", "header:subject:/x+y/", "header:cc:a", "mid:*", "attachment:/\\.pdf$/", "auth:*", "/x*/"),
)


@contextlib.contextmanager
def timed(seconds: dict[str, float], what: str) -> Iterator[None]:
    """Enter how long this process computes."""
    start = time.process_time()
    yield
    seconds[what] = time.process_time() - start


def above(most: float, seconds: dict[str, float]) -> dict[str, float]:
    """What took longer than that."""
    return {what: taken for what, taken in seconds.items() if taken > most}


def read(raw: bytes) -> MessageContent:
    """What a mail says, read for the desk and for a person, with its attachments."""
    content = message.parse_message(raw, received=NOW, trusted=TRUSTED)
    shown = message.parse_to_show(raw, received=NOW)
    assert not any("can't be read" in problem for problem in (*content.problems, *shown.problems)), content.problems
    assert (content.size, content.digest) == (len(raw), sha256(raw).hexdigest())
    sizes = [sum(map(len, pieces)) for _, pieces in message.read_attachments(raw)]
    assert len(sizes) == len(content.attachments)
    return content


def judge(content: MessageContent) -> None:
    """The rules, with the reasons, and the ticket that the subject names."""
    for on in OCCASIONS:
        decide_by_rules(CACERT, Target(content, ticket(4)), on, now=NOW)
    explain_rules(CACERT, Target(content, ticket(4)), "new", now=NOW)
    find_ticket_ids(content.subject)


def show(content: MessageContent) -> str:
    """A ticket with the mail, for a person and for a script."""
    held = Message(1, "k", content.mid[:998], content.size, content.digest, content.date, content.sender.addr[:998])
    opened = Ticket("s20261123.1", "triage", "open", content.subject[:998], content.sender.addr[:998], NOW, NOW)
    view = TicketView(opened, [MessageView(1, held, "k", False, content)])
    with contextlib.redirect_stdout(io.StringIO()) as output:
        write_view(view, CACERT)
    describe_view(view)
    return output.getvalue()


def search(content: MessageContent, folder: Path) -> None:
    """Add a mail to an index, find it by each query, and show where."""
    desk = Desk(folder, [Target(content, ticket(4))])
    try:
        for text in SEARCHES:
            parsed = query.parse_query(text, lists=LISTS, now=NOW, zone="UTC")
            hits = list(desk.index.search(parsed, Scope(QUEUES, desk.is_unread, Path), messages=True))
            assert [hit.number for hit in hits] == desk.found_in_memory(text), text
            assert all(len(hit.snippet.text) <= 100 for hit in hits)
    finally:
        desk.index.close()


def answer(content: MessageContent, raw: bytes) -> None:
    """A notice to the sender, and the mail sent on."""
    desk = Address("Support", "support@example.org")
    original = content._replace(sender=Address("", "a@b.c"))
    compose_notice(original, text="Hello", sender=desk, mid="n@x", date=NOW)
    for_all = {"to": ["a@b.c"], "sender": desk, "envelope_sender": "support@example.org", "date": NOW}
    compose_forward(original, raw, mid="f@x", **for_all)  # type: ignore[arg-type]
    compose_inline_forward(original, mid="i@x", **for_all)  # type: ignore[arg-type]
