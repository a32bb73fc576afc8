"""Recently viewed products, and what looking at things says of her liking."""

from __future__ import annotations

from operator import attrgetter

from habitue.decide.outcome import Outcome
from habitue.model.customer import Customer, Moment, View
from habitue.model.event import Event
from habitue.model.instant import Span
from habitue.model.stage import CATEGORY, PRODUCT

from .affinities import LISTED, LOOKED, OPENED, PUT, WISHED, like
from .interests import VIEWED, tell, viewed_keys
from .text import groups, product_id
from .visits import GROUPS_MAX, insert, look, note_list, note_look, present, put_late, reach

VIEWED_MAX = 20
_PRODUCT = attrgetter("product")
POINTS: dict[str, int] = {
    "Product List Viewed": LISTED,
    "Product Viewed": LOOKED,
    "Product Details Opened": OPENED,
    "Product Added to Wishlist": WISHED,
    "Product Added": PUT,
    "Wishlist Product Added to Cart": PUT,
}
"""What an act says of her liking for the category and the brand it names. Orders say it line by line."""


def put_liking(customer: Customer, event: Event, position: int, gap: Span, outcome: Outcome) -> None:
    category, brand = groups(event.properties)
    if category or brand:
        like(customer, outcome, category, brand, POINTS[event.name], event.occurred_at)


def put_list_viewed(customer: Customer, event: Event, position: int, gap: Span, outcome: Outcome) -> None:
    at = event.occurred_at
    category, brand = groups(event.properties)
    if category or brand:
        like(customer, outcome, category, brand, LISTED, at)
    visit = present(customer, at, gap)
    if visit is None:
        put_late(customer, event, position, gap, note_list)
        return
    if category and category not in visit.categories:
        insert(visit.categories, category, GROUPS_MAX)
    reach(visit, CATEGORY, at, position)


def put_product_viewed(customer: Customer, event: Event, position: int, gap: Span, outcome: Outcome) -> None:
    """Half of all events are this one, so its words are read once for all that it tells."""
    at, properties = event.occurred_at, event.properties
    product = properties.get("product_id")
    if type(product) is not str or not 0 < len(product) <= 100:
        product = product_id(properties)
    category, brand = groups(properties)
    if product:
        _view(customer, View(at, product, position), outcome)
    if category or brand:
        like(customer, outcome, category, brand, LOOKED, at)
    visit = present(customer, at, gap)
    if visit is None:
        put_late(customer, event, position, gap, note_look)
        return
    look(visit, product, category, brand, properties.get("price"))
    if visit.stage == PRODUCT:
        visit.stage_at, visit.stage_position = at, position
    else:
        reach(visit, PRODUCT, at, position)


def _view(customer: Customer, view: View, outcome: Outcome) -> None:
    views, product, at = customer.viewed, view.product, view.at
    if views and at <= views[0].at and _moment(view) < _moment(views[0]):  # Late, as hardly ever.
        before = viewed_keys(customer)
        customer.viewed = newest_views([*views, view])
        tell(customer, outcome, VIEWED, before, viewed_keys(customer))
        return
    if product in map(_PRODUCT, views):
        views = customer.viewed = [one for one in views if one.product != product]
    else:
        outcome.interests.append((customer.id, VIEWED, product, at))
        if len(views) == VIEWED_MAX:
            outcome.interests.append((customer.id, VIEWED, views.pop().product, None))
    views.insert(0, view)


def newest_views(views: list[View]) -> list[View]:
    """Each product once, at its latest look, newest first."""
    latest: dict[str, View] = {}
    for view in views:
        known = latest.get(view.product)
        if known is None or _moment(view) > _moment(known):
            latest[view.product] = view
    return sorted(latest.values(), key=lambda view: (*_moment(view), view.product), reverse=True)[:VIEWED_MAX]


def _moment(view: View) -> Moment:
    return view.at, view.position
