"""Sources that sign what they send: which secrets count for a key, and whether a signature is right."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import time
from collections.abc import Callable
from typing import NamedTuple, TypeAlias

import structlog

from .keys import KeysUnavailable

_REMEMBERED_SECONDS = 5.0
_REMEMBERED_MAX = 1_000

_log = structlog.get_logger(__name__)

Lookup: TypeAlias = Callable[[str, str], tuple[str, tuple[str, ...]] | None]
"""(write key, kind of source) → its name and the secrets that count, or None."""


class SignedSource(NamedTuple):
    """A source by name, and the secrets it may sign with: the present one, and for a while the one before."""

    name: str
    secrets: tuple[str, ...]

    def has_signed(self, body: bytes, signature: str) -> bool:
        """Whether the signature, base64 of HMAC-SHA256, is over these very bytes. In constant time."""
        given = signature.strip().encode("utf-8", "replace")
        right = False
        for secret in self.secrets:
            made = base64.b64encode(hmac.new(secret.encode(), body, hashlib.sha256).digest())
            right |= hmac.compare_digest(made, given)
        return right


class SignedSources:
    """Asks `lookup` in a thread, since it reads from disk, and remembers the answer for five seconds."""

    def __init__(self, lookup: Lookup) -> None:
        self._lookup = lookup
        self._remembered: dict[tuple[bytes, str], tuple[SignedSource | None, float]] = {}

    async def source(self, key: str, kind: str) -> SignedSource | None:
        """The source, or None for a key that is not of this kind. Raises KeysUnavailable when nobody can say."""
        digest = hashlib.sha256(key.encode("utf-8", "replace")).digest(), kind
        known = self._remembered.get(digest)
        if known is not None and known[1] > time.monotonic():
            return known[0]
        try:
            found = await asyncio.to_thread(self._lookup, key, kind)
        except Exception as failure:
            # Only here can the operator see why: a stranger is told that it will pass.
            _log.error("webhook_secret_not_read", kind=kind, error=str(failure))
            raise KeysUnavailable("the webhook's secret cannot be looked up now; send it again") from failure
        source = None if found is None else SignedSource(*found)
        if len(self._remembered) >= _REMEMBERED_MAX:  # Someone is guessing; start afresh rather than grow.
            self._remembered.clear()
        self._remembered[digest] = (source, time.monotonic() + _REMEMBERED_SECONDS)
        return source
