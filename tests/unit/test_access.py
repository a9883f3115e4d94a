"""Who may do what, held against a table of the desk's rights written by hand."""

from __future__ import annotations

from pathlib import Path

import pytest

from supportctl import config
from supportctl.errors import DeniedError, NotFoundError, UsageError
from supportctl.policy import access
from supportctl.policy.access import Right
from supportctl.policy.agents import THE_ROBOT, Agent, determine_agent

ROOT = Path(__file__).parents[2]
CACERT = config.load(ROOT / "queues.yaml")

ROLES = ("triage", "support-engineer", "arbitrator", "organisation-assurer", "robot")

# For each role: "a" sees and works on the queue, "m" moves tickets in, "?" does after being asked back.
RIGHTS = """\
queue                   TRIAGE  SE  Arbitrator  OA  robot
disputes                m       m   am          -   a
organisation-assurance  m       m   -           am  a
secure-test             ?       am  -           -   am
support-engineers       m       am  m           m   am
deleted-accounts        -       am  -           -   am
new-point-calculation   -       am  -           -   am
pending-for-action      -       am  -           -   a
requested-passphrase    -       am  -           -   am
triage                  am      am  m           m   am
junk                    am      am  -           -   a
paypal                  am      am  -           -   am
returns                 am      am  -           -   am
the-bat                 a       am  -           -   am
verification-abuse      a       am  -           -   am
cacert-support          am      am  -           -   am
"""

CELLS = [
    (role, queue, cell)
    for queue, *row in map(str.split, RIGHTS.splitlines()[1:])
    for role, cell in zip(ROLES, row, strict=True)
]


def answer(role: str, right: Right, queue: str) -> str:
    return access.decide(CACERT, Agent("someone", (role,)), right, queue).answer


def test_the_table_has_every_queue_and_role() -> None:
    assert {queue for _, queue, _ in CELLS} == set(CACERT.queues)
    assert {role for role, _, _ in CELLS} == set(CACERT.roles)


@pytest.mark.parametrize(("role", "queue", "cell"), CELLS)
def test_rights(role: str, queue: str, cell: str) -> None:
    assert answer(role, "access", queue) == ("yes" if "a" in cell else "no")
    assert answer(role, "move_in", queue) == ("yes" if "m" in cell else "ask" if "?" in cell else "no")


def line_of(text: str) -> str:
    """The line of the file that a verdict names."""
    return (ROOT / "queues.yaml").read_text().splitlines()[int(text) - 1].strip()


@pytest.mark.parametrize(
    ("role", "right", "queue", "answer", "why", "line"),
    [
        (
            *("triage", "access", "junk", "yes"),
            "TRIAGE may read and work on tickets in Junk",
            "access: [triage, support-engineer, robot]",
        ),
        (
            *("triage", "access", "disputes", "no"),
            "only the role Arbitrator may read and work on tickets in Disputes; anna has the role TRIAGE",
            "access: [arbitrator, robot]",
        ),
        (
            *("triage", "move_in", "secure-test", "ask"),
            "TRIAGE normally doesn't move tickets to Secure-Test",
            "ask: [triage]                       # unusual, so they confirm first",
        ),
        (
            *("triage", "move_in", "the-bat", "no"),
            "only the role Support Engineer may move tickets to The Bat; anna has the role TRIAGE",
            "move_in: [support-engineer, robot]",
        ),
        (
            *("support-engineer", "move_in", "deleted-accounts", "yes"),
            "Support Engineer may move tickets to Deleted accounts",
            "access: [support-engineer, robot]",
        ),
    ],
)
def test_a_verdict_says_why_and_names_the_line(
    role: str, right: Right, queue: str, answer: str, why: str, line: str
) -> None:
    verdict = access.decide(CACERT, Agent("anna", (role,)), right, queue)
    assert (verdict.answer, verdict.why) == (answer, why)
    assert line_of(str(verdict.line)) == line
    assert CACERT.queues[queue].line < verdict.line < CACERT.queues[queue].line + 12


def test_several_roles_add_up() -> None:
    agent = determine_agent(CACERT, "ben", is_owner=False)
    assert agent == Agent("ben", ("triage", "support-engineer"))
    assert access.decide(CACERT, agent, "move_in", "secure-test").answer == "yes"
    verdict = access.decide(CACERT, agent, "access", "disputes")
    assert verdict.why == (
        "only the role Arbitrator may read and work on tickets in Disputes; "
        "ben has the roles TRIAGE and Support Engineer"
    )


def test_an_account_picks_one_of_its_own_roles_only() -> None:
    assert determine_agent(CACERT, "ben", is_owner=False, role="TRIAGE") == Agent("ben", ("triage",))
    with pytest.raises(DeniedError) as denied:
        determine_agent(CACERT, "ben", is_owner=False, role="arbitrator")
    assert denied.value.message == "ben doesn't have the role Arbitrator"
    assert line_of(denied.value.hint.split()[2]) == "agents: [dora]"
    with pytest.raises(DeniedError):
        determine_agent(CACERT, "ben", is_owner=False, role="robot")
    with pytest.raises(UsageError, match="no role named 'boss'"):
        determine_agent(CACERT, "ben", is_owner=True, role="boss")


@pytest.mark.parametrize("role", ROLES)
def test_the_owner_picks_any_role_and_has_no_more_than_it(role: str) -> None:
    agent = determine_agent(CACERT, "otto", is_owner=True, role=role)
    assert agent == Agent("otto", (role,), is_owner=True)
    assert access.decide(CACERT, agent, "access", "disputes").answer == (
        "yes" if role in ("arbitrator", "robot") else "no"
    )


@pytest.mark.parametrize("queue", CACERT.queues)
@pytest.mark.parametrize("right", ["access", "move_in"])
def test_who_is_listed_nowhere_has_no_right_and_the_owner_every_right(queue: str, right: Right) -> None:
    stranger = determine_agent(CACERT, "otto", is_owner=False)
    verdict = access.decide(CACERT, stranger, right, queue)
    assert verdict.answer == "no"
    assert verdict.why.endswith("; otto has no role")
    owner = determine_agent(CACERT, "otto", is_owner=True)
    verdict = access.decide(CACERT, owner, right, queue)
    assert (verdict.answer, verdict.why) == ("yes", "otto owns the desk and has no role, so has every right")


def test_an_owner_who_is_listed_has_that_role_only() -> None:
    agent = determine_agent(CACERT, "anna", is_owner=True)
    assert agent == Agent("anna", ("triage",), is_owner=True)
    assert access.decide(CACERT, agent, "access", "disputes").answer == "no"


def test_the_robot_has_the_rights_of_its_role() -> None:
    assert access.decide(CACERT, THE_ROBOT, "move_in", "junk").answer == "no"
    assert access.decide(CACERT, THE_ROBOT, "move_in", "returns").answer == "yes"


def test_a_role_that_the_file_does_not_define_has_only_what_queues_give_it(tmp_path: Path) -> None:
    text = (ROOT / "tests" / "support" / "desks" / "help.yaml").read_text().replace("  robot: {}\n", "")
    desk = config.parse_config(text.encode(), tmp_path / "queues.yaml")
    assert access.decide(desk, THE_ROBOT, "access", "done").why == "robot may read and work on tickets in Done"
    assert access.decide(desk, THE_ROBOT, "access", "later").answer == "no"


def test_a_queue_that_is_not_there_is_not_found() -> None:
    with pytest.raises(NotFoundError):
        access.decide(CACERT, Agent("anna", ("triage",)), "access", "nowhere")


def test_who_acts_without_a_role_is_told_from_the_owner() -> None:
    owner, nobody = (determine_agent(CACERT, "otto", is_owner=is_owner) for is_owner in (True, False))
    assert (owner.described_roles, nobody.described_roles) == ("owner", "none")
    assert determine_agent(CACERT, "ben", is_owner=True).described_roles == "triage+support-engineer"
