"""Processes: are they all up?"""

from __future__ import annotations

from collections.abc import Iterator

from habitue.run.supervisor import read_status
from habitue.wire import Parts

from .finding import Finding


def look(parts: Parts) -> Iterator[Finding]:
    statuses = read_status(parts.data)
    if not statuses:
        yield Finding("note", "processes", f"not running; `habitue serve --data {parts.data}` starts them")
    for status in statuses:
        level = "ok" if status.ready else "bad"
        text = f"{'ready' if status.ready else 'not ready'}, started {status.starts} times, pid {status.pid}"
        yield Finding(level, status.role, text)
