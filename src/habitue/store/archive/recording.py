"""The archive as a backtest reads it: stretches of rows up to one position of the log, and the log's tail after it.

The archive is written and merged meanwhile: a day is listed anew until all its parts are open, and what is open stays
readable whatever becomes of the file.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from habitue.model.event import Record
from habitue.run.ports import Stretch

if TYPE_CHECKING:
    import pyarrow as pa
    import pyarrow.parquet as pq

STRETCH_ROWS = 50_000
TAIL_ROWS = 50_000
"""Of the tail, so many records at a time are made a table."""
ATTEMPTS_MAX = 100
EVERYTHING = 1 << 62


class DayStretch(NamedTuple):
    """Rows of one day: those after a position, up to another."""

    day: Path
    after: int
    until: int
    rows: int

    def tables(self, columns: Sequence[str]) -> Iterator[pa.Table]:
        import pyarrow as pa
        import pyarrow.compute as pc

        with ExitStack() as files:
            for file in _opened(self.day, files):
                named = [name for name in columns if name in file.schema_arrow.names]
                for group, (first, last, _) in enumerate(_groups(file)):
                    if last <= self.after or first > self.until:
                        continue
                    table = file.read_row_group(group, columns=list(dict.fromkeys(["position", *named])))
                    position = table.column("position")
                    table = table.filter(pc.and_(pc.greater(position, self.after), pc.less_equal(position, self.until)))
                    for name in columns:
                        if name not in named:  # Parts from before identifiers were kept.
                            table = table.append_column(name, pa.array(["{}"] * table.num_rows, pa.string()))
                    yield table.select(list(columns))


class TailStretch(NamedTuple):
    """Records that are not archived yet, as the archive would keep them."""

    table: pa.Table

    @property
    def rows(self) -> int:
        return self.table.num_rows  # type: ignore[no-any-return]

    def tables(self, columns: Sequence[str]) -> Iterator[pa.Table]:
        yield self.table.select(list(columns))


class ArchiveRecording:
    """An archive's folder up to a position, if there is one, and after it a tail of records."""

    def __init__(self, folder: Path | None, until: int = EVERYTHING, tail: Iterable[Record] = ()) -> None:
        self._folder = folder
        self._until = until
        self._tail = tail

    def stretches(self) -> list[Stretch]:
        days = sorted(self._folder.glob("events/date=*")) if self._folder is not None else []
        return [*(stretch for day in days for stretch in self._of_day(day)), *self._of_tail()]

    def _of_day(self, day: Path) -> Iterator[Stretch]:
        """A day in stretches of about so many rows, parted where row groups end."""
        after, rows, end = -1, 0, -1
        with ExitStack() as files:
            for file in _opened(day, files):
                for first, last, count in _groups(file):
                    if first > self._until:
                        break
                    rows, end = rows + count, min(last, self._until)
                    if rows >= STRETCH_ROWS:
                        yield DayStretch(day, after, end, rows)
                        after, rows = end, 0
        if rows:
            yield DayStretch(day, after, end, rows)

    def _of_tail(self) -> Iterator[Stretch]:
        from .columns import EVENTS, event_row, table_of

        tail = iter(self._tail)
        while records := list(islice(tail, TAIL_ROWS)):
            yield TailStretch(table_of((event_row((record, None)) for record in records), EVENTS))


def _groups(file: pq.ParquetFile) -> Iterator[tuple[int, int, int]]:
    """(first position, last, rows) of each row group; positions rise within a file."""
    place = file.schema_arrow.names.index("position")
    for number in range(file.num_row_groups):
        group = file.metadata.row_group(number)
        statistics = group.column(place).statistics
        known = statistics is not None and statistics.has_min_max
        yield (statistics.min, statistics.max, group.num_rows) if known else (0, EVERYTHING, group.num_rows)


def _opened(day: Path, files: ExitStack) -> list[pq.ParquetFile]:
    """All of a day's parts, open; none when the day was dropped."""
    import pyarrow.parquet as pq

    for _ in range(ATTEMPTS_MAX):
        try:
            before = day.stat().st_ino
            parts = sorted(day.glob("*.parquet"))
            if day.stat().st_ino != before:
                continue  # The day was exchanged for its merged self while it was listed.
            with ExitStack() as opening:
                found = [opening.enter_context(pq.ParquetFile(part)) for part in parts]
                files.push(opening.pop_all())
                return found
        except FileNotFoundError:
            if not day.exists():
                return []
    raise FileNotFoundError(f"{day}: its parts changed each time they were listed")
