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
from habitue.model.event import Record
from habitue.model.instant import Instant
from habitue.playbook.playbook import RATE_UNIT, Shop

from .money import bounded_sum, millionths

WITHOUT_RATE = "in a currency without a rate"
"""Stands where an amount was: what nobody can read is neither nothing nor zero."""
_OF_THE_EVENT = ("total", "revenue", "value", "subtotal", "shipping", "tax", "discount", "refunded", "price")
_OF_A_LINE = ("price", "total", "discount")


def in_shop_currency(record: Record, shop: Shop, outcome: Outcome) -> Record:
    """The record with every amount in the shop's currency; the same one where it is so already, as nearly always."""
    given = record.event.properties.get("currency")
    if given is None or given == shop.currency or not shop.is_currency_said:
        return record
    code = read_code(given)
    if not code or code == shop.currency:
        return record
    rate = rate_of(shop, code, record.event.occurred_at)
    if rate is None:
        outcome.unrated = code
    event = msgspec.structs.replace(record.event, properties=_exchanged(record.event.properties, code, rate))
    return Record(record.position, record.received_at, event)


def rate_of(shop: Shop, code: str, at: Instant) -> int | None:
    """What one unit of the currency was worth then: the latest rate of a day that had begun. None before the first."""
    known = [rate for rate in shop.rates if rate.currency == code and rate.since <= at]
    return max(known, key=lambda rate: rate.since).rate if known else None


def _exchanged(properties: Mapping[str, Any], code: str, rate: int | None) -> dict[str, Any]:
    found = {**properties, **_amounts(properties, _OF_THE_EVENT, code, rate)}
    listed = properties.get("products")
    if isinstance(listed, list):
        found["products"] = [
            {**line, **_amounts(line, _OF_A_LINE, code, rate)} if isinstance(line, dict) else line for line in listed
        ]
    return found


def _amounts(given: Mapping[str, Any], fields: tuple[str, ...], code: str, rate: int | None) -> dict[str, Any]:
    return {name: _amount(given[name], code, rate) for name in fields if given.get(name) not in (None, "")}


def _amount(value: Any, code: str, rate: int | None) -> Any:
    amount = millionths(value, code)
    if amount is None:
        return value
    return WITHOUT_RATE if rate is None else bounded_sum(amount * rate // RATE_UNIT, 0) / MILLIONTHS
