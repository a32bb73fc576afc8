"""Products, stock and collections: kept as events of nobody, besides what the catalogue makes of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from habitue.ingest.foreign import Item, told
from habitue.ingest.values import identity, number, object_of, objects, present, tags, text

from .delivery import Delivery

_DESCRIPTION_CHARACTERS_MAX = 8_000
_VARIANTS_MAX = 250
_PICTURES_MAX = 20


def product(name: str, delivery: Delivery, content: dict[str, Any]) -> list[Item]:
    return [
        told(
            name,
            id=delivery.event_id("product", content),
            at=content.get("updated_at"),
            properties=product_properties(content),
            context=delivery.context(),
        )
    ]


def inventory(delivery: Delivery, content: dict[str, Any]) -> list[Item]:
    """How many there are in one place. Which variant it is, the catalogue knows by the inventory item."""
    return _level("Inventory Updated", delivery, content, present(stock=number(content.get("available"))))


def location(name: str, delivery: Delivery, content: dict[str, Any]) -> list[Item]:
    """The item is no longer kept in this place."""
    return _level(name, delivery, content, {})


def thing(name: str, field: str, delivery: Delivery, content: dict[str, Any]) -> list[Item]:
    """Something was made, changed or taken away that we keep no more of than its id and its name."""
    named = identity(content.get("id")) or identity(content.get("token"))
    return [
        told(
            name,
            id=delivery.event_id(name.lower().replace(" ", "-"), content),
            at=content.get("updated_at"),
            properties=present(
                **{field: named}, name=text(content.get("title"), 200) or text(content.get("name"), 200)
            ),
            context=delivery.context(),
        )
    ]


def product_properties(content: Mapping[str, Any]) -> dict[str, Any]:
    """A product in our words. Numbers are numbers, tags a list, and of each variant what a shop window needs."""
    pictures = [text(one.get("src"), 1_000) for one in objects(content.get("images"), _PICTURES_MAX)]
    return present(
        product_id=identity(content.get("id")),
        name=text(content.get("title"), 200),
        handle=text(content.get("handle"), 200),
        description=text(content.get("body_html"), _DESCRIPTION_CHARACTERS_MAX),
        brand=text(content.get("vendor"), 100),
        category=text(content.get("product_type"), 200),
        status=text(content.get("status"), 40),
        tags=tags(content.get("tags")),
        image_url=text(object_of(content.get("image")).get("src"), 1_000),
        image_urls=[picture for picture in pictures if picture],
        published_at=text(content.get("published_at"), 40),
        updated_at=text(content.get("updated_at"), 40),
        variants=[_variant(one) for one in objects(content.get("variants"), _VARIANTS_MAX)],
    )


def _variant(variant: Mapping[str, Any]) -> dict[str, Any]:
    options = [text(variant.get(f"option{place}"), 100) for place in (1, 2, 3)]
    return present(
        variant_id=identity(variant.get("id")),
        name=text(variant.get("title"), 200),
        sku=text(variant.get("sku"), 100),
        barcode=text(variant.get("barcode"), 100),
        price=number(variant.get("price")),
        compare_at_price=number(variant.get("compare_at_price")),
        inventory_item_id=identity(variant.get("inventory_item_id")),
        stock=number(variant.get("inventory_quantity")),
        options=[option for option in options if option],
    )


def _level(name: str, delivery: Delivery, content: dict[str, Any], more: dict[str, Any]) -> list[Item]:
    item, place = identity(content.get("inventory_item_id")), identity(content.get("location_id"))
    return [
        told(
            name,
            id=delivery.event_id("inventory", content, object_id=f"{item}@{place}"),
            at=content.get("updated_at"),
            properties={**present(inventory_item_id=item, location_id=place), **more},
            context=delivery.context(),
        )
    ]
