"""Clocks: where a running system takes the time from, and the only place where it may run faster than life."""

from __future__ import annotations

import os
import time
from contextlib import suppress
from pathlib import Path

import msgspec

from habitue.errors import HabitueError
from habitue.model.instant import SECOND, Instant, Span

from .ports import Clock

SPEED_MAX = 100_000.0
ANCHOR_FILE = "clock.json"

SEEN_EVERY: Span = SECOND
"""How often the supervisor notes that the clock still runs; see `Anchor.seen_at`."""


class SystemClock:
    """The machine's time."""

    def now(self) -> Instant:
        return time.time_ns() // 1000


class ManualClock:
    """A clock that stands until it is moved: for tests and for `simulate`."""

    def __init__(self, now: Instant = 0) -> None:
        self._now = now

    def now(self) -> Instant:
        return self._now

    def set(self, now: Instant) -> None:
        """Move to an instant; going back is refused, since nothing downstream expects it."""
        if now < self._now:
            raise ValueError(f"a clock cannot go back, from {self._now} to {now}")
        self._now = now

    def advance(self, span: Span) -> Instant:
        self.set(self._now + span)
        return self._now


class Anchor(msgspec.Struct, frozen=True, kw_only=True):
    """Fixes the run's time to the machine's: at machine time `wall` it was `run`, and it passes `speed` times as fast.

    `seen_at` is the machine time when a supervisor last said that it runs. The run's time does not pass while nothing
    runs: a demo at speed 60 that rested for a night must not wake up three weeks later.
    """

    wall: Instant
    run: Instant
    speed: float
    seen_at: Instant

    def at(self, wall: Instant) -> Instant:
        if self.speed == 1.0:
            return self.run + (wall - self.wall)
        return self.run + int((wall - self.wall) * self.speed)


class ScaledClock:
    """The run's time, reckoned from an anchor that all its processes share. Never goes back within a process."""

    def __init__(self, anchor: Anchor, system: Clock) -> None:
        self._anchor = anchor
        self._system = system
        self._latest = anchor.run

    @property
    def speed(self) -> float:
        return self._anchor.speed

    def now(self) -> Instant:
        self._latest = max(self._latest, self._anchor.at(self._system.now()))
        return self._latest


def start(data: Path, speed: float = 1.0, system: Clock | None = None) -> ScaledClock:
    """Begin a run of the clock: called once by the supervisor, before its processes ask for the time.

    The new run's time is never before the machine's, and never before a moment any earlier run may have seen.
    """
    if not 0 < speed <= SPEED_MAX:
        raise HabitueError(f"a speed of {speed:g} is not possible; give a number above 0 and up to {SPEED_MAX:,.0f}")
    system = system or SystemClock()
    wall = system.now()
    before = _read(data)
    run = wall if before is None else max(wall, _latest_possible(before, wall))
    anchor = Anchor(wall=wall, run=run, speed=speed, seen_at=wall)
    _write(data, anchor)
    return ScaledClock(anchor, system)


def seen(data: Path, system: Clock | None = None) -> None:
    """Note that the run goes on; see `Anchor.seen_at`."""
    anchor = _read(data)
    if anchor is not None:
        wall = (system or SystemClock()).now()
        _write(data, msgspec.structs.replace(anchor, seen_at=max(anchor.seen_at, wall)))


def running(data: Path, system: Clock | None = None) -> ScaledClock:
    """The clock of a run that is going on, for its own processes and for commands beside it.

    Beside a run that is over, or was never begun, time passes as usual from where that run left off.
    """
    system = system or SystemClock()
    wall = system.now()
    anchor = _read(data)
    if anchor is None:
        anchor = Anchor(wall=wall, run=wall, speed=1.0, seen_at=wall)
    elif wall > anchor.seen_at + 5 * SEEN_EVERY:
        anchor = Anchor(wall=wall, run=max(wall, _latest_possible(anchor, wall)), speed=1.0, seen_at=wall)
    return ScaledClock(anchor, system)


def _latest_possible(anchor: Anchor, wall: Instant) -> Instant:
    # A run may have gone on for almost two notes after the last one that reached the file.
    return anchor.at(min(max(wall, anchor.seen_at), anchor.seen_at + 2 * SEEN_EVERY))


def _read(data: Path) -> Anchor | None:
    path = data / ANCHOR_FILE
    try:
        return msgspec.json.decode(path.read_bytes(), type=Anchor)
    except FileNotFoundError:
        return None
    except (msgspec.DecodeError, OSError) as error:
        raise HabitueError(f"{path}: cannot be read: {error}. Delete it if this run need not go on in time.") from None


def _write(data: Path, anchor: Anchor) -> None:
    # Renamed into place: another process reads the old anchor or the new one, never half of one.
    path = data / ANCHOR_FILE
    draft = path.with_suffix(f".{os.getpid()}")
    try:
        draft.write_bytes(msgspec.json.encode(anchor))
        draft.replace(path)
    except OSError as error:
        with suppress(OSError):
            draft.unlink(missing_ok=True)
        raise HabitueError(f"{path}: cannot be written ({error.strerror}); make room or correct the rights") from None
