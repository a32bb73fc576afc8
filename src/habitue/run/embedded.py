"""The loops inside the processes of `habitue serve`: busy while there is work, and next to nothing when idle."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable

from .crank import Crank
from .lifeline import Lifeline
from .ports import Clock

LOOK_SECONDS_MIN = 0.002
LOOK_SECONDS_MAX = 0.015
"""How long the decide loop rests between two looks at the log: short just after there was work, longer when idle.
A look costs some 20 µs, so an idle loop takes a fraction of a percent of one core, and an event waits this at most."""
COLLECT_SECONDS = 60.0


def decide(crank: Crank, clock: Clock, line: Lifeline, records_max: int) -> None:
    """Turn the crank until told to stop. A batch is as large as the backlog, up to `records_max` records.

    The garbage collector would look through every cached customer again and again: it is off, and called by hand when
    there is a pause, or once a minute where there is none.
    """
    gc.collect()
    gc.freeze()
    gc.disable()
    collected_at, rest = time.monotonic(), LOOK_SECONDS_MIN
    worked = False
    while not line.stopping:
        turned = crank.turn(records_max, clock.now())
        if turned.records or turned.timers:
            rest, worked = LOOK_SECONDS_MIN, True
            if time.monotonic() - collected_at < COLLECT_SECONDS:
                continue
        if worked and time.monotonic() - collected_at >= COLLECT_SECONDS:
            gc.collect()
            collected_at, worked = time.monotonic(), False
        line.wait(rest)
        rest = min(rest * 1.5, LOOK_SECONDS_MAX)


def repeat(work: Callable[[], bool], line: Lifeline, every_seconds: float) -> None:
    """Do a piece of work again and again, and once more before stopping. It answers whether there is more at once."""
    while True:
        stopping = line.stopping
        more = work()
        if stopping:
            return
        line.wait(0 if more else every_seconds)
