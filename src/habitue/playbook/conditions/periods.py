"""Days, weeks, months, quarters and years of a time zone: where the one around now begins and ends.

A day begins at the first instant at which its zone's clocks show its midnight or later. So a midnight that clocks
jump over is the instant after the jump, and of one that comes twice the first counts; a minute that clocks then show
of the day before belongs to the new day all the same. A date that a zone left out altogether (Samoa, 30 December 2011)
is a day of no length. Every instant thus lies in exactly one day, and in one week, month, quarter and year.

Zone rules come from the tz database: constant data, the same wherever the lock file is honoured.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Literal, TypeAlias
from zoneinfo import ZoneInfo

from habitue.model.instant import DAY, Instant, from_datetime, to_datetime

from .tree import Period

Unit: TypeAlias = Literal["day", "week", "month", "quarter", "year"]
_PERIODS: dict[Period, tuple[Unit, int]] = {
    "today": ("day", 0),
    "yesterday": ("day", 1),
    "this week": ("week", 0),
    "last week": ("week", 1),
    "this month": ("month", 0),
    "last month": ("month", 1),
    "this quarter": ("quarter", 0),
    "last quarter": ("quarter", 1),
    "this year": ("year", 0),
    "last year": ("year", 1),
}
_MONTHS: dict[Unit, int] = {"month": 1, "quarter": 3, "year": 12}


def unit_of(period: Period) -> tuple[Unit, int]:
    """What the period is one of, and how many of them ago: `last month` is ("month", 1)."""
    return _PERIODS[period]


def bounds(period: Period, zone: str, now: Instant) -> tuple[Instant, Instant]:
    """(start, end) of the period at `now`: an event lies in it iff start ≤ occurred_at < end.

    Of `last month` the end is the start of this month. The zone is a name of the tz database.
    """
    unit, ago = _PERIODS[period]
    before, start, end, _ = around(unit, zone, now)
    return (before, start) if ago else (start, end)


def next_boundary(period: Period, zone: str, now: Instant) -> Instant:
    """The first instant after `now` at which the period's bounds are others."""
    unit, _ = _PERIODS[period]
    return around(unit, zone, now)[2]


def around(unit: Unit, zone: str, instant: Instant) -> tuple[Instant, Instant, Instant, Instant]:
    """Where the unit before the instant's own begins, its own, the next, and the one after that."""
    starts = _starts(unit, zone, instant // DAY)
    own = 1
    while starts[own + 1] <= instant:
        own += 1
    return starts[own - 1], starts[own], starts[own + 1], starts[own + 2]


@lru_cache(maxsize=8192)
def _starts(unit: Unit, zone: str, utc_day: int) -> tuple[Instant, ...]:
    """Where units begin: from the one before that of the UTC day's beginning to the second after that of its end.

    Kept by the day, because time-zone arithmetic costs twenty times what a look into these few numbers does.
    """
    where = ZoneInfo(zone)
    begins = to_datetime(utc_day * DAY).astimezone(where).date()
    first = _first_date(unit, begins)
    dates = [_next_date(unit, first, -1), first]
    while _midnight(dates[-1], where) <= (utc_day + 1) * DAY:
        dates.append(_next_date(unit, dates[-1], 1))
    dates.append(_next_date(unit, dates[-1], 1))
    return tuple(_midnight(day, where) for day in dates)


def _first_date(unit: Unit, day: date) -> date:
    """The first date of the unit that the date lies in. Weeks begin on Monday."""
    if unit == "day":
        return day
    if unit == "week":
        return day - timedelta(days=day.weekday())
    months = _MONTHS[unit]
    return date(day.year, (day.month - 1) // months * months + 1, 1)


def _next_date(unit: Unit, first: date, steps: int) -> date:
    """The first date of the unit so many steps away."""
    if unit in ("day", "week"):
        return first + timedelta(days=steps * (7 if unit == "week" else 1))
    months = first.year * 12 + first.month - 1 + steps * _MONTHS[unit]
    return date(months // 12, months % 12 + 1, 1)


def _midnight(day: date, where: ZoneInfo) -> Instant:
    """The first instant at which clocks show midnight of the date or later."""
    wall = datetime.combine(day, time.min)
    found = from_datetime(wall.replace(tzinfo=where))
    if _wall(found, where) == wall:
        return found
    # Clocks jumped over it. Read with the offset after the jump, midnight falls before the jump: it lies between.
    before = from_datetime(wall.replace(tzinfo=where, fold=1))
    while found - before > 1:
        middle = (before + found) // 2
        if _wall(middle, where) >= wall:
            found = middle
        else:
            before = middle
    return found


def _wall(instant: Instant, where: ZoneInfo) -> datetime:
    return to_datetime(instant).astimezone(where).replace(tzinfo=None)
