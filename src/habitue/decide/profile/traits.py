"""Traits: the latest word on each, by the time it was said, whatever order the words arrive in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from habitue.model.customer import Customer
from habitue.model.event import Event
from habitue.model.identifier import EMAIL
from habitue.model.instant import Instant

TRAITS_MAX = 300
NAME_MAX = 200
LENGTH_MAX = 4_000
SHORT = 100
BYTES_MAX = 128 * 1024
"""All traits together; a short value always finds its place."""

_encode = msgspec.msgpack.Encoder().encode


def put_identified(customer: Customer, event: Event) -> None:
    """Write what was said. What the event's `set_once` names is written only if nothing is known of it."""
    traits, once = event.traits, event.properties.get("set_once")
    if isinstance(once, list):
        traits = {name: value for name, value in traits.items() if name not in once or name not in customer.traits}
    write_traits(customer, traits, event.occurred_at)


def write_traits(customer: Customer, traits: Mapping[str, Any], at: Instant) -> tuple[str, ...]:
    """Write what is newer than what is known; None removes. Returns the names that changed."""
    changed = []
    for name, value in traits.items():
        known_at = customer.trait_times.get(name)
        if known_at is None and len(customer.trait_times) >= TRAITS_MAX:
            continue
        if known_at is not None and not _is_newer(at, value, known_at, customer.traits.get(name)):
            continue
        if not _fits(customer, name, value):
            continue
        customer.trait_times[name] = at
        if value is None:
            customer.traits.pop(name, None)
        else:
            customer.traits[name] = value
        changed.append(name)
    return tuple(changed)


def set_traits(customer: Customer, traits: Mapping[str, Any], now: Instant) -> tuple[str, ...]:
    """Write what a journey sets: it follows whatever was said at the same instant, and so counts as later."""
    changed: list[str] = []
    for name, value in traits.items():
        changed += write_traits(customer, {name: value}, max(now, customer.trait_times.get(name, 0) + 1))
    return tuple(changed)


def _is_newer(at: Instant, value: object, known_at: Instant, known: object) -> bool:
    """Later wins; at the same instant the greater text wins, so that the order of arrival does not matter."""
    return at > known_at or (at == known_at and repr(value) > repr(known))


def _fits(customer: Customer, name: str, value: object) -> bool:
    if len(name) > NAME_MAX:
        return False
    if not isinstance(value, (str, list, dict)):
        return True
    length = len(repr(value))
    if length <= SHORT or length > LENGTH_MAX:
        return length <= SHORT
    others = len(_encode(customer.traits)) - len(_encode(customer.traits.get(name)))
    return others + len(_encode(value)) <= BYTES_MAX


def join_traits(into: Customer, other: Customer) -> None:
    for name, at in other.trait_times.items():
        write_traits(into, {name: other.traits.get(name)}, at)


def put_context(customer: Customer, event: Event) -> None:
    """Time zone and language, as the latest browser or app said."""
    context = event.context
    if not context or event.occurred_at < customer.timezone_at:
        return
    timezone, locale = context.get("timezone"), context.get("locale")
    if timezone == customer.timezone and locale == customer.locale:
        customer.timezone_at = event.occurred_at
        return
    if isinstance(timezone, str) and timezone and len(timezone) <= 64:
        customer.timezone = timezone
        customer.timezone_at = event.occurred_at
    if isinstance(locale, str) and 0 < len(locale) <= 35:
        customer.locale = locale
        customer.timezone_at = event.occurred_at


def email(customer: Customer) -> str:
    """Her e-mail address as the traits have it; else the one she was last known by, as after a guest's order."""
    address = customer.traits.get("email")
    if isinstance(address, str) and "@" in address:
        return address.strip()
    known = customer.identifiers.get(EMAIL)
    return max(known, key=lambda one: (known[one], one)) if known else ""
