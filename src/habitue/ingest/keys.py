"""Write keys: which source a request belongs to, wherever its client put the key."""

from __future__ import annotations

import asyncio
import binascii
import hashlib
import hmac
import time
from base64 import b64decode
from collections.abc import Callable, Mapping
from typing import Any

from habitue.model.source import Sender
from habitue.model.trust import Level

from .rejection import Refusal, Refused

RESERVED_SOURCE = "habitue"
"""Our own receipts carry this source; no write key may stand for it."""

_REMEMBERED_MAX = 10_000
_REMEMBERED_SECONDS = 5.0


class KeysUnavailable(Exception):
    """Write keys cannot be looked up now; the sender should come back later."""


class WriteKeys:
    """Answers from memory; asks `lookup` (key → who speaks with it, or None) in a thread, since it may read from disk.

    A key made or withdrawn is noticed within five seconds. Keys are remembered by their SHA-256: how long a search
    takes tells nothing about a key one does not know.
    """

    def __init__(self, lookup: Callable[[str], Sender | None]) -> None:
        self._lookup = lookup
        self._remembered: dict[bytes, tuple[Sender | None, float]] = {}

    async def sender(self, key: str) -> Sender:
        """Who speaks with the key. Raises Refused for a key nobody made, KeysUnavailable when nobody can say."""
        digest = hashlib.sha256(key.encode("utf-8", "replace")).digest()
        known = self._remembered.get(digest)
        if known is None or known[1] < time.monotonic():
            known = (await self._looked_up(key, known), time.monotonic() + _REMEMBERED_SECONDS)
            if len(self._remembered) >= _REMEMBERED_MAX:  # Someone is guessing; start afresh rather than grow.
                self._remembered.clear()
            self._remembered[digest] = known
        if known[0] is None or known[0].source == RESERVED_SOURCE:
            raise Refused(Refusal.UNKNOWN_WRITE_KEY, "there is no such write key; `habitue key create` makes one")
        return known[0]

    async def _looked_up(self, key: str, known: tuple[Sender | None, float] | None) -> Sender | None:
        try:
            return await asyncio.to_thread(self._lookup, key)
        except Exception as failure:
            # A key that was good a moment ago stays good while the keys cannot be read: events go before order.
            if known is not None and known[0] is not None:
                return known[0]
            raise KeysUnavailable("write keys cannot be looked up now; send the events again") from failure


def fixed_keys(keys: Mapping[str, str], level: Level) -> Callable[[str], Sender | None]:
    """A lookup over a few keys known beforehand. Compares with each of them, in constant time."""

    def lookup(key: str) -> Sender | None:
        given = key.encode("utf-8", "replace")
        matches = [source for known, source in keys.items() if hmac.compare_digest(known.encode(), given)]
        return Sender(matches[0], level) if matches else None

    return lookup


def shown_key(headers: Mapping[str, str], query: Mapping[str, str]) -> str:
    """The key that can be read before the body is, or nothing."""
    return (
        _basic_user(headers.get("authorization", ""))
        or _before_colon(headers.get("x-write-key", ""))
        or query.get("writeKey", "")
    )


def write_key(headers: Mapping[str, str], query: Mapping[str, str], body: Any) -> str:
    """The first key found in: Basic authorization, X-Write-Key, the query, the body. Raises Refused without one.

    The body comes last because Jitsu's holds a masked key. RudderStack's clients send the header alone, Segment's
    mobile clients the body alone, beacons the query alone.
    """
    in_body = body.get("writeKey") if isinstance(body, dict) else None
    key = shown_key(headers, query) or (in_body if isinstance(in_body, str) else "")
    if not key:
        raise Refused(
            Refusal.NO_WRITE_KEY,
            "no write key was found; send it as the user name of Basic authorization, as X-Write-Key, or as writeKey",
        )
    return key


def _basic_user(authorization: str) -> str:
    scheme, _, encoded = authorization.strip().partition(" ")
    if scheme.lower() != "basic":
        return ""
    try:
        decoded = b64decode(encoded.strip() + "==").decode()
    except (binascii.Error, UnicodeDecodeError):
        return ""
    return _before_colon(decoded)


def _before_colon(text: str) -> str:
    # Some clients encode the key without the colon that Basic asks for; Jitsu sends `id:secret`.
    return text.partition(":")[0].strip()
