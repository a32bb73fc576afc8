"""Clocks: where a running system takes the time from, and the only place where it may run faster than life.

A machine's clock may jump: a bad battery, a wrong server of times, somebody's hand. What was stamped with a wrong time
cannot be put right, and a timer that fired too early cannot be called back. So the time of day is held against a second
clock that nobody can set, the time since the machine began (Linux counts sleep in it). Where the two part by more than
`JUMP_MIN` at once, the run's time goes on from the last instant that was right, as the second clock counts, and the
clock is in doubt: see `doubt_of`.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import Protocol

import msgspec

from habitue import private
from habitue.errors import HabitueError
from habitue.model.instant import DAY, MINUTE, SECOND, Instant, Span, to_iso

from .ports import Clock

SPEED_MAX = 100_000.0
ANCHOR_FILE = "clock.json"

SEEN_EVERY: Span = SECOND
"""How often the supervisor notes that the clock still runs; see `Anchor.seen_at`."""
JUMP_MIN: Span = 5 * MINUTE
"""A step of the machine's clock up to this is a correction, as servers of times make them; more is a jump."""
REST_MAX: Span = 35 * DAY
"""A machine that seems to have been off for longer may have begun with a wrong clock: an operator is asked."""

_SINCE_BOOT = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)
"""A laptop's sleep counts: `CLOCK_MONOTONIC` of Linux stands still in it, and each waking would look like a jump."""


class Machine(Protocol):
    """What a machine knows of time."""

    def now(self) -> Instant:
        """The time of day, which anybody may set."""
        ...

    def elapsed(self) -> Span:
        """Since the machine began, sleep included; nobody can set it."""
        ...

    def boot(self) -> str:
        """Names this beginning of the machine; empty when it has no name."""
        ...


class SystemClock:
    """The machine's time."""

    def now(self) -> Instant:
        return time.time_ns() // 1000

    def elapsed(self) -> Span:
        return time.clock_gettime_ns(_SINCE_BOOT) // 1000

    def boot(self) -> str:
        try:
            return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        except OSError:
            return ""


class ManualClock:
    """A clock that stands until it is moved: for tests and for `simulate`. `jump` moves the time of day alone."""

    def __init__(self, now: Instant = 0) -> None:
        self._now = now
        self._jumped: Span = 0

    def now(self) -> Instant:
        return self._now + self._jumped

    def elapsed(self) -> Span:
        return self._now

    def boot(self) -> str:
        return "manual"

    def set(self, now: Instant) -> None:
        """Move to an instant; going back is refused, since nothing downstream expects it."""
        if now < self._now:
            raise ValueError(f"a clock cannot go back, from {self._now} to {now}")
        self._now = now

    def advance(self, span: Span) -> Instant:
        self.set(self._now + span)
        return self._now

    def jump(self, span: Span) -> None:
        """As when somebody sets the machine's clock."""
        self._jumped += span


class Anchor(msgspec.Struct, frozen=True, kw_only=True):
    """Fixes the run's time to the machine's: at machine time `wall` it was `run`, and it passes `speed` times as fast.

    `seen_at` is the machine time when a supervisor last said that it runs. The run's time does not pass while nothing
    runs: a demo at speed 60 that rested for a night must not wake up three weeks later. `seen_elapsed` is what the
    second clock showed then, on the boot named. `slack`: how far ahead the machine's clock may be found, once, since
    nobody knows how long the machine was off.
    """

    wall: Instant
    run: Instant
    speed: float
    seen_at: Instant
    seen_elapsed: Span = 0
    boot: str = ""
    slack: Span = 0

    def at(self, wall: Instant) -> Instant:
        if self.speed == 1.0:
            return self.run + (wall - self.wall)
        return self.run + int((wall - self.wall) * self.speed)


class _Right:
    """The latest moment at which the machine's clock was right: the time of day, and the second clock's."""

    def __init__(self, wall: Instant, elapsed: Span, slack: Span = 0) -> None:
        self.wall = wall
        self.elapsed = elapsed
        self.slack = slack

    def look(self, machine: Machine) -> tuple[Instant, Span]:
        """(the time of day as it should be, by how much the machine's differs when that is a jump, or 0)."""
        wall, elapsed = machine.now(), machine.elapsed()
        expected = self.wall + (elapsed - self.elapsed)
        if not -JUMP_MIN <= wall - expected <= max(JUMP_MIN, self.slack):
            return expected, wall - expected
        self.wall, self.elapsed, self.slack = wall, elapsed, 0  # Small steps are followed, each by itself.
        return wall, 0


class ScaledClock:
    """The run's time, reckoned from an anchor that all its processes share. Never goes back within a process."""

    def __init__(self, anchor: Anchor, machine: Machine, data: Path | None = None) -> None:
        self._machine = machine
        self._data = data
        self._read_at = machine.elapsed()
        self._latest = anchor.run
        self._jump: Span = 0
        self._take(anchor)

    def _take(self, anchor: Anchor) -> None:
        self._anchor = anchor
        self._right = _right_of(anchor, self._machine)

    @property
    def speed(self) -> float:
        return self._anchor.speed

    def now(self) -> Instant:
        wall, self._jump = self._right.look(self._machine)
        if self._jump and self._is_accepted():
            wall, self._jump = self._right.look(self._machine)
        self._latest = max(self._latest, self._anchor.at(wall))
        return self._latest

    def _is_accepted(self) -> bool:
        """Whether somebody has said meanwhile that the clock is right: then there is another anchor."""
        elapsed = self._machine.elapsed()
        if self._data is None or elapsed - self._read_at < SEEN_EVERY:
            return False
        self._read_at = elapsed
        found = _read(self._data)
        if found is None or (found.wall, found.run) == (self._anchor.wall, self._anchor.run):
            return False
        self._take(found)
        return True

    def doubt(self) -> str:
        """Why the time cannot be trusted just now; empty when it can."""
        self.now()
        if not self._jump:
            return ""
        wall = self._machine.now()
        return f"the machine's clock says {to_iso(wall)}, and {to_iso(wall - self._jump)} was expected"


def doubt_of(clock: Clock) -> str:
    """Why nothing may be decided or sent by this clock; empty when it may. Clocks of tests and rehearsals are right."""
    ask = getattr(clock, "doubt", None)
    return "" if ask is None else str(ask())


def start(data: Path, speed: float = 1.0, system: Machine | None = None, known: Instant = 0) -> ScaledClock:
    """Begin a run of the clock: called once by the supervisor, before its processes ask for the time.

    The new run's time is never before the machine's, and never before a moment any earlier run may have seen. Where the
    machine's clock is in doubt it goes on from that moment instead. `known`: the latest time the log was told.
    """
    if not 0 < speed <= SPEED_MAX:
        raise HabitueError(f"a speed of {speed:g} is not possible; give a number above 0 and up to {SPEED_MAX:,.0f}")
    machine = system or SystemClock()
    anchor = _begin(_read(data), speed, known, machine)
    _write(data, anchor)
    return ScaledClock(anchor, machine, data)


def accept(data: Path, system: Machine | None = None) -> Instant:
    """An operator says that the machine's clock is right now; the run's time from here on, which never goes back."""
    machine = system or SystemClock()
    before = _read(data)
    if before is None:
        raise HabitueError(
            f"{data} has no {ANCHOR_FILE}: no clock was ever started here, so there is nothing to accept"
        )
    reached = running(data, machine).now()
    run = max(machine.now(), reached)
    _write(data, _anchor(machine, machine.now(), run, before.speed))
    return run


def seen(data: Path, system: Machine | None = None) -> None:
    """Note that the run goes on; see `Anchor.seen_at`."""
    machine = system or SystemClock()
    anchor = _read(data)
    if anchor is None:
        return
    right = _right_of(anchor, machine)
    wall, _ = right.look(machine)
    seen_at = max(anchor.seen_at, wall)
    _write(
        data,
        msgspec.structs.replace(
            anchor, seen_at=seen_at, seen_elapsed=machine.elapsed(), boot=machine.boot(), slack=right.slack
        ),
    )


def running(data: Path, system: Machine | None = None) -> ScaledClock:
    """The clock of a run that is going on, for its own processes and for commands beside it.

    Beside a run that is over, or was never begun, time passes as usual from where that run left off.
    """
    machine = system or SystemClock()
    anchor = _read(data)
    if anchor is None:
        return ScaledClock(_anchor(machine, machine.now(), machine.now(), 1.0), machine, data)
    wall, _ = _right_of(anchor, machine).look(machine)
    if wall > anchor.seen_at + 5 * SEEN_EVERY:
        anchor = _begin(anchor, 1.0, 0, machine)
    return ScaledClock(anchor, machine, data)


def _begin(before: Anchor | None, speed: float, known: Instant, machine: Machine) -> Anchor:
    """Where the time goes on from: the machine's clock, unless it cannot be right."""
    wall = machine.now()
    if before is None:
        if not known or _is_likely(wall, known):
            return _anchor(machine, wall, wall, speed)
        return _anchor(machine, known, known, speed, slack=REST_MAX)
    reached = _latest_possible(before, before.seen_at + 2 * SEEN_EVERY)
    if before.boot and before.boot == machine.boot():
        right = _right_of(before, machine)
        expected, jump = right.look(machine)
        if jump:
            return _anchor(machine, expected, max(reached, expected), speed, slack=right.slack)
    elif not _is_likely(wall, before.seen_at) and speed == before.speed == 1.0:
        # A run faster than life is a show; its own times say nothing of the machine's.
        return _anchor(machine, before.seen_at, reached, speed, slack=REST_MAX)
    return _anchor(machine, wall, max(wall, _latest_possible(before, wall)), speed)


def _is_likely(wall: Instant, last: Instant) -> bool:
    """Whether a machine that was off since `last` can have this time now."""
    return last - JUMP_MIN <= wall <= last + REST_MAX


def _anchor(machine: Machine, wall: Instant, run: Instant, speed: float, slack: Span = 0) -> Anchor:
    return Anchor(
        wall=wall,
        run=run,
        speed=speed,
        seen_at=wall,
        seen_elapsed=machine.elapsed(),
        boot=machine.boot(),
        slack=slack,
    )


def _right_of(anchor: Anchor, machine: Machine) -> _Right:
    """What the anchor saw last; on another boot of the machine nothing can be compared with it."""
    if anchor.boot and anchor.boot == machine.boot():
        return _Right(anchor.seen_at, anchor.seen_elapsed, anchor.slack)
    return _Right(machine.now(), machine.elapsed())


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
    path = data / ANCHOR_FILE
    try:
        private.replace(path, msgspec.json.encode(anchor))
    except OSError as error:
        raise HabitueError(f"{path}: cannot be written ({error.strerror}); make room or correct the rights") from None
