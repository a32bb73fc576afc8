"""An email address in the one spelling it is compared in."""

from __future__ import annotations


def spelled(address: str) -> str:
    """Small letters, no blanks around; empty for what is no address at all."""
    bare = address.strip().lower()
    return bare if "@" in bare else ""
