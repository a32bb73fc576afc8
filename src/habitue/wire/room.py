"""Room on the disk: when to warn, and when to take nothing more in so that what was accepted can still be done."""

from __future__ import annotations

import errno
import os
import shutil
import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from habitue.model.event import Event
from habitue.run.ports import Appended, DeadLetter, Log
from habitue.settings import Disk
from habitue.store.failures import StoreFull

LOOKED_FOR_SECONDS = 1.0
"""A look costs some 2 µs; a request more."""
WARN_PART, RESERVE_PART = 10, 50
"""On a small disk the bounds are a tenth and a fiftieth of it: bounds for large ones would leave nothing."""

_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


class Space(NamedTuple):
    """Bytes. Below `warn` an alarm says so; below `reserve` no events are taken in."""

    free: int
    warn: int
    reserve: int

    @property
    def is_low(self) -> bool:
        return self.free < self.warn

    @property
    def is_full(self) -> bool:
        return self.free < self.reserve


class Room:
    """How much there is in a data directory, looked at once a second at most."""

    def __init__(self, data: Path, bounds: Disk, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._data = data
        self._bounds = bounds
        self._monotonic = monotonic
        self._seen: tuple[float, Space] | None = None

    def space(self) -> Space:
        now = self._monotonic()
        if self._seen is None or now - self._seen[0] >= LOOKED_FOR_SECONDS:
            self._seen = now, self._look()
        return self._seen[1]

    def _look(self) -> Space:
        found = shutil.disk_usage(self._data)
        return Space(
            free=found.free,
            warn=min(self._bounds.warn_bytes, found.total // WARN_PART),
            reserve=min(self._bounds.reserve_bytes, found.total // RESERVE_PART),
        )


class RoomyLog:
    """The log as clients reach it: nothing is taken in that would use up the reserve. `refused` hears why."""

    def __init__(self, log: Log, room: Room, refused: Callable[[str], None] = lambda why: None) -> None:
        self._log = log
        self._room = room
        self._refused = refused

    def append(self, events: Sequence[Event], dead: Sequence[DeadLetter] = ()) -> Appended:
        try:
            return self._append(events, dead)
        except StoreFull as error:
            # A quota may refuse the alarm's own file too: here it is kept in the memory of the one who is asked.
            self._refused(str(error))
            raise

    def _append(self, events: Sequence[Event], dead: Sequence[DeadLetter]) -> Appended:
        space = self._room.space()
        if space.is_full:
            raise StoreFull(
                f"{space.free:,} bytes are free, and {space.reserve:,} are kept in reserve (disk.reserve_bytes); "
                "make room"
            )
        return self._log.append(events, dead)


def can_write(data: Path, size: int = 256 * 1024) -> bool:
    """Whether a file can be written, and its bytes kept: a quota may refuse where the disk itself has room."""
    probe = data / ".room"
    try:
        descriptor = os.open(probe, os.O_CREAT | os.O_WRONLY | os.O_TRUNC | os.O_CLOEXEC, 0o600)
        try:
            os.write(descriptor, b"\0" * size)
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
    except OSError:
        return False
    finally:
        probe.unlink(missing_ok=True)
    return True


def speaks_of_full_disk(error: BaseException) -> bool:
    """Whether that is what ended a piece of work, however deep it lies."""
    return any(
        isinstance(one, StoreFull)
        or (isinstance(one, OSError) and one.errno in _FULL)
        or (isinstance(one, sqlite3.Error) and getattr(one, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_FULL)
        for one in causes(error)
    )


def causes(error: BaseException | None) -> Iterator[BaseException]:
    """An error, what it came from, and all that a group of tasks raised."""
    seen: set[int] = set()
    waiting = [error]
    while waiting:
        one = waiting.pop()
        if one is None or id(one) in seen:
            continue
        seen.add(id(one))
        yield one
        waiting += [one.__cause__, one.__context__]
        if isinstance(one, BaseExceptionGroup):
            waiting += one.exceptions
