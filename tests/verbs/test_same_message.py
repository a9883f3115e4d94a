"""A message that comes a second time, by whatever way, is kept aside and does nothing; another message never is."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.support.desks import Colleagues, DeskDir, make_mail
from tests.verbs.test_leaks import TRIAGE

Row = dict[str, Any]
MAILMAN = """\
_______________________________________________
Talk mailing list
talk@lists.test
https://lists.test/listinfo/talk
"""
GOOGLE = """\
--
You received this message because you are subscribed to the group "talk".
To stop receiving emails from it, send an email to talk+unsubscribe@lists.test.
"""
LIST = {
    "List-Id": "Talk <talk.lists.test>",
    "List-Post": "<mailto:talk@lists.test>",
    "List-Unsubscribe": "<https://lists.test/options/talk>",
}


def plain(case: str, **changed: str) -> bytes:
    """Ann's question, as she sent it."""
    fields = {"subject": f"Question {case}", "text": f"How is that, {case}?\n\nAnn\n", **changed}
    return make_mail(sender=f"Ann <ann@{case}.test>", mid=f"1@{case}.test", **fields)


def parts(case: str, *inner: tuple[str, str], kind: str = "multipart/mixed", **changed: str) -> bytes:
    """A message of several parts, each with its header."""
    body = "".join(f"--b\n{header}\n\n{text}\n" for header, text in inner) + "--b--\n"
    return plain(case, text=body, Content_Type=f'{kind}; boundary="b"', MIME_Version="1.0", **changed)


def two_kinds(case: str, **changed: str) -> bytes:
    """A text with an HTML version of it."""
    return parts(case, TEXT, HTML, kind="multipart/alternative", **changed)


def picture(case: str, data: bytes = b"\x89PNG one") -> bytes:
    """A text with a picture."""
    attached = "Content-Type: image/png; name=a.png\nContent-Transfer-Encoding: base64", b64encode(data).decode()
    return parts(case, TEXT, attached)


TEXT = ("Content-Type: text/plain", "See there.")
HTML = ("Content-Type: text/html", "<html><body><p>See <b>there</b>.</p></body></html>")


def under(header: str) -> Callable[[bytes], bytes]:
    """The same bytes below more header fields."""
    return lambda mail: header.encode() + mail


def by_list(footer: str = "", *, tag: str = "[talk] ", header: dict[str, str] = LIST) -> Callable[[bytes], bytes]:
    """A message as a list distributes it."""

    def distribute(mail: bytes) -> bytes:
        fields = "".join(f"{name}: {value}\n" for name, value in header.items()).encode()
        return fields + mail.replace(b"Subject: ", b"Subject: " + tag.encode()) + footer.encode()

    return distribute


def swap(old: str, new: str) -> Callable[[bytes], bytes]:
    """A message with a piece of it changed."""

    def change(mail: bytes) -> bytes:
        assert old.encode() in mail
        return mail.replace(old.encode(), new.encode())

    return change


def encoded(mail: bytes) -> bytes:
    """The text in base64, as some servers pass it on."""
    head, body = mail.split(b"\n\n", 1)
    return head + b"\nContent-Transfer-Encoding: base64\n\n" + b64encode(body) + b"\n"


@dataclass(frozen=True)
class Case:
    """A first mail (of the case's name), what becomes of it on a second way, and whether that is the same message."""

    name: str
    again: Callable[[bytes], bytes]
    is_same: bool = True
    first: Callable[[str], bytes] = plain


TRACE = (
    "Return-Path: <bounces@out.test>\nX-Original-To: paypal@cacert.org\nDelivered-To: desk@mx.test\n"
    "Received: from out.test by mx.test; Mon, 02 Nov 2026 10:00:05 +0000\nDKIM-Signature: v=1; d=out.test; b=abc\n"
    "ARC-Seal: i=1; a=rsa-sha256\nAuthentication-Results: other.test; spf=pass\n"
)
CASES = [
    Case("trace-fields", under(TRACE)),
    Case("envelope-line", under("From ann@x.test Mon Nov  2 10:00:00 2026\n")),
    Case("notes-of-programs", under("Status: RO\nX-Status: A\nX-Spam-Score: 1.2\nContent-Length: 30\nX-Keywords: a\n")),
    Case("crlf", lambda mail: mail.replace(b"\n", b"\r\n")),
    Case("more-lines-at-the-end", lambda mail: mail + b"\n\n"),
    Case("encoded", encoded),
    Case("from-in-mbox", swap("\nFrom x", "\n>From x"), first=lambda c: plain(c, text="Look.\n\nFrom x on.\n")),
    Case("folded-subject", swap("Question ", "Question\n ")),
    Case("pictures", under(TRACE), first=picture),
    Case("html", under(TRACE), first=two_kinds),
    Case("list-footer", by_list(MAILMAN)),
    Case("list-footer-of-google", by_list(GOOGLE)),
    Case("list-tag", by_list()),
    Case("list-tag-before-another", by_list(MAILMAN), first=lambda c: plain(c, subject="[patch] fix")),
    Case("list-of-an-answer", by_list(MAILMAN), first=lambda c: plain(c, subject="Re: that")),
    Case(
        "list-footer-as-a-part",
        lambda mail: by_list()(mail).replace(b"--b--\n", b"--b\n\n" + MAILMAN.encode() + b"\n--b--\n"),
        first=picture,
    ),
    Case(
        "list-footer-in-html",
        lambda mail: (
            by_list()(mail)
            .replace(b"See there.\n", b"See there.\n" + GOOGLE.encode())
            .replace(b"</body>", b"<p>--<br>unsubscribe: talk@lists.test</p></body>")
        ),
        first=two_kinds,
    ),
    Case(
        "list-writes-in-its-name",
        lambda mail: (
            b"Reply-To: ann@list-writes-in-its-name.test\n"
            + by_list(MAILMAN)(mail).replace(
                b"Ann <ann@list-writes-in-its-name.test>", b"Ann via Talk <talk@lists.test>"
            )
        ),
    ),
    Case(
        "somebody-writes-in-her-name",
        lambda mail: (
            b"Reply-To: ann@somebody-writes-in-her-name.test\n"
            + by_list(MAILMAN)(mail).replace(b"Ann <ann@somebody-writes-in-her-name.test>", b"Ann <eve@y.test>")
        ),
        is_same=False,
    ),
    Case("list-answers-to-itself", lambda mail: b"Reply-To: talk@lists.test\n" + by_list(MAILMAN)(mail)),
    Case(
        "list-drops-copies",
        lambda mail: by_list(MAILMAN)(mail).replace(b"Cc: x@y.test\n", b""),
        first=lambda c: plain(c, Cc="x@y.test"),
    ),
    # other messages under the same Message-ID
    Case("other-text", swap("How is that", "Who is that"), is_same=False),
    Case("more-text", lambda mail: mail + b"P.S. and another thing\n", is_same=False),
    Case("less-text", swap("\n\nAnn\n", "\n"), is_same=False),
    Case("other-subject", swap("Subject: ", "Subject: New "), is_same=False),
    Case("other-sender", swap("From: Ann <ann@", "From: Ann <eve@"), is_same=False),
    Case("other-readers", under("Cc: lou@y.test\n"), is_same=False),
    Case("answers-elsewhere", under("Reply-To: eve@y.test\n"), is_same=False),
    Case("other-picture", lambda _: picture("other-picture", b"\x89PNG two"), is_same=False, first=picture),
    Case("other-html", swap("<b>there</b>", "<b>here</b>"), is_same=False, first=two_kinds),
    Case("no-html", swap(f"--b\n{HTML[0]}\n\n{HTML[1]}\n", ""), is_same=False, first=two_kinds),
    Case("tag-without-a-list", swap("Subject: ", "Subject: [talk] "), is_same=False),
    Case("footer-without-a-list", lambda mail: mail + MAILMAN.encode(), is_same=False),
    Case("words-through-a-list", by_list("\nI forgot: my number is 1234.\n"), is_same=False),
    Case("words-below-a-dash-through-a-list", by_list("\n-- \nI forgot: my number is 1234.\n"), is_same=False),
    Case("a-page-below-the-line", by_list(MAILMAN + "And then she said no. " * 100), is_same=False),
    Case("list-changes-the-text", lambda mail: swap("How", "Who")(by_list(MAILMAN)(mail)), is_same=False),
    Case(
        "list-drops-the-picture",
        lambda mail: by_list(MAILMAN)(mail.rpartition(b"\n--b\n")[0] + b"\n--b--\n"),
        is_same=False,
        first=picture,
    ),
]


def close_in_junk(desk: DeskDir, rows: list[Row]) -> None:
    """Close tickets as an agent does with what nobody wants."""
    desk.run("mv", *(row["ticket"] for row in rows), "junk")


@pytest.fixture(scope="module", params=["forth", "back"])
def taken(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[Row, Row, Row]]:
    """All cases on one desk: the row of the first mail, closed in junk; that of the second; the first one's ticket."""
    desk = DeskDir(tmp_path_factory.mktemp("same") / "desk")
    pairs = [(case.first(case.name), case.again(case.first(case.name))) for case in CASES]
    if request.param == "back":
        pairs = [(two, one) for one, two in pairs]
    first = desk.take(*(one for one, _ in pairs))
    assert [row["outcome"] for row in first] == ["new"] * len(CASES)
    close_in_junk(desk, first)
    second = desk.take(*(two for _, two in pairs))
    tickets = desk.tickets()
    desk.check()
    rows = zip(CASES, first, second, strict=True)
    return {case.name: (one, two, tickets[one["ticket"]]) for case, one, two in rows}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_second_copy_changes_nothing_and_another_message_is_kept(
    case: Case, taken: dict[str, tuple[Row, Row, Row]], request: pytest.FixtureRequest
) -> None:
    first, second, ticket = taken[case.name]
    if case.name in ("list-answers-to-itself", "list-writes-in-its-name") and "back" in request.node.name:
        assert second["outcome"] != "duplicate", "Ann wants the answer, and what is kept says the list"
    elif case.is_same:
        assert (second["outcome"], second["ticket"]) == ("duplicate", first["ticket"])
        assert (ticket["state"], ticket["queue"], len(ticket["messages"])) == ("closed", "junk", 1)
    else:
        assert second["outcome"] != "duplicate"


@pytest.mark.parametrize("case", [case for case in CASES if case.is_same], ids=lambda case: case.name)
def test_two_copies_in_one_intake_are_one_message(case: Case, desk: DeskDir) -> None:
    mail = case.first(case.name)
    rows = desk.take(mail, case.again(mail), under("X-Third: 1\n")(mail))
    assert [row["outcome"] for row in rows] == ["new", "duplicate", "duplicate"]
    assert len(desk.mails("duplicates")) == 2


def test_what_comes_first_under_a_guessed_id_makes_nothing_vanish(desk: DeskDir) -> None:
    mail = plain("guess")
    forged, *_ = desk.take(swap("How is that", "Never mind")(mail))
    close_in_junk(desk, [forged])
    (row,) = desk.take(mail)
    ticket = desk.tickets()[row["ticket"]]
    assert (row["outcome"], ticket["state"], len(ticket["messages"])) == ("follow-up", "open", 2)
    assert desk.mails("duplicates") == {}


def test_many_messages_under_one_id_are_all_kept(desk: DeskDir) -> None:
    """No new one is compared with all of them: an attacker may send thousands."""
    mails = [plain("flood", text=f"This is {number}.\n") for number in range(30)]
    rows = desk.take(*mails)
    assert "duplicate" not in {row["outcome"] for row in rows}
    again = desk.take(under("X-Again: 1\n")(mails[3]), under("X-Again: 1\n")(mails[29]), mails[29])
    assert [row["outcome"] for row in again] == ["duplicate", "follow-up", "duplicate"]
    desk.check()


@pytest.mark.parametrize("loss", ["deleted", "emptied"])
def test_a_copy_of_what_is_lost_is_taken_in(desk: DeskDir, loss: str) -> None:
    mail = plain("lost")
    desk.take(mail)
    (name,) = desk.mails("triage")
    path = desk.maildir / ".triage" / name
    path.unlink() if loss == "deleted" else path.write_bytes(b"")
    assert desk.take(under(TRACE)(mail))[0]["outcome"] == "follow-up"
    path.write_bytes(mail)  # what is damaged can't be mended, only accepted as lost


def test_an_archive_that_is_imported_and_then_delivered_is_there_once(desk: DeskDir, tmp_path: Path) -> None:
    mail = plain("archive")
    (tmp_path / "one.eml").write_bytes(under("Status: RO\n")(mail))
    (old,) = desk.rows("ingest", "--closed", str(tmp_path / "one.eml"))
    (row,) = desk.take(under(TRACE)(mail))
    assert (row["outcome"], row["ticket"], desk.tickets()[old["ticket"]]["state"]) == (
        "duplicate",
        old["ticket"],
        "closed",
    )
    # and the other way round
    live = plain("live")
    (first,) = desk.take(under(TRACE)(live))
    (tmp_path / "two.eml").write_bytes(under("Status: RO\n")(live))
    (second,) = desk.rows("ingest", "--closed", str(tmp_path / "two.eml"))
    assert (second["outcome"], second["ticket"], desk.tickets()[first["ticket"]]["state"]) == (
        "duplicate",
        first["ticket"],
        "open",
    )
    desk.check()


def test_a_copy_that_was_kept_aside_comes_back_by_undo(desk: DeskDir) -> None:
    mail = plain("undo")
    desk.take(mail)
    desk.take(under(TRACE)(mail))
    desk.run("undo")
    assert (len(desk.mails("duplicates")), list(desk.mails("undone").values())) == (0, [under(TRACE)(mail)])
    desk.check()


def test_a_dry_run_knows_a_copy(desk: DeskDir) -> None:
    desk.take(plain("dry"))
    desk.deliver(under(TRACE)(plain("dry")))
    (row,) = desk.rows("ingest", "--dry-run")
    assert row["outcome"] == "duplicate"


def test_a_copy_of_what_one_may_not_read_is_a_new_message(colleagues: Colleagues) -> None:
    """Else whoever may bring mail could find out what lies in a queue that is closed to him."""
    mail = plain("hidden")
    desk = colleagues.of("")
    (row,) = desk.take(mail)
    desk.run("mv", row["ticket"], "deleted-accounts")
    copy = under(TRACE)(mail)
    (brought,) = desk.of(TRIAGE).rows("ingest", "-", input=copy)
    assert (brought["outcome"], brought["ticket"] != row["ticket"]) == ("new", True)
    assert desk.of("").tickets()[brought["ticket"]].get("links", []) == []
    (again,) = desk.of(TRIAGE).rows("ingest", "-", input=under("X-Other: 1\n")(copy))
    assert (again["outcome"], again["ticket"]) == ("duplicate", brought["ticket"])
    desk.of("").check()


# a copy that is better authenticated

PASSED = "Authentication-Results: mx.cacert.org; dkim=pass header.d=paypal.com; dmarc=pass header.from=paypal.com\n"


def receipt(header: str = "", text: str = "You received 20,00 USD.\n") -> bytes:
    """A mail of PayPal."""
    return header.encode() + make_mail("Receipt", "service@paypal.com", text, "receipt@paypal.test")


def test_a_copy_that_is_authenticated_lets_the_rules_act(desk: DeskDir) -> None:
    (first,) = desk.take(receipt(), options=["--classify"])
    assert (first["queue"], first["rules"]) == ("triage", ["claims to be PayPal"])
    (second,) = desk.take(receipt(PASSED), options=["--classify"])
    assert (second["outcome"], second["queue"], second["state"]) == ("duplicate", "paypal", "closed")
    ticket = desk.tickets()[first["ticket"]]
    assert (len(ticket["messages"]), ticket["messages"][0]["vouched"]) == (1, ["paypal.com"])
    assert "a copy is authenticated for paypal.com" in desk.run("show", first["ticket"]).stdout.decode()
    desk.run("undo")
    ticket = desk.tickets()[first["ticket"]]
    assert (ticket["queue"], ticket["state"], "vouched" in ticket["messages"][0]) == ("triage", "open", False)
    desk.check()


def test_the_rules_know_later_that_a_copy_was_authenticated(desk: DeskDir) -> None:
    (row,) = desk.take(receipt())
    desk.take(receipt(PASSED))
    (decided,) = [trial for trial in desk.rows("classify", "--explain", row["ticket"]) if "decides" in trial["result"]]
    assert decided["rule"] == "mail from PayPal"
    desk.run("classify")
    assert desk.tickets()[row["ticket"]]["queue"] == "paypal"
    desk.check()


def test_both_copies_in_one_intake_are_judged_by_the_better_one(desk: DeskDir) -> None:
    rows = desk.take(receipt(), receipt(PASSED), receipt("X-Third: 1\n"), options=["--classify"])
    assert [row["outcome"] for row in rows] == ["new", "duplicate", "duplicate"]
    assert {(row["queue"], row["state"]) for row in rows} == {("paypal", "closed")}
    assert desk.tickets()[rows[0]["ticket"]]["rules"] == ["claims to be PayPal", "mail from PayPal"]


@pytest.mark.parametrize("order", ["authenticated-first", "twice"])
def test_no_other_copy_lets_the_rules_act_again(desk: DeskDir, order: str) -> None:
    first, second = (PASSED, "") if order == "authenticated-first" else (PASSED, PASSED + "X-Again: 1\n")
    (row,) = desk.take(receipt(first), options=["--classify"])
    desk.run("reopen", row["ticket"])
    desk.take(receipt(second), options=["--classify"])
    ticket = desk.tickets()[row["ticket"]]
    assert (ticket["state"], "vouched" in ticket["messages"][0]) == ("open", False)


def test_a_ticket_that_a_person_has_worked_on_is_left_to_the_person(desk: DeskDir) -> None:
    (row,) = desk.take(receipt(), options=["--classify"])
    desk.run("tag", "+mine", row["ticket"])
    desk.take(receipt(PASSED), options=["--classify"])
    ticket = desk.tickets()[row["ticket"]]
    assert (ticket["queue"], ticket["messages"][0]["vouched"]) == ("triage", ["paypal.com"])


def test_what_says_something_else_is_vouched_for_by_nobody(desk: DeskDir) -> None:
    """Somebody sends what PayPal would pay him for, under the Message-ID of a mail that PayPal sends as well."""
    (forged,) = desk.take(receipt(text="You received 15,00 USD.\n"), options=["--classify"])
    (true,) = desk.take(receipt(PASSED), options=["--classify"])
    ticket = desk.tickets()[forged["ticket"]]
    assert (ticket["queue"], true["outcome"]) == ("triage", "follow-up")
    assert all("vouched" not in message for message in ticket["messages"])
