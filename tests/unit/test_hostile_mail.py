"""No mail takes time or memory out of proportion: whatever repeats in it, it is read, judged, found and shown in time.

The times are those of the process, and far from what a slow machine takes: they tell linear from quadratic.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from supportctl.mail.message import parse_message
from tests.support import reading
from tests.support.desks import ROOT
from tests.support.hostile_mail import BODIES, FIELDS, FRAMES, PIECES, all_fields_filled, field_filled
from tests.support.reading import above, timed

SECONDS = 2.0
"""What any mail of a megabyte may take; here they are smaller, and take less."""

MEASURED = """\
import re, sys
from pathlib import Path
from supportctl.mail.message import parse_message
from tests.support.hostile_mail import BODIES

def peak():
    # Not getrusage, which counts what the parent of this process took.
    return int(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1])

parse_message(BODIES["HTML of text"](1000), received=0)
raw = Path(sys.argv[1]).read_bytes()
before = peak()
parse_message(raw, received=0)
print((peak() - before) >> 10)
"""
"""Prints the megabytes that reading takes besides the mail itself."""


@pytest.mark.parametrize("name", BODIES)
def test_a_body_is_read_judged_found_and_shown_in_time(name: str, tmp_path: Path) -> None:
    raw = BODIES[name](200_000)
    seconds: dict[str, float] = {}
    with timed(seconds, "reading"):
        content = reading.read(raw)
    with timed(seconds, "rules"):
        reading.judge(content)
    with timed(seconds, "show"):
        shown = reading.show(content)
    with timed(seconds, "search"):
        reading.search(content, tmp_path)
    with timed(seconds, "answers"):
        reading.answer(content, raw)
    assert above(SECONDS, seconds) == {}
    assert shown.startswith("s20261123.1")


@pytest.mark.parametrize("piece", PIECES, ids=repr)
def test_fields_are_read_and_judged_in_time(piece: bytes) -> None:
    seconds: dict[str, float] = {}
    for first in (0, 7):
        raw = all_fields_filled(piece, first, 300_000)
        with timed(seconds, f"from frame {first} on"):
            content = reading.read(raw)
            reading.judge(content)
            reading.show(content)
    assert above(SECONDS, seconds) == {}


@pytest.mark.slow
@pytest.mark.parametrize("name", FIELDS)
@pytest.mark.parametrize("frame", FRAMES, ids=repr)
def test_a_field_of_a_megabyte_is_read_in_time(name: str, frame: tuple[bytes, bytes]) -> None:
    seconds: dict[str, float] = {}
    for piece in PIECES:
        with timed(seconds, repr(piece)):
            content = reading.read(field_filled(name, piece, frame, 1_000_000))
            reading.judge(content)
    assert above(SECONDS, seconds) == {}


@pytest.mark.slow
@pytest.mark.parametrize("name", BODIES)
def test_a_body_of_a_megabyte_is_read_in_time(name: str, tmp_path: Path) -> None:
    raw = BODIES[name](1_000_000)
    seconds: dict[str, float] = {}
    with timed(seconds, "reading"):
        content = parse_message(raw, received=0)
    assert above(SECONDS, seconds) == {}
    with timed(seconds, "search"):
        reading.search(content, tmp_path)
    assert above(2 * SECONDS, seconds) == {}


LARGE = (
    "text of a long word",
    "HTML of formatting that is left open",
    "a file in base64",
    "uuencode of cut lines",
    "many empty fields",
)


def measure(raw: bytes, folder: Path) -> int:
    """The megabytes that a process of its own takes to read a mail, besides the mail itself."""
    # From a file, as making the mail takes more.
    (folder / "mail").write_bytes(raw)
    command = [sys.executable, "-c", MEASURED, str(folder / "mail")]
    return int(subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout)


@pytest.mark.parametrize("name", LARGE)
def test_reading_takes_little_memory(name: str, tmp_path: Path) -> None:
    assert measure(BODIES[name](16_000_000), tmp_path) < 90


@pytest.mark.slow
@pytest.mark.parametrize("name", BODIES)
def test_reading_a_mail_of_64_mb_takes_little_memory(name: str, tmp_path: Path) -> None:
    assert measure(BODIES[name](64_000_000), tmp_path) < 160
