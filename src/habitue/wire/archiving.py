"""The archive process: what happened to Parquet, a second or two behind; and out of every file what is to go."""

from __future__ import annotations

from habitue.run.clock import doubt_of
from habitue.run.embedded import repeat
from habitue.run.lifeline import Lifeline
from habitue.store.archive import Archive

from .erasing import Cleaner
from .parts import ARCHIVE_FOLDER, Parts
from .retention import Retention, find_requests

ROWS_MAX = 2_000
"""In one step. Ten times as many are hardly faster, and the process would keep three times the memory for good."""


def archive(parts: Parts, line: Lifeline) -> None:
    """Write what is new until told to stop, and once more before the end. In between, keep what was promised people."""
    folder = parts.data / ARCHIVE_FOLDER
    # Where no archive is written any more, people may still be erased from the one that was.
    kept = Archive(folder, rows_max=ROWS_MAX) if parts.settings.archive.enabled or folder.exists() else None
    cleaner, retention = Cleaner(parts, kept), Retention(parts, kept)
    line.say_ready()

    def step() -> bool:
        more = parts.settings.archive.enabled and kept is not None and _archive_once(kept, parts)
        return any((more, cleaner.step(), not doubt_of(parts.clock) and retention.step(), find_requests(parts)))

    try:
        repeat(step, line, parts.settings.archive.interval_seconds)
    finally:
        if kept is not None:
            kept.close()


def _archive_once(kept: Archive, parts: Parts) -> bool:
    return kept.once(parts.log, parts.view, parts.deliveries).more
