"""Consent and suppression: what events say of them. The guard reads the result."""

from __future__ import annotations

from habitue.model.customer import Consent, Customer
from habitue.model.event import Event

from .text import text
from .traits import email

CONSENTS_MAX = 100


def put_consent_granted(customer: Customer, event: Event) -> None:
    _write(customer, event, granted=True)


def put_consent_withdrawn(customer: Customer, event: Event) -> None:
    _write(customer, event, granted=False)


def put_bounced(customer: Customer, event: Event) -> None:
    if event.properties.get("permanent") is True:
        _suppress(customer, event, "bounced for good")


def put_marked_as_spam(customer: Customer, event: Event) -> None:
    _suppress(customer, event, "marked as spam")


def _write(customer: Customer, event: Event, *, granted: bool) -> None:
    channel = text(event.properties, "channel", 40) or "email"
    topic = text(event.properties, "topic", 100)
    key = f"{channel}:{topic}" if topic else channel
    if key not in customer.consents and len(customer.consents) >= CONSENTS_MAX:
        return
    said = Consent(granted, event.occurred_at, text(event.properties, "source", 100))
    customer.consents[key] = later_consent(said, customer.consents.get(key))


def later_consent(one: Consent, other: Consent | None) -> Consent:
    """The later word counts; at the same instant the refusal does."""
    if other is None:
        return one
    return max(one, other, key=lambda consent: (consent.at, not consent.granted, consent.source))


def _suppress(customer: Customer, event: Event, why: str) -> None:
    address = text(event.properties, "email") or email(customer)
    known = customer.suppressed.get("email")
    if known is None or event.occurred_at < known[0] or known[1].split(" ", 1)[0] != address.lower():
        customer.suppressed["email"] = (event.occurred_at, f"{address.lower()} {why}")


def is_suppressed(customer: Customer, channel: str, address: str) -> str | None:
    """Why the address is suppressed, or None. A new address of the same person starts afresh."""
    known = customer.suppressed.get(channel)
    if known is None:
        return None
    suppressed_address = known[1].split(" ", 1)[0]
    return known[1] if not suppressed_address or suppressed_address == address.lower() else None
