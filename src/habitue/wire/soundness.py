"""Looks every database through for damage: `python -m habitue.wire.soundness DATA`, begun once a day, at low priority.

A process of its own: what it reads fills no other's memory, and what a broken file does to it ends nobody else.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import msgspec

from habitue import private
from habitue.model.instant import Instant
from habitue.store.sqlite.soundness import Rest, Slowly, look_through

from .inventory import NOT_MISSED
from .parts import Parts, create

NOTE_FILE = "soundness.json"
SLEEP_TIMES = 4.0
"""A fifth of one core at most."""


class Soundness(msgspec.Struct, frozen=True, kw_only=True):
    """What the latest look found: file → sentences; a file that is sound is not in it."""

    at: Instant
    seconds: float
    files: int
    damaged: dict[str, list[str]]


def look(parts: Parts, rest: Rest = lambda: None, monotonic: Callable[[], float] = time.monotonic) -> Soundness:
    """Look through every database, sound or clear an alarm for each, and note what was found."""
    began = monotonic()
    paths = sorted(path for path in parts.data.glob("*.db") if path.name not in NOT_MISSED)
    damaged: dict[str, list[str]] = {}
    for path in paths:
        found = look_through(path, rest)
        now = parts.clock.now()
        if found:
            damaged[path.name] = found
            parts.alarms.sound("file_damaged", path.name, "; ".join(found), now)
        else:
            parts.alarms.clear("file_damaged", path.name, now)
    result = Soundness(at=parts.clock.now(), seconds=monotonic() - began, files=len(paths), damaged=damaged)
    with suppress(OSError):  # On a full disk the alarm alone says it.
        private.replace(parts.data / NOTE_FILE, msgspec.json.encode(result))
    return result


def damaged_file(error: Exception) -> str:
    """The name of the file that an error of a store is about: they all begin with it."""
    return Path(str(error).partition(":")[0]).name


def read(data: Path) -> Soundness | None:
    """What the latest look found; None when there was none."""
    try:
        return msgspec.json.decode((data / NOTE_FILE).read_bytes(), type=Soundness)
    except (OSError, msgspec.DecodeError):
        return None


def main(arguments: list[str]) -> int:
    os.umask(private.UMASK)
    os.nice(19)
    parts = create(Path(arguments[0]))
    look(parts, Slowly(SLEEP_TIMES))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
