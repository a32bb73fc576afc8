"""Which visit is going on, and which was the last one that is over: a matter of time as well as of events."""

from __future__ import annotations

from habitue.model.customer import Customer, Visit
from habitue.model.instant import MINUTE, Instant, Span


def going_on(customer: Customer, now: Instant, gap: Span) -> Visit | None:
    """Her visit, as long as she has not paused for longer than the gap."""
    visit = customer.visit
    return visit if visit is not None and now <= visit.ended_at + gap else None


def finished(customer: Customer, now: Instant, gap: Span) -> Visit | None:
    """Her latest visit that is over."""
    visit = customer.visit
    return visit if visit is not None and now > visit.ended_at + gap else customer.last_visit


def finishes_at(customer: Customer, now: Instant, gap: Span) -> Instant | None:
    """The instant from which the visit that is going on counts as over."""
    visit = going_on(customer, now, gap)
    return None if visit is None else visit.ended_at + gap + 1


def minutes(visit: Visit) -> float:
    """From its first event to its latest."""
    return (visit.ended_at - visit.started_at) / MINUTE


def price_spread(visit: Visit) -> float | None:
    """Between the dearest and the cheapest product looked at; None when no price is known."""
    if visit.price_lowest is None or visit.price_highest is None:
        return None
    return round(visit.price_highest - visit.price_lowest, 6)
