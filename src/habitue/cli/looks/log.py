"""Log: how much is in it, and what could not be accepted."""

from __future__ import annotations

from collections.abc import Iterator

from habitue.wire import Parts

from .finding import Finding


def look(parts: Parts) -> Iterator[Finding]:
    yield Finding("ok", "log", f"{parts.log.position() + 1:,} events")
    letters = parts.log.dead_letters(limit=1)
    if letters:
        yield Finding("note", "dead letters", f"{letters[0].id:,}; `habitue dead-letters` says why")
