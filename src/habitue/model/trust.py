"""Who says something: the level of trust of the source an event came from."""

from __future__ import annotations

from enum import StrEnum


class Level(StrEnum):
    """From the least to the most trusted of those who speak for others than themselves.

    A claim of a lower level about somebody else is not believed; what becomes of it is in one table.
    """

    BROWSER = "browser"
    """A public key on a page: says what this visitor did there, and nothing of anybody else."""
    APP = "app"
    """A public key in an app: the same."""
    SERVER = "server"
    """A secret key in a program of the shop's."""
    WEBHOOK = "webhook"
    """Signed by the shop's own system."""
    CHANNEL = "channel"
    """Receipts of our own deliveries, and what our own signed pages were told."""
    OPERATOR = "operator"
    """The people who run the shop: console, commands, imports."""


PUBLIC: frozenset[Level] = frozenset({Level.BROWSER, Level.APP})
"""Levels whose key anybody can read."""

RANK: dict[Level, int] = {level: rank for rank, level in enumerate(Level)}
"""The higher, the more is believed."""

PREVIOUS = "previous"
"""The kind under which an alias's previous id is claimed."""

FOLDED = "habitue.trust"
"""The word of a context under which tables of events keep what is not a column: see `folding.py`."""
