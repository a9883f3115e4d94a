"""Many deliveries at once, by pipe: the last ones don't wait for the next ingest."""

from __future__ import annotations

import pytest

from supportctl.desk.requests import WriteRequest
from supportctl.intake import run
from supportctl.intake.plan import IngestOptions
from tests.support.desks import DeskDir, make_mail
from tests.support.inside import await_lock, locked, open_desk


def test_who_holds_the_lock_looks_again_after_letting_go(desk: DeskDir) -> None:
    """A delivery that comes after the holder has read the INBOX, and finds the desk busy, is seen all the same."""
    desk.deliver(make_mail("first"))
    with locked(desk.maildir):
        holder = desk.start("ingest")
        await_lock(desk, holder)
        delivered = desk.run("ingest", "-", input=make_mail("second"))
        assert b"stays in the INBOX" in delivered.stderr
    assert holder.wait(60) == 0
    assert desk.mails("") == {}
    assert len(desk.tickets()) == 2


@pytest.mark.slow
def test_of_200_deliveries_at_once_none_stays_behind(desk: DeskDir) -> None:
    deliveries = [desk.start("ingest", "-") for _ in range(200)]
    for number, delivery in enumerate(deliveries):
        assert delivery.stdin is not None
        delivery.stdin.write(make_mail(f"Mail {number}", mid=f"{number}@x.test"))
    for delivery in deliveries:
        assert delivery.stdin is not None
        delivery.stdin.close()
    assert {delivery.wait(300) for delivery in deliveries} == {0}
    assert desk.mails("") == {}
    assert len(desk.tickets()) == 200


def test_a_mail_server_does_not_wait_for_all_that_has_piled_up(desk: DeskDir, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run, "PATIENCE", -1)
    monkeypatch.setattr(run, "LARGEST_OPERATION", 2)
    desk.deliver(*(make_mail(f"Waiting {number}") for number in range(5)))
    assert run.take_one(open_desk(desk), WriteRequest("ingest"), [make_mail("The sixth")], IngestOptions()) == []
    assert (len(desk.mails("")), len(desk.mails("triage"))) == (4, 2)
    desk.run("ingest")
    assert len(desk.mails("triage")) == 6
