"""Recently viewed products, and what looking at things says of her liking."""

from __future__ import annotations

from habitue.decide.outcome import InterestChange, Outcome
from habitue.model.customer import Customer
from habitue.model.event import Event

from .affinities import LISTED, LOOKED, OPENED, PUT, WISHED, like
from .interests import VIEWED, tell, viewed_keys
from .text import product_id, text

VIEWED_MAX = 20
POINTS: dict[str, int] = {
    "Product List Viewed": LISTED,
    "Product Viewed": LOOKED,
    "Product Details Opened": OPENED,
    "Product Added to Wishlist": WISHED,
    "Product Added": PUT,
    "Wishlist Product Added to Cart": PUT,
}
"""What an act says of her liking for the category and the brand it names. Orders say it line by line."""


def put_liking(customer: Customer, event: Event, outcome: Outcome) -> None:
    properties = event.properties
    category, brand = text(properties, "category", 100), text(properties, "brand", 100)
    like(customer, outcome, category, brand, POINTS[event.name], event.occurred_at)


def put_product_viewed(customer: Customer, event: Event, outcome: Outcome) -> None:
    identity = product_id(event.properties)
    if not identity:
        return
    at, views = event.occurred_at, customer.viewed
    if views and at <= views[0][0]:  # Late, as hardly ever.
        before = viewed_keys(customer)
        customer.viewed = newest_views([*views, (at, identity)])
        tell(customer, outcome, VIEWED, before, viewed_keys(customer))
        return
    kept = [view for view in views if view[1] != identity]
    if len(kept) == len(views):
        outcome.interests.append(InterestChange(customer.id, VIEWED, identity, at))
        if len(kept) == VIEWED_MAX:
            outcome.interests.append(InterestChange(customer.id, VIEWED, kept.pop()[1], None))
    kept.insert(0, (at, identity))
    customer.viewed = kept


def newest_views(views: list[tuple[int, str]]) -> list[tuple[int, str]]:
    """Each product once, at its latest look, newest first."""
    latest: dict[str, int] = {}
    for at, identity in views:
        if at > latest.get(identity, -1):
            latest[identity] = at
    return sorted(((at, identity) for identity, at in latest.items()), reverse=True)[:VIEWED_MAX]
