"""What a tag is: a rule sets, `tag` sets and removes, and a query finds exactly the same ones."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from supportctl import config, query
from supportctl.cli.dash_words import TagCommand
from supportctl.errors import ConfigError, UsageError
from supportctl.operations.tagging import Marks, read_tags
from supportctl.query.ast import Name
from supportctl.values import InvalidValueError, parse_tag
from tests.support.desks import ROOT, DeskDir, make_mail

HELP_DESK = (ROOT / "tests" / "support" / "desks" / "help.yaml").read_text()
TAGS = [
    "urgent",
    "dispute?",
    "$vip",
    "@ann",
    "a+b-c",
    "é",
    "証明",
    "#1",
    "1",
    "_x",
    "!",
    "'",
    "\\",
    "{a}",
    "/x/",
    "*",
    "x" * 60,
]
NO_TAGS = ["", "+a", "-a", "a b", "a,b", 'a"b', "(a", "a)", "a\tb", "\x1b[m", "a\u00a0b", "x" * 61]


def in_a_rule(folder: Path, tag: str) -> tuple[str, ...]:
    """The tags that a rule sets where its file says this one."""
    quoted = "'" + tag.replace("'", "''") + "'"
    text = HELP_DESK.replace("[hardware]", f"[{quoted}]")
    return config.parse_config(text.encode(), folder / "queues.yaml").rules[1].actions.tags


@pytest.mark.parametrize("tag", TAGS)
def test_a_tag_is_one_everywhere(tag: str, tmp_path: Path) -> None:
    assert in_a_rule(tmp_path, tag) == (tag,)
    command = TagCommand("tag")
    assert command.is_word(f"+{tag}")
    assert command.is_word(f"-{tag}")
    assert read_tags((f"+{tag}", f"-{tag}")) == Marks((tag,), (tag,))
    asked = f'tag:"{tag}"'.replace("\\", "\\\\")
    assert query.parse_query(asked).root == Name(asked, "tag", tag, False)


@pytest.mark.parametrize("tag", NO_TAGS)
def test_what_is_no_tag_is_none_anywhere(tag: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="not a valid tag"):
        read_tags((f"+{tag}",))
    if tag and tag.isprintable():  # YAML has no other characters
        with pytest.raises(ConfigError, match="rule printers: tag: not a valid tag"):
            in_a_rule(tmp_path, tag)


@given(st.text(max_size=62))
@example("-x")
def test_a_tag_is_a_word_of_the_verb_and_of_the_language(text: str) -> None:
    try:
        parse_tag(text)
    except InvalidValueError:
        return
    assert not {*' ,"()'} & {*text}
    assert TagCommand("tag").is_word(f"-{text}")
    assert isinstance(query.parse_query(f'tag:"{text}"'.replace("\\", "\\\\")).root, Name)


def test_a_tag_that_a_rule_sets_is_removed_and_found(desk: DeskDir) -> None:
    desk.config.write_text(desk.config.read_text().replace('tag: ["dispute?"]', "tag: [$vip]"))
    (row,) = desk.take(make_mail("Disputing an assurance"), options=["--classify"])
    assert desk.tickets()[row["ticket"]]["tags"] == ["$vip"]
    assert desk.ids("search", "tag:$vip") == [row["ticket"]]
    assert desk.lines("tag", "-$vip", row["ticket"]) == [row["ticket"]]
    assert "tags" not in desk.tickets()[row["ticket"]]
    assert desk.lines("tag", "+$vip", "-nothing", row["ticket"]) == [row["ticket"]]
    assert desk.ids("search", "tag:$v*") == [row["ticket"]]
    desk.run("tag", "--vip", row["ticket"], status=2)
