"""The stages of a visit to a shop, from the door to the order."""

from __future__ import annotations

from typing import Final

HOME: Final = "home"
CATEGORY: Final = "category"
PRODUCT: Final = "product"
DETAIL: Final = "detail"
CART: Final = "cart"
CHECKOUT: Final = "checkout"
ORDER: Final = "order"

STAGES: tuple[str, ...] = (HOME, CATEGORY, PRODUCT, DETAIL, CART, CHECKOUT, ORDER)
"""In the order of the way. `detail`: she opened details of a product, such as its sizes or its reviews."""
RANK: dict[str, int] = {stage: rank for rank, stage in enumerate(STAGES, 1)} | {"": 0}
