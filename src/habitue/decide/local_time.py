"""Time of day where the customer lives.

Zone rules come from the tz database. It is constant data, read once per zone, and the same wherever the lock file is
honoured; that is why the pure core may use it.
"""

from __future__ import annotations

from calendar import monthrange
from datetime import datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from habitue.model.instant import Instant, from_datetime, to_datetime

OF_THE_MACHINE = frozenset({"localtime", "posixrules", "Factory"})
"""What stands among the zones and means something else on every machine."""


@lru_cache(maxsize=1024)
def zone(name: str, fallback: str) -> ZoneInfo:
    """The zone of that name; a name nobody knows (a browser can send anything) means the shop's own zone."""
    if name in OF_THE_MACHINE or name.startswith(("posix/", "right/")):
        return ZoneInfo(fallback)
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ZoneInfo(fallback)


def local(instant: Instant, where: ZoneInfo) -> datetime:
    return to_datetime(instant).astimezone(where)


def beginning_of_date(instant: Instant, there: ZoneInfo, here: ZoneInfo) -> Instant:
    """Where the date begins here that it is there at the instant."""
    date = local(instant, there).date()
    return from_datetime(datetime(date.year, date.month, date.day, tzinfo=here))


def next_time_of_day(
    after: Instant,
    minute_of_day: int,
    where: ZoneInfo,
    weekdays: tuple[int, ...] = (),
    day: int | None = None,
    *,
    repeats: bool = False,
) -> Instant:
    """The first instant after `after` at which it is this local minute of the day, on an allowed date.

    A time that a clock change skips falls as much later as the clock was put forward; one that occurs twice means its
    first, unless it `repeats`: then the second will do too.
    """
    date = local(after, where).date()
    hour, minute = divmod(minute_of_day, 60)
    for _ in range(366 * 2):
        if _allowed(date.weekday(), date.day, monthrange(date.year, date.month)[1], weekdays, day):
            first = datetime(date.year, date.month, date.day, hour, minute, tzinfo=where)
            if from_datetime(first) > after:
                return from_datetime(first)
            second = from_datetime(first.replace(fold=1))
            if repeats and second > after:
                return second
        date += timedelta(days=1)
    raise ValueError(f"no date within two years fits weekdays {weekdays} and day {day}")


def _allowed(weekday: int, day_of_month: int, month_length: int, weekdays: tuple[int, ...], day: int | None) -> bool:
    if weekdays and weekday not in weekdays:
        return False
    return day is None or day_of_month == min(day, month_length)
