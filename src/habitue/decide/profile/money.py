"""Amounts as whole millionths, so that sums are exact and do not depend on the order of adding."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from habitue.decide.conditions.leaves.amount import MILLIONTHS, millionths

__all__ = ["MILLIONTHS", "line_amount", "millionths", "order_amount", "products"]


def order_amount(properties: Mapping[str, Any]) -> int:
    """What an order is worth: total, else revenue, else value, else the sum of its lines; 0 when nothing says."""
    for name in ("total", "revenue", "value"):
        amount = millionths(properties.get(name))
        if amount is not None:
            return amount
    return sum(line_amount(line) for line in products(properties))


def line_amount(line: Mapping[str, Any]) -> int:
    price = millionths(line.get("price")) or 0
    quantity = millionths(line.get("quantity"))
    return price if quantity is None else price * quantity // MILLIONTHS


def products(properties: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The order's or list's product objects; rubbish between them is passed over. At most 200."""
    listed = properties.get("products")
    if not isinstance(listed, list):
        return []
    return [line for line in listed[:200] if isinstance(line, dict)]
