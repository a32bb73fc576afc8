"""A change of the catalogue that customers may want to hear of. It becomes an event for each whom it concerns."""

from __future__ import annotations

from typing import Any, NamedTuple

import msgspec

from .instant import Instant

PRICE_DROPPED = "Product Price Dropped"
BACK_IN_STOCK = "Product Back in Stock"
LOW_IN_STOCK = "Product Low in Stock"
NEW_IN_CATEGORY = "Product New in Category"
ARTICLE_PUBLISHED = "Article Published"

_IN_PRODUCTS = ("cart", "wished", "viewed")

CONCERNS: dict[str, tuple[str, ...]] = {
    PRICE_DROPPED: _IN_PRODUCTS,
    BACK_IN_STOCK: _IN_PRODUCTS,
    LOW_IN_STOCK: _IN_PRODUCTS,
    NEW_IN_CATEGORY: ("category",),
    ARTICLE_PUBLISHED: ("category",),
}
"""Event name → the kinds of interest by which a customer is concerned, the most telling first."""


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """`name` is that of the events it becomes, `keys` the product ids or categories it is about."""

    name: str
    at: Instant
    keys: list[str]
    properties: dict[str, Any]
    number: int = 0
    """Its place among all changes; 0 before it has one."""


class Told(NamedTuple):
    """Customers were told all of change `number`, and of the next the first `place`, up to `after`."""

    number: int
    place: int = 0
    after: tuple[Instant, str] | None = None
    """(since, customer)"""
