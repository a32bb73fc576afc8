"""What is to be said of alarms now: once when one begins, once when it is over, and never in a flood. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from habitue.model.instant import HOUR, MINUTE, Instant, Span

from .ports.alarms import Alarm, Told

RAISED, CLEARED = "raised", "cleared"
AGAIN_AFTER: tuple[Span, ...] = (0, MINUTE, 5 * MINUTE, 15 * MINUTE, HOUR, 4 * HOUR)
"""After so many tries that failed; then it is given up. That a way fails is itself no alarm: it could not be told."""
HOUR_MAX = 20
"""Of one way in an hour, tries that failed too: a machine that falls apart must not fill a mailbox."""
QUIET: Span = 15 * MINUTE
"""An alarm that comes and goes is told again only so long after it was last told."""


class Telling(NamedTuple):
    """To be said now."""

    number: int
    alarm: Alarm
    way: str
    what: str
    tries: int


def due(alarms: Iterable[tuple[int, Alarm]], told: Sequence[Told], ways: Sequence[str], now: Instant) -> list[Telling]:
    """In the order of the alarms. Of one that was over before anybody heard of it only the end is said."""
    numbered = list(alarms)
    known = {(one.alarm, one.way, one.what): one for one in told}
    found: list[Telling] = []
    for way in ways:
        room = HOUR_MAX - sum(one.way == way and one.at > now - HOUR for one in told)
        for number, alarm in numbered:
            what = RAISED if alarm.cleared_at is None else CLEARED
            before = known.get((number, way, what))
            tries = 0 if before is None else before.tries
            if room <= 0 or not _may_try(before, now) or _comes_and_goes(number, alarm, way, numbered, known, now):
                continue
            room -= 1
            found.append(Telling(number, alarm, way, what, tries))
    return found


def _may_try(before: Told | None, now: Instant) -> bool:
    if before is None:
        return True
    return not before.done and before.tries < len(AGAIN_AFTER) and now >= before.at + AGAIN_AFTER[before.tries]


def _comes_and_goes(
    number: int,
    alarm: Alarm,
    way: str,
    alarms: Sequence[tuple[int, Alarm]],
    known: dict[tuple[int, str, str], Told],
    now: Instant,
) -> bool:
    """Whether an earlier alarm about the same thing was told a moment ago."""
    for other, one in alarms:
        if other < number and (one.kind, one.subject) == (alarm.kind, alarm.subject):
            for what in (RAISED, CLEARED):
                last = known.get((other, way, what))
                if last is not None and last.done and last.at > now - QUIET:
                    return True
    return False
