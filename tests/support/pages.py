"""A page of the documentation as a sysadmin follows it: what is typed as whom, and what goes into which file."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from textwrap import dedent
from types import MappingProxyType

from tests.support.hosts import Host

_BLOCK = re.compile(r"^( *)```(\w*)\n(.*?)^\1```$", re.MULTILINE | re.DOTALL)
_HEADING = re.compile(r"^##+ (.*)$", re.MULTILINE)
_NAME = re.compile(r"^# (/\S+|crontab of \w+)$", re.MULTILINE)
_TYPED = re.compile(r"^(?:(\w+)\$|#) (.*)$", re.MULTILINE)
_STATUS = re.compile(r"  # exit (\d+)")


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block: its heading, its language, its text."""

    heading: str
    language: str
    text: str

    @property
    def file(self) -> str:
        """The file that the block goes into, named in one of its first two lines, or ""."""
        found = _NAME.search("\n".join(self.text.splitlines()[:2]))
        return found[1] if found else ""


@dataclass(frozen=True, slots=True)
class Typed:
    """A command that the page tells somebody to type."""

    heading: str
    account: str
    command: str

    @property
    def status(self) -> int:
        """The exit status that the page tells in a comment."""
        told = _STATUS.search(self.command)
        return int(told[1]) if told else 0


class Page:
    """The blocks of a page."""

    def __init__(self, text: str) -> None:
        self.text = text

    @cached_property
    def blocks(self) -> list[Block]:
        """Every fenced block."""
        return [
            Block(self._heading_at(found.start()), found[2], dedent(found[3])) for found in _BLOCK.finditer(self.text)
        ]

    def _heading_at(self, place: int) -> str:
        return [found[1] for found in _HEADING.finditer(self.text, 0, place)][-1]

    @property
    def files(self) -> list[tuple[str, str]]:
        """Each file that the page tells to write, with what goes into it."""
        return [(block.file, block.text) for block in self.blocks if block.file]

    @property
    def typed(self) -> Iterator[Typed]:
        """Each command of root and of named people, in order."""
        for block in self.blocks:
            if block.language == "console":
                for found in _TYPED.finditer(block.text):
                    yield Typed(block.heading, found[1] or "root", found[2])

    def put(self, host: Host, name: str, number: int = 0) -> None:
        """Add to a file what the page says; if it says several things, the one of this number."""
        texts = [text for file, text in self.files if file == name]
        assert texts, f"the page does not say what goes into {name}"
        path = host.path(name)
        is_new = not path.exists()
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a") as file:
            file.write(texts[number])
        if is_new:
            path.chmod(0o644)

    def type(
        self,
        host: Host,
        heading: str,
        *,
        account: str = "",
        only: str = "",
        then: Mapping[str, Callable[[], object]] = MappingProxyType({}),
    ) -> None:
        """Type what stands under a heading, of one account or all, what contains a text; `then` acts after some."""
        typed = [
            one for one in self.typed if one.heading == heading and account in ("", one.account) and only in one.command
        ]
        assert typed, f"nothing to type under {heading}: {only}"
        for one in typed:
            host.run(one.command, one.account, status=one.status)
            if act := then.get(one.command):
                act()
