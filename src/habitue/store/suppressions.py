"""Addresses that must not be written to again, in a small file of their own that outlives the people they belonged to.

Only keyed hashes are kept: with the file alone nobody can say whose addresses they are, or try guesses. With the key,
which never leaves the data directory, one can ask of an address whether it is there.
"""

from __future__ import annotations

import hmac
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from hashlib import blake2b, sha256
from pathlib import Path
from threading import Lock

from habitue import private
from habitue.errors import HabitueError
from habitue.model.address import spelled, spellings
from habitue.run.ports import HARD_REASONS, SUPPRESSION_REASONS, Clock

_SCHEMA = """
CREATE TABLE IF NOT EXISTS suppressed (
  hash BLOB PRIMARY KEY,
  channel TEXT NOT NULL,
  why TEXT NOT NULL,
  since INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS key_check (mark BLOB NOT NULL);
"""
_PURPOSE = b"habitue.suppression"
_MARK = b"habitue.suppression.mark"


class SuppressionProblem(HabitueError):
    """The list cannot be read, or asked to keep something it does not know."""


class SuppressionFile:
    """Implements `run.ports.Suppressions`. Any thread and process may use it.

    `secret` is the data directory's own. With another one every address would seem to be free: that is refused.
    """

    def __init__(self, path: Path, secret: bytes, clock: Clock) -> None:
        self._path = path
        self._clock = clock
        self._key = blake2b(_PURPOSE, key=sha256(secret).digest(), digest_size=32).digest()
        self._asking = Lock()
        self._reader: sqlite3.Connection | None = None
        with self._open() as db:
            db.execute("PRAGMA journal_mode = WAL")
            db.executescript(_SCHEMA)
            self._check_key(db)

    def _check_key(self, db: sqlite3.Connection) -> None:
        mark = hmac.digest(self._key, _MARK, "sha256")
        found = db.execute("SELECT mark FROM key_check").fetchone()
        if found is None:
            db.execute("INSERT INTO key_check VALUES (?)", (mark,))
        elif not hmac.compare_digest(found[0], mark):
            raise SuppressionProblem(
                f"{self._path}: was written with another secret than the one in {self._path.parent / 'secret'}; with "
                "this one nobody on the list would be found. Put the secret back that belongs to this data directory"
            )

    def add(self, channel: str, address: str, why: str) -> None:
        """Once more changes nothing, except that what forbids more wins."""
        self.add_all(channel, [address], why)

    def add_all(self, channel: str, addresses: Iterable[str], why: str) -> int:
        """In one transaction; returns how many were new."""
        if why not in SUPPRESSION_REASONS:
            known = ", ".join(SUPPRESSION_REASONS)
            raise SuppressionProblem(f'"{why}" is no reason to keep an address for; expected one of: {known}')
        now, before = self._clock.now(), 0
        rows = [(self._hash(channel, one), channel, why, now) for one in addresses if normal(channel, one)]
        with self._open() as db:
            before = db.total_changes
            db.executemany("INSERT INTO suppressed VALUES (?, ?, ?, ?) ON CONFLICT (hash) DO NOTHING", rows)
            added = db.total_changes - before
            if why in HARD_REASONS:
                soft = [one for one in SUPPRESSION_REASONS if one not in HARD_REASONS]
                marks = ", ".join("?" * len(soft))
                query = f"UPDATE suppressed SET why = ? WHERE hash = ? AND why IN ({marks})"  # noqa: S608 – only marks
                db.executemany(query, [(why, row[0], *soft) for row in rows])
        return added

    def find(self, channel: str, address: str) -> str | None:
        """Why the address must not be written to, or None."""
        with self._asking:  # Before every letter: opening the file each time would cost more than all the rest.
            if self._reader is None:
                self._reader = sqlite3.connect(self._path, timeout=10, check_same_thread=False)
            for mark in self._hashes(channel, address):
                row = self._reader.execute("SELECT why FROM suppressed WHERE hash = ?", (mark,)).fetchone()
                if row is not None:
                    return str(row[0])
        return None

    def close(self) -> None:
        with self._asking:
            if self._reader is not None:
                self._reader.close()
                self._reader = None

    def remove(self, channel: str, address: str) -> bool:
        """Whether it was there."""
        with self._open() as db:
            marks = [(mark,) for mark in self._hashes(channel, address)]
            return db.executemany("DELETE FROM suppressed WHERE hash = ?", marks).rowcount > 0

    def lift(self, channel: str, address: str) -> None:
        """Its owner asked anew and confirmed it: what was said of her wishes before is over. A bounce is not."""
        if self.find(channel, address) not in (None, *HARD_REASONS):
            self.remove(channel, address)

    def counts(self) -> dict[tuple[str, str], int]:
        """(channel, why) → how many."""
        with self._open() as db:
            rows = db.execute("SELECT channel, why, count(*) FROM suppressed GROUP BY channel, why ORDER BY 1, 2")
            return {(channel, why): count for channel, why, count in rows}

    def _hash(self, channel: str, address: str) -> bytes:
        return self._mark(channel, normal(channel, address))

    def _hashes(self, channel: str, address: str) -> list[bytes]:
        """Of the address in its one spelling, and in those that earlier versions kept it in."""
        found = spellings(address) if channel == "email" else []
        return [self._mark(channel, one) for one in dict.fromkeys([normal(channel, address), *found])]

    def _mark(self, channel: str, spelling: str) -> bytes:
        return hmac.digest(self._key, f"{channel}:{spelling}".encode("utf-8", "replace"), "sha256")

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        private.database(self._path)
        db = sqlite3.connect(self._path, timeout=10)
        try:
            with db:
                yield db
        finally:
            db.close()


def normal(channel: str, address: str) -> str:
    """The one spelling an address is compared in: an email as `model/address.py` has it, a number as its digits."""
    bare = address.strip()
    if channel == "email":
        return spelled(bare) or bare.lower()
    digits = "".join(one for one in bare if one.isdigit())
    return f"+{digits}" if digits else bare
