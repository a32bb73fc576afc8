"""A pause: she wants to hear nothing until a day she chose, and then again, without doing anything."""

from __future__ import annotations

from habitue.model.customer import PAUSE_MAX, Customer, Pause
from habitue.model.event import Event
from habitue.model.instant import DAY, Instant, Span

PAUSED = "Messages Paused"
RESUMED = "Messages Resumed"
PAUSE_DEFAULT: Span = 90 * DAY
"""Where an event does not say how long: too long sends nothing she did not want."""


def put_paused(customer: Customer, event: Event, position: int) -> None:
    _put(customer, Pause(event.occurred_at, event.occurred_at + _length(event), position))


def put_resumed(customer: Customer, event: Event, position: int) -> None:
    _put(customer, Pause(event.occurred_at, event.occurred_at, position))


def join_pauses(into: Customer, other: Customer) -> None:
    into.pause = _later(into.pause, other.pause)


def paused_until(customer: Customer, now: Instant) -> Instant | None:
    """When her pause ends; None where she is in none."""
    pause = customer.pause
    return pause.until if pause is not None and now < pause.until else None


def _put(customer: Customer, said: Pause) -> None:
    customer.pause = _later(customer.pause, said)


def _later(one: Pause | None, other: Pause | None) -> Pause | None:
    """Their latest word, whichever half of them said it."""
    said = [pause for pause in (one, other) if pause is not None]
    return max(said, key=lambda pause: (pause.at, pause.position, pause.until), default=None)


def _length(event: Event) -> Span:
    days = event.properties.get("days")
    if isinstance(days, bool) or not isinstance(days, (int, float)) or not days > 0:  # NaN is not more than 0 either.
        return PAUSE_DEFAULT
    return PAUSE_MAX if days * DAY >= PAUSE_MAX else int(days * DAY)
