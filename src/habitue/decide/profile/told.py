"""What is kept of a customer, as plain data: for templates, programs and the console."""

from __future__ import annotations

from typing import Any

from habitue.decide.conditions.affinity import shares
from habitue.decide.conditions.visits import finished, going_on, minutes, price_spread
from habitue.decide.conditions.wishlist import wished
from habitue.model.customer import Customer, Visit
from habitue.model.instant import Instant, Span, to_iso

from .money import MILLIONTHS

LIKED_TOLD = 10
"""Of categories and of brands, so many are told, the favourite first."""


def told(customer: Customer, now: Instant, gap: Span) -> dict[str, Any]:
    """`wishlist`, `visit`, `last_visit`, `affinities` and `orders`; see docs/templates.md. `gap` parts two visits."""
    return {
        "wishlist": _wishlist(customer),
        "visit": _visit(going_on(customer, now, gap)),
        "last_visit": _visit(finished(customer, now, gap)),
        "affinities": {
            "categories": _liked(customer, "category"),
            "brands": _liked(customer, "brand"),
        },
        "orders": {
            "count": customer.orders,
            "revenue": customer.revenue / MILLIONTHS,
            "refunds": customer.refunds / MILLIONTHS,
            "first_at": _iso(customer.first_order_at),
            "last_at": _iso(customer.last_order_at),
        },
    }


def _wishlist(customer: Customer) -> dict[str, Any]:
    items = [
        {
            "product_id": product,
            "name": wish.name,
            "price": wish.price,
            "category": wish.category,
            "brand": wish.brand,
            "image_url": wish.image_url,
            "url": wish.url,
            "wished_at": to_iso(wish.at),
        }
        for product, wish in wished(customer)
    ]
    return {"count": len(items), "items": items}


def _visit(visit: Visit | None) -> dict[str, Any]:
    """Empty when there is none."""
    if visit is None:
        return {}
    return {
        "started_at": to_iso(visit.started_at),
        "ended_at": to_iso(visit.ended_at),
        "stage": visit.stage,
        "deepest": visit.deepest,
        "page": visit.page,
        "pages": visit.pages,
        "details": visit.details,
        "minutes": minutes(visit),
        "products": list(visit.products),
        "categories": list(visit.categories),
        "brands": list(visit.brands),
        "price_lowest": visit.price_lowest,
        "price_highest": visit.price_highest,
        "price_spread": price_spread(visit),
    }


def _liked(customer: Customer, of: str) -> list[dict[str, Any]]:
    return [{"name": name, "share": round(part, 4)} for name, part in shares(customer, of)[:LIKED_TOLD]]


def _iso(at: Instant | None) -> str | None:
    return None if at is None else to_iso(at)
