"""Disk: is there room for what comes?"""

from __future__ import annotations

from collections.abc import Iterator

from habitue.wire import Parts
from habitue.wire.room import Room

from .finding import Finding


def look(parts: Parts) -> Iterator[Finding]:
    space = Room(parts.data, parts.settings.disk).space()
    text = f"{space.free / 1e9:.2f} GB free at {parts.data}"
    if space.is_full:
        yield Finding("bad", "disk", f"{text}: events are refused; make room, everything goes on by itself")
    elif space.is_low:
        yield Finding("bad", "disk", f"{text}; events are refused below {space.reserve / 1e9:.2f} GB, so make room")
    else:
        yield Finding("ok", "disk", text)
