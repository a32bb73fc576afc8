"""The slow truth about facts: what the documentation says of a visit, a wish or an order, read from a whole history.

Nothing here is shared with the code that keeps the facts.
"""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

from habitue.model.event import Event

MINUTE = 60_000_000
HOUR = 60 * MINUTE
GAP = 30 * MINUTE
MONTH = 30 * 24 * HOUR
STAGES = ("home", "category", "product", "detail", "cart", "checkout", "order")
STAGE_BY_EVENT = {
    "Page Viewed": "",
    "Product List Viewed": "category",
    "Product Viewed": "product",
    "Product Details Opened": "detail",
    "Product Added": "cart",
    "Product Removed": "cart",
    "Cart Cleared": "cart",
    "Wishlist Product Added to Cart": "cart",
    "Checkout Started": "checkout",
    "Order Completed": "order",
    "Product Added to Wishlist": "",
    "Product Removed from Wishlist": "",
}
POINTS = {
    "Product List Viewed": 1,
    "Product Viewed": 2,
    "Product Details Opened": 2,
    "Product Added to Wishlist": 4,
    "Product Added": 6,
    "Wishlist Product Added to Cart": 6,
}


def fact(history: list[Event], now: int, of: str, field: str) -> Any:
    events = sorted(history, key=lambda event: event.occurred_at)  # Of one instant, as they were told.
    if of in ("visit", "last_visit"):
        return _visit_field(_visit(events, now, of), field)
    if of == "orders":
        return _orders(events)[field]
    products = {"cart": _cart, "wishlist": _wishlist, "recently_viewed": _viewed}[of](events)
    if field in ("count", "lines"):
        return sum(products.values()) if field == "count" else len(products)
    return list(products) if field == "products" else not products


def affinity(history: list[Event], of: str, value: str | None) -> Any:
    weights: dict[str, Fraction] = {}
    orders: set[str] = set()
    for event in history:
        acts = [(POINTS.get(event.name, 0), event.properties)]
        if event.name == "Order Completed" and event.properties.get("order_id") not in orders:
            orders |= {event.properties["order_id"]} if "order_id" in event.properties else set()
            acts = [(10, line) for line in event.properties.get("products", [])]
        for points, properties in acts:
            name = properties.get(of)
            if points and name:
                weights[name] = weights.get(name, Fraction(0)) + points * _worth(event.occurred_at)
    if value is None:
        return max(sorted(weights), key=weights.__getitem__) if weights else None
    return float(weights.get(value, 0) / sum(weights.values())) if weights else 0.0


def _worth(at: int) -> Fraction:
    """Doubles every thirty days, in steps of an hour, to a part in 4,096."""
    months, rest = divmod(at - at % HOUR - 18_262 * 24 * HOUR, MONTH)
    return Fraction(round(4_096 * math.exp(math.log(2) * rest / MONTH))) * Fraction(2) ** months


def visits(events: list[Event]) -> list[list[Event]]:
    parted: list[list[Event]] = []
    for event in events:
        if event.name not in STAGE_BY_EVENT:
            continue
        if parted and event.occurred_at - parted[-1][-1].occurred_at <= GAP:
            parted[-1].append(event)
        else:
            parted.append([event])
    return parted


def _visit(events: list[Event], now: int, of: str) -> list[Event]:
    over = [visit for visit in visits(events) if now - visit[-1].occurred_at > GAP]
    going_on = [visit for visit in visits(events) if now - visit[-1].occurred_at <= GAP]
    found = going_on if of == "visit" else over
    return found[-1] if found else []


def _visit_field(visit: list[Event], field: str) -> Any:
    looks = [event for event in visit if event.name in ("Product Viewed", "Product Details Opened")]
    if field in ("stage", "deepest"):
        reached = [STAGES.index(_stage(event)) for event in visit if _stage(event)]
        if not reached:
            return None
        return STAGES[reached[-1] if field == "stage" else max(reached)]
    if field == "page":
        pages = [event.properties["path"] for event in visit if event.properties.get("path")]
        return pages[-1] if pages else None
    if field == "pages":
        return sum(event.name == "Page Viewed" for event in visit)
    if field == "details":
        return sum(event.name == "Product Details Opened" for event in visit)
    if field == "minutes":
        return (visit[-1].occurred_at - visit[0].occurred_at) / MINUTE if visit else 0
    if field == "price_spread":
        prices = [event.properties["price"] for event in looks if "price" in event.properties]
        return round(max(prices) - min(prices), 6) if prices else None
    name = {"products": "product_id", "categories": "category", "brands": "brand"}[field]
    told = looks + [event for event in visit if event.name == "Product List Viewed" and field == "categories"]
    return len({event.properties[name] for event in told if event.properties.get(name)})


def _stage(event: Event) -> str:
    if event.name == "Page Viewed":
        kind = event.properties.get("page_type", "")
        return kind if kind in STAGES else "home" if event.properties.get("path") == "/" else ""
    return STAGE_BY_EVENT[event.name]


def _cart(events: list[Event]) -> dict[str, float]:
    pieces: dict[str, float] = {}
    for event in events:
        product, quantity = event.properties.get("product_id"), event.properties.get("quantity")
        if event.name in ("Order Completed", "Cart Cleared"):
            pieces.clear()
        elif event.name in ("Product Added", "Wishlist Product Added to Cart"):
            pieces[product] = max(0, pieces.get(product, 0) + (1 if quantity is None else quantity))
        elif event.name == "Product Removed":
            pieces[product] = 0 if quantity is None else max(0, pieces.get(product, 0) - abs(quantity))
    return {product: count for product, count in pieces.items() if count > 0}


def _wishlist(events: list[Event]) -> dict[str, int]:
    words: dict[str, bool] = {}
    for event in events:
        product, on = event.properties.get("product_id"), event.name == "Product Added to Wishlist"
        if product and (on or event.name in ("Product Removed from Wishlist", "Wishlist Product Added to Cart")):
            words[product] = on
    return {product: 1 for product, is_on in words.items() if is_on}


def _viewed(events: list[Event]) -> dict[str, int]:
    return {event.properties["product_id"]: 1 for event in events if event.name == "Product Viewed"}


def _orders(events: list[Event]) -> dict[str, float]:
    about: dict[str, list[Event]] = {}
    for event in events:
        if event.name in ("Order Completed", "Order Refunded", "Order Cancelled"):
            about.setdefault(event.properties.get("order_id") or event.id, []).append(event)
    count, revenue, refunds = 0, Fraction(0), Fraction(0)
    for told in about.values():
        completed = [event for event in told if event.name == "Order Completed"]
        said = [event for event in completed if "total" in event.properties]
        # The latest word counts; of one instant, the later one in the log.
        amount = _total(max(said, key=lambda event: (event.occurred_at, told.index(event)))) if said else Fraction(0)
        parts = [
            _total(event)
            for event in told
            if "total" in event.properties
            and (
                event.name == "Order Refunded"
                or (event.name == "Order Cancelled" and "order_id" not in event.properties)
            )
        ]
        is_whole = any(event.name == "Order Cancelled" for event in told)
        is_whole = is_whole or any(event.name == "Order Refunded" and "total" not in event.properties for event in told)
        back = sum(parts, Fraction(0))
        if completed:
            back = amount if is_whole else min(back, amount)
            count, revenue = count + 1, revenue + amount
        revenue, refunds = revenue - back, refunds + back
    return {"count": count, "revenue": float(revenue), "refunds": float(refunds)}


def _total(event: Event) -> Fraction:
    return Fraction(event.properties.get("total", 0)).limit_denominator(1_000_000)
