"""Which differences between a product before and after customers may want to hear of, whatever keeps the products."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from habitue.model.article import Article
from habitue.model.change import ARTICLE_PUBLISHED, BACK_IN_STOCK, LOW_IN_STOCK, NEW_IN_CATEGORY, PRICE_DROPPED, Change
from habitue.model.instant import DAY, Instant, Span
from habitue.model.product import Product, Variant, categories, is_on_sale

NEWS_MAX: Span = 30 * DAY
"""A product made, or an article published, longer ago is no news when we first hear of it."""


class Offer(NamedTuple):
    """What is compared: of a product as a whole, or of one of its variants."""

    price: float
    currency: str
    in_stock: bool
    stock: int | None


def offer(product: Product, price: float) -> Offer:
    return Offer(price, product.currency, product.in_stock, product.stock)


def offers(product: Product, price: float, now: Instant) -> dict[str, Offer]:
    """Variant id → what it is offered for."""
    on_sale = is_on_sale(product, now)
    return {
        variant.id: Offer(_variant_price(variant, price, on_sale), product.currency, variant.in_stock, variant.stock)
        for variant in product.variants
    }


def _variant_price(variant: Variant, price: float, on_sale: bool) -> float:
    if on_sale and variant.sale_price is not None:
        return variant.sale_price
    return price if variant.price is None else variant.price


class Before(NamedTuple):
    """A product as it was known: what it cost then, and what each variant did."""

    product: Product
    offer: Offer
    variants: dict[str, Offer]


def changes(before: Before | None, after: Product, price: float, at: Instant, low_stock: int) -> Iterator[Change]:
    """`price` is what it costs now; `low_stock` the number of pieces from which on few are left."""
    if before is None:
        yield from _new(after, price, at)
        return
    variants = offers(after, price, at)
    ids = {variant.id: [variant.id, variant.sku] for variant in after.variants}
    for name, compared in _COMPARED.items():
        found = compared(before.offer, offer(after, price), low_stock)
        moved = {
            one: told
            for one, now in variants.items()
            if one in before.variants and (told := compared(before.variants[one], now, low_stock)) is not None
        }
        if found is not None:
            keys = [after.id, after.sku, after.group, *(key for one in moved for key in ids[one])]
            yield Change(name=name, at=at, keys=_keys(keys), properties=described(after, price) | found)
            continue
        for variant in after.variants:
            if variant.id in moved:
                properties = described(after, price) | _of_variant(variant, variants[variant.id]) | moved[variant.id]
                yield Change(name=name, at=at, keys=_keys(ids[variant.id]), properties=properties)


def _price_dropped(before: Offer, now: Offer, _: int) -> dict[str, Any] | None:
    if before.currency != now.currency or not 0 < now.price < before.price:
        return None
    amount = round(before.price - now.price, 6)
    return {"old_price": before.price, "amount": amount, "percent": round(100 * amount / before.price, 2)}


def _back_in_stock(before: Offer, now: Offer, _: int) -> dict[str, Any] | None:
    return {} if now.in_stock and not before.in_stock else None


def _low_in_stock(before: Offer, now: Offer, low_stock: int) -> dict[str, Any] | None:
    if before.stock is None or now.stock is None or not now.in_stock:
        return None
    return {"threshold": low_stock} if 0 < now.stock <= low_stock < before.stock else None


_COMPARED: dict[str, Callable[[Offer, Offer, int], dict[str, Any] | None]] = {
    PRICE_DROPPED: _price_dropped,
    BACK_IN_STOCK: _back_in_stock,
    LOW_IN_STOCK: _low_in_stock,
}


def _new(product: Product, price: float, at: Instant) -> Iterator[Change]:
    keys = categories(product)
    if not keys or not product.in_stock or (product.created_at is not None and product.created_at < at - NEWS_MAX):
        return
    yield Change(name=NEW_IN_CATEGORY, at=at, keys=keys, properties=described(product, price))


def published(article: Article, at: Instant) -> Iterator[Change]:
    """An article heard of for the first time."""
    if not article.categories or (article.published_at is not None and article.published_at < at - NEWS_MAX):
        return
    properties = {
        "article_id": article.id,
        "title": article.title,
        "url": article.url,
        "summary": article.summary,
        "image_url": article.image_url,
        "categories": article.categories,
        "category": article.categories[0],
        "author": article.author,
        "locale": article.locale,
    }
    yield Change(name=ARTICLE_PUBLISHED, at=at, keys=_keys(article.categories), properties=_given(properties))


def described(product: Product, price: float) -> dict[str, Any]:
    """A product as an event of the vocabulary describes it: `price` is what it costs now."""
    properties = {
        "product_id": product.id,
        "sku": product.sku,
        "name": product.name,
        "price": price,
        "currency": product.currency,
        "category": product.category,
        "brand": product.brand,
        "url": product.url,
        "image_url": product.image_url,
        "in_stock": product.in_stock,
        "stock": product.stock,
    }
    return _given(properties)


def _of_variant(variant: Variant, now: Offer) -> dict[str, Any]:
    properties = {
        "variant_id": variant.id,
        "variant": variant.name,
        "sku": variant.sku,
        "price": now.price,
        "image_url": variant.image_url,
        "in_stock": variant.in_stock,
        "stock": variant.stock,
    }
    return _given(properties)


def _given(properties: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in properties.items() if value not in (None, "")}


def _keys(keys: list[str]) -> list[str]:
    return list(dict.fromkeys(key for key in keys if key))
