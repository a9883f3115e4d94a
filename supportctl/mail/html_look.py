"""How an element of HTML mail looks: whether a person sees its text, as far as attributes and simple styles tell."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

Colour = tuple[int, int, int]

_STYLE = re.compile(r'\sstyle="([^"]*)"')
_COLOURS = re.compile(r'\s(color|bgcolor|text|background)="([^"]{0,200})"')
_NAMES = re.compile(r'\s(class|id)="([^"]{0,500})"')
_HIDDEN = re.compile(r"\shidden(?=[\s=]|$)")
_VALUE = re.compile(r'="[^"]*"')
_DECLARATION = re.compile(r"([a-z-]{1,40})\s*+:\s*+([^;]*+)")
_NUMBER = re.compile(r"([+-]?\d{0,9}(?:\.\d{0,9})?)\s{0,3}(px|pt|r?em|ex|%|v[hw])?")
_HEX = re.compile(r"#([0-9a-f]{6}|[0-9a-f]{3})(?![0-9a-z])")
_RGB = re.compile(
    r"rgba?\(\s{0,3}(\d{1,3})[\s,]{1,5}(\d{1,3})[\s,]{1,5}(\d{1,3})\s{0,3}(?:[,/]\s{0,3}([\d.]{1,9}%?)\s{0,3})?\)"
)
_NAMED: dict[str, Colour] = {
    "white": (255, 255, 255),
    "snow": (255, 250, 250),
    "ivory": (255, 255, 240),
    "ghostwhite": (248, 248, 255),
    "whitesmoke": (245, 245, 245),
    "black": (0, 0, 0),
}
_ALIKE = 8
"""Colours whose red, green and blue differ by no more than this are one to the eye."""

_FAR = 400
"""What stands this many pixels to the left or above is beyond any window."""

_LONGEST_STYLE = 2_000
_LONGEST_STYLES = (
    4_000  # of sheet and element together, the latter last: what is read of both is kept for others like it
)
_LONGEST_SHEET = 50_000
_MOST_RULES = 1_000
_SHEET = re.compile(r"<style[^<>]{0,500}>\s{0,99}(?:<!--)?([^<]{1,50000})", re.I)
_COMMENT = re.compile(r"/\*[^*]{0,2000}\*/|<!--|-->")
_SIMPLE = re.compile(r"[a-z0-9]{0,20}(?:[.#][a-z0-9_-]{1,60})?")


class Appearance(NamedTuple):
    """How text looks within an element, and whether nobody sees it; a colour is None where it can't be told."""

    is_gone: bool = False
    is_tiny: bool = False
    is_invisible: bool = False
    is_raised: bool = False
    colour: Colour | None = _NAMED["black"]
    background: Colour | None = _NAMED["white"]
    is_hidden: bool = False


class _Style(NamedTuple):
    """What a style changes; None, or an empty text, leaves it as it is around."""

    is_gone: bool = False
    is_tiny: bool | None = None
    is_invisible: bool | None = None
    is_raised: bool = False
    colour: str = ""
    background: str = ""


_UNCHANGED = _Style()

Sheet = dict[str, str]
"""The declarations for simple selectors: `p`, `.class`, `#id`, `p.class`."""


def may_matter(attributes: str) -> bool:
    """Whether the attributes of an element may change how its text looks; quick, and true too often."""
    return "style=" in attributes or "color=" in attributes or " hidden" in attributes or " background=" in attributes


def may_be_named(attributes: str) -> bool:
    """Whether the look of an element depends on more than its name, where a document has a style sheet."""
    return may_matter(attributes) or " class=" in attributes or " id=" in attributes or " text=" in attributes


def read_sheet(source: str) -> Sheet:
    """The simple rules of the style sheets in a document, without those for other media, such as small screens."""
    sheet: Sheet = {}
    left = _LONGEST_SHEET
    for match in _SHEET.finditer(source):
        text = _COMMENT.sub(" ", match[1][:left].lower())
        left -= len(match[1])
        for selectors, declarations in _rules(text):
            for selector in selectors.split(",")[:50]:
                if (name := selector.strip()) and _SIMPLE.fullmatch(name) and len(sheet) < _MOST_RULES:
                    sheet[name] = f"{sheet.get(name, '')};{declarations}"[-_LONGEST_STYLE:]
        if left <= 0:
            break
    return sheet


def _rules(text: str) -> list[tuple[str, str]]:
    """The rules outside of any other block, as selectors and declarations."""
    found, depth, selectors = [], 0, ""
    for piece in text.split("{"):
        inner, *outer = piece.split("}")
        if depth == 1 and outer and not selectors.lstrip().startswith("@"):
            found.append((selectors, inner))
        depth = max(0, depth - len(outer)) + 1
        selectors = (outer[-1] if outer else inner).rpartition(";")[2]
    return found


def look_of(name: str, attributes: str, around: Appearance, sheet: Sheet) -> Appearance:
    """The look of an element with these attributes (as the parser writes them) within another look."""
    text = _styles_of(name, attributes, sheet) if sheet else ""
    if "style=" in attributes and (match := _STYLE.search(attributes)):
        text += match[1][:_LONGEST_STYLE]
    style = _read_style(text[-_LONGEST_STYLES:]) if text else _UNCHANGED
    colour, background = style.colour, style.background
    if "color=" in attributes or " background=" in attributes or " text=" in attributes:
        named = dict(_COLOURS.findall(attributes))
        colour = colour or named.get("color") or named.get("text", "")
        background = "url(" if "background" in named else background or named.get("bgcolor", "")
    behind = _read_colour(background, around.background) if background else around.background
    ink = _read_colour(colour, behind) if colour else around.colour
    is_gone = (
        around.is_gone
        or style.is_gone
        or (" hidden" in attributes and bool(_HIDDEN.search(_VALUE.sub("=", attributes))))
    )
    is_tiny = around.is_tiny if style.is_tiny is None else style.is_tiny
    is_invisible = around.is_invisible if style.is_invisible is None else style.is_invisible
    is_hidden = is_gone or is_tiny or is_invisible or _are_alike(ink, behind)
    look = Appearance(is_gone, is_tiny, is_invisible, style.is_raised, ink, behind, is_hidden)
    return around if look == around else look


@lru_cache(maxsize=512)
def _read_style(text: str) -> _Style:
    declared = {name: value.strip() for name, value in _DECLARATION.findall(text.lower())}
    size = declared.get("font-size", declared.get("font", ""))
    visibility = declared.get("visibility")
    background = declared.get("background", "")
    if "background-image" in declared:
        background = "url("
    return _Style(
        _is_gone(declared),
        _length(size) <= 1 if _is_number(size) else None,
        None if visibility is None else visibility.startswith(("hidden", "collapse")),
        declared.get("vertical-align", "") in {"super", "text-top"},
        _unless_inherited(declared.get("color", "")),
        _unless_inherited(declared.get("background-color", "")) or _unless_inherited(background),
    )


def _unless_inherited(value: str) -> str:
    return "" if value in {"inherit", "none", "initial", "unset"} else value


def _styles_of(name: str, attributes: str, sheet: Sheet) -> str:
    named = dict(_NAMES.findall(attributes))
    names = [f".{word}" for word in named.get("class", "").lower().split()[:20]]
    names += [f"#{word}" for word in named.get("id", "").lower().split()[:1]]
    return "".join([f"{sheet[key]};" for key in (name, *names, *(name + key for key in names)) if key in sheet])


@lru_cache(maxsize=1024)
def _read_colour(text: str, behind: Colour | None) -> Colour | None:
    """A colour of CSS; `behind` is what shows through a transparent one. None for what can't be told, as an image."""
    text = text.lower()
    if match := _RGB.search(text):
        return behind if match[4] in {"0", "0.0", "0%", ".0"} else (int(match[1]), int(match[2]), int(match[3]))
    if "(" in text:
        return None
    if match := _HEX.search(text):
        digits = match[1] if len(match[1]) == 6 else "".join(digit * 2 for digit in match[1])
        return int(digits[:2], 16), int(digits[2:4], 16), int(digits[4:], 16)
    word = text.split()[0] if text.split() else ""
    return behind if word == "transparent" else _NAMED.get(word)


@lru_cache(maxsize=1024)
def _are_alike(one: Colour | None, other: Colour | None) -> bool:
    return one is not None and other is not None and all(abs(a - b) <= _ALIKE for a, b in zip(one, other, strict=True))


def _is_gone(declared: dict[str, str]) -> bool:
    """Whether nothing within the element can be seen, whatever its parts say."""
    if declared.get("display", "").startswith("none") or declared.get("mso-hide", "").startswith("all"):
        return True
    if (opacity := declared.get("opacity")) and _is_number(opacity) and _length(opacity) <= 0.02:
        return True
    if declared.get("clip", "").replace(" ", "").startswith("rect(0") or "scale(0)" in declared.get("transform", ""):
        return True
    if declared.get("overflow", "").startswith("hidden"):
        sizes = [declared.get(key, "") for key in ("height", "max-height", "width", "max-width")]
        if any(_is_number(size) and _length(size) <= 1 for size in sizes):
            return True
    places = [declared.get(key, "") for key in ("left", "top", "text-indent", "margin-left", "margin-top")]
    return any(place.startswith("-") and _length(place) <= -_FAR for place in places)


def _is_number(text: str) -> bool:
    return text[:1] != "" and text[:1] in "0123456789."


def _length(text: str) -> float:
    """A length in pixels, about."""
    match = _NUMBER.match(text)
    if match is None or not any(character.isdigit() for character in match[1]):
        return 16.0
    return float(match[1]) * {"em": 16, "rem": 16, "ex": 8, "%": 0.16, "pt": 1.33}.get(match[2] or "", 1)
