"""State: is everything decided, and is anybody parked?"""

from __future__ import annotations

from collections.abc import Iterator

from habitue.wire import Parts

from .finding import Finding


def look(parts: Parts) -> Iterator[Finding]:
    behind = parts.log.position() - parts.store.position()
    text = f"{parts.view.people_count():,} people, {behind:,} events not decided on yet"
    yield Finding("ok" if behind < 100_000 else "note", "state", text)
    for parked in parts.view.parked():
        advice = f"after mending the cause: `habitue people retry {parked.customer}`"
        yield Finding("bad", "parked", f"{parked.customer}: {parked.error}; {advice}")
