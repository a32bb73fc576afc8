"""When an event happened: the sender's time, corrected by what the sender's clock said when it sent."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from habitue.model.instant import Instant, from_datetime

EARLIEST: Instant = 946_684_800_000_000
"""2000-01-01. What claims to be older comes from a clock that was never set, not from an online shop."""


def read_time(value: Any) -> Instant | None:
    """The instant of an ISO 8601 text (UTC when it names no zone), or of a number of seconds, milli- or microseconds.

    None for what is no time at all; a time nobody would believe is still returned, because the difference of two wrong
    readings of one clock is right.
    """
    if isinstance(value, str):
        return _read_text(value)
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return _read_number(value)
    return None


def occurred_at(original: Instant | None, sent: Instant | None, received: Instant) -> tuple[Instant, bool]:
    """When it happened by our clock, and whether the sender's word was believed.

    received − (sent − original): the way Segment corrects clocks. Nothing happens after it was received, and what
    cannot be believed happened when it was received.
    """
    if original is None:
        return received, True
    moment = original if sent is None else received - (sent - original)
    if moment > received:
        return received, False
    return (moment, True) if moment >= EARLIEST else (received, False)


def _read_text(text: str) -> Instant | None:
    stripped = text.strip()
    if stripped.isascii() and stripped.isdigit() and 9 <= len(stripped) <= 17:
        return _read_number(int(stripped))
    try:
        moment = datetime.fromisoformat(stripped)
    except ValueError:
        return None
    return from_datetime(moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC))


def _read_number(number: int | float) -> Instant | None:
    # Three units, told apart by size: each range holds every year from 1973 to 5138.
    size = abs(number)
    if size < 1e11:
        return int(number * 1_000_000)
    if size < 1e14:
        return int(number * 1_000)
    return int(number) if size < 1e17 else None
