"""Chance that can be replayed: a hash of the customer and a salt."""

from __future__ import annotations

from hashlib import blake2b

_WHOLE = 1 << 64


def share(customer: str, salt: str) -> float:
    """A number in [0, 1), always the same for the same customer and salt, evenly spread over customers."""
    digest = blake2b(f"{salt}\x00{customer}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") / _WHOLE


def pick(customer: str, salt: str, weights: tuple[int, ...]) -> int:
    """The index of the weighted share this customer falls into."""
    point = share(customer, salt) * sum(weights)
    reached = 0
    for index, weight in enumerate(weights):
        reached += weight
        if point < reached:
            return index
    return len(weights) - 1
