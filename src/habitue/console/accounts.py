"""Who may use the console: users and their sessions, in a small file of their own.

Sessions follow the wall clock, not the run clock: a demo that runs sixty times as fast must not sign people out sixty
times as often.
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
from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from habitue import private
from habitue.console import password as passwords
from habitue.console.roles import Role
from habitue.console.tries import Tries
from habitue.errors import HabitueError

SESSION_SECONDS = 12 * 3600
"""How long a session lasts at most, unless the settings say otherwise."""
IDLE_SECONDS = 30 * 60
"""And how long while nobody does anything. Both as OWASP's ASVS 4.0.3 asks of level 2, 3.3.2."""
_SEEN_EVERY_SECONDS = 60
"""A session's last use is noted this often: a page must not cost a write."""

_SCHEMA = """
CREATE TABLE IF NOT EXISTS users (
  id INTEGER PRIMARY KEY,
  email TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL,
  password TEXT NOT NULL,
  created_at REAL NOT NULL,
  role TEXT NOT NULL DEFAULT 'owner'
);
CREATE TABLE IF NOT EXISTS sessions (
  token BLOB PRIMARY KEY,
  user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  began_at REAL NOT NULL,
  seen_at REAL NOT NULL
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
    role: Role = Role.OWNER


class Accounts:
    """Users and sessions in an SQLite file; a connection per call, so any thread and process may use it."""

    def __init__(
        self,
        path: Path,
        *,
        wall: Callable[[], float] = time.time,
        session_seconds: float = SESSION_SECONDS,
        idle_seconds: float = IDLE_SECONDS,
    ) -> None:
        self._path = path
        self._wall = wall
        self._session_seconds = session_seconds
        self._idle_seconds = idle_seconds
        self._hasher = PasswordHasher()
        # Each check takes 64 MB for a moment: two at a time is enough for a sign-in page.
        self._checking = BoundedSemaphore(2)
        self.tries = Tries(path, wall)
        self._nobody = self._hasher.hash(secrets.token_hex(16))
        with self._open() as db:
            db.execute("PRAGMA journal_mode = WAL")
            db.executescript(_SCHEMA)
            if "seen_at" not in {row[1] for row in db.execute("PRAGMA table_info(sessions)")}:
                # Sessions from before are over: nobody noted when they were last used.
                db.execute("DROP TABLE sessions")
                db.executescript(_SCHEMA)
            if "role" not in {row[1] for row in db.execute("PRAGMA table_info(users)")}:
                # Whoever could sign in before there were roles could do everything, and still can.
                db.execute("ALTER TABLE users ADD COLUMN role TEXT NOT NULL DEFAULT 'owner'")

    def create_user(
        self, email: str, password: str, name: str = "", role: Role | None = None, *, known_to_all: bool = False
    ) -> User:
        """Add a user. Without a role, the first one is an owner and everybody after them a marketer.

        `known_to_all`: the password is no secret, as the demo's, so anything will do. Raises AccountError when the
        address is taken, the password easily guessed, or the first one is to be no owner.
        """
        address = _address(email)
        hashed = self._hasher.hash(password if known_to_all else _password(password, (address, name)))
        with self._open() as db:
            is_first = db.execute("SELECT count(*) FROM users").fetchone()[0] == 0
            given = role or (Role.OWNER if is_first else Role.MARKETER)
            if is_first and given is not Role.OWNER:
                raise AccountError(f"the first account must be an owner's, found {given}; make the owner's first")
            try:
                row = db.execute(
                    "INSERT INTO users (email, name, password, created_at, role) VALUES (?, ?, ?, ?, ?) RETURNING id",
                    (address, name.strip() or address.partition("@")[0], hashed, self._wall(), given),
                ).fetchone()
            except sqlite3.IntegrityError:
                raise AccountError(f"{address} has an account already; set a new password for it instead") from None
        return User(row[0], address, name.strip() or address.partition("@")[0], given)

    def set_password(self, email: str, password: str, keep: str = "") -> None:
        """Give a user a new password and end all their sessions but the one whose token is `keep`."""
        address = _address(email)
        names = (user.name for user in self.users() if user.email == address)
        hashed = self._hasher.hash(_password(password, (address, *names)))
        with self._open() as db:
            changed = db.execute("UPDATE users SET password = ? WHERE email = ?", (hashed, address)).rowcount
            db.execute(
                "DELETE FROM sessions WHERE user_id = (SELECT id FROM users WHERE email = ?) AND token <> ?",
                (address, _digest(keep)),
            )
        if not changed:
            raise AccountError(f"there is no account for {address}; the accounts are: {self._known()}")

    def set_role(self, email: str, role: Role) -> None:
        """Change what a user may open, at once. Raises AccountError when nobody would be left to own the console."""
        address = _address(email)
        with self._open() as db:
            self._keep_an_owner(db, address, role)
            changed = db.execute("UPDATE users SET role = ? WHERE email = ?", (role, address)).rowcount
        if not changed:
            raise AccountError(f"there is no account for {address}; the accounts are: {self._known()}")

    def _keep_an_owner(self, db: sqlite3.Connection, address: str, role: Role | None) -> None:
        owners = {row[0] for row in db.execute("SELECT email FROM users WHERE role = ?", (Role.OWNER,))}
        if role is not Role.OWNER and owners == {address}:
            raise AccountError(f"{address} is the only owner; make somebody else an owner first")

    def remove_user(self, email: str) -> None:
        """Take an account and its sessions away. The only owner's stays while there are other accounts."""
        address = _address(email)
        with self._open() as db:
            if db.execute("SELECT count(*) FROM users").fetchone()[0] > 1:
                self._keep_an_owner(db, address, None)
            removed = db.execute("DELETE FROM users WHERE email = ?", (address,)).rowcount
        if not removed:
            raise AccountError(f"there is no account for {address}; the accounts are: {self._known()}")

    def users(self) -> list[User]:
        """Everyone who may sign in, by address."""
        with self._open() as db:
            return [_user(row) for row in db.execute("SELECT id, email, name, role FROM users ORDER BY email")]

    def verify(self, email: str, password: str) -> User | None:
        """The user if the password is theirs. An unknown address costs the same work as a known one."""
        with self._open() as db:
            row = db.execute(
                "SELECT id, email, name, role, password FROM users WHERE email = ?", (email.strip().lower(),)
            ).fetchone()
        stored = row[4] if row else self._nobody
        with self._checking:
            try:
                self._hasher.verify(stored, password[: passwords.LENGTH_MAX])
            except (VerificationError, InvalidHashError):
                return None
        return _user(row[:4]) if row else None

    def open_session(self, user: User) -> str:
        """A new session's secret token; only its hash is kept."""
        token, now = secrets.token_urlsafe(32), self._wall()
        with self._open() as db:
            db.execute(
                "DELETE FROM sessions WHERE began_at <= ? OR seen_at <= ?",
                (now - self._session_seconds, now - self._idle_seconds),
            )
            db.execute("INSERT INTO sessions VALUES (?, ?, ?, ?)", (_digest(token), user.id, now, now))
        return token

    def user_of(self, token: str, *, by_hand: bool = True) -> User | None:
        """The user a session token stands for, if the session is still open.

        `by_hand`: somebody does something, so the idle time begins anew; what a page left open asks for by itself
        does not keep a session alive.
        """
        now = self._wall()
        with self._open() as db:
            row = db.execute(
                "SELECT users.id, email, name, role, seen_at FROM sessions JOIN users ON users.id = user_id"
                " WHERE token = ? AND began_at > ? AND seen_at > ?",
                (_digest(token), now - self._session_seconds, now - self._idle_seconds),
            ).fetchone()
            if row and by_hand and now - row[4] >= min(_SEEN_EVERY_SECONDS, self._idle_seconds / 2):
                db.execute("UPDATE sessions SET seen_at = ? WHERE token = ?", (now, _digest(token)))
        return _user(row[:4]) if row else None

    def close_session(self, token: str) -> None:
        with self._open() as db:
            db.execute("DELETE FROM sessions WHERE token = ?", (_digest(token),))

    def _known(self) -> str:
        return ", ".join(user.email for user in self.users()) or "none yet"

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        private.database(self._path)
        db = sqlite3.connect(self._path, timeout=10)
        try:
            db.execute("PRAGMA foreign_keys = ON")
            with db:
                yield db
        finally:
            db.close()


def form_token(secret: str) -> str:
    """What a form must carry to prove that it came from a page of this console; derived from the cookie's secret."""
    return hmac.new(secret.encode(), b"habitue console form", sha256).hexdigest()


def is_form_token(secret: str, given: str) -> bool:
    return bool(secret) and hmac.compare_digest(form_token(secret).encode(), given.encode("utf-8", "replace"))


def _user(row: tuple[int, str, str, str]) -> User:
    return User(row[0], row[1], row[2], Role(row[3]))


def _digest(token: str) -> bytes:
    return sha256(token.encode("utf-8", "replace")).digest()


def _address(email: str) -> str:
    address = email.strip().lower()
    if "@" not in address[1:-1] or " " in address or len(address) > 254:
        raise AccountError(f'"{email}" is not an e-mail address; write it like ana@example.com')
    return address


def _password(password: str, about: tuple[str, ...]) -> str:
    problem = passwords.trouble(password, about)
    if problem is not None:
        raise AccountError(problem)
    return password
