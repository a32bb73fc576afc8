"""Consent and suppression: what events say of them. The guard reads the result."""

from __future__ import annotations

from habitue.model.customer import Consent, Customer
from habitue.model.event import Event
from habitue.model.message import CHANNELS

from .text import text
from .traits import email

CONSENTS_MAX = 100
SUPPRESSED_MAX = 50


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
    keep_consent(customer, key, Consent(granted, event.occurred_at, text(event.properties, "source", 100)))


def keep_consent(customer: Customer, key: str, said: Consent) -> None:
    """Where no more can be kept, a grant gives way: to forget one never sends more. A refusal is not forgotten."""
    consents = customer.consents
    if key not in consents and len(consents) >= CONSENTS_MAX:
        grants = [known for known, consent in consents.items() if consent.granted]
        if grants:
            del consents[min(grants, key=lambda known: (consents[known].at, known))]
        else:
            channel = key.split(":", 1)[0]
            if said.granted or channel not in CHANNELS:
                return
            key = channel  # So many topics refused: the whole channel is.
    consents[key] = later_consent(said, consents.get(key))


def later_consent(one: Consent, other: Consent | None) -> Consent:
    """The later word counts; at the same instant the refusal does."""
    if other is None:
        return one
    return max(one, other, key=lambda consent: (consent.at, not consent.granted, consent.source))


def _suppress(customer: Customer, event: Event, why: str) -> None:
    address = (text(event.properties, "email").strip() or email(customer)).lower()
    key = f"email:{address}" if address else "email"
    if key not in customer.suppressed and len(customer.suppressed) >= SUPPRESSED_MAX:
        key = "email"  # So many addresses gone bad: no further one of hers is believed.
    said = (event.occurred_at, f"{address} {why}".strip())
    customer.suppressed[key] = min(said, customer.suppressed.get(key, said))


def join_suppressed(into: Customer, other: Customer) -> None:
    for key, known in other.suppressed.items():
        into.suppressed[key] = min(known, into.suppressed.get(key, known))


def is_suppressed(customer: Customer, channel: str, address: str) -> str | None:
    """Why the address is suppressed, or None. A new address of the same person starts afresh; an old one does not."""
    known = customer.suppressed.get(channel) or customer.suppressed.get(f"{channel}:{address.lower()}")
    return known[1] if known is not None else None
