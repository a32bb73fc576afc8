"""Counters counted beforehand, a file for each new version that needs them. They are gone when everybody has hers.

A file is written by whoever applies the playbook, under a name that nobody reads until it is whole; then it belongs to
the decide process. What a bad disk made of it must not become anybody's counters: each row carries a checksum, and the
file says how many rows it has and what their checksums come to. One that does not is thrown away, and the log is read.
"""

from __future__ import annotations

import json
import os
import re
import sqlite3
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any
from zlib import crc32

import msgspec
import structlog

from habitue import private
from habitue.model.instant import Instant

from .errors import speaking

_SCHEMA = """
CREATE TABLE about (
  position INTEGER NOT NULL, began INTEGER NOT NULL, leaves TEXT NOT NULL,
  rows INTEGER NOT NULL, sums INTEGER NOT NULL, seal INTEGER NOT NULL
) STRICT;
CREATE TABLE counters (customer TEXT PRIMARY KEY, kept BLOB, sum INTEGER NOT NULL) STRICT, WITHOUT ROWID;
"""
_NAME = re.compile(r"[0-9a-z-]{1,60}")
_CACHE_KIB = 32_000
FORGOTTEN_SECONDS = 86_400
DAMAGED = ".damaged"

Kept = dict[int, Any] | None

_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Kept).decode


_say = structlog.get_logger("habitue.fills")


class _Unsound(Exception):
    """What is read is not what was written."""


_UNREADABLE = (_Unsound, sqlite3.Error, TypeError, ValueError)
"""What a damaged file may come to; changed bytes may be of another type, or no text."""


class SqliteFill:
    """A `Fill`. Raises one of `_UNREADABLE` where the file does not say what it is of; `check` looks at all of it."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        try:
            self._connection.execute("PRAGMA secure_delete = ON").fetchall()
            self._connection.execute("PRAGMA synchronous = FULL")
            *about, seal = self._connection.execute("SELECT * FROM about").fetchone()
            if _seal(*about) != seal:
                raise _Unsound("what it is of was changed")
        except BaseException:
            self._connection.close()
            raise
        self.position: int
        self.began: Instant
        self.position, self.began, self._leaves, self._rows, self._sums = about
        self.leaves: Mapping[int, int] = {int(leaf): need for leaf, need in json.loads(self._leaves).items()}
        self._sound = True

    def check(self) -> None:
        """Read it all: a customer it had, and has no more, would pass for one who kept nothing. A second a million.

        In order they are found again by their keys; out of order a search could miss them.
        """
        before, rows, sums = "", 0, 0
        for customer, kept, found in self._connection.execute("SELECT customer, kept, sum FROM counters"):
            if customer <= before or found != _sum(customer, kept):
                raise _Unsound(f"row {rows + 1:,} is not what was written")
            before, rows, sums = customer, rows + 1, sums + found
        if (rows, sums) != (self._rows, self._sums):
            raise _Unsound(f"it has {rows:,} rows, expected {self._rows:,}")

    def load(self, customers: Sequence[str]) -> dict[str, Kept]:
        """From the moment on when it proves damaged it can tell of nobody."""
        if self._sound:
            try:
                return dict(self._read(customers))
            except _UNREADABLE as error:
                self._give_up(error)
        return dict.fromkeys(customers)

    def _read(self, customers: Sequence[str]) -> Iterator[tuple[str, Kept]]:
        rows = self._connection.execute(
            "SELECT customer, kept, sum FROM counters WHERE customer IN (SELECT value FROM json_each(?))",
            (json.dumps(customers),),
        )
        for customer, kept, found in rows:
            if found != _sum(customer, kept):
                raise _Unsound("a row is not what was written")
            yield customer, None if kept is None else _decode(kept)

    def forget(self, customers: Sequence[str]) -> None:
        """Where they cannot be taken out, the whole file goes: what it had is read from the log."""
        if not self._sound:
            return
        try:
            self._forget(json.dumps(customers))
        except _UNREADABLE as error:
            self._give_up(error)

    def _forget(self, customers: str) -> None:
        connection, which = self._connection, "WHERE customer IN (SELECT value FROM json_each(?))"
        connection.execute("BEGIN IMMEDIATE")
        gone = [found for (found,) in connection.execute(f"SELECT sum FROM counters {which}", (customers,))]  # noqa: S608
        rows, sums = self._rows - len(gone), self._sums - sum(gone)
        connection.execute(f"DELETE FROM counters {which}", (customers,))  # noqa: S608
        seal = _seal(self.position, self.began, self._leaves, rows, sums)
        connection.execute("UPDATE about SET rows = ?, sums = ?, seal = ?", (rows, sums, seal))
        connection.execute("COMMIT")
        self._rows, self._sums = rows, sums

    def _give_up(self, error: Exception) -> None:
        self._sound = False
        self.close()
        put_away(self._path, error)

    def close(self) -> None:
        self._connection.close()


def put_away(path: Path, error: Exception) -> None:
    """Throw a damaged fill away, and leave a note for `habitue doctor` with nothing of anybody in it."""
    _say.error(
        "fill_damaged",
        file=str(path),
        error=str(error),
        instead="the decide loop reads it from the log: slower, with the same result",
        do="look after the disk",
    )
    with suppress(OSError):  # On a disk that takes nothing it is found damaged again at the next start.
        _unlink(path)
        path.with_suffix(DAMAGED).touch()


class SqliteFills:
    """`Fills` in one folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._open: dict[str, SqliteFill] = {}

    def open(self, name: str) -> SqliteFill | None:
        if name not in self._open:
            fill = self._opened(name)
            if fill is None:
                return None
            try:
                fill.check()
            except _UNREADABLE as error:
                fill.close()
                put_away(self._folder / f"{name}.db", error)
                return None
            self._open[name] = fill
        return self._open[name]

    def _opened(self, name: str) -> SqliteFill | None:
        path = self._path(name)
        if path is None or not path.exists():
            return None
        try:
            return SqliteFill(path)
        except _UNREADABLE as error:  # It is not whole; the log is.
            put_away(path, error)
            return None

    def forget(self, customers: Sequence[str]) -> None:
        here = {path.stem for path in self._folder.glob("*.db")} - self._open.keys()
        for name in here:  # Of versions that are not in force yet.
            fill = self._opened(name)
            if fill is not None:
                fill.forget(customers)
                fill.close()
        for fill in self._open.values():
            fill.forget(customers)

    def drop(self, name: str) -> None:
        fill = self._open.pop(name, None)
        if fill is not None:
            fill.close()
        path = self._path(name)
        if path is not None:
            _unlink(path)

    def damaged(self) -> list[str]:
        """The fills that were thrown away lately, for they were not what had been written."""
        return sorted(path.stem for path in self._folder.glob(f"*{DAMAGED}"))

    @contextmanager
    def draft(self, name: str, position: int, began: Instant, leaves: Mapping[int, int]) -> Iterator[Draft]:
        """To be filled with rows; it is there, whole and durable, when the context ends well."""
        path = self._path(name)
        assert path is not None, f"{name!r} cannot name a fill"
        private.folder(self._folder)
        self._drop_forgotten()
        draft = self._folder / f".{name}.draft"
        try:
            private.database(draft)
            with speaking(draft), closing(sqlite3.connect(draft, isolation_level=None)) as connection:
                # Nobody reads it before it is renamed, and after a crash nobody ever does.
                connection.execute("PRAGMA journal_mode = OFF").fetchall()
                connection.execute("PRAGMA synchronous = OFF")
                connection.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")
                connection.executescript(_SCHEMA)
                yield Draft(connection)
                rows, sums = connection.execute("SELECT count(*), coalesce(sum(sum), 0) FROM counters").fetchone()
                about = (position, began, json.dumps(leaves), rows, sums)
                connection.execute("INSERT INTO about VALUES (?, ?, ?, ?, ?, ?)", (*about, _seal(*about)))
            _sync(draft)
            os.replace(draft, path)
            _sync(self._folder)
        finally:
            draft.unlink(missing_ok=True)

    def _drop_forgotten(self) -> None:
        """What was counted for a version that never came into force."""
        for path in self._folder.iterdir():
            if time.time() - path.stat().st_mtime > FORGOTTEN_SECONDS:
                path.unlink(missing_ok=True)

    def close(self) -> None:
        while self._open:
            self._open.popitem()[1].close()

    def _path(self, name: str) -> Path | None:
        return self._folder / f"{name}.db" if _NAME.fullmatch(name) else None


class Draft:
    """A fill that is being written."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def add(self, rows: Iterable[tuple[str, Kept]]) -> None:
        self._connection.execute("BEGIN")
        self._connection.executemany("INSERT OR IGNORE INTO counters VALUES (?, ?, ?)", map(_row, rows))
        self._connection.execute("COMMIT")


def _row(row: tuple[str, Kept]) -> tuple[str, bytes | None, int]:
    customer, kept = row
    encoded = None if kept is None else _encode(kept)
    return customer, encoded, _sum(customer, encoded)


def _sum(customer: str, kept: bytes | None) -> int:
    return crc32(kept or b"", crc32(customer.encode()))


def _seal(position: int, began: Instant, leaves: str, rows: int, sums: int) -> int:
    return crc32(repr((position, began, leaves, rows, sums)).encode())


def _unlink(path: Path) -> None:
    """With what SQLite may have left beside it: of another file of this name it would be taken for its own."""
    path.unlink(missing_ok=True)
    path.with_name(f"{path.name}-journal").unlink(missing_ok=True)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
