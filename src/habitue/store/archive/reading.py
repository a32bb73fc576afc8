"""Reads the archive's events back as the log's records: what a backtest over years runs on."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from habitue.model.event import Record
from habitue.model.instant import Instant

from .archive import day_of


def read_events(
    directory: Path | str, *, since: Instant | None = None, until: Instant | None = None, after: int = -1
) -> Iterator[Record]:
    """Records received at `since` or later and before `until`, after a position, in the order of the log.

    Goes on undisturbed while the archive is written and its parts are merged.
    """
    position = after
    while True:
        try:
            for path in _parts(Path(directory) / "events", since, until):
                for record in _records(path, position):
                    position = record.position
                    if (since is None or record.received_at >= since) and (until is None or record.received_at < until):
                        yield record
            return
        except FileNotFoundError:
            continue  # Parts were merged since they were listed: list again and go on after the last record read.


def _parts(events: Path, since: Instant | None, until: Instant | None) -> list[Path]:
    first = "" if since is None else f"date={day_of(since)}"
    last = "~" if until is None else f"date={day_of(until)}"
    days = [day for day in events.glob("date=*") if first <= day.name <= last]
    # Reception never goes back, so the order of days and then of positions is the order of the log.
    return sorted(
        (part for day in days for part in day.glob("*.parquet")), key=lambda part: (part.parent.name, part.name)
    )


def _records(path: Path, after: int) -> Iterator[Record]:
    from .columns import records  # pyarrow is large: paid for by who reads.

    if int(path.stem.split("-")[1]) > after:
        yield from records(path, after)
