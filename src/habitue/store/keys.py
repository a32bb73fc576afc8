"""Write keys: which source a key stands for, in a small file of their own.

They are public: every visitor's browser has one. So they are stored as they are; they say where an event came from, and
withdrawing one stops its source.
"""

from __future__ import annotations

import hmac
import re
import secrets
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from habitue.errors import HabitueError
from habitue.model.instant import Instant

_SCHEMA = """
CREATE TABLE IF NOT EXISTS write_keys (
  key TEXT PRIMARY KEY,
  source TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  revoked_at INTEGER
) WITHOUT ROWID;
"""
_SOURCE = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")


class KeyProblem(HabitueError):
    """A write key cannot be made or withdrawn as asked."""


class WriteKey(msgspec.Struct, frozen=True, kw_only=True):
    """A key, and the source that events sent with it get."""

    key: str
    source: str
    created_at: Instant
    revoked_at: Instant | None = None


class KeyFile:
    """The write keys of one data directory; a connection per call, so any thread and process may use it."""

    def __init__(self, path: Path) -> None:
        self._path = path
        with self._open() as db:
            db.execute("PRAGMA journal_mode = WAL")
            db.executescript(_SCHEMA)

    def create(self, source: str, now: Instant, key: str | None = None) -> WriteKey:
        """A new key for a source; a source may have several, so that one can be replaced without a gap."""
        if _SOURCE.fullmatch(source) is None or source == "habitue":
            raise KeyProblem(
                f'"{source}" cannot name a source: use up to 40 lower-case letters, digits, - and _, such as "shop"; '
                '"habitue" is taken by Habitue\'s own events'
            )
        made = WriteKey(key=key or secrets.token_urlsafe(18).replace("-", "x"), source=source, created_at=now)
        with self._open() as db:
            try:
                db.execute("INSERT INTO write_keys VALUES (?, ?, ?, NULL)", (made.key, made.source, made.created_at))
            except sqlite3.IntegrityError:
                raise KeyProblem(f'the key "{made.key}" exists already; leave it out to have one made') from None
        return made

    def all(self) -> list[WriteKey]:
        """Oldest first, withdrawn ones too."""
        with self._open() as db:
            rows = db.execute("SELECT key, source, created_at, revoked_at FROM write_keys ORDER BY created_at, key")
            return [
                WriteKey(key=key, source=source, created_at=created_at, revoked_at=revoked_at)
                for key, source, created_at, revoked_at in rows
            ]

    def revoke(self, key: str, now: Instant) -> None:
        """From now on (within seconds) events with this key are refused."""
        with self._open() as db:
            changed = db.execute(
                "UPDATE write_keys SET revoked_at = ? WHERE key = ? AND revoked_at IS NULL", (now, key)
            )
            if not changed.rowcount:
                raise KeyProblem(f'there is no write key "{key}" in use; `habitue key list` shows all keys')

    def source(self, key: str) -> str | None:
        """The source of a key in use. Compares with each key in constant time: there are few."""
        given = key.encode("utf-8", "replace")
        found: str | None = None
        for known in self.all():
            if hmac.compare_digest(known.key.encode(), given) and known.revoked_at is None:
                found = known.source
        return found

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        db = sqlite3.connect(self._path, timeout=10)
        try:
            with db:
                yield db
        finally:
            db.close()
