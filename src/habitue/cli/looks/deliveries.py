"""Deliveries: what became of messages."""

from __future__ import annotations

from collections.abc import Iterator

from habitue.wire import Parts

from .finding import Finding


def look(parts: Parts) -> Iterator[Finding]:
    counts: dict[str, int] = {}
    for (_, state), count in parts.deliveries.counts().items():
        counts[state] = counts.get(state, 0) + count
    text = ", ".join(f"{count:,} {state}" for state, count in sorted(counts.items())) or "none yet"
    unknown = counts.get("unknown", 0)
    advice = "; `habitue deliveries --state unknown` lists those that may or may not have gone out" if unknown else ""
    yield Finding("note" if unknown else "ok", "deliveries", text + advice)
