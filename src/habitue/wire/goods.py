"""From a shop's webhook to the catalogue: the shop's own words about a product, read by the catalogue's own readers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import structlog

from habitue.catalog import shopify, woocommerce
from habitue.catalog.attributes import Lacking
from habitue.ingest.goods import About
from habitue.ingest.values import identity
from habitue.model.instant import Instant
from habitue.model.product import Product
from habitue.model.source import SHOPIFY, WOOCOMMERCE
from habitue.run.ports import Catalog

_READERS: dict[str, Callable[[Mapping[str, Any]], Product]] = {
    SHOPIFY: shopify.product,
    WOOCOMMERCE: woocommerce.product,
}

_log = structlog.get_logger(__name__)


class ShopGoods:
    """What webhooks tell of goods, for the catalogue. What has no price, and so cannot be sold, is passed over."""

    def __init__(self, catalog: Callable[[], Catalog]) -> None:
        self._catalog = catalog

    def take(self, kind: str, about: About, source: str, body: dict[str, Any], at: Instant) -> None:
        """Durable when it returns; what is older than what is known changes nothing."""
        match about:
            case "product":
                self._put(kind, source, body, at)
            case "deleted":
                product = identity(body.get("id"))
                if product:
                    self._catalog().delete_products([product], source=source, at=at)
            case "stock":
                # An item that is no longer kept in a place says nothing of how many are there: none.
                level = shopify.stock_level(body if "available" in body else {**body, "available": 0})
                if level is not None:
                    self._catalog().put_stock([level], source=source, at=at)

    def _put(self, kind: str, source: str, body: dict[str, Any], at: Instant) -> None:
        try:
            product = _READERS[kind](body)
        except Lacking as lacking:
            _log.warning("product_passed_over", source=source, why=str(lacking))
            return
        self._catalog().put_products([product], source=source, at=at)
