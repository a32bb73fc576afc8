"""What programs sign in with and what they were answered, in `api.db`."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from habitue.errors import HabitueError
from habitue.model.api_key import PREFIX, ApiKey, KeptAnswer, Scope
from habitue.model.instant import DAY, Instant, Span

from .database import Database
from .queries import Queries

SQL = Queries("api.sql")
ANSWERS_KEPT: Span = DAY
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")
_SEARCHED_BYTES = 8
"""How much of a digest is looked up by the index; the rest is compared in constant time."""


class ApiKeyProblem(HabitueError):
    """An API key cannot be made or withdrawn as asked."""


class SqliteApi:
    """Safe from any thread and process."""

    def __init__(self, path: Path | str) -> None:
        self._database = Database(path, "api", cache_kib=1_000)

    def create_key(self, name: str, scopes: Iterable[Scope], now: Instant) -> tuple[ApiKey, str]:
        """A new key, and its token, which is kept nowhere. Keys may share a name, to replace one without a gap."""
        granted = tuple(scope for scope in Scope if scope in set(scopes))
        if _NAME.fullmatch(name) is None or name == "habitue":
            raise ApiKeyProblem(
                f'"{name}" cannot name an API key: use up to 40 lower-case letters, digits, - and _, such as "crm"; '
                '"habitue" is taken. The name is also the source of the events sent with the key'
            )
        if not granted:
            raise ApiKeyProblem(f"an API key without a scope opens nothing; choose some of: {', '.join(Scope)}")
        token = PREFIX + secrets.token_urlsafe(32)
        key = ApiKey(id=secrets.token_hex(6), name=name, scopes=granted, hint=token[: len(PREFIX) + 4], created_at=now)
        with self._database.write() as connection:
            row = (key.id, _digest(token), key.name, " ".join(granted), key.hint, now)
            connection.execute(SQL["add_key"], row)
        return key, token

    def all_keys(self) -> list[ApiKey]:
        """Oldest first, withdrawn ones too."""
        with self._database.read() as connection:
            return [_key(row) for row in connection.execute(SQL["keys"])]

    def key(self, one: str) -> ApiKey | None:
        with self._database.read() as connection:
            row = connection.execute(SQL["key"], (one,)).fetchone()
        return None if row is None else _key(row)

    def key_of(self, token: str) -> ApiKey | None:
        """The key in use that this is the token of."""
        digest = _digest(token)
        with self._database.read() as connection:
            beginning = digest[:_SEARCHED_BYTES]
            rows = connection.execute(SQL["digests"], (beginning, beginning + b"\xff" * 32)).fetchall()
        found = None
        for known, *row in rows:
            if hmac.compare_digest(known, digest):
                found = _key(row)
        return found

    def withdraw_key(self, one: str, now: Instant) -> None:
        """From now on (elsewhere: within seconds) the key opens nothing."""
        with self._database.write() as connection:
            if not connection.execute(SQL["withdraw"], (now, one)).rowcount:
                raise ApiKeyProblem(f'there is no API key "{one}" in use; `habitue api-key list` shows all keys')

    def key_used(self, one: str, at: Instant) -> None:
        with self._database.write() as connection:
            connection.execute(SQL["used"], (at, one))

    def answer(self, api_key: str, name: str, now: Instant) -> KeptAnswer | None:
        """What this key's request of this name was answered in the last 24 hours."""
        with self._database.read() as connection:
            row = connection.execute(SQL["answer"], (api_key, name, now - ANSWERS_KEPT)).fetchone()
        return None if row is None else KeptAnswer(fingerprint=row[0], status=row[1], body=row[2])

    def keep_answer(self, api_key: str, name: str, answer: KeptAnswer, now: Instant) -> None:
        """Keep it durably; what is older than 24 hours goes."""
        with self._database.write() as connection:
            connection.execute(SQL["forget_answers"], (now - ANSWERS_KEPT,))
            row = (api_key, name, now, answer.fingerprint, answer.status, answer.body)
            connection.execute(SQL["keep_answer"], row)

    def forget_answers_naming(self, texts: Iterable[str]) -> int:
        """Answers that hold one of these texts go; a request sent again is carried out again. Returns how many."""
        with self._database.write() as connection:
            asked = ((text.encode(), text) for text in texts)
            return sum(connection.execute(SQL["forget_answers_naming"], one).rowcount for one in asked)

    def close(self) -> None:
        self._database.close()


def _digest(token: str) -> bytes:
    # No salt and no stretching: nobody can try 256 random bits one after the other.
    return hashlib.sha256(token.encode("utf-8", "replace")).digest()


def _key(row: Any) -> ApiKey:
    one, name, scopes, hint, created_at, last_used_at, withdrawn_at = row
    return ApiKey(
        id=one,
        name=name,
        # A scope of a newer version is none here; it opens nothing.
        scopes=tuple(Scope(scope) for scope in scopes.split() if scope in set(Scope)),
        hint=hint,
        created_at=created_at,
        last_used_at=last_used_at,
        withdrawn_at=withdrawn_at,
    )
