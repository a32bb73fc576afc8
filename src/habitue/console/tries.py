"""How often somebody may try to sign in: counted before the password is looked at, so that parallel guesses count too.

Nobody can shut another's account: what is limited is one network address, and one account from one network address.
Counters follow the wall clock and lie in the console's file, so a restart forgets none.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from ipaddress import IPv6Address, ip_address
from pathlib import Path
from threading import BoundedSemaphore

WINDOW_SECONDS = 15 * 60
PER_ACCOUNT_MAX = 8
"""Tries of one account from one network address in a window."""
PER_ADDRESS_MAX = 40
"""Tries of any accounts from one network address in a window: a whole office may share one."""
UNHURRIED_MAX = 200
"""Tries of everybody together in a window. Beyond it, each waits for a second before its password is looked at."""
SLOW_SECONDS = 1.0
_WAITING_MAX = 8
"""So many may wait for their password to be looked at; who comes then is told to come back, and holds no thread."""

_SCHEMA = """
CREATE TABLE IF NOT EXISTS sign_in_tries (
  name BLOB PRIMARY KEY,
  began_at REAL NOT NULL,
  tries INTEGER NOT NULL
) WITHOUT ROWID
"""
_COUNT = """
INSERT INTO sign_in_tries (name, began_at, tries) VALUES (?, ?, 1)
ON CONFLICT (name) DO UPDATE SET tries = tries + 1
RETURNING began_at, tries
"""


@dataclass(frozen=True, slots=True)
class Try:
    """One try that was counted. `wait_seconds` above 0: its password must not be looked at."""

    address: bytes
    account: bytes
    wait_seconds: int = 0
    is_slow: bool = False


class Tries:
    """The counters in an SQLite file; any thread and process may count, and no two count the same number."""

    def __init__(self, path: Path, wall: Callable[[], float] = time.time) -> None:
        self._path = path
        self._wall = wall
        self._room = BoundedSemaphore(_WAITING_MAX)
        with self._open() as db:
            db.execute(_SCHEMA)

    def count(self, account: str, client: str) -> Try:
        """Count a try of an account from a network address, and say whether it may go ahead."""
        network = _network(client)
        made = Try(_name("from", network), _name("as", account.strip().lower(), network))
        with self._open() as db:
            db.execute("BEGIN IMMEDIATE")
            db.execute("DELETE FROM sign_in_tries WHERE began_at <= ?", (self._wall() - WINDOW_SECONDS,))
            wait = self._counted(db, made.address, PER_ADDRESS_MAX)
            if not wait:  # Made-up accounts from one address must not fill the file.
                wait = self._counted(db, made.account, PER_ACCOUNT_MAX)
            is_slow = not wait and bool(self._counted(db, _name("everybody"), UNHURRIED_MAX))
        return Try(made.address, made.account, wait, is_slow)

    def succeeded(self, made: Try) -> None:
        """A right password: the account's tries from there are forgotten, and this one of the address."""
        with self._open() as db:
            db.execute("DELETE FROM sign_in_tries WHERE name = ?", (made.account,))
            db.execute("UPDATE sign_in_tries SET tries = tries - 1 WHERE name = ? AND tries > 0", (made.address,))

    @contextmanager
    def room(self) -> Iterator[bool]:
        """Whether there is room to look at one more password now."""
        has_room = self._room.acquire(blocking=False)
        try:
            yield has_room
        finally:
            if has_room:
                self._room.release()

    def _counted(self, db: sqlite3.Connection, name: bytes, most: int) -> int:
        """Count one more, and say how many seconds to wait when it is one too many."""
        now = self._wall()
        began_at, tries = db.execute(_COUNT, (name, now)).fetchone()
        return max(1, int(began_at + WINDOW_SECONDS - now)) if tries > most else 0

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        db = sqlite3.connect(self._path, timeout=10)
        try:
            with db:
                yield db
        finally:
            db.close()


def _name(*words: str) -> bytes:
    """Hashed: what strangers type into the form is often an address, sometimes a password."""
    return sha256("\x1f".join(words).encode("utf-8", "replace")).digest()


def _network(client: str) -> str:
    """The network address; of IPv6 the first 64 bits, since whoever has one of them has them all."""
    try:
        address = ip_address(client)
    except ValueError:
        return client
    if isinstance(address, IPv6Address):
        return str(address.ipv4_mapped or IPv6Address(int(address) >> 64 << 64))
    return client
