"""Fills: was what was counted beforehand damaged?"""

from __future__ import annotations

from collections.abc import Iterator

from habitue.wire import Parts

from .finding import Finding


def look(parts: Parts) -> Iterator[Finding]:
    for name in parts.fills.damaged():
        yield Finding(
            "note",
            "fills",
            f"{name}, counted for a new version, was damaged and is thrown away: everybody's counters are read from "
            f"the log instead, more slowly and as right; look after the disk of {parts.data}",
        )
