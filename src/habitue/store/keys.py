"""Sources and their write keys, in a small file of their own.

Write keys are public: every visitor's browser has one. So they are stored as they are; they say where an event came
from, and withdrawing one stops its source. The secrets that webhooks are signed with are stored encrypted.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from habitue import private
from habitue.errors import HabitueError
from habitue.model.instant import DAY, Instant
from habitue.model.source import KINDS, SERVER, Sender, WriteKey
from habitue.model.trust import PUBLIC

from .sealing import Seal, SealBroken

FORMER_SECRET_MICROSECONDS = DAY
"""How long the secret before the last one still counts: shops go on signing with it until they notice the change."""

_SCHEMA = """
CREATE TABLE IF NOT EXISTS write_keys (
  key TEXT PRIMARY KEY,
  source TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  revoked_at INTEGER
) WITHOUT ROWID
"""
_ADDED = {
    "kind": f"TEXT NOT NULL DEFAULT '{SERVER}'",
    "secret": "BLOB",
    "former_secret": "BLOB",
    "rotated_at": "INTEGER",
}
"""Columns that came later → how they are declared. Keys from before are of programs, and sign nothing."""
_COLUMNS = "key, source, kind, secret IS NOT NULL, created_at, rotated_at, revoked_at"
_SOURCE = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")
_KEY = re.compile(r"[A-Za-z0-9_-]{1,200}")
_SECRET_CHARACTERS_MAX = 500


class KeyProblem(HabitueError):
    """A write key cannot be made or withdrawn as asked."""


class KeyFile:
    """The sources of one data directory; a connection per call, so any thread and process may use it.

    `data_secret` gives the data directory's own secret, from which the key that encrypts is derived.
    """

    def __init__(self, path: Path, data_secret: Callable[[], bytes]) -> None:
        self._path = path
        self._data_secret = data_secret
        self._seal = Seal(data_secret)
        with self._open() as db:
            db.execute("PRAGMA journal_mode = WAL")
            if not set(_ADDED) <= _columns(db):
                _migrate(db)

    def create(
        self, source: str, now: Instant, key: str | None = None, *, kind: str = SERVER, secret: str | None = None
    ) -> WriteKey:
        """A new key for a source; a source may have several, so that one can be replaced without a gap.

        A kind that signs needs its `secret`. Raises KeyProblem for a name, key, kind or secret that will not do.
        """
        _check(source, key, kind, secret)
        made = WriteKey(
            key=key or secrets.token_urlsafe(18).replace("-", "x"),
            source=source,
            created_at=now,
            kind=kind,
            has_secret=secret is not None,
        )
        sealed = None if secret is None else self._seal.close(secret)
        with self._open() as db:
            try:
                db.execute(
                    "INSERT INTO write_keys (key, source, created_at, kind, secret) VALUES (?, ?, ?, ?, ?)",
                    (made.key, source, now, kind, sealed),
                )
            except sqlite3.IntegrityError:
                raise KeyProblem(f'the key "{made.key}" exists already; leave it out to have one made') from None
        return made

    def all(self) -> list[WriteKey]:
        """Oldest first, withdrawn ones too."""
        with self._open() as db:
            rows = db.execute(f"SELECT {_COLUMNS} FROM write_keys ORDER BY created_at, key").fetchall()  # noqa: S608 – our own words
        return [
            WriteKey(
                key=key,
                source=source,
                kind=kind,
                has_secret=bool(has_secret),
                created_at=created_at,
                rotated_at=rotated_at,
                revoked_at=revoked_at,
            )
            for key, source, kind, has_secret, created_at, rotated_at, revoked_at in rows
        ]

    def revoke(self, key: str, now: Instant) -> None:
        """From now on (within seconds) events with this key are refused. What it signed with is destroyed."""
        with self._open() as db:
            changed = db.execute(
                "UPDATE write_keys SET revoked_at = ?, secret = NULL, former_secret = NULL "
                "WHERE key = ? AND revoked_at IS NULL",
                (now, key),
            )
            if not changed.rowcount:
                raise _unknown(key)

    def rotate(self, key: str, secret: str, now: Instant) -> None:
        """Another secret for a key that signs. The one before still counts for a day."""
        known = next((one for one in self.all() if one.key == key and one.revoked_at is None), None)
        if known is None:
            raise _unknown(key)
        if not known.has_secret:
            raise KeyProblem(f'the key "{key}" is of kind {known.kind}, which signs nothing: there is no secret')
        _check_secret(known.kind, secret)
        with self._open() as db:
            db.execute(
                "UPDATE write_keys SET former_secret = secret, secret = ?, rotated_at = ? "
                "WHERE key = ? AND revoked_at IS NULL",
                (self._seal.close(secret), now, key),
            )

    def sender(self, key: str) -> Sender | None:
        """Who speaks with a key in use that signs nothing. A signed source's key is not enough to speak for it."""
        found = self._in_use(key)
        if found is None or found.has_secret:
            return None
        level = KINDS[found.kind].level
        return Sender(found.source, level, self.user_secret(found.key).encode() if level in PUBLIC else b"")

    def user_secret(self, key: str) -> str:
        """What the shop signs user ids with where browsers and apps send with this key. As good as this data directory
        is secret; another key has another."""
        return hmac.new(self._data_secret(), f"user hash\n{key}".encode(), hashlib.sha256).hexdigest()

    def signed_source(self, key: str, kind: str, now: Instant) -> tuple[str, tuple[str, ...]] | None:
        """The name of a signed source and the secrets that count, newest first; None for a key of another kind.

        Raises SealBroken when the secret cannot be opened.
        """
        found = self._in_use(key)
        if found is None or found.kind != kind or not found.has_secret:
            return None
        with self._open() as db:
            row = db.execute("SELECT secret, former_secret, rotated_at FROM write_keys WHERE key = ?", (found.key,))
            secret, former, rotated_at = row.fetchone()
        if secret is None:  # Withdrawn between the two looks.
            return None
        sealed = [secret]
        if former is not None and now - rotated_at < FORMER_SECRET_MICROSECONDS:
            sealed.append(former)
        try:
            return found.source, tuple(self._seal.open(one) for one in sealed)
        except SealBroken as broken:
            raise SealBroken(f'the secret of the key of "{found.source}": {broken}') from broken

    def _in_use(self, key: str) -> WriteKey | None:
        """Compares with each key in constant time: there are few."""
        given = key.encode("utf-8", "replace")
        found: WriteKey | None = None
        for known in self.all():
            if hmac.compare_digest(known.key.encode(), given) and known.revoked_at is None:
                found = known
        return found

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        private.database(self._path)
        db = sqlite3.connect(self._path, timeout=10)
        try:
            with db:
                yield db
        finally:
            db.close()


def _columns(db: sqlite3.Connection) -> set[str]:
    return {row[1] for row in db.execute("PRAGMA table_info(write_keys)")}


def _migrate(db: sqlite3.Connection) -> None:
    """Bring the table to the present form; whoever comes second finds it done."""
    db.execute("BEGIN IMMEDIATE")
    db.execute(_SCHEMA)
    known = _columns(db)
    for name, declaration in _ADDED.items():
        if name not in known:
            db.execute(f"ALTER TABLE write_keys ADD COLUMN {name} {declaration}")


def _check(source: str, key: str | None, kind: str, secret: str | None) -> None:
    if _SOURCE.fullmatch(source) is None or source == "habitue":
        raise KeyProblem(
            f'"{source}" cannot name a source: use up to 40 lower-case letters, digits, - and _, such as "shop"; '
            '"habitue" is taken by Habitue\'s own events'
        )
    if key is not None and _KEY.fullmatch(key) is None:
        raise KeyProblem("a write key is made of up to 200 letters, digits, - and _; leave it out to have one made")
    if kind not in KINDS:
        raise KeyProblem(f'"{kind}" is not a kind of source; expected one of {", ".join(KINDS)}')
    if KINDS[kind].secret == "none":  # noqa: S105 – a word, not a secret
        if secret is not None:
            raise KeyProblem(f"a source of kind {kind} signs nothing; leave the secret out")
    else:
        _check_secret(kind, secret)


def _check_secret(kind: str, secret: str | None) -> None:
    if not secret or len(secret) > _SECRET_CHARACTERS_MAX or not secret.isprintable():
        raise KeyProblem(
            f"a source of kind {kind} needs the secret its webhooks are signed with, of at most "
            f"{_SECRET_CHARACTERS_MAX} characters on one line"
        )


def _unknown(key: str) -> KeyProblem:
    return KeyProblem(f'there is no write key "{key}" in use; `habitue key list` shows all keys')
