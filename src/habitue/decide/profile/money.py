"""Amounts as whole millionths, so that sums are exact and do not depend on the order of adding."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from habitue.decide.conditions.leaves.amount import millionths as exact
from habitue.model.amount import MILLIONTHS, read_amount
from habitue.model.currency import read_code
from habitue.playbook.conditions.limits import AMOUNT_MAX

__all__ = ["MILLIONTHS", "bounded_sum", "given_back", "line_amount", "millionths", "order_amount", "products"]

_AMOUNTS = ("total", "revenue", "value")
SUM_MAX = 9 * 10**18
"""What 64 bits hold. A sum that outgrows it stays there: anyone may send an order of any size, and must not stop us."""


def order_amount(properties: Mapping[str, Any]) -> int | None:
    """What an order is worth: total, else revenue, else value, else the sum of its lines. None when nothing says.

    Never more than an amount can be: price times quantity knows no bounds of its own.
    """
    said = said_amount(properties)
    if said is not None:
        return said
    currency = read_code(properties.get("currency"))
    lines = products(properties)
    if not any(millionths(line.get("price"), currency) is not None for line in lines):
        return None
    total = sum(line_amount(line, currency) for line in lines)
    return max(-AMOUNT_MAX * MILLIONTHS, min(AMOUNT_MAX * MILLIONTHS, total))


def said_amount(properties: Mapping[str, Any]) -> int | None:
    """What an event itself says that the order comes to, whatever its lines add up to."""
    currency = read_code(properties.get("currency"))
    for name in _AMOUNTS:
        amount = millionths(properties.get(name), currency)
        if amount is not None:
            return amount
    return None


def given_back(properties: Mapping[str, Any]) -> int | None:
    """What a refund says it gives back, without its sign: some shops write it as a minus. None when nothing says.

    An amount that is written and cannot be read takes nothing off: it is not known how much, and surely not all.
    """
    says = any(properties.get(name) not in (None, "") for name in _AMOUNTS)
    says = says or any(line.get("price") not in (None, "") for line in products(properties))
    return abs(order_amount(properties) or 0) if says else None


def millionths(value: Any, currency: str = "") -> int | None:
    """The amount, also where it came as text; None for what is none, and for sums no shop has ever seen."""
    if type(value) is str:
        found = read_amount(value, currency)
        amount = None if found is None else found.millionths
        return amount if amount is not None and abs(amount) <= AMOUNT_MAX * MILLIONTHS else None
    return exact(value)


def bounded_sum(one: int, other: int) -> int:
    return max(-SUM_MAX, min(SUM_MAX, one + other))


def line_amount(line: Mapping[str, Any], currency: str = "") -> int:
    price = millionths(line.get("price"), currency) or 0
    quantity = millionths(line.get("quantity"))
    return price if quantity is None else price * quantity // MILLIONTHS


def products(properties: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The order's or list's product objects; rubbish between them is passed over. At most 200."""
    listed = properties.get("products")
    if not isinstance(listed, list):
        return []
    return [line for line in listed[:200] if isinstance(line, dict)]
