"""Recently viewed products, and what looking at things says of her liking."""

from __future__ import annotations

from habitue.decide.outcome import Outcome
from habitue.model.customer import Customer
from habitue.model.event import Event
from habitue.model.instant import Instant, Span
from habitue.model.stage import PRODUCT

from .affinities import LISTED, LOOKED, OPENED, PUT, WISHED, like
from .interests import VIEWED, tell, viewed_keys
from .text import groups, product_id
from .visits import look, note_look, present, put_late, reach

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


def put_liking(customer: Customer, event: Event, gap: Span, outcome: Outcome) -> None:
    category, brand = groups(event.properties)
    like(customer, outcome, category, brand, POINTS[event.name], event.occurred_at)


def put_product_viewed(customer: Customer, event: Event, gap: Span, outcome: Outcome) -> None:
    """Half of all events are this one, so its words are read once for all that it tells."""
    at, properties = event.occurred_at, event.properties
    product = product_id(properties)
    category, brand = groups(properties)
    if product:
        _view(customer, product, at, outcome)
    like(customer, outcome, category, brand, LOOKED, at)
    visit = present(customer, at, gap)
    if visit is None:
        put_late(customer, event, gap, note_look)
        return
    look(visit, product, category, brand, properties.get("price"))
    if visit.stage == PRODUCT:
        visit.stage_at = at
    else:
        reach(visit, PRODUCT, at)


def _view(customer: Customer, product: str, at: Instant, outcome: Outcome) -> None:
    views = customer.viewed
    if views and at <= views[0][0]:  # Late, as hardly ever.
        before = viewed_keys(customer)
        customer.viewed = newest_views([*views, (at, product)])
        tell(customer, outcome, VIEWED, before, viewed_keys(customer))
        return
    kept = [view for view in views if view[1] != product]
    if len(kept) == len(views):
        outcome.interests.append((customer.id, VIEWED, product, at))
        if len(kept) == VIEWED_MAX:
            outcome.interests.append((customer.id, VIEWED, kept.pop()[1], None))
    kept.insert(0, (at, product))
    customer.viewed = kept


def newest_views(views: list[tuple[int, str]]) -> list[tuple[int, str]]:
    """Each product once, at its latest look, newest first."""
    latest: dict[str, int] = {}
    for at, identity in views:
        if at > latest.get(identity, -1):
            latest[identity] = at
    return sorted(((at, identity) for identity, at in latest.items()), reverse=True)[:VIEWED_MAX]
