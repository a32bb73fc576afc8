"""Shopify's products and inventory levels, as its webhooks and its Admin API write them.

`products/create` and `products/update` bring a product, `products/delete` only `{"id": …}`; `inventory_levels/*` name
an `inventory_item_id`, which the catalogue joins with the variant that carries it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from habitue.model.product import Product, StockLevel, Variant

from . import values
from .attributes import PICTURES_MAX, VARIANTS_MAX, Lacking


def product(body: Mapping[str, Any], currency: str = "") -> Product:
    """`currency` is the shop's, which the body does not say. Raises Lacking when it is no product."""
    identity, title = values.name(body.get("id")), values.plain(body.get("title"), 500)
    if not identity or not title:
        raise Lacking("a Shopify product has an id and a title; this one lacks one of them")
    listed = body.get("variants")
    sold = [one for one in (listed if isinstance(listed, list) else [])[:VARIANTS_MAX] if isinstance(one, dict)]
    prices = [(found[0], one) for one in sold if (found := values.money(one.get("price")))]
    if not prices:
        raise Lacking(f"{identity} has no variant with a price")
    price, cheapest = min(prices, key=lambda pair: pair[0])
    regular, sale = _regular_and_sale(price, cheapest)
    variants = [_variant(one) for one in sold if values.name(one.get("id"))]
    offered = body.get("status", "active") == "active"
    counted = [variant.stock for variant in variants]
    pictures = _pictures(body)
    handle, category = values.name(body.get("handle")), values.plain(body.get("product_type"), 100)
    tags = body.get("tags")
    return Product(
        id=identity,
        name=title,
        price=regular,
        sale_price=sale,
        currency=currency,
        category=category,
        brand=values.plain(body.get("vendor"), 200),
        url=f"/products/{handle}" if handle else "",
        image_url=pictures[0] if pictures else "",
        image_urls=pictures[1:],
        description=values.plain(body.get("body_html")),
        in_stock=offered and any(variant.in_stock for variant in variants),
        stock=None if None in counted else sum(max(0, one or 0) for one in counted),
        sku=variants[0].sku if len(variants) == 1 else "",
        gtin=values.name(sold[0].get("barcode")) if len(sold) == 1 else "",
        variants=variants,
        labels={"tags": ", ".join(tags) if isinstance(tags, list) else values.name(tags, 1_000)} if tags else {},
        created_at=values.moment(body.get("published_at") or body.get("created_at")),
        updated_at=values.moment(body.get("updated_at")),
    )


def stock_level(body: Mapping[str, Any]) -> StockLevel | None:
    """How many are at one location. None when the level counts nothing, as when an item is not tracked."""
    item, available = values.name(body.get("inventory_item_id")), values.pieces(body.get("available"))
    if not item or available is None:
        return None
    return StockLevel(
        inventory_item_id=item,
        location=values.name(body.get("location_id")) or "shop",
        quantity=available,
        updated_at=values.moment(body.get("updated_at")),
    )


def _regular_and_sale(price: float, one: Mapping[str, Any]) -> tuple[float, float | None]:
    """`compare_at_price`, where it is higher, is what it cost before the sale."""
    before = values.money(one.get("compare_at_price"))
    return (before[0], price) if before is not None and before[0] > price else (price, None)


def _variant(one: Mapping[str, Any]) -> Variant:
    price = values.money(one.get("price"))
    regular, sale = _regular_and_sale(price[0], one) if price else (None, None)
    tracked = one.get("inventory_management", "shopify") is not None
    stock = values.pieces(one.get("inventory_quantity")) if tracked else None
    backorder = one.get("inventory_policy") == "continue"
    options = {f"option{number}": values.name(one.get(f"option{number}")) for number in (1, 2, 3)}
    name = values.plain(one.get("title"), 500)
    return Variant(
        id=values.name(one.get("id")),
        name="" if name == "Default Title" else name,
        sku=values.name(one.get("sku")),
        price=regular,
        sale_price=sale,
        stock=stock,
        in_stock=stock is None or stock > 0 or backorder,
        backorder=backorder,
        inventory_item_id=values.name(one.get("inventory_item_id")),
        options={} if name == "Default Title" else {key: text for key, text in options.items() if text},
    )


def _pictures(body: Mapping[str, Any]) -> list[str]:
    main, others = body.get("image"), body.get("images")
    listed = [main, *(others if isinstance(others, list) else [])]
    found = [values.name(one.get("src"), 2_000) for one in listed if isinstance(one, dict)]
    return list(dict.fromkeys(text for text in found if text))[:PICTURES_MAX]
