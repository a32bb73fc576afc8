"""The calendar the slow way: by walking minute by minute and date by date."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

MINUTE = 60_000_000
ONE_DAY = timedelta(days=1)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def instant(moment: datetime) -> int:
    return (moment - EPOCH) // timedelta(microseconds=1)


@cache
def midnight(day: date, zone: str) -> int:
    """The first minute of which the zone's clocks say that it is the date's midnight or later."""
    wanted = datetime(day.year, day.month, day.day)
    at = datetime(day.year, day.month, day.day, tzinfo=UTC) - timedelta(hours=15)
    while at.astimezone(ZoneInfo(zone)).replace(tzinfo=None) < wanted:
        at += timedelta(minutes=1)
    return instant(at)


def date_at(now: int, zone: str) -> date:
    """The latest date that has begun."""
    day = (EPOCH + timedelta(microseconds=now)).date() + 2 * ONE_DAY
    while midnight(day, zone) > now:
        day -= ONE_DAY
    return day


def begins(unit: str, day: date) -> bool:
    if unit == "week":
        return day.strftime("%A") == "Monday"
    months = {"month": range(1, 13), "quarter": (1, 4, 7, 10), "year": (1,)}
    return unit == "day" or (day.day == 1 and day.month in months[unit])


@cache
def first_of(unit: str, day: date) -> date:
    while not begins(unit, day):
        day -= ONE_DAY
    return day


@cache
def first_after(unit: str, day: date) -> date:
    day += ONE_DAY
    while not begins(unit, day):
        day += ONE_DAY
    return day


def stretch(period: str, zone: str, now: int) -> tuple[int, int]:
    """From when to when the period goes at the instant; the end is no part of it."""
    unit = {"today": "day", "yesterday": "day"}.get(period) or period.split()[1]
    first = first_of(unit, date_at(now, zone))
    if period == "yesterday" or period.startswith("last"):
        return midnight(first_of(unit, first - ONE_DAY), zone), midnight(first, zone)
    return midnight(first, zone), midnight(first_after(unit, first), zone)


def turns(period: str, zone: str, at: int) -> tuple[int, int]:
    """When what happened then leaves `this` period, and when it leaves the `last` one."""
    unit = {"today": "day", "yesterday": "day"}.get(period) or period.split()[1]
    after = first_after(unit, date_at(at, zone))
    return midnight(after, zone), midnight(first_after(unit, after), zone)
