"""A clock that runs ahead or behind by `DESK_CLOCK` seconds, in every process that has this folder on its path."""

from __future__ import annotations

import os
import time

_AHEAD = int(os.environ["DESK_CLOCK"])
_time, _time_ns = time.time, time.time_ns


def _shifted() -> float:
    return _time() + _AHEAD


def _shifted_ns() -> int:
    return _time_ns() + _AHEAD * 10**9


time.time, time.time_ns = _shifted, _shifted_ns
