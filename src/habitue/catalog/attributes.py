"""A product out of named attributes, as Google Merchant feeds, tables and JSON lines have them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from habitue.model.id_text import RoundedId
from habitue.model.product import IN_STOCK, OUT_OF_STOCK, Product, Text, Variant

from . import values

Attributes = Mapping[str, Any]
"""Name in lower case with underscores → a value, or a list of them where it stands more than once."""

PICTURES_MAX = 20
VARIANTS_MAX = 500


class Lacking(ValueError):
    """The attributes make no product; the text says what is missing. `id` is that of the product, where it is known."""

    def __init__(self, said: str, id: str = "") -> None:
        super().__init__(said)
        self.id = id


def product(attributes: Attributes) -> Product:
    """Raises Lacking when id, name or price is missing or cannot be read."""
    one = _One(attributes)
    identity, title = one.id("id", "product_id"), values.plain(one.first("title", "name"), 500)
    price = values.money(one.first("price"))
    if not identity:
        raise Lacking("has no id")
    if not title:
        raise Lacking(f"{identity} has no title", identity)
    if price is None:
        raise Lacking(f"{identity}: {one.first('price')!r} is no price; expected one like 15.00 EUR", identity)
    sale = values.money(one.first("sale_price"))
    sale_from, sale_until = values.moments(one.name("sale_price_effective_date"))
    path = _path(one)
    stock = values.pieces(one.first("stock", "quantity", "inventory", "sell_on_google_quantity"))
    available = values.availability(one.first("availability"))
    return Product(
        id=identity,
        name=title,
        price=price[0],
        currency=price[1] or one.name("currency")[:3].upper(),
        sale_price=sale[0] if sale else None,
        sale_from=values.moment(one.first("sale_from")) if sale_from is None else sale_from,
        sale_until=values.moment(one.first("sale_until")) if sale_until is None else sale_until,
        cost=(values.money(one.first("cost_of_goods_sold", "cost")) or (None,))[0],
        category=one.name("category") if ">" not in one.name("category") and one.name("category") else _last(path),
        category_path=path if len(path) > 1 else [],
        brand=one.name("brand", "vendor"),
        gender=one.name("gender").lower(),
        url=one.name("link", "url", length_max=2_000),
        image_url=one.name("image_link", "image_url", "image", length_max=2_000),
        image_urls=one.names("additional_image_link", "image_urls"),
        description=values.plain(one.first("description")),
        availability=available,
        in_stock=_in_stock(available, stock, one.first("in_stock")),
        stock=stock,
        group=one.name("item_group_id", "group"),
        sku=one.name("sku", "mpn"),
        gtin=one.name("gtin", "barcode"),
        variants=_variants(attributes.get("variants")),
        locales=_locales(attributes.get("locales")),
        labels=_labels(one),
        created_at=values.moment(one.first("created_at")),
        updated_at=values.moment(one.first("updated_at")),
    )


class _One:
    """One product's attributes under any of their usual names."""

    def __init__(self, attributes: Attributes) -> None:
        self.attributes = attributes

    def first(self, *names: str) -> Any:
        for name in names:
            value = self.attributes.get(name)
            if isinstance(value, list):
                value = next((one for one in value if one not in (None, "")), None)
            if value not in (None, ""):
                return value
        return None

    def id(self, *names: str) -> str:
        try:
            return values.thing_id(self.first(*names))
        except RoundedId as rounded:
            raise Lacking(str(rounded)) from None

    def name(self, *names: str, length_max: int = 200) -> str:
        return values.name(self.first(*names), length_max)

    def names(self, *names: str) -> list[str]:
        found: list[str] = []
        for name in names:
            value = self.attributes.get(name)
            listed = value if isinstance(value, list) else str(value or "").split(",")
            found += [text for one in listed if (text := values.name(one, 2_000))]
        return found[:PICTURES_MAX]


def _path(one: _One) -> list[str]:
    given = one.attributes.get("category_path")
    if isinstance(given, list):
        return [text for each in given[:10] if (text := values.name(each, 100))]
    return values.category_path(one.name("category_path", "product_type", "category", "google_product_category"))


def _last(path: list[str]) -> str:
    return path[-1] if path else ""


def _in_stock(available: str, stock: int | None, said: Any) -> bool:
    if available:
        return available != OUT_OF_STOCK and not (available == IN_STOCK and stock is not None and stock <= 0)
    if said is not None:
        return str(said).strip().lower() not in ("false", "0", "no", "n")
    return stock is None or stock > 0


def _labels(one: _One) -> dict[str, str]:
    found = {f"custom_label_{number}": one.name(f"custom_label_{number}") for number in range(5)}
    for name in ("color", "size", "material", "condition", "age_group", "pattern"):
        found[name] = one.name(name)
    given = one.attributes.get("labels")
    if isinstance(given, Mapping):
        found |= {str(key)[:100]: values.name(value) for key, value in list(given.items())[:50]}
    return {name: text for name, text in found.items() if text}


def _locales(given: Any) -> dict[str, Text]:
    if not isinstance(given, Mapping):
        return {}
    return {
        str(tag)[:35]: Text(
            name=values.plain(text.get("title") or text.get("name"), 500),
            description=values.plain(text.get("description")),
            url=values.name(text.get("link") or text.get("url"), 2_000),
        )
        for tag, text in list(given.items())[:50]
        if isinstance(text, Mapping)
    }


def _variants(given: Any) -> list[Variant]:
    if not isinstance(given, list):
        return []
    return [_variant(_One(one)) for one in given[:VARIANTS_MAX] if isinstance(one, Mapping) and one.get("id")]


def _variant(one: _One) -> Variant:
    stock = values.pieces(one.first("stock", "quantity"))
    available = values.availability(one.first("availability"))
    options = one.attributes.get("options")
    return Variant(
        id=one.id("id"),
        name=values.plain(one.first("title", "name"), 500),
        sku=one.name("sku", "mpn"),
        price=(values.money(one.first("price")) or (None,))[0],
        sale_price=(values.money(one.first("sale_price")) or (None,))[0],
        stock=stock,
        in_stock=_in_stock(available, stock, one.first("in_stock")),
        inventory_item_id=one.name("inventory_item_id"),
        options={str(key): values.name(value) for key, value in options.items()} if isinstance(options, dict) else {},
        image_url=one.name("image_link", "image_url", length_max=2_000),
    )
