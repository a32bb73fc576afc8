"""The past as tables: SQL over the archive and what has not reached it yet, standing at one position of the log.

Everything imported here but DuckDB and Arrow is small; those two are imported by who opens a history.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, TypeVar

from habitue.errors import HabitueError
from habitue.model.event import Record
from habitue.model.instant import Instant

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

Answer = TypeVar("Answer")

ATTEMPTS_MAX = 20
"""Parts of the archive may be merged between listing and reading; each time they are listed anew."""

_COLUMNS = """
  position, date, customer, name,
  epoch_us(occurred_at) AS occurred_at, epoch_us(received_at) AS received_at,
  event_id, type, source, properties, traits, context
"""
_TAIL = "(SELECT (received_at AT TIME ZONE 'UTC')::DATE AS date, * FROM hot_tail)"
_PEOPLE = """
SELECT customer, min(received_at) AS first_received_at FROM events WHERE customer IS NOT NULL GROUP BY customer
"""


class HistoryBusy(HabitueError):
    """The archive's files changed each time they were read."""


class History:
    """A DuckDB connection over what happened up to `position`, which was received at `at`. Two tables:

    - `events(position, date, customer, name, occurred_at, received_at, event_id, type, source, properties, traits,
      context)`: `customer` is the living customer's id, null for nobody's; times are µs UTC; `date` is the day (UTC) of
      reception, by which the archive's files lie, and never before that of `occurred_at`; the last three are JSON.
    - `people(customer, first_received_at)`: everyone there is.

    Not for several threads at once: each takes a `connection.cursor()` of its own.
    """

    connection: duckdb.DuckDBPyConnection
    position: int
    at: Instant

    def __init__(
        self, folder: Path | None, tail: pa.Table, *, memory_limit: str = "2GB", threads: int | None = None
    ) -> None:
        """Over an archive's folder, if any, and a table of what is not in it."""
        self._folder = folder
        self._spill = Path(tempfile.mkdtemp(prefix="habitue-"))
        self.connection = _connect(memory_limit, threads, self._spill)
        self.connection.register("hot_tail", tail)
        self._list_parts()
        self.connection.execute(f"CREATE VIEW people AS {_PEOPLE}")
        _lock(self.connection, folder)
        self.position, self.at = self._end()

    @classmethod
    def of_folder(cls, folder: Path | str, *, memory_limit: str = "2GB", threads: int | None = None) -> History:
        """Over nothing but Parquet files in an archive's layout, up to their last position."""
        return cls(Path(folder), _table(()), memory_limit=memory_limit, threads=threads)

    @classmethod
    def of_records(
        cls,
        records: Iterable[tuple[str | None, Record]],
        *,
        memory_limit: str = "2GB",
        threads: int | None = None,
    ) -> History:
        """Over these records alone, each with the customer it belongs to."""
        return cls(None, _table(records), memory_limit=memory_limit, threads=threads)

    def ask(self, sql: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """A question's rows."""
        return self._attempt(lambda: self.connection.execute(sql, list(parameters)).fetchall())

    def ask_table(self, sql: str, parameters: Sequence[Any] = ()) -> pa.Table:
        """A question's rows as an Arrow table."""
        return self._attempt(lambda: self.connection.execute(sql, list(parameters)).to_arrow_table())

    def _attempt(self, asked: Callable[[], Answer]) -> Answer:
        import duckdb

        for _ in range(ATTEMPTS_MAX):
            try:
                return asked()
            except duckdb.IOException as error:
                if self._folder is None or not _is_missing(error):
                    raise
                self._list_parts()
        raise HistoryBusy(f"{self._folder}: its files changed each time they were read; ask again")

    def _list_parts(self) -> None:
        parts = sorted(str(path) for path in self._folder.glob("events/date=*/*.parquet")) if self._folder else []
        sources = [_TAIL]
        if parts:
            names = ", ".join(f"'{part.replace(chr(39), chr(39) * 2)}'" for part in parts)
            # Straight from the files: behind one more subquery, filters on times do not reach their statistics.
            sources.insert(0, f"read_parquet([{names}], hive_partitioning = true, hive_types = {{'date': DATE}})")
        body = " UNION ALL ".join(f"SELECT {_COLUMNS} FROM {source}" for source in sources)  # noqa: S608  # Our own text.
        self.connection.execute(f"CREATE OR REPLACE VIEW events AS {body}")

    def _end(self) -> tuple[int, Instant]:
        """The last position and its reception. Reception never goes back, so the last day knows."""
        row = self.ask("SELECT max(position), max(received_at) FROM events WHERE date = (SELECT max(date) FROM events)")
        return (-1, 0) if row[0][0] is None else (row[0][0], row[0][1])

    def close(self) -> None:
        self.connection.close()
        shutil.rmtree(self._spill, ignore_errors=True)

    def __enter__(self) -> History:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _connect(memory_limit: str, threads: int | None, spill: Path) -> duckdb.DuckDBPyConnection:
    import duckdb

    connection = duckdb.connect(
        config={
            "memory_limit": memory_limit,
            "temp_directory": str(spill),
            "preserve_insertion_order": False,  # Else a large answer is held back in memory until it is whole.
            "python_enable_replacements": False,
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
            "allow_community_extensions": False,
        }
    )
    if threads is not None:
        connection.execute(f"SET threads = {int(threads)}")
    connection.execute("SET TimeZone = 'UTC'")
    return connection


def _lock(connection: duckdb.DuckDBPyConnection, folder: Path | None) -> None:
    """From here on it reads this archive, writes its own spilled pages, and can do nothing else outside itself."""
    if folder is not None:
        quoted = f"{folder}/".replace("'", "''")
        connection.execute(f"SET allowed_directories = ['{quoted}']")
    connection.execute("SET enable_external_access = false")
    connection.execute("SET lock_configuration = true")


def _table(records: Iterable[tuple[str | None, Record]]) -> pa.Table:
    from habitue.store.archive.columns import EVENTS, event_row, table_of

    place = EVENTS.get_field_index("customer")
    rows = []
    for customer, record in records:
        row = list(event_row(record))
        row[place] = customer
        rows.append(tuple(row))
    return table_of(rows, EVENTS) if rows else EVENTS.empty_table()


def _is_missing(error: Exception) -> bool:
    text = str(error)
    return "No such file" in text or "No files found" in text or "does not exist" in text
