"""Money of other currencies, brought into the shop's own before anything is summed.

The playbook has a table of rates with dates. An amount in a currency without a rate is unknown, as one that cannot be
read is: it stays out of every sum, and the outcome says which currency it was.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from habitue.decide.outcome import Outcome
from habitue.model.amount import MILLIONTHS
from habitue.model.currency import read_code
from habitue.model.event import Event, Record
from habitue.model.instant import Instant
from habitue.playbook.conditions.money import AMOUNTS, AMOUNTS_OF_A_LINE, LINES
from habitue.playbook.playbook import RATE_UNIT, Shop

from .money import bounded_sum, millionths

WITHOUT_RATE = "in a currency without a rate"
"""Stands where an amount was: what nobody can read is neither nothing nor zero."""


def in_shop_currency(record: Record, shop: Shop, outcome: Outcome) -> Record:
    """The record with every amount in the shop's currency; the same one where it is so already, as nearly always."""
    event = record.event
    code = other_currency(event.properties, shop)
    if not code:
        return record
    if rate_of(shop, code, event.occurred_at) is None:
        outcome.unrated = code
    return Record(record.position, record.received_at, event_in(shop, event))


def event_in(shop: Shop, event: Event) -> Event:
    told = exchanged(shop, event.properties, event.occurred_at)
    return event if told is event.properties else msgspec.structs.replace(event, properties=told)


def exchanged(shop: Shop, properties: dict[str, Any], at: Instant) -> dict[str, Any]:
    """The properties with every amount in the shop's currency; the very same where they are so already."""
    code = other_currency(properties, shop)
    return _exchanged(properties, code, rate_of(shop, code, at)) if code else properties


def other_currency(properties: Mapping[str, Any], shop: Shop) -> str:
    """Its code; empty where the amounts are in the shop's own."""
    given = properties.get("currency")
    if given is None or given == shop.currency or not shop.is_currency_said:
        return ""
    code = read_code(given)
    return code if code != shop.currency else ""


def rate_of(shop: Shop, code: str, at: Instant) -> int | None:
    """What one unit of the currency was worth then: the latest rate of a day that had begun. None before the first."""
    known = [rate for rate in shop.rates if rate.currency == code and rate.since <= at]
    return max(known, key=lambda rate: rate.since).rate if known else None


def _exchanged(properties: Mapping[str, Any], code: str, rate: int | None) -> dict[str, Any]:
    found = {**properties, **_amounts(properties, AMOUNTS, code, rate)}
    listed = properties.get(LINES)
    if isinstance(listed, list):
        found[LINES] = [
            {**line, **_amounts(line, AMOUNTS_OF_A_LINE, code, rate)} if isinstance(line, dict) else line
            for line in listed
        ]
    return found


def _amounts(given: Mapping[str, Any], fields: tuple[str, ...], code: str, rate: int | None) -> dict[str, Any]:
    return {name: _amount(given[name], code, rate) for name in fields if given.get(name) not in (None, "")}


def _amount(value: Any, code: str, rate: int | None) -> Any:
    amount = millionths(value, code)
    if amount is None:
        return value
    return WITHOUT_RATE if rate is None else bounded_sum(amount * rate // RATE_UNIT, 0) / MILLIONTHS
