"""Backups: is there one, and how old is it?"""

from __future__ import annotations

from collections.abc import Iterator

from habitue.model.instant import HOUR
from habitue.wire import Parts, backup

from .finding import Finding


def look(parts: Parts) -> Iterator[Finding]:
    written = backup.written_at(parts.data)
    if written is None:
        yield Finding("note", "backup", "none was made of this data directory; `habitue backup DIR` makes one")
        return
    hours = (parts.clock.now() - written[0]) / HOUR
    old = 0 < parts.settings.backup.hours_max < hours
    advice = f"; expected one every {parts.settings.backup.hours_max} hours: `habitue backup DIR`" if old else ""
    yield Finding("bad" if old else "ok", "backup", f"{hours:,.1f} hours old, in {written[1]}{advice}")
