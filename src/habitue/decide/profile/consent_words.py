"""What events say of consent: put to what she carries, and told word for word for the ledger."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from habitue.model.address import spelled
from habitue.model.consent import ADS, CATEGORY, ConsentState, ConsentWord
from habitue.model.customer import Consent, Customer
from habitue.model.event import Event, speaker
from habitue.model.identifier import EMAIL, PHONE
from habitue.model.instant import Instant
from habitue.model.trust import PUBLIC

from .addresses import prove
from .consents import ADDRESSED, keep_consent, word
from .text import text
from .traits import email

TEXT_MAX = 4_000
CATEGORIES_MAX = 30
"""Of one consent object; platforms know half a dozen."""
CONSENT_REQUESTED = "Consent Requested"
PREFERENCES_UPDATED = "Segment Consent Preference Updated"
CONFIRMING = frozenset({"double_opt_in", "signed_link", "register"})
"""Ways that only the owner of an address can go. Believed of our own events alone: any browser can write the word."""

_STATES = {
    "Consent Granted": ConsentState.GRANTED,
    CONSENT_REQUESTED: ConsentState.PENDING,
    "Consent Withdrawn": ConsentState.WITHDRAWN,
    "Unsubscribed": ConsentState.WITHDRAWN,
}
SAYS_CONSENT = frozenset({*_STATES, PREFERENCES_UPDATED})
"""Events that are about consent. Any other may carry it in its context."""
_NONE: tuple[ConsentWord, ...] = ()


def put_consents(customer: Customer, event: Event, now: Instant) -> tuple[ConsentWord, ...]:
    """Take in what the event says of consent; returns what the ledger keeps of it."""
    state, context = _STATES.get(event.name), event.context
    if state is None and "consent" not in context and "gpc" not in context:
        return _NONE
    words = [] if state is None else [_put_word(customer, event, state, now)]
    if context.get("gpc") is True:
        words += _put_opt_out(customer, event, now)
    words += _put_categories(customer, event, now)
    return tuple(words)


def _put_word(customer: Customer, event: Event, state: ConsentState, now: Instant) -> ConsentWord:
    channel = text(event.properties, "channel", 40) or "email"
    topic = text(event.properties, "topic", 100)
    key = f"{channel}:{topic}" if topic else channel
    address = _named(event, state) if channel in ADDRESSED else ""
    known = word(customer, key, address or email(customer))
    source, at = text(event.properties, "source", 100), event.occurred_at
    if event.name == "Consent Withdrawn" and (known is None or not known.granted):
        state = ConsentState.DENIED  # There was nothing to withdraw: she said no when she was asked.
    match state:
        case ConsentState.GRANTED:
            said = Consent(True, at, source, confirmed_at=at if is_confirming(event) else 0)
        case ConsentState.PENDING:
            said = Consent(False, at, source, requested_at=at)
        case _:
            said = Consent(False, at, source, refused_at=at)
    keep_consent(customer, key, said, address)
    if address and is_confirming(event):
        prove(customer, address, at)
    return _word(customer, event, state, now, channel, topic, source)


def _named(event: Event, state: ConsentState) -> str:
    """The address an event is about; nothing where it is about none by name.

    A no is about one address alone where it was said through a link sent there, or to a register. Who refuses in the
    shop, in a call or by a program means all they have, and an address in such an event only says who they are.
    """
    named = spelled(text(event.properties, "email"))
    if state in (ConsentState.DENIED, ConsentState.WITHDRAWN):
        return named if event.source == "habitue" else ""
    return named or spelled(event.identifiers.get(EMAIL, ""))


def is_confirming(event: Event) -> bool:
    return event.source == "habitue" and event.properties.get("method") in CONFIRMING


def _put_opt_out(customer: Customer, event: Event, now: Instant) -> Iterator[ConsentWord]:
    """Global Privacy Control: said with every request, and told in the ledger once."""
    known = customer.opted_out_at
    if known is None or event.occurred_at < known:
        customer.opted_out_at = event.occurred_at
    if known is None:
        yield _word(customer, event, ConsentState.DENIED, now, ADS, "", "gpc")


def _put_categories(customer: Customer, event: Event, now: Instant) -> Iterator[ConsentWord]:
    """The consent object of her consent platform. It comes with every event; the ledger is told what it changed."""
    for category, granted in _categories(event):
        key = f"{CATEGORY}:{category}" if category else CATEGORY
        known, at = customer.consents.get(key), event.occurred_at
        keep_consent(customer, key, Consent(granted, at, "consent object", refused_at=0 if granted else at))
        after = customer.consents.get(key)
        changed = after is not None and (known is None or known.granted != after.granted)
        if changed or event.name == PREFERENCES_UPDATED:
            state = ConsentState.GRANTED if granted else ConsentState.DENIED
            yield _word(customer, event, state, now, CATEGORY, category, "consent object")


def _categories(event: Event) -> list[tuple[str, bool]]:
    """(category, allowed). Nothing without a consent object; with an empty one, a no to all of them."""
    consent = event.context.get("consent")
    preferences = consent.get("categoryPreferences") if isinstance(consent, dict) else None
    if not isinstance(preferences, dict):
        return []
    if not preferences:
        return [("", False)]
    said = [(name[:100], value) for name, value in preferences.items() if name and isinstance(value, bool)]
    return said[:CATEGORIES_MAX]


def _word(
    customer: Customer, event: Event, state: ConsentState, now: Instant, channel: str, topic: str, source: str
) -> ConsentWord:
    said, context = event.properties, event.context
    of_object = f":{topic}" if channel == CATEGORY else ":gpc" if source == "gpc" else ""
    return ConsentWord(
        id=f"{speaker(event)}:{event.id}{of_object}",
        customer=customer.id,
        channel=channel,
        topic=topic,
        state=state,
        said_at=event.occurred_at,
        recorded_at=now,
        event=event.id,
        origin=event.source,
        address=_address(customer, event, channel),
        source=source,
        # Proof is not what a public key says it is: anybody can read one out of the page, and write the word.
        method="" if event.level in PUBLIC else text(said, "method", 40),
        text=text(said, "text", TEXT_MAX),
        text_version=text(said, "text_version", 100),
        locale=text(said, "locale", 35) or text(context, "locale", 35) or customer.locale,
        ip=text(context, "ip", 60),
        agent=text(context, "userAgent", 500),
        actor=text(said, "actor", 200),
        token=text(said, "token", 100),
        requested_at=_instant(said.get("requested_at")),
        confirmed_at=event.occurred_at if state == ConsentState.GRANTED and is_confirming(event) else None,
        is_of_all=channel in ADDRESSED and not _named(event, state),
    )


def _address(customer: Customer, event: Event, channel: str) -> str:
    """Where the word was about: what the event names, else what she has on that channel."""
    if channel == "email":
        return spelled(text(event.properties, "email")) or spelled(email(customer))
    if channel in ("sms", "call", "whatsapp"):
        return text(event.properties, "phone", 40) or phone(customer)
    return ""


def phone(customer: Customer) -> str:
    """Her phone number in E.164, the one she was last known by; or nothing."""
    known = customer.identifiers.get(PHONE)
    if known:
        return max(known, key=lambda number: (known[number], number))
    given = customer.traits.get("phone")
    return given.strip() if isinstance(given, str) and given.strip().startswith("+") else ""


def _instant(value: Any) -> Instant | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**62 else None
