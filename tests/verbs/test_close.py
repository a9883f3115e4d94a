"""`close`: a ticket is done, with an issue type where its queue needs one."""

from __future__ import annotations

from tests.support.desks import DeskDir
from tests.support.tickets import take, whereabouts


def test_a_queue_may_need_an_issue_type_before_it_closes(desk: DeskDir) -> None:
    one, other = take(desk, 2)
    desk.run("mv", one, other, "SE")
    before = desk.contents()
    refused = desk.run("close", one, status=2)
    assert b"--type" in refused.stderr
    desk.run("close", one, "--type", "No Such Type", status=2)
    assert desk.contents() == before
    desk.run("tag", "--type", "wiki acl", one)
    desk.run("close", one)
    desk.run("close", other, "--type", "code signing")
    assert [desk.tickets()[name]["issue_type"] for name in (one, other)] == ["Wiki ACL", "Code Signing"]
    assert whereabouts(desk, one) == whereabouts(desk, other) == ("closed", "support-engineers")
