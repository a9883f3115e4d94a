"""Templates: texts for replies, filled for each ticket, checked before they go live."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.desks import DeskDir, make_mail
from tests.support.transports import Sendmail, set_outgoing


def write(desk: DeskDir, **templates: str) -> None:
    folder = desk.folder / "templates"
    folder.mkdir(exist_ok=True)
    for name, text in templates.items():
        (folder / f"{name}.md").write_text(text)


def test_templates_are_listed(desk: DeskDir) -> None:
    assert desk.lines("templates") == []
    write(desk, renewed="Dear {name},\nit is renewed.\n", again="Once more.\n")
    (desk.folder / "templates" / "notes.txt").write_text("no template")
    assert desk.lines("templates") == ["again\tOnce more.", "renewed\tDear {name}, it is renewed."]


def test_a_template_is_filled_for_each_ticket(desk: DeskDir, tmp_path: Path) -> None:
    sendmail = Sendmail(tmp_path / "mta")
    set_outgoing(desk, f"transport: {sendmail.transport}")
    write(desk, renewed='Dear {name} ({requester}),\n{ticket} "{subject}": {{done}}.\n{desk}\n')
    mails = (make_mail("Renewal {ticket}", f"{{desk}} {n} <p{n}@x.test>", mid=f"{n}@x.test") for n in range(2))
    names = [row["ticket"] for row in desk.take(*mails)]
    desk.run("reply", *names, "--template", "renewed", "--close")
    texts = sorted(call.mail.decode().partition("\n\n")[2] for call in sendmail.calls())
    assert texts == [
        f'Dear {{desk}} {n} (p{n}@x.test),\n{name} "Renewal {{ticket}}": {{done}}.\nCAcert Support\n'
        for n, name in enumerate(names)
    ], "what a person wrote is not filled in turn"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("Dear {nam},\n", "templates/bad.md:1: unknown field {nam}; choose from {ticket}, {subject}, {name}, "),
        ("x\n{name\n", "templates/bad.md:2: braces come in pairs"),
        ("{name!r}", "templates/bad.md:1: {name} takes no format"),
        ("{name.__class__}", "templates/bad.md:1: unknown field {name.__class__}"),
        ("{}", "templates/bad.md:1: unknown field {}"),
    ],
)
def test_a_mistake_is_told_before_it_goes_live(desk: DeskDir, text: str, told: str) -> None:
    write(desk, good="Fine.\n", bad=text)
    assert told in desk.run("check", "--config", str(desk.config), status=78).stderr.decode()
    desk.take(make_mail("Question"))
    assert told in desk.run("reply", ".1", "--template", "bad", status=78).stderr.decode()
    desk.run("reply", ".1", "--template", "good")


@pytest.mark.parametrize("name", ["nothing", "../queues.yaml", "../templates/good", "/etc/passwd"])
def test_a_name_is_no_path(desk: DeskDir, name: str) -> None:
    write(desk, good="Fine.\n")
    desk.take(make_mail("Question"))
    assert b"no template named" in desk.run("reply", ".1", "--template", name, status=66).stderr
