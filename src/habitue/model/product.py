"""A product of the shop's catalogue, its variants, and how many pieces of them there are."""

from __future__ import annotations

import msgspec

from .instant import Instant

IN_STOCK, OUT_OF_STOCK, PREORDER, BACKORDER = "in_stock", "out_of_stock", "preorder", "backorder"


class Text(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a product says in one language; what is empty is as in the product itself."""

    name: str = ""
    description: str = ""
    url: str = ""


class Variant(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A size or colour that is bought for itself. `price` None: the product's. `stock` None: nobody counts it."""

    id: str
    name: str = ""
    sku: str = ""
    price: float | None = None
    sale_price: float | None = None
    stock: int | None = None
    in_stock: bool = True
    backorder: bool = False
    """It can be bought even when no piece is left."""
    inventory_item_id: str = ""
    """What the shop's stock-keeping calls it; Shopify's inventory levels name nothing else."""
    options: dict[str, str] = {}
    image_url: str = ""


class Product(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """As the shop described it last. Prices are in `currency`, or in the shop's where it is empty.

    `price` is the regular one; `sale_price` holds from `sale_from` until just before `sale_until`. `category` is the
    one it is found under, `category_path` leads to it from the widest. `url` and `image_url` may be relative.
    """

    id: str
    name: str
    price: float
    category: str = ""
    url: str = ""
    image_url: str = ""
    description: str = ""
    in_stock: bool = True
    availability: str = ""
    """`in_stock`, `out_of_stock`, `preorder` or `backorder` where the shop says so."""
    stock: int | None = None
    currency: str = ""
    sale_price: float | None = None
    sale_from: Instant | None = None
    sale_until: Instant | None = None
    cost: float | None = None
    brand: str = ""
    gender: str = ""
    category_path: list[str] = []
    image_urls: list[str] = []
    """Further pictures."""
    group: str = ""
    """What products that are variants of one another share, where each is described on its own."""
    sku: str = ""
    gtin: str = ""
    variants: list[Variant] = []
    locales: dict[str, Text] = {}
    """Language tag (`de`, `pt-BR`) → what it says in that language."""
    labels: dict[str, str] = {}
    """The shop's own words about it, such as a season."""
    created_at: Instant | None = None
    updated_at: Instant | None = None
    """When the shop last changed it, by the shop's clock; None: whenever we were told."""


class HeldPrice(msgspec.Struct, frozen=True, kw_only=True):
    """A price that waits for an answer. `before` and `price` are the lowest of it, sales among them."""

    product: str
    name: str
    source: str
    at: Instant
    before: float
    price: float
    currency: str


class StockLevel(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How many pieces there are, of a product, of a variant, or of what stock-keeping calls `inventory_item_id`.

    With a `location` it is the number at one of several places; without, it is all there is.
    """

    quantity: int
    product_id: str = ""
    variant_id: str = ""
    inventory_item_id: str = ""
    location: str = ""
    updated_at: Instant | None = None


def is_on_sale(product: Product, now: Instant) -> bool:
    """Whether the sale price holds now. One that is no lower than the regular price is none."""
    if product.sale_price is None or not 0 <= product.sale_price < product.price:
        return False
    begun = product.sale_from is None or product.sale_from <= now
    return begun and (product.sale_until is None or now < product.sale_until)


def price_at(product: Product, now: Instant) -> float:
    """What it costs now."""
    if is_on_sale(product, now):
        assert product.sale_price is not None
        return product.sale_price
    return product.price


def price_turns_at(product: Product, now: Instant) -> Instant | None:
    """When its price will next change by itself, because a sale begins or ends."""
    if product.sale_price is None:
        return None
    return min((at for at in (product.sale_from, product.sale_until) if at is not None and at > now), default=None)


def categories(product: Product) -> list[str]:
    """Every category it is in, the widest first, and the whole path as one."""
    path = product.category_path or ([product.category] if product.category else [])
    names = dict.fromkeys([*path, *([product.category] if product.category else [])])
    if len(path) > 1:
        names.setdefault(" > ".join(path))
    return list(names)


def margin(product: Product, now: Instant) -> float | None:
    """What is left of the present price after the cost, or None where the cost is not known."""
    return None if product.cost is None else round(price_at(product, now) - product.cost, 6)
