"""What others write into the catalogue."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol

import msgspec

from habitue.model.article import Article
from habitue.model.instant import Instant
from habitue.model.product import Product, StockLevel


class Put(msgspec.Struct, frozen=True):
    """What became of what was put into the catalogue."""

    added: int = 0
    changed: int = 0
    unchanged: int = 0
    stale: int = 0
    """Older than what is known, and so passed over."""
    removed: int = 0
    unknown: int = 0
    """Of no product we know."""
    held: int = 0
    """Whose price fell by more than is likely: it waits for an answer, and the rest was taken in."""
    changes: int = 0
    """Changes worth telling customers, which the catalogue process takes from here."""


class Catalog(Protocol):
    """The shop's products and articles as others write them. What is older than what is known changes nothing.

    `source` says who told; `at` is the moment we learnt it and stands in for an `updated_at` that is missing. `tell`
    False: nobody is to hear of it, as when a catalogue is brought in for the first time.
    """

    def put_products(self, products: Iterable[Product], *, source: str, at: Instant, tell: bool = True) -> Put:
        """Add or describe anew, in one transaction."""
        ...

    def delete_products(
        self, ids: Sequence[str], *, source: str, at: Instant, updated_at: Instant | None = None
    ) -> Put: ...

    def put_stock(self, levels: Iterable[StockLevel], *, source: str, at: Instant) -> Put: ...

    def put_articles(self, articles: Iterable[Article], *, source: str, at: Instant, tell: bool = True) -> Put: ...

    def delete_articles(self, ids: Sequence[str], *, source: str, at: Instant) -> Put: ...
