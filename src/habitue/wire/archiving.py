"""The archive process: events, decisions and deliveries to Parquet, a second or two behind."""

from __future__ import annotations

from habitue.run.embedded import repeat
from habitue.run.lifeline import Lifeline
from habitue.store.archive import Archive

from .parts import ARCHIVE_FOLDER, Parts

ROWS_MAX = 2_000
"""In one step. Ten times as many are hardly faster, and the process would keep three times the memory for good."""


def archive(parts: Parts, line: Lifeline) -> None:
    """Write what is new until told to stop, and once more before the end."""
    kept = Archive(parts.data / ARCHIVE_FOLDER, rows_max=ROWS_MAX)
    line.say_ready()
    try:
        repeat(
            lambda: kept.once(parts.log, parts.view, parts.deliveries).more,
            line,
            parts.settings.archive.interval_seconds,
        )
    finally:
        kept.close()
