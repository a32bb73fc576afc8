"""Orders and what was bought: the facts templates and agents read. Conditions count for themselves."""

from __future__ import annotations

from habitue.model.customer import Customer
from habitue.model.event import Event

from .cart import put_cart_emptied
from .money import MILLIONTHS, bounded_sum, millionths, order_amount, products
from .text import product_id, text

CATEGORIES_MAX = 100
VIEWED_MAX = 20
PIECES_MAX = 100_000


def put_order_completed(customer: Customer, event: Event) -> None:
    put_cart_emptied(customer, event)
    at = event.occurred_at
    customer.orders += 1
    customer.first_order_at = at if customer.first_order_at is None else min(customer.first_order_at, at)
    customer.last_order_at = at if customer.last_order_at is None else max(customer.last_order_at, at)
    customer.revenue = bounded_sum(customer.revenue, order_amount(event.properties))
    for line in products(event.properties):
        category = text(line, "category", 100)
        if not category:
            continue
        pieces = min(PIECES_MAX, max(1, (millionths(line.get("quantity")) or MILLIONTHS) // MILLIONTHS))
        times, last = customer.bought.get(category, (0, 0))
        customer.bought[category] = (times + pieces, max(last, at))
    drop_oldest_categories(customer)


def drop_oldest_categories(customer: Customer) -> None:
    bought = customer.bought
    while len(bought) > CATEGORIES_MAX:
        del bought[min(bought, key=lambda category: (bought[category][1], category))]


def put_order_refunded(customer: Customer, event: Event) -> None:
    customer.revenue = bounded_sum(customer.revenue, -order_amount(event.properties))


def put_product_viewed(customer: Customer, event: Event) -> None:
    identity = product_id(event.properties)
    if not identity:
        return
    at, views = event.occurred_at, customer.viewed
    if views and at > views[0][0]:  # In order, as nearly always.
        kept = [view for view in views if view[1] != identity]
        kept.insert(0, (at, identity))
        customer.viewed = kept[:VIEWED_MAX]
    else:
        customer.viewed = newest_views([*views, (at, identity)])


def newest_views(views: list[tuple[int, str]]) -> list[tuple[int, str]]:
    """Each product once, at its latest look, newest first."""
    latest: dict[str, int] = {}
    for at, identity in views:
        if at > latest.get(identity, -1):
            latest[identity] = at
    return sorted(((at, identity) for identity, at in latest.items()), reverse=True)[:VIEWED_MAX]
