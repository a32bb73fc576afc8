"""Time as the core counts it: whole microseconds since 1970-01-01 UTC.

Windows are exact to the microsecond and states are small, so the core keeps instants as plain integers. Edges (console,
CLI, templates) turn them into aware datetimes with `to_datetime`.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import TypeAlias

Instant: TypeAlias = int
"""A moment: microseconds since the Unix epoch, UTC."""

Span: TypeAlias = int
"""A length of time in microseconds."""

SECOND: Span = 1_000_000
MINUTE: Span = 60 * SECOND
HOUR: Span = 60 * MINUTE
DAY: Span = 24 * HOUR
WEEK: Span = 7 * DAY

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_UNITS: dict[str, Span] = {"s": SECOND, "m": MINUTE, "h": HOUR, "d": DAY, "w": WEEK}
_NAMES = {"s": "second", "m": "minute", "h": "hour", "d": "day", "w": "week"}
_SPAN = re.compile(r"(\d+)\s*([smhdw])")


def from_datetime(moment: datetime) -> Instant:
    """The instant of an aware datetime. Raises ValueError for a naive one."""
    if moment.tzinfo is None:
        raise ValueError("a datetime without a time zone is not an instant")
    # Integer arithmetic: float seconds would lose microseconds.
    return (moment - _EPOCH) // timedelta(microseconds=1)


def to_datetime(instant: Instant) -> datetime:
    """The aware UTC datetime of an instant. Exact: no float is involved."""
    return _EPOCH + timedelta(microseconds=instant)


def to_iso(instant: Instant) -> str:
    """ISO 8601 in UTC with microseconds, ending in Z."""
    return to_datetime(instant).isoformat(timespec="microseconds").replace("+00:00", "Z")


def from_iso(text: object) -> Instant | None:
    """The instant of an ISO 8601 text, in UTC where it names no zone; None for anything else."""
    if not isinstance(text, str) or not 10 <= len(text) <= 40:
        return None
    try:
        moment = datetime.fromisoformat(text)
        return from_datetime(moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC))
    except (ValueError, OverflowError):
        return None


def parse_span(text: str) -> Span:
    """Read a span such as `25m`, `36h`, `7d`, `1d 12h`. Raises ValueError that says what is expected."""
    position, total = 0, 0
    stripped = text.strip()
    while position < len(stripped):
        match = _SPAN.match(stripped, position)
        if match is None:
            raise ValueError(f'"{text}" is not a length of time; write it like 25m, 36h, 7d or 1d 12h')
        total += int(match[1]) * _UNITS[match[2]]
        position = match.end()
        while position < len(stripped) and stripped[position] == " ":
            position += 1
    if total <= 0:
        raise ValueError(f'"{text}" is not a length of time; write it like 25m, 36h, 7d or 1d 12h')
    return total


def span_text(span: Span) -> str:
    """The shortest form `parse_span` reads back: `25m`, `1d 12h`; below a second, in microseconds."""
    parts, rest = [], span
    for letter in ("d", "h", "m", "s"):
        count, rest = divmod(rest, _UNITS[letter])
        if count:
            parts.append(f"{count}{letter}")
    if rest:
        parts.append(f"{rest}µs")
    return " ".join(parts) or "0s"


def span_words(span: Span) -> str:
    """The span in plain words: `25 minutes`, `1 day and 12 hours`."""
    parts, rest = [], span
    for letter in ("d", "h", "m", "s"):
        count, rest = divmod(rest, _UNITS[letter])
        if count:
            parts.append(f"{count} {_NAMES[letter]}{'' if count == 1 else 's'}")
    if not parts:
        return "no time"
    return parts[0] if len(parts) == 1 else ", ".join(parts[:-1]) + " and " + parts[-1]
