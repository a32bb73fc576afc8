"""Reads what shops write: prices with their currency, moments, numbers of pieces, categories, words without markup."""

from __future__ import annotations

import html
import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from habitue.model.amount import MILLIONTHS, read_amount
from habitue.model.id_text import id_text
from habitue.model.instant import Instant, from_datetime
from habitue.model.product import BACKORDER, IN_STOCK, OUT_OF_STOCK, PREORDER

PRICE_MAX = 1e12
STOCK_MAX = 10**9
_TAG = re.compile(r"<(script|style)\b.*?</\1\s*>|<[^>]*>", re.IGNORECASE | re.DOTALL)
_AVAILABLE = {
    "in_stock": IN_STOCK,
    "instock": IN_STOCK,
    "available": IN_STOCK,
    "available_for_order": IN_STOCK,
    "limited_availability": IN_STOCK,
    "out_of_stock": OUT_OF_STOCK,
    "outofstock": OUT_OF_STOCK,
    "sold_out": OUT_OF_STOCK,
    "soldout": OUT_OF_STOCK,
    "discontinued": OUT_OF_STOCK,
    "preorder": PREORDER,
    "pre_order": PREORDER,
    "presale": PREORDER,
    "backorder": BACKORDER,
    "back_order": BACKORDER,
    "onbackorder": BACKORDER,
}


def money(value: Any) -> tuple[float, str] | None:
    """(amount, currency or nothing): `15.00 USD`, `1.234,50 €`, `EUR 1,234.50`, 15; None when it is no price."""
    if isinstance(value, str) and "&" in value:
        value = html.unescape(value)
    found = read_amount(value)
    if found is None or not 0 <= found.number <= PRICE_MAX:
        return None
    return found.number, found.currency


def moment(value: Any) -> Instant | None:
    """ISO 8601, as e-mail writes it, or Unix seconds; without a zone it is UTC. None when it is no moment."""
    if isinstance(value, bool) or value in (None, ""):
        return None
    if isinstance(value, int | float):
        return round(value * 1_000_000) if 0 < value < 1e11 else None
    text = str(value).strip()
    if text.isdigit() and len(text) in (9, 10, 11):
        return int(text) * 1_000_000
    for read in (datetime.fromisoformat, parsedate_to_datetime):
        try:
            found = read(text)
            return from_datetime(found if found.tzinfo else found.replace(tzinfo=UTC))
        except (ValueError, TypeError, OverflowError, IndexError):
            continue
    return None


def moments(value: str) -> tuple[Instant | None, Instant | None]:
    """`2026-11-01T00:00+01:00/2026-11-08T00:00+01:00`: from, until."""
    begin, _, end = value.partition("/")
    return moment(begin), moment(end)


def pieces(value: Any) -> int | None:
    """How many there are; a fraction is rounded down, since nobody buys half a watch."""
    found = read_amount(value)
    return None if found is None else max(-STOCK_MAX, min(STOCK_MAX, found.millionths // MILLIONTHS))


def availability(value: Any) -> str:
    """`in_stock`, `out_of_stock`, `preorder`, `backorder`, or nothing when it says none of them."""
    name = str(value or "").strip().lower().replace(" ", "_").replace("-", "_")
    name = name.removeprefix("https://schema.org/").removeprefix("http://schema.org/")
    return _AVAILABLE.get(name, "")


def category_path(value: str) -> list[str]:
    """`Home > Kitchen > Mugs`, widest first; at most ten steps."""
    parts = [part.strip() for part in re.split(r"\s*>\s*", value)]
    return [part[:100] for part in parts if part][:10]


def plain(value: Any, length_max: int = 5_000) -> str:
    """Words without markup, cut to a bounded length."""
    text = str(value or "")
    if "<" in text:
        text = _TAG.sub(" ", text)
    text = html.unescape(text) if "&" in text else text
    return re.sub(r"\s+", " ", text).strip()[:length_max]


def name(value: Any, length_max: int = 200) -> str:
    """An id or a name: text or a number, trimmed; anything else is nothing."""
    if isinstance(value, str):
        return value.strip()[:length_max]
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(int(value) if isinstance(value, float) and value.is_integer() else value)[:length_max]
    return ""


def thing_id(value: Any) -> str:
    """An id as events name the same thing. Raises RoundedId for a number that a spreadsheet has rounded."""
    return id_text(value)[:200]
