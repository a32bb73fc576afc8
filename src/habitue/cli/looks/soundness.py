"""Soundness: did the latest look at every file find damage?"""

from __future__ import annotations

from collections.abc import Iterator

from habitue.model.instant import HOUR
from habitue.wire import Parts, soundness

from .finding import Finding


def look(parts: Parts) -> Iterator[Finding]:
    latest = soundness.read(parts.data)
    if latest is None:
        yield Finding(
            "note", "damage", "not looked for yet; `habitue doctor --damage` does it now, `habitue serve` once a day"
        )
        return
    for name, found in latest.damaged.items():
        yield Finding(
            "bad",
            "damage",
            f"{name}: {'; '.join(found)}. Stop, keep a copy, look after the disk, and bring the newest backup back: "
            "docs/operators.md, A damaged file",
        )
    if not latest.damaged:
        hours = (parts.clock.now() - latest.at) / HOUR
        yield Finding("ok", "damage", f"none in {latest.files} files, looked through {hours:,.1f} hours ago")
