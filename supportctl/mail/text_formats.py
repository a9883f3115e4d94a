"""Formats of text that few programs send, as plain text: text/enriched, text/richtext, text/calendar."""

from __future__ import annotations

import re

_COMMAND = re.compile(r"<(/?)([A-Za-z0-9-]{1,60})>|<<")
_NEWLINES = re.compile(r"\n+")


def read_enriched(source: str) -> str:
    """A text/enriched (RFC 1896) or text/richtext (RFC 1341) document without its commands."""
    pieces: list[str] = []
    silent, unfilled, at = 0, 0, 0
    for command in _COMMAND.finditer(source):
        if not silent:
            pieces.append(_fill(source[at : command.start()], unfilled > 0))
        at = command.end()
        name, step = (command[2] or "").lower(), -1 if command[1] else 1
        if name in {"param", "comment"}:
            silent = max(0, silent + step)
        elif name == "nofill":
            unfilled = max(0, unfilled + step)
        elif not silent:
            pieces.append({"": "<", "lt": "<", "nl": "\n", "np": "\n"}.get(name, ""))
    pieces.append("" if silent else _fill(source[at:], unfilled > 0))
    return "".join(pieces)


def _fill(text: str, is_kept: bool) -> str:
    """The lines of a paragraph as one: a line end is a space, and n of them are n - 1."""
    return text if is_kept else _NEWLINES.sub(lambda ends: "\n" * (len(ends[0]) - 1) or " ", text)


_FOLD = re.compile(r"\n[ \t]")
_PROPERTY = re.compile(r"([A-Za-z-]{1,40})((?:;[^:\"]{0,200}(?:\"[^\"]{0,200}\")?){0,4}):")
_TIME = re.compile(r"(\d{4})(\d\d)(\d\d)(?:T(\d\d)(\d\d)\d{0,2}(Z?))?")
_ESCAPE = re.compile(r"\\([\\;,nN])")
_SHOWN = {
    "SUMMARY": "",
    "DTSTART": "From",
    "DTEND": "Until",
    "DUE": "Due",
    "LOCATION": "Where",
    "ORGANIZER": "Organizer",
    "DESCRIPTION": "",
    "COMMENT": "",
}
_METHODS = {"REQUEST": "Invitation", "CANCEL": "Cancelled", "REPLY": "Answer to an invitation", "PUBLISH": "Event"}
_ENTRIES = {"VEVENT", "VTODO", "VJOURNAL"}


def read_calendar(source: str) -> str:
    """What an invitation says (RFC 5545): what, when, where, by whom; other text as it is."""
    lines: list[str] = []
    method, within = "", ""
    for line in _FOLD.sub("", source).split("\n"):
        match = _PROPERTY.match(line)
        if match is None:
            continue
        name, value = match[1].upper(), line[match.end() :].strip()
        if name == "METHOD":
            method = _METHODS.get(value.upper(), "")
        elif name in {"BEGIN", "END"}:
            within = value.upper() if name == "BEGIN" else ""
            if name == "BEGIN" and within in _ENTRIES:
                lines.append(f"{method or 'Event'}:")
        elif within in _ENTRIES and name in _SHOWN and value:
            lines.append(_describe(_SHOWN[name], match[2], value))
    return "\n".join(lines) + "\n" if lines else source


def _describe(title: str, parameters: str, value: str) -> str:
    if title in {"From", "Until", "Due"}:
        return f"{title}: {_read_time(value, parameters)}"
    text = _ESCAPE.sub(lambda match: "\n" if match[1] in "nN" else match[1], value).strip()
    if title == "Organizer":
        text = text.removeprefix("mailto:").removeprefix("MAILTO:")
    return f"{title}: {text}" if title else text


def _read_time(value: str, parameters: str) -> str:
    match = _TIME.match(value)
    if match is None:
        return value
    day = f"{match[1]}-{match[2]}-{match[3]}"
    zone = " UTC" if match[6] else f" {parameters.partition('TZID=')[2].partition(';')[0]}".rstrip()
    return f"{day} {match[4]}:{match[5]}{zone}" if match[4] else day
