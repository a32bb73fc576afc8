"""What things cost in the shop today: the prices of the data, less what has been taken off for a while."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple

from habitue.model.instant import Instant
from habitue.model.product import Product, is_on_sale


class Reduction(NamedTuple):
    """A lower price that holds until a moment of the shop's time."""

    price: float
    until: Instant


class Prices:
    """One thread lowers, others read: each touches the dictionary once, so none sees half a change."""

    def __init__(self, now: Callable[[], Instant], reductions: dict[str, Reduction] | None = None) -> None:
        self._now = now
        self._reductions = dict(reductions or {})

    def lower(self, product_id: str, reduction: Reduction) -> None:
        self._reductions[product_id] = reduction

    def reduction(self, product: Product) -> Reduction | None:
        """What is in force for it now."""
        found = self._reductions.get(product.id)
        return found if found is not None and self._now() < found.until else None

    def today(self, product: Product) -> float:
        found = self.reduction(product)
        return product.price if found is None else found.price


def reductions_of(products: Iterable[Product], now: Instant) -> dict[str, Reduction]:
    """Those in force in the catalogue, left by an earlier run."""
    return {
        product.id: Reduction(product.sale_price, product.sale_until)
        for product in products
        if product.sale_price is not None and product.sale_until is not None and is_on_sale(product, now)
    }
