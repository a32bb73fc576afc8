"""Who asks, and may they: API keys, their scopes, and how often each may ask."""

from __future__ import annotations

import asyncio
import hashlib
import math
import time
from collections.abc import Callable, Iterable
from typing import NamedTuple

from starlette.requests import Request

from habitue.model.api_key import PREFIX, ApiKey, Scope
from habitue.model.instant import MINUTE, Instant
from habitue.model.powers import lacking
from habitue.run.ports import Clock

from .ports import ApiStore
from .problems import ApiError, Kind

REMEMBERED_SECONDS = 5.0
_REMEMBERED_MAX = 10_000
_WINDOW_SECONDS = 60
_USED_EVERY = MINUTE
_REALM = 'Bearer realm="habitue"'


class _Known(NamedTuple):
    key: ApiKey | None
    until: float


class Gate:
    """Answers from memory where it can; a key that was made or withdrawn elsewhere is noticed within five seconds."""

    def __init__(
        self,
        store: ApiStore,
        clock: Clock,
        requests_per_minute: int,
        # The machine's own time: a run at sixty times the pace of life does not make the machine faster.
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._store = store
        self._clock = clock
        self._limit = requests_per_minute
        self._monotonic = monotonic
        self._known: dict[bytes, _Known] = {}
        self._windows: dict[str, tuple[float, int]] = {}
        self._used: dict[str, Instant] = {}

    async def key(self, request: Request) -> ApiKey:
        """The key of the request. Raises ApiError without one in use."""
        scheme, _, token = request.headers.get("authorization", "").strip().partition(" ")
        token = token.strip()
        if scheme.lower() != "bearer" or not token:
            raise ApiError(
                Kind.UNAUTHORIZED,
                "no API key was found; send `Authorization: Bearer hab_…`",
                headers={"WWW-Authenticate": _REALM},
            )
        found = await self._looked_up(token) if token.startswith(PREFIX) else None
        if found is None:
            raise ApiError(
                Kind.UNAUTHORIZED,
                "the API key is unknown or withdrawn; `habitue api-key create NAME --scope …` makes one",
                headers={"WWW-Authenticate": f'{_REALM}, error="invalid_token"'},
            )
        await self._note_use(found)
        return found

    async def _looked_up(self, token: str) -> ApiKey | None:
        digest = hashlib.sha256(token.encode("utf-8", "replace")).digest()
        known = self._known.get(digest)
        if known is None or known.until < self._monotonic():
            known = _Known(await asyncio.to_thread(self._store.key_of, token), self._monotonic() + REMEMBERED_SECONDS)
            if len(self._known) >= _REMEMBERED_MAX:  # Someone is guessing; start afresh rather than grow.
                self._known.clear()
            self._known[digest] = known
        return known.key

    async def _note_use(self, key: ApiKey) -> None:
        now = self._clock.now()
        if now - self._used.get(key.id, key.last_used_at or 0) >= _USED_EVERY:
            self._used[key.id] = now
            await asyncio.to_thread(self._store.key_used, key.id, now)

    def forget(self) -> None:
        """Look every key up again: one was withdrawn."""
        self._known.clear()

    def count(self, key: ApiKey) -> dict[str, str]:
        """Count a request, and say in headers how many are left. Raises ApiError when none is."""
        now = self._monotonic()
        began, count = self._windows.get(key.id, (now, 0))
        if now - began >= _WINDOW_SECONDS:
            began, count = now, 0
        count += 1
        self._windows[key.id] = (began, count)
        rest = max(1, math.ceil(began + _WINDOW_SECONDS - now))
        headers = {
            "RateLimit-Policy": f'"key";q={self._limit};w={_WINDOW_SECONDS}',
            "RateLimit": f'"key";r={max(0, self._limit - count)};t={rest}',
        }
        if count > self._limit:
            raise ApiError(
                Kind.TOO_MANY_REQUESTS,
                f"this API key made more than {self._limit} requests in a minute; ask again in {rest} s",
                headers={**headers, "Retry-After": str(rest)},
            )
        return headers


def require_all(key: ApiKey, needed: Iterable[Scope], act: str) -> None:
    """Raises ApiError when what is asked for amounts to more than the key may do itself."""
    missing = lacking(needed, key.scopes)
    if missing:
        named = ", ".join(missing)
        raise ApiError(
            Kind.FORBIDDEN,
            f"{act} amounts to more than this API key may do itself; it lacks {named}",
            headers={"WWW-Authenticate": f'{_REALM}, error="insufficient_scope", scope="{" ".join(missing)}"'},
        )


def require(key: ApiKey, scope: Scope | None) -> None:
    """Raises ApiError when the key may not do it."""
    if scope is not None and scope not in key.scopes:
        raise ApiError(
            Kind.FORBIDDEN,
            f'this needs the scope "{scope.value}"; the API key "{key.name}" has {", ".join(key.scopes) or "none"}',
            headers={"WWW-Authenticate": f'{_REALM}, error="insufficient_scope", scope="{scope.value}"'},
        )
