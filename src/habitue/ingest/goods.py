"""What webhooks tell of products and stock: which topics, and what the catalogue must offer to take it in."""

from __future__ import annotations

from typing import Any, Literal, Protocol, TypeAlias

from habitue.model.instant import Instant
from habitue.model.source import SHOPIFY, WOOCOMMERCE

About: TypeAlias = Literal["product", "deleted", "stock"]

GOODS: dict[str, dict[str, About]] = {
    SHOPIFY: {
        "products/create": "product",
        "products/update": "product",
        "products/delete": "deleted",
        "inventory_levels/update": "stock",
        "inventory_levels/connect": "stock",
        "inventory_levels/disconnect": "stock",
    },
    WOOCOMMERCE: {
        "product.created": "product",
        "product.updated": "product",
        "product.restored": "product",
        "product.deleted": "deleted",
    },
}
"""Kind of source → topic → what its body is about."""


class CatalogueNews(Protocol):
    """The catalogue, as webhooks need it: on disk when it returns, harmless when told twice or too late."""

    def take(self, kind: str, about: About, source: str, body: dict[str, Any], at: Instant) -> None: ...
