"""One SQLite file: opened, brought to the present schema, written by one connection and read by a few others."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock

from habitue import private
from habitue.store.failures import StoreDamaged, StoreFull, StoreTooNew

from .errors import speaking
from .told import told_of

BUSY_TIMEOUT_MILLISECONDS = 10_000
APPLICATION_ID = 0x48616269
"""`Habi`: tells our files from anybody else's."""

_MIGRATIONS = Path(__file__).parent / "migrations"
_READERS_KEPT = 8


class Database:
    """`write` for transactions, `own` for reads on the writer's warm cache, `read` for reads that wait for nobody.

    `checkpoint_pages`: how far the write-ahead log grows before it is copied into the file. Larger means that pages hit
    again and again are copied once, and that the odd commit takes longer; it costs that much disk.
    """

    def __init__(
        self,
        path: Path | str,
        schema: str,
        *,
        cache_kib: int = 8_000,
        checkpoint_pages: int = 4_000,
    ) -> None:
        self.path = Path(path)
        self._cache_kib = cache_kib
        self._checkpoint_pages = checkpoint_pages
        self._readers: list[sqlite3.Connection] = []
        self._right = Lock()
        self._closed = False
        _make(self.path)
        with speaking(self.path):
            self._writer = self._connect()
            try:
                _use_wal(self._writer)
                _migrate(self._writer, self.path, schema)
            except BaseException:
                self._writer.close()
                raise

    def _connect(self) -> sqlite3.Connection:
        # Transactions are spelled out (isolation_level None). Threads take turns by our own lock: no thread check.
        connection = sqlite3.connect(
            self.path, timeout=BUSY_TIMEOUT_MILLISECONDS / 1000, isolation_level=None, check_same_thread=False
        )
        connection.execute(f"PRAGMA cache_size = -{self._cache_kib}")
        connection.execute(f"PRAGMA wal_autocheckpoint = {self._checkpoint_pages}")
        # FULL: a commit is on the disk when it returns. What we answer for must survive a power cut.
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA temp_store = MEMORY")
        # What is deleted or replaced is overwritten: an erased person must not linger between the rows.
        connection.execute("PRAGMA secure_delete = ON").fetchall()
        return connection

    @contextmanager
    def write(self) -> Iterator[sqlite3.Connection]:
        """A transaction with the right to write from its first moment on; rolled back when anything is raised."""
        with self._right, speaking(self.path):
            self._writer.execute("BEGIN IMMEDIATE")
            try:
                yield self._writer
                self._writer.execute("COMMIT")
            except BaseException:
                if self._writer.in_transaction:
                    self._writer.execute("ROLLBACK")
                raise

    @contextmanager
    def own(self) -> Iterator[sqlite3.Connection]:
        """The writer's connection for reading: pages it wrote itself are still in its cache."""
        with self._right, speaking(self.path):
            yield self._writer

    @contextmanager
    def read(self) -> Iterator[sqlite3.Connection]:
        """One snapshot, read on a connection of its own: neither waits for writers nor makes them wait."""
        with speaking(self.path):
            connection = self._take_reader()
            try:
                connection.execute("BEGIN")
                yield connection
            finally:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                self._give_back(connection)

    def _take_reader(self) -> sqlite3.Connection:
        try:
            return self._readers.pop()  # Atomic, so that threads need no lock here.
        except IndexError:
            connection = self._connect()
            connection.execute("PRAGMA query_only = ON")
            return connection

    def _give_back(self, connection: sqlite3.Connection) -> None:
        if self._closed or len(self._readers) >= _READERS_KEPT:
            connection.close()
        else:
            self._readers.append(connection)

    def close(self) -> None:
        """Copy the write-ahead log into the file, unless somebody reads it just now, and let go of it."""
        with self._right, speaking(self.path):
            if self._closed:
                return
            self._closed = True
            while self._readers:
                self._readers.pop().close()
            self._writer.execute("PRAGMA busy_timeout = 200")  # Leaving must not take long; the next start copies too.
            self._writer.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
            self._writer.close()


def _make(path: Path) -> None:
    try:
        private.database(path)
    except OSError as error:
        raise StoreFull(
            f"{path}: cannot be written ({error.strerror}); expected free space and the right to write in {path.parent}"
        ) from None


def _use_wal(connection: sqlite3.Connection) -> None:
    """Switch to write-ahead logging. SQLite does not wait when two processes do this at once, so we do."""
    deadline = time.monotonic() + BUSY_TIMEOUT_MILLISECONDS / 1000
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL").fetchall()
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
            time.sleep(0.01)


def _migrate(connection: sqlite3.Connection, path: Path, schema: str) -> None:
    steps = migrations(schema)
    if _version(connection) == len(steps):  # The usual case needs no right to write.
        _check_ours(connection, path)
        return

    connection.execute("BEGIN IMMEDIATE")
    try:
        found = _version(connection)
        if found > len(steps):
            raise StoreTooNew(
                f"{path}: has schema version {found}, this version of Habitue knows up to {len(steps)}; "
                "install the newer version again, or restore the data directory it was upgraded from"
            )
        _check_ours(connection, path)
        connection.create_function("told_of", 2, told_of, deterministic=True)
        for step in steps[found:]:
            _run(connection, step.read_text("utf-8"))
        connection.execute(f"PRAGMA user_version = {len(steps)}")
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute("COMMIT")
    except BaseException:
        connection.execute("ROLLBACK")
        raise


def migrations(schema: str) -> list[Path]:
    """The schema's steps in order; a file that has taken n of them has `user_version` n."""
    return sorted((_MIGRATIONS / schema).glob("*.sql"))


def _version(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def _check_ours(connection: sqlite3.Connection, path: Path) -> None:
    found = connection.execute("PRAGMA application_id").fetchone()[0]
    tables = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
    if tables and found != APPLICATION_ID:
        raise StoreDamaged(f"{path}: is a database of another program; give Habitue a data directory of its own")


def _run(connection: sqlite3.Connection, script: str) -> None:
    """Statement by statement, because `executescript` would commit the transaction it runs in."""
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            connection.execute(statement)
            statement = ""
