"""Chance without a random number: hashes of a purpose and an id, so that the demo is the same shop every time."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2b
from typing import TypeVar

T = TypeVar("T")


def number(*parts: str) -> int:
    """A whole number below 2⁶⁴, for ever the same for the same parts."""
    return int.from_bytes(blake2b("\x1f".join(parts).encode(), digest_size=8).digest(), "big")


def pick(choices: Sequence[T], *parts: str) -> T:
    """One of the choices."""
    return choices[number(*parts) % len(choices)]


def share(percent: int, *parts: str) -> bool:
    """True for about `percent` of all ids."""
    return number(*parts) % 100 < percent
