"""How much each write key may send: allowances of events and of bytes that fill up steadily and are drawn from."""

from __future__ import annotations

import hashlib
import math
import time
from collections.abc import Callable

import msgspec

_DAY_SECONDS = 86_400
_WAIT_SECONDS_MAX = 300
"""Clients read whole seconds and wait no longer."""


class TooFast(Exception):
    """The key has drawn more than its allowance; the sender should come back after `seconds`."""

    def __init__(self, what: str, seconds: int) -> None:
        super().__init__(f"this write key sends more {what} than it may; send the same again in {seconds} seconds")
        self.seconds = seconds


class Rate(msgspec.Struct, frozen=True):
    """What fills up by `per_second` until it is `burst`; a rate of 0 sets no limit."""

    what: str
    per_second: float
    burst: float


class _Account(msgspec.Struct):
    left: float
    at: float


class Allowances:
    """Two accounts for each key, of events and of bytes, held by the process that answers HTTP.

    A request is let in while its key has anything left, and may overdraw: so a batch larger than the whole allowance
    goes through all the same, and what comes after it waits until the debt is paid. Nothing is ever dropped.
    """

    def __init__(
        self,
        per_second: float,
        burst: int,
        bytes_per_day: float = 0,
        bytes_burst: int = 1,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._events = Rate("events", per_second, burst)
        self._bytes = Rate("bytes", bytes_per_day / _DAY_SECONDS, bytes_burst)
        self._now = now
        self._accounts: dict[tuple[bytes, str], _Account] = {}
        self.put_off = 0
        """How many requests were told to come back later."""

    def require(self, key: str) -> None:
        """Raises TooFast when the key, which is known to exist, has nothing left. Needs nothing of the body."""
        digest = hashlib.sha256(key.encode("utf-8", "replace")).digest()
        for rate in (self._events, self._bytes):
            if rate.per_second and (left := self._account(digest, rate).left) < 1:
                self.put_off += 1
                raise TooFast(rate.what, min(_WAIT_SECONDS_MAX, max(1, math.ceil((1 - left) / rate.per_second))))

    def draw(self, key: str, events: int, size_bytes: int = 0) -> None:
        """Take what a request costs. Raises TooFast when the key has nothing left."""
        self.require(key)
        digest = hashlib.sha256(key.encode("utf-8", "replace")).digest()
        for rate, cost in ((self._events, events), (self._bytes, size_bytes)):
            if rate.per_second:
                self._account(digest, rate).left -= cost

    def _account(self, digest: bytes, rate: Rate) -> _Account:
        now = self._now()
        account = self._accounts.setdefault((digest, rate.what), _Account(rate.burst, now))
        account.left = min(rate.burst, account.left + (now - account.at) * rate.per_second)
        account.at = now
        return account
