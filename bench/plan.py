"""A plan over the demo's shop: seconds from the changed files to what they change for people."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

from habitue import wire
from habitue.demo.preparation import playbook_files, prepare
from habitue.store.archive import Archive
from habitue.wire import Parts

URL = "http://127.0.0.1:8080"
CHANGED = {
    "segments.yaml": ('count("Order Completed") >= 2', 'count("Order Completed", within="180d") >= 2'),
    "journeys/second_order.yaml": ("wait: 2d", "wait: 1d"),
}
"""A segment that a year of orders has to be read for, and a journey that most of them enter."""


def measure() -> dict[str, float]:
    """Seconds, events in the history, and rows of the answer, so that an empty one is not taken for a fast one."""
    with tempfile.TemporaryDirectory() as name:
        parts = _demo(Path(name))
        files = dict(playbook_files(URL))
        for path, change in CHANGED.items():
            files[path] = files[path].replace(*change)
        begun = time.perf_counter()
        plan = wire.plan(parts, files)
        seconds = time.perf_counter() - begun
        events = parts.log.position() + 1
        parts.close()
    people = sum(row.members.lost for row in plan.impact.segments)
    return {"seconds": seconds, "events": events, "people": people, "messages": plan.impact.messages_after}


def _demo(data: Path) -> Parts:
    """The demo's shop after its year, decided and archived."""
    prepare(
        data, shop_url=URL, smtp_host="", smtp_port=1, speed=1.0, loopback=True, progress=lambda _events: None
    )  # fmt: skip
    parts = wire.open_existing(data)
    crank = parts.crank()
    while crank.turn(8_000).records:
        pass
    archive = Archive(data / "archive")
    archive.once(parts.log, parts.view, parts.deliveries)
    archive.close()
    return parts
