"""One kind's folder of the archive: a directory per day, in it parts named by the numbers they cover.

Whoever lists a day finds every row once: a part appears whole by a rename, and merging builds the day anew beside the
archive and exchanges the two directories in one move of the file system.
"""

from __future__ import annotations

import ctypes
import errno
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

QUIET_SECONDS = 600
"""A day that is not the latest is made one file when nothing came for so long."""

ASIDE = ".old"
_AT_FDCWD, _RENAME_EXCHANGE = -100, 2
_NOT_HERE = {errno.ENOSYS, errno.EINVAL, errno.ENOTSUP, errno.EXDEV}


class Part(NamedTuple):
    first: int
    last: int
    size: int
    """In bytes."""

    @property
    def name(self) -> str:
        return f"{self.first:015d}-{self.last:015d}.parquet"


class Folder:
    """Knows its parts by heart: one process writes them, and listing a year of days each second would cost."""

    def __init__(self, archive: Path, kind: str) -> None:
        self._path = archive / kind
        self._staging = archive / ".staging" / kind
        self._days: dict[str, list[Part]] = {}
        self._changed: dict[str, float] = {}
        self._path.mkdir(exist_ok=True)
        _put_back(self._staging, self._path)
        # What else lies in staging was never part of the archive, or is no more.
        shutil.rmtree(self._staging, ignore_errors=True)
        self._staging.mkdir(parents=True)
        for file in self._path.glob("date=*/*.parquet"):
            day = file.parent.name.removeprefix("date=")
            self._days.setdefault(day, []).append(_part(file))
            self._changed[day] = max(self._changed.get(day, 0.0), file.stat().st_mtime)
        for parts in self._days.values():
            parts.sort()

    @contextmanager
    def new_part(self, day: str, first: int, last: int) -> Iterator[Path]:
        """A path to write a part to. It is in the archive when the context ends well, whole and durable."""
        target = self._path / f"date={day}" / Part(first, last, 0).name
        if not target.parent.exists():
            target.parent.mkdir()
            _sync_directory(self._path)
        draft = self._staging / target.name
        yield draft
        _sync_file(draft)
        os.replace(draft, target)
        _sync_directory(target.parent)
        # A step taken again after a crash replaces its own part.
        parts = [part for part in self._days.get(day, []) if part.first != first]
        self._days[day] = sorted([*parts, _part(target)])
        self._changed[day] = time.time()

    def parts(self) -> list[tuple[str, Part, Path]]:
        """(day, part, its file) of all that is there."""
        found = [
            (day, part, self._path / f"date={day}" / part.name) for day, parts in self._days.items() for part in parts
        ]
        return [one for one in found if one[2].exists()]

    def drop_days(self, before: str) -> int:
        """Remove the days before one, whole; returns how many parts they had."""
        gone = 0
        for day in [day for day in self._days if day < before]:
            gone += len(self._days.pop(day))
            self._changed.pop(day, None)
            shutil.rmtree(self._path / f"date={day}", ignore_errors=True)
        if gone:
            _sync_directory(self._path)
        return gone

    def day_to_merge(self, parts_max: int) -> tuple[str, int] | None:
        """(day, from which of its parts on) where merging is worth while."""
        latest = max(self._days, default="")  # A day all of whose parts were moved away is an empty list.
        for day, parts in self._days.items():
            if len(parts) > parts_max:
                return day, _first_to_merge(parts)
            if len(parts) > 1 and day != latest and self._changed[day] < time.time() - QUIET_SECONDS:
                return day, 0
        return None

    def merge(self, day: str, start: int) -> int:
        """Put the day's parts from `start` on into one."""
        from .columns import merge_files

        parts = self._days[day]
        here, fresh = self._path / f"date={day}", self._staging / f"date={day}"
        there = [part for part in parts if (here / part.name).exists()]
        if there != parts:  # Somebody moved parts away, as they may.
            self._days[day] = there
            return 0
        kept, merged = parts[:start], parts[start:]
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir()
        for part in kept:
            os.link(here / part.name, fresh / part.name)
        result = fresh / Part(merged[0].first, merged[-1].last, 0).name
        merge_files([here / part.name for part in merged], result)
        _sync_file(result)
        _sync_directory(fresh)

        _exchange(here, fresh)
        _sync_directory(self._path)
        self._days[day] = [*kept, _part(here / result.name)]
        shutil.rmtree(fresh, ignore_errors=True)
        return len(merged)


def _part(file: Path) -> Part:
    first, last = file.stem.split("-")
    return Part(int(first), int(last), file.stat().st_size)


def _first_to_merge(parts: list[Part]) -> int:
    """Merge from the newest back to where a part is larger than all newer ones together.

    So each row is rewritten about as often as the number of parts can be halved, and a large part is left in peace.
    """
    start = len(parts) - 2
    size = parts[-1].size + parts[start].size
    while start > 0 and parts[start - 1].size <= size:
        start -= 1
        size += parts[start].size
    return start


def _exchange(one: Path, other: Path) -> None:
    """Exchange two directories in one move: whoever lists the day sees it as it was or as it is."""
    libc = ctypes.CDLL(None, use_errno=True)
    exchange = getattr(libc, "renameat2", None)
    if exchange is not None:
        if exchange(_AT_FDCWD, os.fsencode(one), _AT_FDCWD, os.fsencode(other), _RENAME_EXCHANGE) == 0:
            return
        if ctypes.get_errno() not in _NOT_HERE:
            raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()), str(one))
    # Not on Linux, or a file system that cannot: for the moment between two renames the day is not there.
    aside = other.with_name(other.name + ASIDE)
    os.rename(one, aside)
    os.rename(other, one)
    os.rename(aside, other)


def _put_back(staging: Path, folder: Path) -> None:
    """Days that a crash left aside between the two renames."""
    for aside in staging.glob(f"date=*{ASIDE}"):
        day = folder / aside.name.removesuffix(ASIDE)
        if not day.exists():
            os.rename(aside, day)


def replace_durably(path: Path, content: bytes) -> None:
    """Write a file so that a crash leaves the old or the new one."""
    draft = path.with_name(f".{path.name}.draft")
    draft.write_bytes(content)
    _sync_file(draft)
    os.replace(draft, path)
    _sync_directory(path.parent)


def _sync_file(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


_sync_directory = _sync_file
