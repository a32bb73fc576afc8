"""WooCommerce's products, as its webhooks and its REST API (v3) write them.

`product.created`, `product.updated` and `product.restored` bring a product, `product.deleted` only `{"id": …}`.
Variations are products of their own with a `parent_id`; the parent lists their ids and sums up their stock.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from habitue.model.instant import Instant
from habitue.model.product import BACKORDER, IN_STOCK, OUT_OF_STOCK, Product

from . import values
from .attributes import PICTURES_MAX, Lacking


def product(body: Mapping[str, Any], currency: str = "") -> Product:
    """`currency` is the shop's, which the body does not say. Raises Lacking when it is no product."""
    identity, title = values.name(body.get("id")), values.plain(body.get("name"), 500)
    if not identity or not title:
        raise Lacking("a WooCommerce product has an id and a name; this one lacks one of them")
    price = values.money(body.get("regular_price")) or values.money(body.get("price"))
    if price is None:
        raise Lacking(f"{identity} has no price")
    sale = values.money(body.get("sale_price"))
    stock = values.pieces(body.get("stock_quantity")) if body.get("manage_stock") is True else None
    available = values.availability(body.get("stock_status")) or IN_STOCK
    if available == OUT_OF_STOCK and body.get("backorders_allowed") is True:
        available = BACKORDER
    names = _names(body.get("categories"))
    pictures = [
        text
        for one in _dicts(body.get("images") or [body.get("image")])
        if (text := values.name(one.get("src"), 2_000))
    ]
    parent = values.name(body.get("parent_id"))
    brands = _names(body.get("brands"))
    return Product(
        id=identity,
        name=title,
        price=price[0],
        sale_price=sale[0] if sale else None,
        sale_from=_moment(body, "date_on_sale_from"),
        sale_until=_moment(body, "date_on_sale_to"),
        currency=currency,
        category=names[-1] if names else "",
        category_path=names if len(names) > 1 else [],
        brand=brands[0] if brands else "",
        url=values.name(body.get("permalink"), 2_000),
        image_url=pictures[0] if pictures else "",
        image_urls=pictures[1:PICTURES_MAX],
        description=values.plain(body.get("short_description") or body.get("description")),
        availability=available,
        in_stock=available != OUT_OF_STOCK and body.get("status", "publish") == "publish",
        stock=stock,
        group="" if parent == "0" else parent,
        sku=values.name(body.get("sku")),
        gtin=values.name(body.get("global_unique_id")),
        labels={"tags": tags} if (tags := ", ".join(_names(body.get("tags")))) else {},
        created_at=_moment(body, "date_created"),
        updated_at=_moment(body, "date_modified"),
    )


def _moment(body: Mapping[str, Any], name: str) -> Instant | None:
    """The field in UTC where there is one; the plain one is the shop's local time without saying which."""
    return values.moment(body.get(f"{name}_gmt") or body.get(name))


def _names(listed: Any) -> list[str]:
    return [text for one in _dicts(listed) if (text := values.plain(one.get("name"), 100))][:20]


def _dicts(listed: Any) -> list[dict[str, Any]]:
    return [one for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []
