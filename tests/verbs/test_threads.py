"""Which ticket a mail joins, and what its coming does to that ticket: tables of cases, through real intake."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.support.desks import DeskDir, make_mail

DAY = 86400
Row = dict[str, Any]


def ann(case: str, mid: str = "1", **fields: str) -> bytes:
    """The mail that opens a ticket: Ann of this case asks, Carl gets a copy."""
    fields = {"Cc": f"Carl <carl@{case}.test>", "subject": f"Question {case}", "text": f"{case} {mid}\n", **fields}
    return make_mail(sender=f"Ann <ann@{case}.test>", mid=f"{mid}@{case}.test", **fields)


def mail(case: str, who: str, subject: str = "", **fields: str) -> bytes:
    """A later mail of somebody in this case."""
    mid = fields.pop("mid", f"later@{case}.test")
    return make_mail(subject or f"Re: Question {case}", f"{who}@{case}.test", f"Later in {case}.\n", mid, **fields)


def bounce(case: str, about: str) -> bytes:
    """A delivery report (RFC 3464) on a message."""
    parts = [
        ("text/plain", "The mail could not be delivered.\n"),
        ("message/delivery-status", "Reporting-MTA: dns; mx.test\n\nFinal-Recipient: rfc822; x@y.test\nAction: failed\n"
         "Status: 5.1.1\n"),
        ("text/rfc822-headers", f"From: support@cacert.org\nMessage-ID: <{about}>\nSubject: Something\n"),
    ]  # fmt: skip
    body = "".join(f"--b\nContent-Type: {kind}\n\n{text}\n" for kind, text in parts) + "--b--\n"
    kind = "multipart/report; report-type=delivery-status; boundary=b"
    return make_mail(
        "Undelivered Mail Returned to Sender", "MAILER-DAEMON@mx.test", body, f"bounce@{case}.test",
        Content_Type=kind, Auto_Submitted="auto-replied",
    )  # fmt: skip


@dataclass(frozen=True)
class Case:
    """Ann's opening mails, a later one (given the name and the ticket's id), and where that belongs.

    `belongs`: "joins" the ticket, "linked" (a new ticket that names it), or "new" (that does not).
    """

    name: str
    later: Callable[[str, str], bytes]
    belongs: str
    opening: Callable[[str], bytes] = ann


CASES = [
    Case("answer", lambda c, _: mail(c, "ann", In_Reply_To=f"<1@{c}.test>"), "joins"),
    Case("answer-of-a-stranger", lambda c, _: mail(c, "eve", In_Reply_To=f"<1@{c}.test>"), "joins"),
    Case("references", lambda c, _: mail(c, "eve", References=f"<x@y.test> <1@{c}.test> <z@y.test>"), "joins"),
    Case(
        "in-reply-to-elsewhere",
        lambda c, _: mail(c, "eve", In_Reply_To="<lost@y.test>", References=f"<1@{c}.test> <lost@y.test>"),
        "joins",
    ),
    Case("answer-with-another-subject", lambda c, _: mail(c, "eve", "Lunch?", In_Reply_To=f"<1@{c}.test>"), "joins"),
    Case(
        "mentioned-by-who-takes-part",
        lambda c, _: mail(c, "ann", References=f"<root@{c}.test>"),
        "joins",
        lambda c: ann(c, References=f"<root@{c}.test>"),
    ),
    Case(
        "mentioned-by-who-got-a-copy",
        lambda c, _: mail(c, "carl", In_Reply_To=f"<root@{c}.test>"),
        "joins",
        lambda c: ann(c, In_Reply_To=f"<root@{c}.test>"),
    ),
    Case(
        "mentioned-by-a-stranger",
        lambda c, _: mail(c, "eve", References=f"<root@{c}.test>"),
        "new",
        lambda c: ann(c, References=f"<root@{c}.test>"),
    ),
    Case(
        "original-after-its-answer",
        lambda c, _: mail(c, "carl", mid=f"root@{c}.test"),
        "joins",
        lambda c: ann(c, In_Reply_To=f"<root@{c}.test>"),
    ),
    Case(
        "original-of-a-stranger-after-its-answer",
        lambda c, _: mail(c, "eve", mid=f"root@{c}.test"),
        "joins",
        lambda c: ann(c, In_Reply_To=f"<root@{c}.test>"),
    ),
    Case(
        "mentioned-to-who-wrote-there",
        lambda c, _: mail(c, "eve", References=f"<root@{c}.test>", Cc=f"ann@{c}.test"),
        "joins",
        lambda c: ann(c, References=f"<root@{c}.test>"),
    ),
    Case(
        "mentioned-to-who-got-a-copy",
        lambda c, _: mail(c, "eve", References=f"<root@{c}.test>", Cc=f"carl@{c}.test"),
        "new",
        lambda c: ann(c, References=f"<root@{c}.test>"),
    ),
    Case(
        "mentioned-on-the-same-list",
        lambda c, _: mail(c, "eve", References=f"<root@{c}.test>", Cc=f"talk@{c}.test", List_Id=f"<talk.{c}.test>"),
        "joins",
        lambda c: ann(c, References=f"<root@{c}.test>", Cc=f"talk@{c}.test", List_Id=f"<talk.{c}.test>"),
    ),
    Case(
        "newsletter-answered-by-two",
        lambda c, _: mail(c, "eve", References=f"<news@{c}.test>", Cc=f"newsletter@{c}.test"),
        "new",
        lambda c: ann(c, References=f"<news@{c}.test>", Cc=f"newsletter@{c}.test"),
    ),
    Case("reply-to-takes-part", lambda c, t: mail(c, "home", f"Re: [{t}]", Reply_To=f"ann@{c}.test"), "joins"),
    Case(
        "answers-went-to-reply-to",
        lambda c, t: mail(c, "home", f"Re: [{t}]"),
        "joins",
        lambda c: ann(c, Reply_To=f"home@{c}.test"),
    ),
    Case("reply-to-of-the-desk", lambda c, t: mail(c, "eve", f"[{t}]", Reply_To="support@cacert.org"), "linked"),
    Case("from-the-desk", lambda c, t: make_mail(f"[{t}]", "support@cacert.org", mid=f"d@{c}.test"), "linked"),
    Case("bounce", lambda c, _: bounce(c, f"1@{c}.test"), "joins"),
    Case("bounce-of-something-else", lambda c, _: bounce(c, f"unknown@{c}.test"), "new"),
    Case("tag", lambda c, t: mail(c, "ann", f"AW: [{t}] Question"), "joins"),
    Case("tag-of-who-got-a-copy", lambda c, t: mail(c, "carl", f"Lunch [{t}]"), "joins"),
    Case("tag-in-capitals", lambda c, t: mail(c, "ann", f"RE: [{t.upper()}] QUESTION"), "joins"),
    Case("sender-in-capitals", lambda c, t: mail(c, "ANN", f"Re: [{t}] Question"), "joins"),
    Case("tag-of-a-stranger", lambda c, t: mail(c, "eve", f"Re: [{t}] Question"), "linked"),
    Case("tag-without-a-sender", lambda c, t: make_mail(f"[{t}]", "", "Nobody wrote.\n", f"n@{c}.test"), "linked"),
    Case("tag-of-no-ticket", lambda c, t: mail(c, "ann", f"Re: [{t}99999] Question"), "new"),
    Case("bare-id", lambda c, t: mail(c, "ann", f"About {t}"), "new"),
    Case("subject-alone", lambda c, _: mail(c, "ann"), "new"),
    Case("same-subject", lambda c, _: mail(c, "ann", f"Question {c}"), "new"),
    Case("same-id-other-content", lambda c, _: mail(c, "ann", mid=f"1@{c}.test"), "joins"),
    Case("same-id-of-a-stranger", lambda c, _: mail(c, "eve", mid=f"1@{c}.test"), "new"),
]


@pytest.fixture(scope="module")
def threads(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[Row, Row, Row]]:
    """All cases on one desk: for each the row of the opening mail, that of the later one, the later one's ticket."""
    desk = DeskDir(tmp_path_factory.mktemp("threads") / "desk")
    first = desk.take(*(case.opening(case.name) for case in CASES))
    assert [row["outcome"] for row in first] == ["new"] * len(CASES)
    later = desk.take(*(case.later(case.name, row["ticket"]) for case, row in zip(CASES, first, strict=True)))
    tickets = desk.tickets()
    desk.check()
    rows = zip(CASES, first, later, strict=True)
    return {case.name: (one, other, tickets[other["ticket"]]) for case, one, other in rows}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_mail_joins_the_ticket_that_it_belongs_to(case: Case, threads: dict[str, tuple[Row, Row, Row]]) -> None:
    first, later, ticket = threads[case.name]
    joins = later["ticket"] == first["ticket"]
    linked = ticket.get("links", []) == [first["ticket"]]
    assert (later["outcome"] == "follow-up") == joins
    assert (joins, linked) == (case.belongs == "joins", case.belongs == "linked")
    assert len(ticket["messages"]) == (2 if joins else 1)


def test_a_whole_thread_that_comes_at_once_is_one_ticket_whatever_its_order(desk: DeskDir) -> None:
    ids = [f"{number}@thread.test" for number in range(6)]
    references = [{"References": " ".join(f"<{mid}>" for mid in ids[:number])} if number else {} for number in range(6)]
    mails = [
        make_mail(f"Re: {number}", "ann@thread.test" if number % 2 else "carl@thread.test", mid=mid,
                  Cc="ann@thread.test, carl@thread.test", **fields)
        for number, (mid, fields) in enumerate(zip(ids, references, strict=True))
    ]  # fmt: skip
    rows = desk.take(mails[3], mails[5], mails[1], mails[0], mails[4], mails[2])
    assert len({row["ticket"] for row in rows}) == 1
    assert [row["outcome"] for row in rows] == ["new", *["follow-up"] * 5]


def test_a_stranger_under_the_id_of_a_message_that_was_answered_joins_nothing(desk: DeskDir) -> None:
    desk.take(ann("twice"), mail("twice", "carl", In_Reply_To="<1@twice.test>"))
    (row,) = desk.take(mail("twice", "eve", mid="1@twice.test"))
    assert (row["outcome"], desk.tickets()[row["ticket"]].get("links", [])) == ("new", [])


def test_the_nearest_ancestor_decides_between_two_tickets(desk: DeskDir) -> None:
    older, newer = desk.take(ann("older"), ann("newer"))
    answer = mail("both", "ann", References="<1@older.test> <1@newer.test>")
    assert desk.take(answer)[0]["ticket"] == newer["ticket"] != older["ticket"]


@dataclass(frozen=True)
class Return:
    """A ticket in some state, a mail that belongs to it, and what becomes of both.

    `queue` is where the ticket was worked on; `state` is open, pending, closed; `days` is how long ago that was.
    `after` is the ticket's state and queue afterwards; `joins` is whether the mail joined.
    """

    name: str
    queue: str
    state: str
    days: int
    kind: str
    after: tuple[str, str]
    joins: bool = True


RETURNS = [
    Return("open-person", "triage", "open", 0, "person", ("open", "triage")),
    Return("open-person-elsewhere", "secure-test", "open", 0, "person", ("open", "secure-test")),
    Return("closed-person", "triage", "closed", 0, "person", ("open", "triage")),
    Return("closed-list", "triage", "closed", 0, "list", ("open", "triage")),
    Return("closed-reply", "triage", "closed", 0, "reply", ("closed", "triage")),
    Return("closed-bounce", "triage", "closed", 0, "bounce", ("closed", "triage")),
    Return("closed-dispute", "disputes", "closed", 0, "person", ("open", "disputes")),
    Return("closed-junk", "junk", "closed", 0, "person", ("open", "triage")),
    Return("closed-test", "secure-test", "closed", 0, "person", ("open", "support-engineers")),
    Return("pending-person", "triage", "pending", 0, "person", ("open", "triage")),
    Return("pending-from-elsewhere", "secure-test", "pending", 0, "person", ("open", "secure-test")),
    Return("pending-dispute", "disputes", "pending", 0, "person", ("open", "disputes")),
    Return("pending-reply", "triage", "pending", 0, "reply", ("pending", "pending-for-action")),
    Return("pending-bounce", "triage", "pending", 0, "bounce", ("pending", "pending-for-action")),
    Return("open-stranger", "triage", "open", 0, "stranger", ("open", "triage")),
    Return("closed-stranger", "triage", "closed", 0, "stranger", ("closed", "triage"), joins=False),
    Return("closed-junk-stranger", "junk", "closed", 0, "stranger", ("closed", "junk"), joins=False),
    Return("pending-stranger", "triage", "pending", 0, "stranger", ("pending", "pending-for-action")),
    Return("closed-stranger-with-tag", "triage", "closed", 0, "tagged", ("closed", "triage"), joins=False),
    Return("pending-ancestor", "triage", "pending", 0, "ancestor", ("pending", "pending-for-action"), joins=False),
    Return("open-ancestor", "triage", "open", 0, "ancestor", ("open", "triage")),
    Return("closed-likely", "triage", "closed", 0, "likely", ("open", "triage")),
    Return("pending-likely", "triage", "pending", 0, "likely", ("open", "triage")),
    Return("open-notification", "triage", "open", 0, "notification", ("open", "triage")),
    Return("closed-notification", "triage", "closed", 0, "notification", ("closed", "triage"), joins=False),
    Return("pending-notification", "triage", "pending", 0, "notification", ("pending", "pending-for-action")),
    Return("closed-own", "triage", "closed", 0, "own", ("closed", "triage")),
    Return("pending-own", "triage", "pending", 0, "own", ("pending", "pending-for-action")),
    Return("closed-form", "triage", "closed", 0, "form", ("open", "triage")),
    Return("month-ago-own", "triage", "closed", 31, "own", ("closed", "triage")),
    Return("month-ago-person", "triage", "closed", 31, "person", ("closed", "triage"), joins=False),
    Return("month-ago-reply", "triage", "closed", 31, "reply", ("closed", "triage")),
    Return("month-ago-open", "triage", "open", 31, "person", ("open", "triage")),
    Return("weeks-ago-person", "triage", "closed", 29, "person", ("open", "triage")),
]
KINDS: dict[str, Callable[[str], bytes]] = {
    "person": lambda c: mail(c, "ann", In_Reply_To=f"<1@{c}.test>"),
    "list": lambda c: mail(c, "ann", In_Reply_To=f"<1@{c}.test>", List_Id="<talk.test>", Precedence="list"),
    "reply": lambda c: mail(c, "ann", "Out of office", In_Reply_To=f"<1@{c}.test>", Auto_Submitted="auto-replied"),
    "bounce": lambda c: bounce(c, f"1@{c}.test"),
    "stranger": lambda c: mail(c, "eve", In_Reply_To=f"<1@{c}.test>"),
    "tagged": lambda c: mail(c, "eve", f"Re: [{{ticket}}] Question {c}"),
    "ancestor": lambda c: mail(c, "eve", mid=f"root@{c}.test"),
    "likely": lambda c: mail(
        c, "ann", "Automatic reply: Out of office", In_Reply_To=f"<1@{c}.test>", X_Auto_Response_Suppress="All",
    ),
    "notification": lambda c: mail(c, "ann", In_Reply_To=f"<1@{c}.test>", Auto_Submitted="auto-generated"),
    "own": lambda c: make_mail(
        f"Re: Question {c}", "CAcert Support <support@cacert.org>", "We answer.\n", f"own@{c}.test",
        Cc=f"eve@{c}.test", In_Reply_To=f"<1@{c}.test>",
    ),
    "form": lambda c: make_mail(
        f"Re: Question {c}", "support@cacert.org", "By the form.\n", f"form@{c}.test",
        Reply_To=f"ann@{c}.test", In_Reply_To=f"<1@{c}.test>",
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def returns(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, tuple[str, Row, DeskDir]]]:
    """All of them on one desk: the id of each ticket, the row of the later mail, the desk."""
    desk = DeskDir(tmp_path_factory.mktemp("returns") / "desk")
    rows = desk.take(*(ann(case.name, In_Reply_To=f"<root@{case.name}.test>") for case in RETURNS))
    ids = {case.name: row["ticket"] for case, row in zip(RETURNS, rows, strict=True)}
    for queue in {case.queue for case in RETURNS} - {"triage"}:
        desk.run("mv", *(ids[case.name] for case in RETURNS if case.queue == queue), queue)
    desk.run("close", *(ids[case.name] for case in RETURNS if case.state == "closed"))
    desk.run("pend", *(ids[case.name] for case in RETURNS if case.state == "pending"), "--until", "90d")
    found: dict[str, tuple[str, Row, DeskDir]] = {}
    for days in sorted({case.days for case in RETURNS}):
        desk.clock = days * DAY
        cases = [case for case in RETURNS if case.days == days]
        mails = (KINDS[case.kind](case.name).replace(b"{ticket}", ids[case.name].encode()) for case in cases)
        later = desk.take(*mails)
        found |= {case.name: (ids[case.name], row, desk) for case, row in zip(cases, later, strict=True)}
    yield found
    desk.check()


@pytest.mark.parametrize("case", RETURNS, ids=lambda case: case.name)
def test_a_mail_that_comes_back_opens_or_wakes_its_ticket(
    case: Return, returns: dict[str, tuple[str, Row, DeskDir]]
) -> None:
    name, row, desk = returns[case.name]
    ticket = desk.tickets()[name]
    assert (ticket["state"], ticket["queue"]) == case.after
    assert (ticket.get("due", 0) > 0) == (case.after[0] == "pending")
    assert (ticket.get("closed", 0) > 0) == (case.after[0] == "closed")
    assert (row["ticket"] == name, row["outcome"]) == ((True, "follow-up") if case.joins else (False, "new"))
    if not case.joins:
        fresh = desk.tickets()[row["ticket"]]
        assert (fresh["state"], fresh["queue"], fresh["links"]) == ("open", "triage", [name])


def test_the_answers_to_a_new_linked_ticket_join_that_one(desk: DeskDir) -> None:
    old = desk.take(ann("old"))[0]["ticket"]
    desk.run("close", old)
    desk.clock = 31 * DAY
    new = desk.take(mail("old", "ann", In_Reply_To="<1@old.test>"))[0]["ticket"]
    answer = mail("old", "ann", mid="third@old.test", References="<1@old.test> <later@old.test>")
    assert desk.take(answer)[0]["ticket"] == new != old


def test_an_answer_in_the_inbox_waits_for_no_folder_of_its_ticket(desk: DeskDir, tmp_path: Path) -> None:
    """The first mail and its answer come in the same intake from two different kinds of source."""
    (tmp_path / "one.eml").write_bytes(ann("files"))
    (tmp_path / "two.eml").write_bytes(mail("files", "ann", In_Reply_To="<1@files.test>"))
    rows = desk.rows("ingest", str(tmp_path / "one.eml"), str(tmp_path / "two.eml"))
    assert [row["outcome"] for row in rows] == ["new", "follow-up"]
    assert len({row["ticket"] for row in rows}) == 1


@pytest.mark.parametrize("kind", ["notification", "stranger"])
def test_what_comes_next_for_a_closed_ticket_joins_what_the_first_has_opened(desk: DeskDir, kind: str) -> None:
    """A ticket system tells of each step, and every time names the mail that the desk has sent it."""
    (old,) = desk.take(ann("steps"))
    desk.run("close", old["ticket"])
    mails = [
        KINDS[kind]("steps").replace(b"later@", b"step%d@" % n).replace(b"Later", b"Step %d" % n) for n in range(3)
    ]
    rows = [desk.take(mails[0])[0], *desk.take(*mails[1:])]
    assert [row["outcome"] for row in rows] == ["new", "follow-up", "follow-up"]
    assert len({row["ticket"] for row in rows} | {old["ticket"]}) == 2
    desk.run("close", rows[0]["ticket"])
    (last,) = desk.take(mails[0].replace(b"step0@", b"step9@").replace(b"Step 0", b"Step 9"))
    assert (last["outcome"], desk.tickets()[last["ticket"]]["links"]) == ("new", [old["ticket"]])


# strangers


def marks(desk: DeskDir, ticket: str) -> list[str]:
    """Who is new to a ticket, as `ls` says."""
    (row,) = [row for row in desk.rows("ls") if row["id"] == ticket]
    return list(row["strangers"])


def test_somebody_new_is_marked_until_an_agent_writes_to_the_address(desk: DeskDir) -> None:
    (row,) = desk.take(ann("new"))
    name = row["ticket"]
    stranger = mail("new", "eve", In_Reply_To="<1@new.test>", Cc="lou@new.test")
    assert [each["outcome"] for each in desk.take(stranger)] == ["follow-up"]
    assert marks(desk, name) == ["eve@new.test"]
    table = desk.run("ls", "--format", "table").stdout.decode()
    assert "somebody new" in table and "eve@new.test" in table
    assert "by somebody new" in desk.run("show", name).stdout.decode()
    shown = json.loads(desk.run("show", name, "--format", "json").stdout)["ticket"]
    assert [each.get("stranger", False) for each in shown["messages"]] == [False, True]
    for who in ("eve", "lou"):  # neither has a say yet
        (tagged,) = desk.take(mail("new", who, f"[{name}] again", mid=f"tag-{who}@new.test"))
        assert (tagged["outcome"], desk.tickets()[tagged["ticket"]]["links"]) == ("new", [name])
    desk.run("forward", name, "--to", "eve@new.test")
    assert marks(desk, name) == []
    assert desk.take(mail("new", "eve", f"[{name}] once more", mid="tag2@new.test"))[0]["ticket"] == name


def test_somebody_new_whom_a_participant_writes_to_takes_part(desk: DeskDir) -> None:
    (row,) = desk.take(ann("known"))
    desk.take(mail("known", "eve", In_Reply_To="<1@known.test>"))
    answer = mail("known", "ann", mid="3@known.test", In_Reply_To="<later@known.test>", Cc="eve@known.test")
    desk.take(answer)
    assert marks(desk, row["ticket"]) == []
    desk.run("close", row["ticket"])
    assert desk.take(mail("known", "eve", mid="4@known.test", In_Reply_To="<3@known.test>"))[0]["state"] == "open"


def test_a_link_is_in_the_list(desk: DeskDir) -> None:
    (row,) = desk.take(ann("link"))
    (new,) = desk.take(mail("link", "eve", f"[{row['ticket']}] hello"))
    rows = {each["id"]: each["links"] for each in desk.rows("ls")}
    assert rows == {row["ticket"]: [], new["ticket"]: [row["ticket"]]}
    assert "linked to" in desk.run("ls", "--format", "table").stdout.decode()


# the desk's own mail

OWN = "From: CAcert Support <support@cacert.org>"


def sent(desk: DeskDir, case: str, to: str = "helpdesk@example.net") -> tuple[str, bytes]:
    """A ticket that was forwarded, and the mail that left the desk."""
    (row,) = desk.take(ann(case))
    desk.run("forward", row["ticket"], "--to", to)
    (raw,) = desk.mails("outbox").values()
    return row["ticket"], raw.partition(b"\n\n")[0].split(b"X-Envelope-To:", 1)[1].partition(b"\n")[2] + b"\n\nBody\n"


@pytest.mark.parametrize("state", ["open", "closed", "pending"])
@pytest.mark.parametrize("way", ["copy", "list", "list-in-its-name"])
def test_what_the_desk_has_sent_comes_back_as_read(desk: DeskDir, state: str, way: str) -> None:
    name, raw = sent(desk, "sent")
    if way == "list":
        raw = b"List-Id: <talk.test>\n" + raw + b"_____\ntalk.test\n"
    if way == "list-in-its-name":
        raw = b"List-Id: <talk.test>\nReply-To: support@cacert.org\n" + raw.replace(
            b"<support@cacert.org>", b"<talk@lists.test>", 1
        )
    if state != "open":
        desk.run(*(["close", name] if state == "closed" else ["pend", name, "--until", "90d"]))
    desk.run("show", name)
    (row,) = desk.take(raw)
    assert (row["ticket"], row["outcome"], row["state"]) == (name, "follow-up", state)
    folder = desk.tickets()[name]["folder"]
    assert [place for place in desk.mails(folder) if place.startswith("new/")] == []
    (again,) = desk.take(b"X-Again: 1\n" + raw)
    assert again["outcome"] == "duplicate"
    last = len(desk.log())
    for op in (last, last - 1):
        desk.run("undo", str(op))
    assert len(desk.tickets()[name]["messages"]) == 1


def test_a_person_under_the_id_of_the_desks_mail_is_heard(desk: DeskDir) -> None:
    name, raw = sent(desk, "guess")
    (mid,) = [line.split(b"<")[1].rstrip(b">").decode() for line in raw.splitlines() if line.startswith(b"Message-ID")]
    desk.run("close", name)
    (row,) = desk.take(mail("guess", "eve", mid=mid))
    assert (row["ticket"] != name, row["state"]) == (True, "open")


@pytest.mark.parametrize(("action", "state"), [("failed", "open"), ("delayed", "closed"), ("relayed", "closed")])
def test_a_report_that_the_desks_mail_is_lost_for_good_brings_the_ticket_back(
    desk: DeskDir, action: str, state: str
) -> None:
    name, raw = sent(desk, "report")
    (mid,) = [line.split(b"<")[1].rstrip(b">").decode() for line in raw.splitlines() if line.startswith(b"Message-ID")]
    desk.run("close", name)
    (row,) = desk.take(bounce("report", mid).replace(b"Action: failed", b"Action: " + action.encode()))
    assert (row["ticket"], row["outcome"], row["state"]) == (name, "follow-up", state)


# order


def test_tickets_that_turn_out_to_be_one_are_linked_and_stay_apart(desk: DeskDir) -> None:
    one, two = desk.take(
        mail("star", "ann", mid="a@star.test", In_Reply_To="<root@star.test>"),
        mail("star", "bob", mid="b@star.test", In_Reply_To="<root@star.test>"),
    )
    assert one["ticket"] != two["ticket"]
    (root,) = desk.take(mail("star", "eve", mid="root@star.test"))
    tickets = desk.tickets()
    assert root["ticket"] == one["ticket"]
    assert tickets[one["ticket"]]["links"] == [two["ticket"]]
    assert tickets[two["ticket"]]["links"] == [one["ticket"]]
    desk.run("undo")
    assert all("links" not in ticket for ticket in desk.tickets().values())


def test_a_ticket_that_is_closed_stays_as_it_is_when_it_is_linked(desk: DeskDir) -> None:
    one, two = desk.take(ann("kept"), ann("other"))
    desk.run("close", one["ticket"])
    before = desk.tickets()[one["ticket"]]
    (row,) = desk.take(mail("other", "ann", References="<1@kept.test> <1@other.test>"))
    assert (row["ticket"], desk.tickets()[two["ticket"]]["links"]) == (two["ticket"], [one["ticket"]])
    assert desk.tickets()[one["ticket"]] == before


def test_a_newsletter_that_comes_late_is_linked_with_few(desk: DeskDir) -> None:
    desk.take(*(mail("news", f"p{n}", mid=f"{n}@news.test", In_Reply_To="<root@news.test>") for n in range(30)))
    (row,) = desk.take(mail("news", "editor", mid="root@news.test"))
    assert len(desk.tickets()[row["ticket"]]["links"]) == 10
