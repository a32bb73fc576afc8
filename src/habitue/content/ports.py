"""What templates need of a catalogue."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Protocol

from habitue.model.product import Product


class Catalog(Protocol):
    """The shop's products. Safe to read from any thread."""

    def get(self, ids: Sequence[str]) -> dict[str, Product]:
        """The products that exist, by id."""
        ...

    def bestsellers(self, category: str, count: int, exclude: Collection[str] = ()) -> list[Product]:
        """The most sold products in stock of a category, most sold first; of all categories when it is empty."""
        ...
