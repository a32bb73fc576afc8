"""Clock: can the time be right?"""

from __future__ import annotations

from collections.abc import Iterator

from habitue.model.instant import to_iso
from habitue.run.clock import doubt_of
from habitue.wire import Parts

from .finding import Finding


def look(parts: Parts) -> Iterator[Finding]:
    doubt = doubt_of(parts.clock)
    if doubt:
        advice = "set the machine's clock right, or say that it is right with `habitue clock accept`"
        yield Finding("bad", "clock", f"{doubt}: nothing is decided or sent; {advice}")
    else:
        yield Finding("ok", "clock", to_iso(parts.clock.now()))
