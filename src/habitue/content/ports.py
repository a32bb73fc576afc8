"""What templates need of a catalogue."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Protocol

from habitue.model.article import Article
from habitue.model.product import Product


class Catalog(Protocol):
    """The shop's products and articles. Safe to read from any thread."""

    def get(self, ids: Sequence[str]) -> dict[str, Product]:
        """The products that exist, by id."""
        ...

    def bestsellers(self, category: str, count: int, exclude: Collection[str] = ()) -> list[Product]:
        """The most sold products in stock of a category, most sold first; of all categories when it is empty."""
        ...

    def articles_of(self, category: str, count: int = 3) -> list[Article]:
        """The latest articles of a category; of all when it is empty."""
        ...
