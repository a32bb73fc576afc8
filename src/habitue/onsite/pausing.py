"""The pause as her pages show it: which she may choose, until when hers lasts, and what her choice is as an event."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from babel.dates import format_date

from habitue.decide.local_time import local, zone
from habitue.decide.profile.pausing import PAUSED, RESUMED, paused_until
from habitue.model.customer import Customer
from habitue.model.event import Event
from habitue.model.instant import DAY, Instant, Span, span_words
from habitue.model.occasion import Occasion
from habitue.playbook.playbook import Playbook
from habitue.run.receipts import receipt

from .latest import Latest

RESUME = "resume"


@dataclass(frozen=True, slots=True)
class Offer:
    """A pause she may choose; `value` is what its button sends."""

    span: Span

    @property
    def value(self) -> str:
        return str(self.span)

    @property
    def title(self) -> str:
        return span_words(self.span)


@dataclass(frozen=True, slots=True)
class Pausing:
    """`until`: the day on which her pause ends, in words; empty where she is in none."""

    offers: tuple[Offer, ...]
    until: str = ""


def pausing_of(playbook: Playbook, customer: Customer | None, now: Instant) -> Pausing:
    until = paused_until(customer, now) if customer is not None else None
    return Pausing(offers_of(playbook), "" if until is None else day(playbook, customer, until))


def offers_of(playbook: Playbook) -> tuple[Offer, ...]:
    return tuple(Offer(span) for span in playbook.guard.pauses)


def day(playbook: Playbook, customer: Customer | None, at: Instant) -> str:
    """As a date where she lives."""
    where = zone(customer.timezone if customer is not None else "", playbook.shop.timezone)
    return format_date(local(at, where), "d MMMM y", locale="en")


def pause(
    offer: Offer | None,
    occasion: Occasion,
    at: Instant,
    known: Latest,
    context: dict[str, Any],
    source: str,
) -> list[Event]:
    """The event of their choice; without an offer they go on hearing from the shop. Nothing where it was just said."""
    chosen, when = known.pause(at)
    if chosen == (offer.span if offer is not None else 0):
        return []
    if offer is None:
        name, said = RESUMED, dict[str, Any](text="Resume now")
    else:
        days = offer.span // DAY if offer.span % DAY == 0 else offer.span / DAY
        name, said = PAUSED, dict[str, Any](text=f"Pause for {offer.title}", days=days)
    event = receipt(
        name,
        f"pause:{chosen if offer is None else offer.value}:{when or at}",
        occasion,
        at,
        customer=known.person.id if known.person is not None else None,
        context=context,
        source=source,
        method="signed_link",
        **said,
    )
    return [event]
