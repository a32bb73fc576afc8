"""Disk: is there room for what comes?"""

from __future__ import annotations

import shutil
from collections.abc import Iterator

from habitue.wire import Parts

from .finding import Finding

FREE_BYTES_MIN = 500_000_000


def look(parts: Parts) -> Iterator[Finding]:
    free = shutil.disk_usage(parts.data).free
    level = "ok" if free >= FREE_BYTES_MIN else "bad"
    advice = "" if level == "ok" else "; events are refused when it is full, so make room"
    yield Finding(level, "disk", f"{free / 1e9:.1f} GB free at {parts.data}{advice}")
