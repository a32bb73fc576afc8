"""The two windows a counter may look through: the last so many days, or since a date."""

from __future__ import annotations

from datetime import UTC, datetime

from habitue.model.instant import DAY, Instant, Span, from_datetime, parse_span

WITHIN_MAX: Span = 3_660 * DAY


def read_within(text: str) -> Span:
    """A rolling window such as `7d`. Raises ValueError that says what is expected."""
    span = parse_span(text)
    if span > WITHIN_MAX:
        raise ValueError(f'"{text}" is longer than ten years; leave within out to look at all time')
    return span


def read_since(text: str) -> Instant:
    """A date or a date and time; without an offset it is meant in UTC. Raises ValueError."""
    try:
        moment = datetime.fromisoformat(text.strip())
        return from_datetime(moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC))
    except (ValueError, OverflowError):
        raise ValueError(f'"{text}" is not a date; write it like 2026-01-31 or 2026-01-31T18:30+01:00') from None
