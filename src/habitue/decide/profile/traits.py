"""Traits: the latest word on each, by the time it was said, whatever order the words arrive in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from habitue.model.address import CHARACTERS_MAX as ADDRESS_MAX
from habitue.model.customer import Customer, Moment, moment
from habitue.model.event import Event
from habitue.model.identifier import EMAIL
from habitue.model.instant import Instant
from habitue.model.trust import PUBLIC

TRAITS_MAX = 300
NAME_MAX = 200
LENGTH_MAX = 4_000
SHORT = 100
BYTES_MAX = 128 * 1024
"""All traits together; a short value always finds its place."""

_encode = msgspec.msgpack.Encoder().encode


def put_identified(customer: Customer, event: Event, position: int) -> None:
    """Write what was said. What the event's `set_once` names is written only if nothing is known of it."""
    traits, once = event.traits, event.properties.get("set_once")
    if isinstance(once, list):
        traits = {name: value for name, value in traits.items() if name not in once or name not in customer.traits}
    write_traits(customer, traits, (event.occurred_at, position), claimed=event.level in PUBLIC)


def write_traits(
    customer: Customer, traits: Mapping[str, Any], said: Moment, *, claimed: bool = False
) -> tuple[str, ...]:
    """Write what is newer than what is known; None removes. Returns the names that changed.

    `claimed`: told by a source whose key anybody can read. It never replaces what others told, whatever the times.
    """
    changed = []
    for name, value in traits.items():
        known = customer.trait_times.get(name)
        if known is None and len(customer.trait_times) >= TRAITS_MAX:
            continue
        was_claimed = name in customer.claimed_traits
        if known is not None and (
            claimed > was_claimed
            or (claimed == was_claimed and not _is_newer(said, value, moment(known), customer.traits.get(name)))
        ):
            continue
        if not _fits(customer, name, value):
            continue
        customer.trait_times[name] = said
        if claimed and known is None:
            customer.claimed_traits = sorted({*customer.claimed_traits, name})
        elif was_claimed and not claimed:
            customer.claimed_traits = [other for other in customer.claimed_traits if other != name]
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
        known_at, _ = moment(customer.trait_times.get(name, 0))
        changed += write_traits(customer, {name: value}, (max(now, known_at + 1), customer.position))
    return tuple(changed)


def _is_newer(said: Moment, value: object, before: Moment, known: object) -> bool:
    """Of two words of earlier versions, which have no position, the greater text wins at the same instant."""
    return said > before or (said == before and repr(value) > repr(known))


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
    for name, said in other.trait_times.items():
        write_traits(into, {name: other.traits.get(name)}, moment(said), claimed=name in other.claimed_traits)


def put_context(customer: Customer, event: Event, position: int) -> None:
    """Time zone and language, as the latest browser or app said."""
    context, at = event.context, event.occurred_at
    if not context or at < customer.timezone_at:
        return
    if at == customer.timezone_at and position < customer.timezone_position:
        return
    timezone, locale = context.get("timezone"), context.get("locale")
    if timezone != customer.timezone or locale != customer.locale:
        said = False
        if isinstance(timezone, str) and 0 < len(timezone) <= 64:
            customer.timezone, said = timezone, True
        if isinstance(locale, str) and 0 < len(locale) <= 35:
            customer.locale, said = locale, True
        if not said:
            return
    customer.timezone_at = at
    customer.timezone_position = position


def email(customer: Customer) -> str:
    """Her e-mail address as the traits have it; else the one she was last known by, as after a guest's order."""
    address = customer.traits.get("email")
    if isinstance(address, str) and "@" in address and len(address) <= ADDRESS_MAX:
        return address.strip()
    known = customer.identifiers.get(EMAIL)
    return max(known, key=lambda one: (known[one], one)) if known else ""
