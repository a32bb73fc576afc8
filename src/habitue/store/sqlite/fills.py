"""Counters counted beforehand, a file for each new version that needs them. They are gone when everybody has hers.

A file is written by whoever applies the playbook, under a name that nobody reads until it is whole; then it belongs to
the decide process.
"""

from __future__ import annotations

import json
import os
import re
import sqlite3
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec

from habitue.model.instant import Instant

from .errors import speaking

_SCHEMA = """
CREATE TABLE about (position INTEGER NOT NULL, began INTEGER NOT NULL, leaves TEXT NOT NULL) STRICT;
CREATE TABLE counters (customer TEXT PRIMARY KEY, kept BLOB) STRICT, WITHOUT ROWID;
"""
_NAME = re.compile(r"[0-9a-z-]{1,60}")
_CACHE_KIB = 32_000
FORGOTTEN_SECONDS = 86_400

Kept = dict[int, Any] | None

_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Kept).decode


class SqliteFill:
    """A `Fill`."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._connection.execute("PRAGMA secure_delete = ON").fetchall()
        self._connection.execute("PRAGMA synchronous = FULL")
        self.position: int
        self.began: Instant
        self.position, self.began, leaves = self._connection.execute("SELECT * FROM about").fetchone()
        self.leaves: Mapping[int, int] = {int(leaf): need for leaf, need in json.loads(leaves).items()}

    def load(self, customers: Sequence[str]) -> dict[str, Kept]:
        with speaking(self._path):
            rows = self._connection.execute(
                "SELECT customer, kept FROM counters WHERE customer IN (SELECT value FROM json_each(?))",
                (json.dumps(customers),),
            )
            return {customer: None if kept is None else _decode(kept) for customer, kept in rows}

    def forget(self, customers: Sequence[str]) -> None:
        with speaking(self._path):
            self._connection.execute(
                "DELETE FROM counters WHERE customer IN (SELECT value FROM json_each(?))", (json.dumps(customers),)
            )

    def close(self) -> None:
        self._connection.close()


class SqliteFills:
    """`Fills` in one folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._open: dict[str, SqliteFill] = {}

    def open(self, name: str) -> SqliteFill | None:
        path = self._path(name)
        if path is None or not path.exists():
            return None
        if name not in self._open:
            try:
                self._open[name] = SqliteFill(path)
            except (sqlite3.DatabaseError, TypeError, ValueError):  # It is not whole; the log is.
                return None
        return self._open[name]

    def forget(self, customers: Sequence[str]) -> None:
        here = {path.stem for path in self._folder.glob("*.db")} - self._open.keys()
        for name in here:  # Of versions that are not in force yet.
            fill = self.open(name)
            if fill is not None:
                fill.forget(customers)
                self._open.pop(name).close()
        for fill in self._open.values():
            fill.forget(customers)

    def drop(self, name: str) -> None:
        fill = self._open.pop(name, None)
        if fill is not None:
            fill.close()
        path = self._path(name)
        if path is not None:
            path.unlink(missing_ok=True)

    @contextmanager
    def draft(self, name: str, position: int, began: Instant, leaves: Mapping[int, int]) -> Iterator[Draft]:
        """To be filled with rows; it is there, whole and durable, when the context ends well."""
        path = self._path(name)
        assert path is not None, f"{name!r} cannot name a fill"
        self._folder.mkdir(exist_ok=True, mode=0o700)
        self._drop_forgotten()
        draft = self._folder / f".{name}.draft"
        try:
            connection = sqlite3.connect(draft, isolation_level=None)
            with speaking(draft):
                # Nobody reads it before it is renamed, and after a crash nobody ever does.
                connection.execute("PRAGMA journal_mode = OFF").fetchall()
                connection.execute("PRAGMA synchronous = OFF")
                connection.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")
                connection.executescript(_SCHEMA)
                connection.execute("INSERT INTO about VALUES (?, ?, ?)", (position, began, json.dumps(leaves)))
                yield Draft(connection)
                connection.close()
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
        encoded = ((customer, None if kept is None else _encode(kept)) for customer, kept in rows)
        self._connection.execute("BEGIN")
        self._connection.executemany("INSERT OR IGNORE INTO counters VALUES (?, ?)", encoded)
        self._connection.execute("COMMIT")


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
