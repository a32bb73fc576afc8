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

from habitue.console.roles import Role
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
  created_at REAL NOT NULL,
  role TEXT NOT NULL DEFAULT 'owner'
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
    role: Role = Role.OWNER


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
            if "role" not in {row[1] for row in db.execute("PRAGMA table_info(users)")}:
                # Whoever could sign in before there were roles could do everything, and still can.
                db.execute("ALTER TABLE users ADD COLUMN role TEXT NOT NULL DEFAULT 'owner'")

    def create_user(self, email: str, password: str, name: str = "", role: Role | None = None) -> User:
        """Add a user. Without a role, the first one is an owner and everybody after her a marketer.

        Raises AccountError when the address is taken, the password too short, or the first one is to be no owner.
        """
        address = _address(email)
        hashed = self._hasher.hash(_password(password))
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

    def set_password(self, email: str, password: str) -> None:
        """Give a user a new password and end all her sessions."""
        address = _address(email)
        hashed = self._hasher.hash(_password(password))
        with self._open() as db:
            changed = db.execute("UPDATE users SET password = ? WHERE email = ?", (hashed, address)).rowcount
            db.execute("DELETE FROM sessions WHERE user_id = (SELECT id FROM users WHERE email = ?)", (address,))
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
        """The user if the password is hers. An unknown address costs the same work as a known one."""
        with self._open() as db:
            row = db.execute(
                "SELECT id, email, name, role, password FROM users WHERE email = ?", (email.strip().lower(),)
            ).fetchone()
        stored = row[4] if row else self._nobody
        with self._checking:
            try:
                self._hasher.verify(stored, password[:PASSWORD_LENGTH_MAX])
            except (VerificationError, InvalidHashError):
                return None
        return _user(row[:4]) if row else None

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
                "SELECT users.id, email, name, role FROM sessions JOIN users ON users.id = user_id"
                " WHERE token = ? AND expires_at > ?",
                (_digest(token), self._wall()),
            ).fetchone()
        return _user(row) if row else None

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


def _user(row: tuple[int, str, str, str]) -> User:
    return User(row[0], row[1], row[2], Role(row[3]))


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
