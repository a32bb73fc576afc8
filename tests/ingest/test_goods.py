"""Webhooks about goods reach the catalogue before they are answered, in whatever order they come."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from habitue.store.sqlite import SqliteCatalog
from habitue.wire.goods import ShopGoods

from .shop import Shop
from .webhooks import from_shopify, from_woocommerce, open_for_webhooks, shopify_product

CUP = "632910392"


@pytest.fixture
def catalog(tmp_path: Path) -> Iterator[SqliteCatalog]:
    opened = SqliteCatalog(tmp_path / "catalog.db")
    yield opened
    opened.close()


@pytest.fixture
def shop(catalog: SqliteCatalog) -> Iterator[Shop]:
    with open_for_webhooks(catalogue=ShopGoods(lambda: catalog)) as opened:
        yield opened


def test_a_product_is_in_the_catalogue_when_shopify_is_answered(shop: Shop, catalog: SqliteCatalog) -> None:
    assert from_shopify(shop, "products/create", shopify_product()).status_code == 200
    product = catalog.get([CUP])[CUP]
    assert (product.name, product.in_stock, product.stock) == ("Tea cup", True, 3)
    assert [event.name for event in shop.events()] == ["Product Created"]


def test_an_update_that_comes_late_changes_nothing(shop: Shop, catalog: SqliteCatalog) -> None:
    newer = shopify_product(title="Tea cup, new", updated_at="2026-11-22T06:30:00-05:00")
    from_shopify(shop, "products/update", newer)
    from_shopify(shop, "products/update", shopify_product())
    assert catalog.get([CUP])[CUP].name == "Tea cup, new"


def test_stock_finds_its_product_by_the_inventory_item(shop: Shop, catalog: SqliteCatalog) -> None:
    from_shopify(shop, "products/create", shopify_product())
    level = {"inventory_item_id": 39072856001, "location_id": 1}
    for minute, available in ((45, 7), (50, 0), (46, 5)):  # The last one is late.
        said = {**level, "available": available, "updated_at": f"2026-11-22T06:{minute}:00-05:00"}
        assert from_shopify(shop, "inventory_levels/update", said).status_code == 200
        assert catalog.get([CUP])[CUP].stock == (7 if minute == 45 else 0)


def test_a_deleted_product_is_gone(shop: Shop, catalog: SqliteCatalog) -> None:
    from_shopify(shop, "products/create", shopify_product())
    from_shopify(shop, "products/delete", {"id": 632910392})
    assert catalog.get([CUP]) == {}


def test_woocommerces_products_come_in_too_and_restored_ones_come_back(shop: Shop, catalog: SqliteCatalog) -> None:
    cup = {"id": 93, "name": "Tea cup", "permalink": "https://gifts.example/cup", "status": "publish", "price": "9",
           "regular_price": "9", "sale_price": "", "stock_status": "instock", "manage_stock": False, "images": [],
           "categories": [{"id": 1, "name": "Kitchen"}], "date_modified_gmt": "2026-11-22T10:00:00"}  # fmt: skip
    from_woocommerce(shop, "product.created", cup)
    assert catalog.get(["93"])["93"].category == "Kitchen"
    from_woocommerce(shop, "product.deleted", {"id": 93})
    assert catalog.get(["93"]) == {}


def test_a_product_nobody_can_buy_is_answered_200_and_passed_over(shop: Shop, catalog: SqliteCatalog) -> None:
    assert from_shopify(shop, "products/create", shopify_product(variants=[])).status_code == 200
    assert catalog.get([CUP]) == {}


def test_a_catalogue_that_cannot_be_written_is_a_passing_failure() -> None:
    class Broken:
        def take(self, *_: Any) -> None:
            raise OSError(28, "No space left on device")

    with open_for_webhooks(catalogue=Broken()) as shop:
        assert from_shopify(shop, "products/create", shopify_product()).status_code == 503
        assert shop.events() == []
