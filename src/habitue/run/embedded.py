"""The loops inside the processes of `habitue serve`: busy while there is work, and next to nothing when idle."""

from __future__ import annotations

import gc
import os
import time
from collections.abc import Callable
from pathlib import Path

from habitue.model.instant import SECOND, Instant

from .bell import Ear
from .clock import doubt_of
from .crank import Crank
from .lifeline import Lifeline
from .ports import Clock

LOOK_SECONDS = 1.0
"""So often an idle decide loop looks into the log although nobody rang."""
GATHER_SECONDS = 0.004
"""What comes so soon after a turn waits for it: single events in quick succession share a commit, at a small delay."""
GATHERED = 100
"""Of a turn with so many, the commit is shared already."""
REST_SECONDS_MIN = 0.01
COLLECT_SECONDS = 60.0
DOUBT_SECONDS = 0.5


class Watch:
    """Tells whether a file was written since it was last asked, at the price of a stat: some 2 µs."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._seen = self._look()

    def has_changed(self) -> bool:
        before, self._seen = self._seen, self._look()
        return before != self._seen

    def _look(self) -> tuple[int, int] | None:
        try:
            found = os.stat(self._path)
        except FileNotFoundError:
            return None
        return found.st_mtime_ns, found.st_size


def decide(
    crank: Crank, clock: Clock, line: Lifeline, records_max: int, ear: Ear, done: Callable[[], None] = lambda: None
) -> None:
    """Turn the crank until told to stop. A batch is as large as the backlog, up to `records_max` records.

    `ear` hears when the log has grown; `done` is called when something was committed. The garbage collector would look
    through all cached customers again and again: it is off, and called by hand in a pause, or once a minute where there
    is none.
    """
    gc.collect()
    gc.freeze()
    gc.disable()
    collected_at = time.monotonic()
    while not line.stopping:
        if doubt_of(clock):  # What is decided at a wrong time cannot be called back: it waits until the clock is right.
            line.wait(DOUBT_SECONDS)
            continue
        ear.hush()  # Before the turn: what is written while it reads must be noticed after it.
        turned = crank.turn(records_max, clock.now())
        busy = any(turned)
        if time.monotonic() - collected_at >= COLLECT_SECONDS:
            gc.collect()
            collected_at = time.monotonic()
        if busy:
            done()
            is_small = turned.records < GATHERED and not turned.adopted
            line.wait(GATHER_SECONDS if is_small else 0)
        else:
            line.wait(_rest_seconds(clock, crank.store.next_due()), ear.descriptor)


def _rest_seconds(clock: Clock, due: Instant | None) -> float:
    """Until something is due or it is time to look anyway; a ring ends it sooner."""
    if due is None:
        return LOOK_SECONDS
    speed = float(getattr(clock, "speed", 1.0))
    return min(LOOK_SECONDS, max(REST_SECONDS_MIN, (due - clock.now()) / SECOND / speed))


def repeat(work: Callable[[], bool], line: Lifeline, every_seconds: float) -> None:
    """Do a piece of work again and again, and once more before stopping. It answers whether there is more at once."""
    while True:
        stopping = line.stopping
        more = work()
        if stopping:
            return
        line.wait(0 if more else every_seconds)
