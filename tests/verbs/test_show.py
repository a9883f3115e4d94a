"""`show`: what it says of a ticket and its mails."""

from __future__ import annotations

import pytest

from tests.support.desks import DeskDir, make_mail


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"List_Id": "<x.example.org>"}, "from a mailing list"),
        ({"Auto_Submitted": "auto-replied"}, "an automatic reply"),
    ],
)
def test_show_tells_what_no_person_sent(desk: DeskDir, fields: dict[str, str], told: str) -> None:
    (row,) = desk.take(make_mail(**fields))
    assert f"({told})" in desk.lines("show", row["ticket"])
