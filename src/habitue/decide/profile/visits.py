"""Visits: what she looks at between two pauses, and where she leaves.

An event that comes late is put into the visit it belongs to, and may join the latest two to one, as if all had come in
order. Two visits are kept: what belongs to older ones is passed over, so there, and only there, the order of arrival
matters.
"""

from __future__ import annotations

from bisect import insort
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from habitue.decide.outcome import Outcome
from habitue.model.claims import ORDER_CLAIMED
from habitue.model.customer import Customer, Visit
from habitue.model.event import PAGE_VIEWED, SCREEN_VIEWED, Event
from habitue.model.instant import Instant, Span
from habitue.model.stage import CART, CATEGORY, CHECKOUT, DETAIL, HOME, ORDER, PRODUCT, RANK

from .money import MILLIONTHS, millionths
from .text import groups, product_id, text

Note: TypeAlias = Callable[[Visit, Event, int], None]
"""Writes down in a visit what one of its events tells; the number is its place in the log."""

PRODUCTS_MAX = 50
GROUPS_MAX = 20
"""Of categories and of brands each."""
PAGE_TYPES: dict[str, str] = {
    "home": HOME, "homepage": HOME, "home page": HOME, "index": HOME,
    "category": CATEGORY, "collection": CATEGORY, "list": CATEGORY, "search": CATEGORY, "searchresults": CATEGORY,
    "product": PRODUCT, "item": PRODUCT,
    "cart": CART, "basket": CART,
    "checkout": CHECKOUT,
    "purchase": ORDER, "confirmation": ORDER, "order confirmation": ORDER, "thank you": ORDER,
}  # fmt: skip
"""What shops call the kinds of their pages, in small letters."""
_PAGE_TYPE_NAMES = ("page_type", "pageType", "ecomm_pagetype", "type", "name", "category")
_KINDS_OF_PAGE = frozenset(_PAGE_TYPE_NAMES)


def put_visit(note: Note) -> Callable[[Customer, Event, int, Span, Outcome], None]:
    """What an event is to her visit."""

    def put(customer: Customer, event: Event, position: int, gap: Span, outcome: Outcome) -> None:
        visit = present(customer, event.occurred_at, gap)
        if visit is None:
            put_late(customer, event, position, gap, note)
        else:
            note(visit, event, position)

    return put


def present(customer: Customer, at: Instant, gap: Span) -> Visit | None:
    """The visit that goes on at this moment, begun if there was a pause; None for a moment before its latest event."""
    visit = customer.visit
    if visit is None or at > visit.ended_at + gap:
        customer.last_visit = visit
        visit = customer.visit = Visit(at, at)
    elif at < visit.ended_at:
        return None
    visit.ended_at = at
    return visit


def put_late(customer: Customer, event: Event, position: int, gap: Span, note: Note) -> None:
    single = Visit(event.occurred_at, event.occurred_at)
    note(single, event, position)
    _keep(customer, [single], gap)


def note_nothing(visit: Visit, event: Event, position: int) -> None:
    """She is there, and that is all it tells."""


def note_page(visit: Visit, event: Event, position: int) -> None:
    properties, at = event.properties, event.occurred_at
    visit.pages += 1
    page = properties.get("path") if event.name == PAGE_VIEWED else None
    if type(page) is not str or not 0 < len(page) <= 200:
        page = text(properties, "path", 200) if page else ""
        page = page or text(properties, "name", 200)
    if page and (at > visit.page_at or (at == visit.page_at and position > visit.page_position)):
        visit.page, visit.page_at, visit.page_position = page, at, position
    stage = "" if _KINDS_OF_PAGE.isdisjoint(properties) else _stage_of_page(properties)
    if stage or page == "/":
        reach(visit, stage or HOME, at, position)


def note_list(visit: Visit, event: Event, position: int) -> None:
    category = text(event.properties, "category", 100)
    if category and category not in visit.categories:
        insert(visit.categories, category, GROUPS_MAX)
    reach(visit, CATEGORY, event.occurred_at, position)


def note_look(visit: Visit, event: Event, position: int) -> None:
    properties = event.properties
    look(visit, product_id(properties), *groups(properties), properties.get("price"))
    reach(visit, PRODUCT, event.occurred_at, position)


def note_detail(visit: Visit, event: Event, position: int) -> None:
    visit.details += 1
    properties = event.properties
    look(visit, product_id(properties), *groups(properties), properties.get("price"))
    reach(visit, DETAIL, event.occurred_at, position)


def note_stage(stage: str) -> Note:
    return lambda visit, event, position: reach(visit, stage, event.occurred_at, position)


def look(visit: Visit, product: str, category: str, brand: str, price: object) -> None:
    if product and product not in visit.products:
        insert(visit.products, product, PRODUCTS_MAX)
    if category and category not in visit.categories:
        insert(visit.categories, category, GROUPS_MAX)
    if brand and brand not in visit.brands:
        insert(visit.brands, brand, GROUPS_MAX)
    lowest, highest = visit.price_lowest, visit.price_highest
    if lowest is not None and highest is not None and type(price) is float and lowest <= price <= highest:
        return
    amount = _amount(price)
    if amount is not None:
        visit.price_lowest = amount if lowest is None else min(lowest, amount)
        visit.price_highest = amount if highest is None else max(highest, amount)


def reach(visit: Visit, stage: str, at: Instant, position: int) -> None:
    """They are at this stage."""
    if at > visit.stage_at or (at == visit.stage_at and position > visit.stage_position):
        visit.stage_at, visit.stage_position = at, position
        if stage == visit.stage:
            return
        visit.stage = stage
    if RANK[stage] > RANK[visit.deepest]:
        visit.deepest = stage


def _amount(price: object) -> float | None:
    found = millionths(price)
    return None if found is None else found / MILLIONTHS


def insert(kept: list[str], value: str, most: int) -> None:
    """Keep the value in its place. Of too many the first by letter stay, whatever order they came in."""
    insort(kept, value)
    if len(kept) > most:
        kept.pop()


def _stage_of_page(properties: Mapping[str, Any]) -> str:
    """What kind of page it was, where the shop says it."""
    for name in _PAGE_TYPE_NAMES:
        said = properties.get(name)
        if isinstance(said, str) and (stage := PAGE_TYPES.get(said.casefold())) is not None:
            return stage
    return ""


NOTES: dict[str, Note] = {
    PAGE_VIEWED: note_page,
    SCREEN_VIEWED: note_page,
    "Products Searched": note_stage(CATEGORY),
    "Product List Viewed": note_list,
    "Product List Filtered": note_list,
    "Product Viewed": note_look,
    "Product Details Opened": note_detail,
    "Product Added": note_stage(CART),
    "Product Removed": note_stage(CART),
    "Wishlist Product Added to Cart": note_stage(CART),
    "Cart Viewed": note_stage(CART),
    "Cart Cleared": note_stage(CART),
    "Checkout Started": note_stage(CHECKOUT),
    "Checkout Step Viewed": note_stage(CHECKOUT),
    "Checkout Step Completed": note_stage(CHECKOUT),
    "Payment Info Entered": note_stage(CHECKOUT),
    "Order Completed": note_stage(ORDER),
    ORDER_CLAIMED: note_stage(ORDER),
    "Product Clicked": note_nothing,
    "Product Added to Wishlist": note_nothing,
    "Product Removed from Wishlist": note_nothing,
    "Product Shared": note_nothing,
    "Cart Shared": note_nothing,
    "Product Reviewed": note_nothing,
    "Promotion Viewed": note_nothing,
    "Promotion Clicked": note_nothing,
    "Coupon Entered": note_nothing,
    "Coupon Applied": note_nothing,
    "Coupon Denied": note_nothing,
    "Coupon Removed": note_nothing,
}
"""The events a visit is made of, and what each tells of it."""


def join_visits(into: Customer, other: Customer, gap: Span) -> None:
    theirs = [visit for visit in (other.last_visit, other.visit) if visit is not None]
    _keep(into, theirs, gap)


def _keep(customer: Customer, more: list[Visit], gap: Span) -> None:
    """Put visits to hers; those with no pause between them are one. The two latest stay."""
    known = [visit for visit in (customer.last_visit, customer.visit) if visit is not None]
    joined: list[Visit] = []
    for visit in sorted([*known, *more], key=lambda visit: (visit.started_at, visit.ended_at)):
        if joined and visit.started_at <= joined[-1].ended_at + gap:
            joined[-1] = _both(joined[-1], visit)
        else:
            joined.append(visit)
    customer.visit = joined[-1] if joined else None
    customer.last_visit = joined[-2] if len(joined) > 1 else None


def _both(one: Visit, other: Visit) -> Visit:
    """Two parts of a visit as one; neither part is changed."""
    staged = max(one, other, key=lambda part: (part.stage_at, part.stage_position, RANK[part.stage]))
    paged = max(one, other, key=lambda part: (part.page_at, part.page_position, part.page))
    lowest = [part.price_lowest for part in (one, other) if part.price_lowest is not None]
    highest = [part.price_highest for part in (one, other) if part.price_highest is not None]
    return Visit(
        started_at=min(one.started_at, other.started_at),
        ended_at=max(one.ended_at, other.ended_at),
        stage=staged.stage,
        stage_at=staged.stage_at,
        page=paged.page,
        page_at=paged.page_at,
        deepest=max(one.deepest, other.deepest, key=RANK.__getitem__),
        pages=one.pages + other.pages,
        details=one.details + other.details,
        products=_union(one.products, other.products, PRODUCTS_MAX),
        categories=_union(one.categories, other.categories, GROUPS_MAX),
        brands=_union(one.brands, other.brands, GROUPS_MAX),
        price_lowest=min(lowest, default=None),
        price_highest=max(highest, default=None),
        stage_position=staged.stage_position,
        page_position=paged.page_position,
    )


def _union(one: list[str], other: list[str], most: int) -> list[str]:
    return sorted({*one, *other})[:most]
