"""The shop's own filters: products by id, bestsellers and articles of a category, money and dates in her way."""

from __future__ import annotations

import re
from collections.abc import Collection
from datetime import UTC, date, datetime
from typing import Any
from urllib.parse import urljoin

from babel.dates import format_date
from babel.numbers import format_currency
from liquid.exceptions import FilterArgumentError
from liquid.filter import with_context

from habitue.model.article import Article
from habitue.model.instant import from_datetime, to_datetime
from habitue.model.product import Product, Text, is_on_sale, price_at

from .limits import Frame, FramedContext

BESTSELLERS_MAX = 24
ARTICLES_MAX = 24
_AS_IT_IS = Text()
_LOCAL_FORMATS = frozenset({"short", "medium", "long", "full"})
_WIDE_FIELD = re.compile(r"%[-_0^#]*\d")
_MICROSECONDS_FROM = 100_000_000_000
"""A number above this is an instant in microseconds; below, Unix seconds. Both readings hold until the year 5138."""


@with_context
def product(value: Any, *, context: FramedContext) -> Any:
    """`{{ event.product_id | product }}`: the product, or nothing. Of a list, the products that exist, in its order."""
    frame = context.frame
    if isinstance(value, (list, tuple)):
        ids = [_id(item) for item in value]
        found = frame.catalog.get(ids)
        return [product_data(found[one], frame) for one in ids if one in found]
    one = _id(value)
    found = frame.catalog.get([one]) if one else {}
    return product_data(found[one], frame) if one in found else None


@with_context
def bestsellers(value: Any, count: Any = 3, exclude: Any = (), *, context: FramedContext) -> list[dict[str, Any]]:
    """`{{ "watches" | bestsellers: 3 }}`, `{{ bought.first | bestsellers: 3, viewed }}`; of all categories for ''."""
    frame = context.frame
    category = str(value.get("category") or "") if isinstance(value, dict) else str(value or "")
    wanted = min(_whole(count), BESTSELLERS_MAX)
    unwanted: Collection[str] = [_id(item) for item in exclude] if isinstance(exclude, (list, tuple)) else ()
    found = frame.catalog.bestsellers(category, wanted, unwanted) if wanted > 0 else []
    return [product_data(one, frame) for one in found]


@with_context
def articles(value: Any, count: Any = 3, *, context: FramedContext) -> list[dict[str, Any]]:
    """`{{ thing.category | articles: 2 }}`: the latest articles of a category; of all categories for ''."""
    frame = context.frame
    category = str(value.get("category") or "") if isinstance(value, dict) else str(value or "")
    wanted = min(_whole(count), ARTICLES_MAX)
    found = frame.catalog.articles_of(category, wanted) if wanted > 0 else []
    return [article_data(one, frame.shop.url) for one in found]


@with_context
def money(value: Any, currency: Any = None, *, context: FramedContext) -> str:
    """`{{ cart.value | money }}`: in the shop's currency, written the way the customer's locale writes it."""
    frame = context.frame
    amount = _number(value)
    if amount is None:
        return ""
    return format_currency(amount, str(currency or frame.shop.currency), locale=frame.locale)


@with_context
def moment(value: Any, format: Any = "medium", *, context: FramedContext) -> str:
    """`{{ order.at | date: "%d %B" }}` in the customer's own time zone; `short medium long full` follow her locale."""
    frame = context.frame
    at = _moment(value, frame)
    if at is None:
        return str(value or "")
    pattern = str(format)
    if pattern in _LOCAL_FORMATS:
        return format_date(at.date(), format=pattern, locale=frame.locale)
    if len(pattern) > 100 or _WIDE_FIELD.search(pattern):
        raise FilterArgumentError("a date format is short and has no field widths", token=None)
    return at.strftime(pattern)


def product_data(product: Product, frame: Frame) -> dict[str, Any]:
    """A product as templates see it: in the customer's language, at the present price, with whole addresses."""
    now, text, shop_url = from_datetime(frame.now), _text(product, frame), frame.shop.url
    return {
        "id": product.id,
        "name": text.name or product.name,
        "price": price_at(product, now),
        "regular_price": product.price,
        "on_sale": is_on_sale(product, now),
        "currency": product.currency,
        "category": product.category,
        "category_path": product.category_path,
        "brand": product.brand,
        "gender": product.gender,
        "url": _whole_address(shop_url, text.url or product.url),
        "image_url": _whole_address(shop_url, product.image_url),
        "image_urls": [_whole_address(shop_url, one) for one in product.image_urls],
        "description": text.description or product.description,
        "in_stock": product.in_stock,
        "stock": product.stock,
        "sku": product.sku,
        "labels": product.labels,
        "variants": [
            {
                "id": one.id,
                "name": one.name,
                "sku": one.sku,
                "in_stock": one.in_stock,
                "stock": one.stock,
                "options": one.options,
            }
            for one in product.variants
        ],
    }


def article_data(article: Article, shop_url: str) -> dict[str, Any]:
    """An article as templates see it, with whole addresses."""
    return {
        "id": article.id,
        "title": article.title,
        "url": _whole_address(shop_url, article.url),
        "summary": article.summary,
        "image_url": _whole_address(shop_url, article.image_url),
        "categories": article.categories,
        "author": article.author,
        "published_at": article.published_at,
    }


def _text(product: Product, frame: Frame) -> Text:
    """In her language and country, else in her language, else as the shop says it itself."""
    locale = frame.locale
    tags = [f"{locale.language}-{locale.territory}", f"{locale.language}_{locale.territory}", locale.language]
    return next((product.locales[tag] for tag in tags if tag in product.locales), _AS_IT_IS)


def _whole_address(shop_url: str, address: str) -> str:
    return urljoin(shop_url, address) if address else ""


def _id(value: Any) -> str:
    """Products are given by id, or as anything that carries one: a cart line, an event."""
    if isinstance(value, dict):
        value = value.get("product_id") or value.get("id")
    return str(value) if isinstance(value, (str, int)) else ""


def _whole(value: Any) -> int:
    try:
        return int(value)
    except (TypeError, ValueError):
        raise FilterArgumentError(f"a number was expected, found {value!r}", token=None) from None


def _number(value: Any) -> float | None:
    try:
        number = float(value)
    except (TypeError, ValueError):
        return None
    return number if abs(number) < 1e15 else None


def _moment(value: Any, frame: Frame) -> datetime | None:
    at = _read_moment(value, frame.now)
    if at is None:
        return None
    return (at if at.tzinfo else at.replace(tzinfo=frame.zone)).astimezone(frame.zone)


def _read_moment(value: Any, now: datetime) -> datetime | None:
    if isinstance(value, datetime):
        return value
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day)  # noqa: DTZ001 (given the customer's zone by the caller)
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return _from_number(value)
    text = str(value or "").strip()
    if text in ("now", "today"):
        return now
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def _from_number(value: float) -> datetime | None:
    try:
        if abs(value) > _MICROSECONDS_FROM:
            return to_datetime(int(value))
        return datetime.fromtimestamp(value, UTC)
    except (OverflowError, ValueError, OSError):
        return None
