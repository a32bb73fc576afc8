"""The story's clock: `clock +25m`, `clock 22:10`, `clock Tue 09:00`, `clock 2026-05-02 08:00 Europe/Istanbul`."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from habitue.model.instant import Instant, from_datetime, parse_span, to_datetime

BEGINNING = "2026-05-04 12:00"
"""A Monday, at noon where the shop is: when a story begins that does not say otherwise."""

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_WHEN = re.compile(
    r"(?:(?P<date>\d{4}-\d\d-\d\d) |(?P<day>Mon|Tue|Wed|Thu|Fri|Sat|Sun) )?"
    r"(?P<time>(?:[01]?\d|2[0-3]):[0-5]\d(?::[0-5]\d)?)(?: (?P<zone>\S+/\S+|UTC))?"
)


def read_zone(name: str) -> ZoneInfo:
    """Raises ValueError that says what is expected."""
    try:
        return ZoneInfo(name)
    except (KeyError, OSError, ValueError):
        raise ValueError(f'unknown time zone "{name}"; expected one such as Europe/Istanbul') from None


def moment(text: str, now: Instant, zone: ZoneInfo) -> Instant:
    """The instant the words mean, seen from `now`: a span later, or the next time it is so. Raises ValueError."""
    if text.startswith("+"):
        return now + parse_span(text[1:])
    match = _WHEN.fullmatch(text)
    if match is None:
        raise ValueError(f'expected a time such as +25m, 22:10, Tue 09:00 or 2026-05-02 08:00, found "{text}"')
    where = read_zone(match["zone"]) if match["zone"] else zone
    clock = time.fromisoformat(match["time"].zfill(5 if match["time"].count(":") == 1 else 8))
    if match["date"]:
        return from_datetime(datetime.combine(_date(match["date"]), clock, tzinfo=where))
    local = to_datetime(now).astimezone(where)
    found = datetime.combine(local.date(), clock, tzinfo=where)
    while from_datetime(found) < now or (match["day"] and DAYS[found.weekday()] != match["day"]):
        found = datetime.combine(found.date() + timedelta(days=1), clock, tzinfo=where)
    return from_datetime(found)


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{text} is not a day of the calendar; expected one such as 2026-05-02") from None


def spoken(instant: Instant, now: Instant, zone: ZoneInfo) -> str:
    """As short as `now` allows: `08:00` today or by the next morning, `Tue 08:00` within a week, else the date."""
    local, today = to_datetime(instant).astimezone(zone), to_datetime(now).astimezone(zone)
    clock = local.strftime("%H:%M:%S") if local.second else local.strftime("%H:%M")
    if local.date() == today.date() or 0 < instant - now <= 12 * 3_600_000_000:
        return clock
    if abs((local.date() - today.date()).days) < 7:
        return f"{DAYS[local.weekday()]} {clock}"
    return f"{local.date().isoformat()} {clock}"
