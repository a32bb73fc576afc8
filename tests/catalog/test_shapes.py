"""What Shopify and WooCommerce send, as products of the catalogue."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from habitue.catalog import shopify, woocommerce
from habitue.catalog.attributes import Lacking
from habitue.catalog.values import moment
from habitue.model.product import StockLevel, price_at
from habitue.store.sqlite import SqliteCatalog

SHOPIFY: dict[str, Any] = {
    "id": 632910392,
    "title": "IPod Nano",
    "handle": "ipod-nano",
    "body_html": "<p>It&#39;s <b>small</b>.</p>",
    "vendor": "Apple",
    "product_type": "Players",
    "status": "active",
    "tags": "Emotive, Flash",
    "created_at": "2026-11-01T10:00:00-05:00",
    "updated_at": "2026-11-20T10:00:00-05:00",
    "image": {"src": "https://cdn.example/1.png"},
    "images": [{"src": "https://cdn.example/1.png"}, {"src": "https://cdn.example/2.png"}],
    "variants": [
        {
            "id": 1,
            "title": "Pink",
            "price": "199.00",
            "compare_at_price": "249.00",
            "sku": "P",
            "inventory_item_id": 11,
            "inventory_quantity": 10,
            "inventory_policy": "deny",
            "inventory_management": "shopify",
            "option1": "Pink",
        },
        {
            "id": 2,
            "title": "Red",
            "price": "209.00",
            "compare_at_price": None,
            "sku": "R",
            "inventory_item_id": 12,
            "inventory_quantity": 0,
            "inventory_policy": "continue",
            "inventory_management": "shopify",
        },
    ],
}


def test_a_shopify_product_costs_what_its_cheapest_variant_does() -> None:
    made = shopify.product(SHOPIFY, "USD")
    assert (made.id, made.name, made.brand, made.category) == ("632910392", "IPod Nano", "Apple", "Players")
    assert (made.price, made.sale_price, price_at(made, 0), made.currency) == (249.0, 199.0, 199.0, "USD")
    assert made.description == "It's small ."
    assert (made.stock, made.in_stock) == (10, True)
    assert (made.image_url, made.image_urls) == ("https://cdn.example/1.png", ["https://cdn.example/2.png"])
    assert made.updated_at == moment("2026-11-20T15:00:00Z")
    pink, red = made.variants
    assert (pink.sku, pink.price, pink.sale_price, pink.options) == ("P", 249.0, 199.0, {"option1": "Pink"})
    assert (red.stock, red.in_stock, red.backorder, red.inventory_item_id) == (0, True, True, "12")


def test_a_shopify_draft_is_not_in_stock() -> None:
    assert not shopify.product(SHOPIFY | {"status": "draft"}).in_stock


@pytest.mark.parametrize("body", [{}, {"id": 1}, {"id": 1, "title": "A"}, {"id": 1, "title": "A", "variants": [7]}])
def test_what_is_no_shopify_product_is_refused(body: dict[str, Any]) -> None:
    with pytest.raises(Lacking):
        shopify.product(body)


def test_an_inventory_level_finds_the_variant_it_counts(tmp_path: Path) -> None:
    catalog = SqliteCatalog(tmp_path / "catalog.db")
    now = (moment("2026-11-21T00:00:00Z") or 0) + 1
    catalog.put_products([shopify.product(SHOPIFY)], source="shopify", at=now)
    level = {"inventory_item_id": 11, "location_id": 655441491, "available": 6}
    first = shopify.stock_level(level | {"updated_at": "2026-11-20T09:00:00-05:00"})
    assert first == StockLevel(
        inventory_item_id="11", location="655441491", quantity=6, updated_at=moment("2026-11-20T14:00:00Z")
    )
    assert first is not None
    catalog.put_stock([first], source="shopify", at=now)
    second = shopify.stock_level(level | {"available": 2, "updated_at": "2026-11-20T11:00:00-05:00"})
    assert second is not None
    catalog.put_stock([second], source="shopify", at=now)
    assert catalog.get(["632910392"])["632910392"].variants[0].stock == 6
    catalog.close()


def test_a_level_that_counts_nothing_is_none() -> None:
    assert shopify.stock_level({"inventory_item_id": 11, "location_id": 1, "available": None}) is None


WOOCOMMERCE: dict[str, Any] = {
    "id": 799,
    "name": "Ship Your Idea",
    "permalink": "https://shop.example/product/ship-your-idea/",
    "status": "publish",
    "short_description": "<p>Pellentesque</p>",
    "sku": "SYI",
    "price": "15.00",
    "regular_price": "20.00",
    "sale_price": "15.00",
    "date_on_sale_from_gmt": "2026-11-01T00:00:00",
    "date_on_sale_to_gmt": "2026-11-30T23:59:59",
    "manage_stock": True,
    "stock_quantity": 4,
    "stock_status": "instock",
    "parent_id": 0,
    "categories": [{"id": 9, "name": "Clothing"}, {"id": 14, "name": "T-shirts"}],
    "images": [{"src": "https://shop.example/a.jpg"}],
    "date_modified_gmt": "2026-11-20T10:00:00",
    "date_modified": "2026-11-20T13:00:00",
}


def test_a_woocommerce_product_has_its_sale_and_its_days() -> None:
    made = woocommerce.product(WOOCOMMERCE, "EUR")
    during, after = moment("2026-11-10T00:00:00Z"), moment("2026-12-10T00:00:00Z")
    assert during is not None
    assert after is not None
    assert (made.id, price_at(made, during), price_at(made, after)) == ("799", 15.0, 20.0)
    assert (made.category, made.category_path, made.stock, made.in_stock) == (
        "T-shirts",
        ["Clothing", "T-shirts"],
        4,
        True,
    )
    assert made.updated_at == moment("2026-11-20T10:00:00Z")
    assert made.group == ""


def test_a_woocommerce_variation_belongs_to_its_parent() -> None:
    made = woocommerce.product(WOOCOMMERCE | {"parent_id": 42, "stock_status": "outofstock", "images": None})
    assert (made.group, made.in_stock) == ("42", False)
    assert woocommerce.product(WOOCOMMERCE | {"stock_status": "onbackorder"}).in_stock


def test_what_is_no_woocommerce_product_is_refused() -> None:
    for body in ({}, {"id": 5}, {"id": 5, "name": "A", "price": ""}):
        with pytest.raises(Lacking):
            woocommerce.product(body)
