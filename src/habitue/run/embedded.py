"""The loops inside the processes of `habitue serve`: busy while there is work, and next to nothing when idle."""

from __future__ import annotations

import gc
import os
import time
from collections.abc import Callable
from pathlib import Path

from habitue.model.instant import Instant

from .clock import doubt_of
from .crank import Crank
from .lifeline import Lifeline
from .ports import Clock

GLANCE_SECONDS = 0.03
"""An idle decide loop glances at the log's file so often: what a new event waits at most. Waking costs some 40 µs."""
LOOK_SECONDS = 0.25
"""And so often it looks into the log itself: two writes within the file system's grain of time look like one."""
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


def decide(crank: Crank, clock: Clock, line: Lifeline, records_max: int, written: Watch) -> None:
    """Turn the crank until told to stop. A batch is as large as the backlog, up to `records_max` records.

    `written` watches the file that every append touches. The garbage collector would look through all cached customers
    again and again: it is off, and called by hand in a pause, or once a minute where there is none.
    """
    gc.collect()
    gc.freeze()
    gc.disable()
    collected_at = time.monotonic()
    while not line.stopping:
        if doubt_of(clock):  # What is decided at a wrong time cannot be called back: it waits until the clock is right.
            line.wait(DOUBT_SECONDS)
            continue
        # Before the turn: what is written while it reads must be noticed after it.
        written.has_changed()
        turned = crank.turn(records_max, clock.now())
        busy = any(turned)
        if time.monotonic() - collected_at >= COLLECT_SECONDS:
            gc.collect()
            collected_at = time.monotonic()
        if not busy:
            _rest(line, clock, written, crank.store.next_due())


def _rest(line: Lifeline, clock: Clock, written: Watch, due: Instant | None) -> None:
    """Until something is written, something is due, or it is time to look anyway."""
    until = time.monotonic() + LOOK_SECONDS
    while not line.wait(GLANCE_SECONDS):
        if written.has_changed() or time.monotonic() >= until or (due is not None and due <= clock.now()):
            return


def repeat(work: Callable[[], bool], line: Lifeline, every_seconds: float) -> None:
    """Do a piece of work again and again, and once more before stopping. It answers whether there is more at once."""
    while True:
        stopping = line.stopping
        more = work()
        if stopping:
            return
        line.wait(0 if more else every_seconds)
