"""The names that may be meant in a condition: what is not among them is a slip, and is refused with the nearest."""

from __future__ import annotations

from collections.abc import Collection

import msgspec

from .tree import Lifecycle, Rfm
from .vocabulary import KNOWN_EVENTS


class Names(msgspec.Struct, frozen=True):
    """A name not among those of its kind is an error, unless they are None: then nothing is known of them.

    An event's name is free, because a shop has events of its own; only one that looks like a slip for a known name is
    an error. Give the shop's own names too when they resemble known ones.
    """

    events: frozenset[str] = KNOWN_EVENTS
    segments: frozenset[str] | None = None
    channels: frozenset[str] | None = None
    topics: frozenset[str] | None = None
    occasions: frozenset[str] | None = None
    rfm_groups: frozenset[str] | None = None
    lifecycle_stages: frozenset[str] | None = None

    def of_table(self, node: Rfm | Lifecycle) -> tuple[str, Collection[str] | None]:
        """(what they are, the words) that may stand for it."""
        if isinstance(node, Lifecycle):
            return "lifecycle stage", self.lifecycle_stages
        return ("RFM group", self.rfm_groups) if node.field == "group" else ("RFM code", RFM_CODES)


RFM_CODES = frozenset(f"{r}{f}{m}" for r in range(1, 6) for f in range(1, 6) for m in range(1, 6))
""""555" is the best of recency, frequency and monetary value, "111" the least."""
