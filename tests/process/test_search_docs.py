"""docs/search.md: each question's command prints what is shown, and finds what the query means, and nothing else."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from supportctl import config, query
from supportctl.desk.desk import Desk, Standing
from supportctl.mail.message import parse_message
from supportctl.operations.searching import SearchRequest, find_ids
from supportctl.policy.agents import determine_agent
from supportctl.query.evaluate import Target, matches
from supportctl.store.planning import FolderPlanning
from supportctl.store.store import FolderStore
from tests.process.test_docs import START
from tests.support.consoles import NOON, Step, copy_checkout, install, read_steps, run_steps
from tests.support.desks import ROOT, DeskDir

DOCUMENT = ROOT / "docs" / "search.md"
STEPS = list(read_steps(DOCUMENT.read_text()))
SEARCHES = [step for step in STEPS if re.match(r"supportctl search\b", step.command)]
OPTIONS = re.compile(r"--(?:messages|path|count|explain|format \w+|limit \d+|sort \w+)|-0")


def query_of(step: Step) -> str:
    """The query of a command, without options and whatever follows in the pipe."""
    command = re.split(r" (?:\||\|\||#) ", step.command)[0].partition("    #")[0]
    return shlex.split(OPTIONS.sub("", command.removeprefix("supportctl search")))[0]


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[int, list[str]]]:
    """Exit status and output of each command, on a terminal at the documents' noon."""
    folder = tmp_path_factory.mktemp("search")
    start = [Step(0, line) for line in START.splitlines()]
    ran = run_steps([*start, *STEPS], copy_checkout(folder / "checkout"), install(folder / "bin"))
    assert len(ran) == len(start) + len(STEPS)
    return ran[len(start) :]


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """The same desk before anything is moved, in this process, as its owner sees it."""
    made = DeskDir(tmp_path_factory.mktemp("search") / "desk")
    made.take_examples("--classify")
    settings = config.load(made.config)
    return Desk(Standing(settings, determine_agent(settings, "owner", True)), FolderStore(made.maildir))


def test_the_document_has_thirty_questions_and_shows_all_that_search_can_do() -> None:
    document = DOCUMENT.read_text()
    numbers = [int(number) for number in re.findall(r"^### (\d+)\. ", document, re.M)]
    assert numbers == list(range(1, len(numbers) + 1))
    assert len(numbers) >= 30
    for section in re.split(r"^### ", document, flags=re.M)[1:]:
        assert "$ supportctl search" in section, section
    commands = "\n".join(step.command for step in STEPS)
    for option in ("--limit", "--sort oldest", "--messages", "--path", "-0", "--count", "--explain", "--format ids"):
        assert f" {option} " in commands, option
    assert all(step.shown for step in STEPS if "mv" not in step.command)


@pytest.mark.parametrize("number", range(len(STEPS)), ids=[f"line {step.line}" for step in STEPS])
def test_the_command_prints_what_is_shown(number: int, results: list[tuple[int, list[str]]]) -> None:
    step, (status, output) = STEPS[number], results[number]
    where = f"line {step.line}: $ {step.command}\n" + "\n".join(output)
    assert status == step.status, where
    assert step.agrees(output), where


def test_the_queries_are_read_out_of_the_commands() -> None:
    assert query_of(Step(1, "supportctl search --format ids 'in:a \"b c\"' | x -y")) == 'in:a "b c"'
    assert query_of(Step(1, "supportctl search --path -0 --limit 3 a    # exit 1")) == "a"


@pytest.mark.parametrize("step", [step for step in SEARCHES if step.status != 2], ids=query_of)
def test_the_query_finds_what_it_means(step: Step, desk: Desk) -> None:
    """Found by the index, and by looking at each mail in memory, as rules do."""
    asked = query.parse_query(query_of(step), lists=desk.config.lists, queues=desk.config.queue_names, now=NOON)
    wanted = SearchRequest(asked)
    found = desk.search(lambda snapshot, index: find_ids(snapshot, index, wanted))
    targets = FolderStore(desk.config.desk.maildir).plan(lambda planning: _targets(planning, desk))
    assert set(found) == {target.ticket.id for target in targets if matches(asked, target)}


def _targets(planning: FolderPlanning, desk: Desk) -> list[Target]:
    targets = []
    for name in planning.folders.catalogue.all_tickets():
        ticket = planning.find(name)
        for message in ticket.messages:
            raw = planning.read_message(ticket, message)
            assert raw is not None
            mail = parse_message(raw, received=message.date, trusted=frozenset(desk.config.desk.trusted_authserv))
            targets.append(Target(mail, ticket, planning.is_message_unread(ticket, message)))
    return targets


def test_every_mistake_is_shown_at_its_place(results: list[tuple[int, list[str]]]) -> None:
    wrong = [(step, output) for step, (_, output) in zip(STEPS, results, strict=True) if step.status == 2]
    assert wrong
    for step, (_, line, mark, *_rest) in wrong:
        assert line.strip() == query_of(step)
        assert mark.strip() == "^"


def test_the_document_is_found(tmp_path: Path) -> None:
    for name in ("docs/README.md", "docs/language.md", "README.md"):
        assert "search.md" in (ROOT / name).read_text(), name
