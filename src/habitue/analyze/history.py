"""The past as tables: SQL over the archive and what has not reached it yet, standing at one position of the log.

Everything imported here but DuckDB and Arrow is small; those two are imported by who opens a history.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from habitue.errors import HabitueError
from habitue.model.event import Record
from habitue.model.instant import Instant
from habitue.playbook.conditions.sql import Exchange
from habitue.playbook.playbook import Shop
from habitue.run.ports import Log, Trails
from habitue.store.archive.archive import read_progress

from .currency import told_in

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

    from .population import People, Population

MEMORY_LIMIT = "2GB"

Answer = TypeVar("Answer")

ATTEMPTS_MAX = 20
"""Parts of the archive may be merged between listing and reading; each time they are listed anew."""

_ROWS = """
  SELECT e.position, e.date, {customer} AS customer, e.name,
    epoch_us(e.occurred_at) AS occurred_at, epoch_us(e.received_at) AS received_at,
    e.event_id, e.type, e.source, e.properties, e.traits, e.context,
    e.anonymous_id, e.previous_id, e.identifiers
  FROM {source} AS e {joins} {where}
"""
_TAIL = "(SELECT (received_at AT TIME ZONE 'UTC')::DATE AS date, * FROM hot_tail)"
# Straight from the files: behind one more subquery, filters on times do not reach their statistics.
_PARTS = "read_parquet([{}], hive_partitioning = true, hive_types = {{'date': DATE}})"
_SEEN = """
SELECT customer, min(received_at) AS first_received_at FROM events WHERE customer IS NOT NULL GROUP BY customer
"""
_CHANGED_HANDS = """
SELECT given.position, given.customer FROM given JOIN events USING (position)
WHERE events.position BETWEEN ? AND ? AND given.customer IS DISTINCT FROM events.customer
"""


class HistoryBusy(HabitueError):
    """The archive's files change just now."""


class Ground(NamedTuple):
    """What a history stands on: an archive's rows up to a position, and a table of what came after."""

    archive: Path | None = None
    archived: int | None = None
    """None: all that is in its files."""
    tail: pa.Table | None = None
    moved: Mapping[int, str] = {}
    """Records of the archive that may have changed hands since they were written."""
    people: People | None = None
    """None: whoever did anything is there."""


class History:
    """A DuckDB connection over what happened up to `position`, which was received at `at`. Two tables:

    - `events(position, date, customer, name, occurred_at, received_at, event_id, type, source, properties, traits,
      context, anonymous_id, previous_id, identifiers)`: `customer` is the living customer's id, null for nobody's;
      times are µs UTC; `date` is the day (UTC) of reception, by which the archive's files lie, never before that of
      `occurred_at`; properties, traits, context and identifiers are JSON.
    - `people(customer, first_received_at)`: everyone there is.

    It reads files of this archive and spills to a folder of its own, and can do nothing else outside itself. Not for
    several threads at once: each takes a `connection.cursor()`.
    """

    connection: duckdb.DuckDBPyConnection
    position: int
    at: Instant

    def __init__(
        self,
        archive: Path | str,
        log: Log,
        trails: Trails,
        *,
        memory_limit: str = MEMORY_LIMIT,
        threads: int | None = None,
        population: Population | None = None,
    ) -> None:
        """Over all that the decide loop has absorbed. `population`: one kept by a process that asks often."""
        position, ground = _stand(Path(archive), log, trails, population)
        records = log.at([position])
        self._open(ground, memory_limit, threads)
        self.position, self.at = position, records[0].received_at if records else 0

    @classmethod
    def of_folder(cls, folder: Path | str, *, memory_limit: str = MEMORY_LIMIT, threads: int | None = None) -> History:
        """Over nothing but Parquet files in an archive's layout, up to their last position."""
        return cls._over(Ground(archive=Path(folder)), memory_limit, threads)

    @classmethod
    def of_records(
        cls,
        records: Iterable[tuple[str | None, Record]],
        *,
        memory_limit: str = MEMORY_LIMIT,
        threads: int | None = None,
    ) -> History:
        """Over these records alone, each with the customer it belongs to."""
        return cls._over(Ground(tail=_table(records)), memory_limit, threads)

    @classmethod
    def _over(cls, ground: Ground, memory_limit: str, threads: int | None) -> History:
        made = cls.__new__(cls)
        made._open(ground, memory_limit, threads)
        made.position, made.at = made._end()
        return made

    def _open(self, ground: Ground, memory_limit: str, threads: int | None) -> None:
        self._ground = ground
        self._joins = ""
        self._whose = "e.customer"
        self._is_listed = False
        self._exchanges: set[str] = set()
        self._spill = Path(tempfile.mkdtemp(prefix="habitue-"))
        self.connection = _connect(memory_limit, threads, self._spill)
        try:
            self._tie()
        except BaseException:
            self.close()
            raise

    def _tie(self) -> None:
        """Make the tables. Who was never joined or moved is not paid for."""
        ground = self._ground
        self.connection.register("hot_tail", _table(()) if ground.tail is None else ground.tail)
        if ground.moved:
            self._find_moved(ground.moved)
        if ground.people is not None and ground.people.joined.num_rows:
            self.connection.register("joined", ground.people.joined)
            self._joins += f" LEFT JOIN joined ON joined.customer = {self._whose}"
            self._whose = f"coalesce(joined.living, {self._whose})"
        self._is_listed = False
        if ground.people is None:
            self.ask(f"CREATE VIEW people AS {_SEEN}")
        else:
            self.connection.register("people", ground.people.living)
        self._attempt(lambda: None)  # Whoever asks the connection itself finds the tables too.
        _lock(self.connection, ground.archive)

    def _find_moved(self, moved: Mapping[int, str]) -> None:
        """Most are archived as they should be: who archives puts the others right within a second or two."""
        import pyarrow as pa

        given = pa.table({"position": pa.array(moved, pa.int64()), "customer": pa.array(moved.values(), pa.string())})
        self.connection.register("given", given)
        changed = self.ask_table(_CHANGED_HANDS, [min(moved), max(moved)])
        self.connection.unregister("given")
        if changed.num_rows:
            self.connection.register("moved", changed)
            self._joins = "LEFT JOIN moved ON moved.position = e.position"
            self._whose = "coalesce(moved.customer, e.customer)"

    def exchange(self, shop: Shop) -> Exchange | None:
        """What brings amounts into the shop's currency in a question; None where nobody has said which that is."""
        if not shop.is_currency_said:
            return None
        name = f"exchanged_{shop.rates_name}"
        if name not in self._exchanges:
            self.connection.create_function(name, told_in(shop), ["VARCHAR", "BIGINT"], "VARCHAR")
            self._exchanges.add(name)
        return Exchange(name, shop.currency)

    def ask(self, sql: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """A question's rows."""
        return self._attempt(lambda: self.connection.execute(sql, list(parameters)).fetchall())

    def ask_table(self, sql: str, parameters: Sequence[Any] = ()) -> pa.Table:
        """A question's rows as an Arrow table."""
        return self._attempt(lambda: self.connection.sql(sql, params=list(parameters)).to_arrow_table())

    def _attempt(self, asked: Callable[[], Answer]) -> Answer:
        import duckdb

        for _ in range(ATTEMPTS_MAX):
            try:
                if not self._is_listed:
                    self._list_parts()
                return asked()
            except duckdb.IOException as error:
                if self._ground.archive is None or not _is_missing(error):
                    raise
                self._is_listed = False
        raise HistoryBusy(f"{self._ground.archive}: its files changed each time they were read; ask again")

    def _list_parts(self) -> None:
        """Tie the tables to the files there are now. A part reaching beyond what is asked of the archive is cut off."""
        archive, archived = self._ground.archive, self._ground.archived
        parts = _listed(archive) if archive is not None else []
        whole = [part for part in parts if archived is None or int(part.stem.split("-")[1]) <= archived]
        cut = sorted(set(parts) - set(whole))
        sources = [
            (_parts(files), where) for files, where in ((whole, ""), (cut, f"WHERE e.position <= {archived}")) if files
        ]
        selects = [
            _ROWS.format(customer=self._whose, source=source, joins=self._joins, where=where)
            for source, where in (*sources, (_TAIL, ""))
        ]
        self.connection.execute("CREATE OR REPLACE VIEW events AS " + " UNION ALL ".join(selects))
        self._is_listed = True

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
    connection.execute("SET enable_progress_bar = false")  # It would be written among what a program reads.
    return connection


def _lock(connection: duckdb.DuckDBPyConnection, folder: Path | None) -> None:
    """From here on it reads this archive, writes its own spilled pages, and can do nothing else outside itself."""
    if folder is not None:
        quoted = f"{folder}/".replace("'", "''")
        connection.execute(f"SET allowed_directories = ['{quoted}']")
    connection.execute("SET enable_external_access = false")
    connection.execute("SET lock_configuration = true")


def _parts(files: Iterable[Path]) -> str:
    quoted = (str(file).replace("'", "''") for file in files)
    return _PARTS.format(", ".join(f"'{file}'" for file in quoted))


def _listed(archive: Path) -> list[Path]:
    """The parts there are. A day that is exchanged while it is listed shows too few, so two lists have to agree."""
    found = sorted(archive.glob("events/date=*/*.parquet"))
    for _ in range(ATTEMPTS_MAX):
        again = sorted(archive.glob("events/date=*/*.parquet"))
        if again == found:
            return found
        found = again
    raise HistoryBusy(f"{archive}: its files changed each time they were listed; ask again")


def _stand(archive: Path, log: Log, trails: Trails, population: Population | None) -> tuple[int, Ground]:
    """(the position stood at, what is there). The archive's progress is read first: what it has by then, it keeps."""
    from habitue.store.archive.attributing import Attributing

    from .population import Population

    progress = read_progress(archive)
    if progress.chunk is None:
        raise HistoryBusy(
            f"{archive}: its events stand under whom they named, not yet under whose they are; `habitue serve` puts "
            "that right once, before it archives anything else"
        )
    position = trails.position()
    archived = min(progress.events.done, position)
    waiting = dict(trails.queued(archived, position))
    owners = Attributing(progress.chunk, archived)
    owners.read(trails, position)
    records = log.scan(after=archived, until=position)
    tail = _table((owners.whose(one.position) or waiting.get(one.position), one) for one in records)
    people = (population or Population()).people(trails)
    return position, Ground(archive, archived, tail, owners.moved, people)


def _table(records: Iterable[tuple[str | None, Record]]) -> pa.Table:
    from habitue.store.archive.columns import EVENTS, event_row, table_of

    rows = [event_row((record, customer)) for customer, record in records]
    return table_of(rows, EVENTS) if rows else EVENTS.empty_table()


def _is_missing(error: Exception) -> bool:
    text = str(error)
    return "No such file" in text or "No files found" in text or "does not exist" in text
