"""Tables for people: columns that fit the terminal, whatever script their text is in."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Literal

from supportctl.output.terminal import has_colour, line_width, shorten, width

Shape = Literal["left", "right", "cut"]

_GAP = 2
_NARROWEST = 8
_STAND_IN = "\ue000"
_BOLD, _DIM, _PLAIN = "\033[1m", "\033[2m", "\033[0m"


def lay_out(heads: list[str], cells: list[list[str]], shapes: Sequence[Shape], marked: Sequence[bool]) -> str:
    """A table of clean texts that fits the terminal, marked rows bold; nothing without rows.

    Columns of the shape `cut` give way, the widest first; the first column, which names the rows, never does.
    """
    if not cells:
        return ""
    texts = [heads, *cells]
    widths = [max(map(width, column)) for column in zip(*texts, strict=True)]
    room = _fit(widths, ["left", *shapes[1:]], line_width())
    texts = [[shorten(text, cells) for text, cells in zip(row, room, strict=True)] for row in texts]
    lines = _align(texts, ["right" if shape == "right" else "left" for shape in shapes])
    if has_colour():
        styles = [_DIM, *(_BOLD if is_marked else "" for is_marked in marked)]
        lines = (f"{style}{line}{_PLAIN if style else ''}" for style, line in zip(styles, lines, strict=True))
    return "".join(f"{line}\n" for line in lines)


def _fit(widths: list[int], shapes: Sequence[Shape], limit: int) -> list[int]:
    """The widths, reduced until all fit the limit (0: no limit) or none can give way."""
    fitted = list(widths)
    excess = sum(widths) + _GAP * (len(widths) - 1) - limit if limit else 0
    for _ in range(max(0, excess)):
        at = max(range(len(fitted)), key=lambda n: fitted[n] if shapes[n] == "cut" else 0)
        if shapes[at] != "cut" or fitted[at] <= _NARROWEST:
            break
        fitted[at] -= 1
    return fitted


def _align(texts: list[list[str]], alignment: list[str]) -> Iterator[str]:
    # tabulate counts code points, not cells, so each wide text is replaced by a stand-in of its width, and put back.
    from tabulate import tabulate

    wide = iter([text for row in texts for text in row if not text.isascii() and width(text)])
    shown = [[text if text.isascii() else _STAND_IN * width(text) for text in row] for row in texts]
    table = tabulate(shown, tablefmt="plain", disable_numparse=True, colalign=alignment)
    for line in re.sub(f"{_STAND_IN}+", lambda _: next(wide), table).splitlines():
        yield line.rstrip()
