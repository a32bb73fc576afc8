"""How much each write key may send: an allowance that fills up steadily and is drawn from event by event."""

from __future__ import annotations

import hashlib
import math
import time
from collections.abc import Callable

import msgspec


class TooFast(Exception):
    """The key has drawn more than its allowance; the sender should come back after `seconds`."""

    def __init__(self, seconds: int) -> None:
        super().__init__(f"this write key sends faster than it may; send the same again in {seconds} seconds")
        self.seconds = seconds


class _Account(msgspec.Struct):
    left: float
    at: float


class Allowances:
    """An account for each key, held by the process that answers HTTP.

    A request is let in while its key has anything left, and may overdraw: so a batch larger than the whole allowance
    goes through all the same, and what comes after it waits until the debt is paid. Nothing is ever dropped.
    """

    def __init__(self, per_second: float, burst: int, now: Callable[[], float] = time.monotonic) -> None:
        self._per_second = per_second
        self._burst = float(burst)
        self._now = now
        self._accounts: dict[bytes, _Account] = {}
        self.put_off = 0
        """How many requests were told to come back later."""

    def draw(self, key: str, events: int) -> None:
        """Take what `events` events cost. Raises TooFast when the key, which is known to exist, has nothing left."""
        if not self._per_second:
            return
        account = self._account(key)
        if account.left < 1:
            self.put_off += 1
            # Clients read whole seconds and wait no longer than five minutes.
            raise TooFast(min(300, max(1, math.ceil((1 - account.left) / self._per_second))))
        account.left -= events

    def _account(self, key: str) -> _Account:
        digest, now = hashlib.sha256(key.encode("utf-8", "replace")).digest(), self._now()
        account = self._accounts.setdefault(digest, _Account(self._burst, now))
        account.left = min(self._burst, account.left + (now - account.at) * self._per_second)
        account.at = now
        return account
