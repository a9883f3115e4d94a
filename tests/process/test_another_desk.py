"""Another desk, by another file alone: a help desk of three queues."""

from __future__ import annotations

import email
from email.utils import parseaddr
from pathlib import Path

import pytest

from tests.support.desks import ROOT, DeskDir, make_mail


@pytest.fixture
def help_desk(tmp_path: Path) -> DeskDir:
    """The help desk, whose robot also wakes what waits."""
    text = (ROOT / "tests" / "support" / "desks" / "help.yaml").read_text()
    text = text.replace("access: [helper], needs: due", "access: [helper, robot], needs: due")
    (tmp_path / "help.yaml").write_text(text)
    desk = DeskDir(tmp_path / "desk", tmp_path / "help.yaml")
    desk.maildir = desk.folder / "mail"
    return desk


def test_a_help_desk_of_three_queues_works_by_its_file_alone(help_desk: DeskDir) -> None:
    desk = help_desk
    assert [row["key"] for row in desk.rows("queues")] == ["new", "later", "done"]
    printer = make_mail("My printer burns", "kim@example.net", mid="p@x.test")
    rows = desk.take(
        printer, make_mail("cron", "cron@example.org"), make_mail("Hello", "bo@x.test"), options=["--classify"]
    )
    fire, machine, hello = (row["ticket"] for row in rows)
    assert [(row["queue"], row["state"]) for row in rows] == [("new", "open"), ("done", "closed"), ("new", "open")]
    assert (desk.tickets()[fire]["issue_type"], desk.tickets()[fire]["tags"]) == ("Printer", ["hardware"])
    (notice,) = desk.mails("outbox").values()
    sent = email.message_from_bytes(notice)
    assert (parseaddr(sent["From"])[1], sent["To"]) == ("help@example.org", "kim@example.net")
    assert sent.get_payload() == f"Your ticket is {fire}. help@example.org\n"
    desk.run("pend", hello, "--until", "3d")
    assert desk.tickets()[hello]["folder"] == "later"
    desk.run("mv", fire, "spam")
    assert desk.tickets()[fire]["folder"].startswith("done.closed.")
    assert desk.take(make_mail("Still", "kim@example.net", References="<p@x.test>"))[0]["queue"] == "new"
    desk.run("close", fire)
    desk.clock = 4 * 86400
    assert desk.lines("wake") == [hello]
    assert {row["queue"] for row in desk.rows("stats")} == {"new", "done"}
    for name in ("triage", "SE", "junk"):
        desk.run("mv", machine, "--closed", name, status=66)
    desk.check()


def test_nothing_opens_in_a_waiting_queue_without_a_date(help_desk: DeskDir) -> None:
    help_desk.deliver(make_mail("Hello"))
    help_desk.run("ingest", "--queue", "later", status=2)
    assert len(help_desk.mails("")) == 1


def test_no_fact_of_one_desk_stands_in_the_program() -> None:
    words = ("cacert", "paypal", "arbitrat", "triage", "support-engineer", "passphrase", "usd 15")
    sources = list((ROOT / "supportctl").rglob("*.py"))
    assert len(sources) > 50
    for path in sources:
        code = "\n".join(line.partition("#")[0] for line in path.read_text().lower().splitlines())
        parts = code.split('"""')
        outside_docs = "".join(parts[::2])
        found = [word for word in words if word in outside_docs]
        assert found == [], path
