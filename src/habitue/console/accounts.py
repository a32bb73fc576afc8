"""Who may use the console: users and their sessions, in a small file of their own.

Sessions and sign-in limits follow the wall clock, not the run clock: a demo that runs sixty times as fast must not sign
people out sixty times as often.
"""

from __future__ import annotations

import hmac
import secrets
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from threading import BoundedSemaphore, Lock

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from habitue.errors import HabitueError

SESSION_SECONDS = 14 * 24 * 3600
PASSWORD_LENGTH_MIN = 8
PASSWORD_LENGTH_MAX = 500
TRIES_MAX = 8
TRIES_WINDOW_SECONDS = 15 * 60

_SCHEMA = """
CREATE TABLE IF NOT EXISTS users (
  id INTEGER PRIMARY KEY,
  email TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL,
  password TEXT NOT NULL,
  created_at REAL NOT NULL
);
CREATE TABLE IF NOT EXISTS sessions (
  token BLOB PRIMARY KEY,
  user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  expires_at REAL NOT NULL
) WITHOUT ROWID;
"""


class AccountError(HabitueError):
    """An account cannot be made or changed as asked."""


@dataclass(frozen=True, slots=True)
class User:
    """Someone who may sign in."""

    id: int
    email: str
    name: str


class Accounts:
    """Users and sessions in an SQLite file; a connection per call, so any thread and process may use it."""

    def __init__(self, path: Path, *, wall: Callable[[], float] = time.time) -> None:
        self._path = path
        self._wall = wall
        self._hasher = PasswordHasher()
        # Each check takes 64 MB for a moment: two at a time is enough for a sign-in page.
        self._checking = BoundedSemaphore(2)
        self._nobody = self._hasher.hash(secrets.token_hex(16))
        with self._open() as db:
            db.execute("PRAGMA journal_mode = WAL")
            db.executescript(_SCHEMA)

    def create_user(self, email: str, password: str, name: str = "") -> User:
        """Add a user. Raises AccountError when the address is taken or the password too short."""
        address = _address(email)
        hashed = self._hasher.hash(_password(password))
        with self._open() as db:
            try:
                row = db.execute(
                    "INSERT INTO users (email, name, password, created_at) VALUES (?, ?, ?, ?) RETURNING id",
                    (address, name.strip() or address.partition("@")[0], hashed, self._wall()),
                ).fetchone()
            except sqlite3.IntegrityError:
                raise AccountError(f"{address} has an account already; set a new password for it instead") from None
        return User(row[0], address, name.strip() or address.partition("@")[0])

    def set_password(self, email: str, password: str) -> None:
        """Give a user a new password and end all her sessions."""
        address = _address(email)
        hashed = self._hasher.hash(_password(password))
        with self._open() as db:
            changed = db.execute("UPDATE users SET password = ? WHERE email = ?", (hashed, address)).rowcount
            db.execute("DELETE FROM sessions WHERE user_id = (SELECT id FROM users WHERE email = ?)", (address,))
        if not changed:
            raise AccountError(f"there is no account for {address}; the accounts are: {self._known()}")

    def remove_user(self, email: str) -> None:
        """Take an account and its sessions away."""
        address = _address(email)
        with self._open() as db:
            removed = db.execute("DELETE FROM users WHERE email = ?", (address,)).rowcount
        if not removed:
            raise AccountError(f"there is no account for {address}; the accounts are: {self._known()}")

    def users(self) -> list[User]:
        """Everyone who may sign in, by address."""
        with self._open() as db:
            return [User(*row) for row in db.execute("SELECT id, email, name FROM users ORDER BY email")]

    def verify(self, email: str, password: str) -> User | None:
        """The user if the password is hers. An unknown address costs the same work as a known one."""
        with self._open() as db:
            row = db.execute(
                "SELECT id, email, name, password FROM users WHERE email = ?", (email.strip().lower(),)
            ).fetchone()
        stored = row[3] if row else self._nobody
        with self._checking:
            try:
                self._hasher.verify(stored, password[:PASSWORD_LENGTH_MAX])
            except (VerificationError, InvalidHashError):
                return None
        return User(row[0], row[1], row[2]) if row else None

    def open_session(self, user: User) -> str:
        """A new session's secret token; only its hash is kept."""
        token = secrets.token_urlsafe(32)
        with self._open() as db:
            db.execute("DELETE FROM sessions WHERE expires_at <= ?", (self._wall(),))
            db.execute(
                "INSERT INTO sessions VALUES (?, ?, ?)", (_digest(token), user.id, self._wall() + SESSION_SECONDS)
            )
        return token

    def user_of(self, token: str) -> User | None:
        """The user a session token stands for, if the session is still open."""
        with self._open() as db:
            row = db.execute(
                "SELECT users.id, email, name FROM sessions JOIN users ON users.id = user_id"
                " WHERE token = ? AND expires_at > ?",
                (_digest(token), self._wall()),
            ).fetchone()
        return User(*row) if row else None

    def close_session(self, token: str) -> None:
        with self._open() as db:
            db.execute("DELETE FROM sessions WHERE token = ?", (_digest(token),))

    def _known(self) -> str:
        return ", ".join(user.email for user in self.users()) or "none yet"

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        db = sqlite3.connect(self._path, timeout=10)
        try:
            db.execute("PRAGMA foreign_keys = ON")
            with db:
                yield db
        finally:
            db.close()


class Tries:
    """Failed sign-ins of the last minutes, by what names the one who tries: her network address, the account."""

    def __init__(self, wall: Callable[[], float] = time.time) -> None:
        self._wall = wall
        self._failed: dict[str, list[float]] = {}
        self._lock = Lock()

    def wait_seconds(self, *names: str) -> int:
        """How long to wait before the next try; 0 when it may go ahead."""
        with self._lock:
            return max((self._wait(name) for name in names), default=0)

    def failed(self, *names: str) -> None:
        with self._lock:
            if len(self._failed) > 10_000:  # A flood of made-up names must not fill the memory.
                self._failed = {name: times for name, times in self._failed.items() if self._recent(times)}
            for name in names:
                self._failed[name] = [*self._recent(self._failed.get(name, [])), self._wall()][-TRIES_MAX:]

    def forget(self, *names: str) -> None:
        with self._lock:
            for name in names:
                self._failed.pop(name, None)

    def _wait(self, name: str) -> int:
        recent = self._recent(self._failed.get(name, []))
        if len(recent) < TRIES_MAX:
            return 0
        return max(1, int(recent[0] + TRIES_WINDOW_SECONDS - self._wall()))

    def _recent(self, times: list[float]) -> list[float]:
        return [at for at in times if at > self._wall() - TRIES_WINDOW_SECONDS]


def form_token(secret: str) -> str:
    """What a form must carry to prove that it came from a page of this console; derived from the cookie's secret."""
    return hmac.new(secret.encode(), b"habitue console form", sha256).hexdigest()


def is_form_token(secret: str, given: str) -> bool:
    return bool(secret) and hmac.compare_digest(form_token(secret).encode(), given.encode("utf-8", "replace"))


def _digest(token: str) -> bytes:
    return sha256(token.encode("utf-8", "replace")).digest()


def _address(email: str) -> str:
    address = email.strip().lower()
    if "@" not in address[1:-1] or " " in address or len(address) > 254:
        raise AccountError(f'"{email}" is not an e-mail address; write it like ana@example.com')
    return address


def _password(password: str) -> str:
    if not PASSWORD_LENGTH_MIN <= len(password) <= PASSWORD_LENGTH_MAX:
        raise AccountError(
            f"the password has {len(password)} characters; it needs {PASSWORD_LENGTH_MIN} to {PASSWORD_LENGTH_MAX}"
        )
    return password
