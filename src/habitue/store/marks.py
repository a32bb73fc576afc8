"""Addresses as marks: keyed hashes that tell whether two are the same, and nothing else without the key."""

from __future__ import annotations

import hmac
from collections.abc import Callable
from hashlib import blake2b, sha256

from .suppressions import normal

_PURPOSE = b"habitue.passage"


def marker(secret: bytes) -> Callable[[str, str], bytes]:
    """(channel, address) → the mark. `secret` is the data directory's own; with another one all marks are new."""
    key = blake2b(_PURPOSE, key=sha256(secret).digest(), digest_size=32).digest()

    def mark(channel: str, address: str) -> bytes:
        return hmac.digest(key, f"{channel}:{normal(channel, address)}".encode("utf-8", "replace"), "sha256")

    return mark
