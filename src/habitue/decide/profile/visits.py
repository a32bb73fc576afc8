"""Visits: what she looks at between two pauses, and where she leaves.

An event that comes late is put into the visit it belongs to, and may join the latest two to one, as if all had come in
order. Two visits are kept: what belongs to older ones is passed over, so there, and only there, the order of arrival
matters.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping
from typing import Any

from habitue.model.customer import Customer, Visit
from habitue.model.event import PAGE_VIEWED, SCREEN_VIEWED, Event
from habitue.model.instant import Span
from habitue.model.stage import CART, CATEGORY, CHECKOUT, DETAIL, HOME, ORDER, PRODUCT, RANK

from .money import MILLIONTHS, millionths
from .text import product_id, text

PRODUCTS_MAX = 50
GROUPS_MAX = 20
"""Of categories and of brands each."""
DETAILS_OPENED = "Product Details Opened"

STAGE_OF: dict[str, str] = {
    PAGE_VIEWED: "",
    SCREEN_VIEWED: "",
    "Products Searched": CATEGORY,
    "Product List Viewed": CATEGORY,
    "Product List Filtered": CATEGORY,
    "Product Viewed": PRODUCT,
    DETAILS_OPENED: DETAIL,
    "Product Added": CART,
    "Product Removed": CART,
    "Wishlist Product Added to Cart": CART,
    "Cart Viewed": CART,
    "Cart Cleared": CART,
    "Checkout Started": CHECKOUT,
    "Checkout Step Viewed": CHECKOUT,
    "Checkout Step Completed": CHECKOUT,
    "Payment Info Entered": CHECKOUT,
    "Order Completed": ORDER,
    "Product Clicked": "",
    "Product Added to Wishlist": "",
    "Product Removed from Wishlist": "",
    "Product Shared": "",
    "Cart Shared": "",
    "Product Reviewed": "",
    "Promotion Viewed": "",
    "Promotion Clicked": "",
    "Coupon Entered": "",
    "Coupon Applied": "",
    "Coupon Denied": "",
    "Coupon Removed": "",
}
"""The events a visit is made of, and the stage each stands for; "" where it says nothing of the stage."""

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
_PAGE_VIEWS = frozenset({PAGE_VIEWED, SCREEN_VIEWED})
_LOOKS = frozenset({"Product Viewed", DETAILS_OPENED})


def put_visit(customer: Customer, event: Event, stage: str, gap: Span) -> None:
    """`stage` is the event's, as `STAGE_OF` has it; a pause longer than `gap` begins a new visit."""
    at, visit = event.occurred_at, customer.visit
    if visit is not None and visit.ended_at <= at <= visit.ended_at + gap:  # In order, as nearly always.
        visit.ended_at = at
    elif visit is None or at > visit.ended_at:
        customer.last_visit = visit
        visit = customer.visit = Visit(at, at)
    else:
        single = Visit(at, at)
        _note(single, event, stage)
        _keep(customer, [single], gap)
        return
    _note(visit, event, stage)


def _note(visit: Visit, event: Event, stage: str) -> None:
    name, at, properties = event.name, event.occurred_at, event.properties
    if name in _PAGE_VIEWS:
        visit.pages += 1
        stage = _stage_of_page(properties)
    elif name in _LOOKS:
        if name == DETAILS_OPENED:
            visit.details += 1
        _look(visit, properties)
    elif stage == CATEGORY:
        _insert(visit.categories, text(properties, "category", 100), GROUPS_MAX)
    if stage:
        # Two events of one instant: the deeper stage is the later one.
        if at > visit.stage_at or (at == visit.stage_at and RANK[stage] > RANK[visit.stage]):
            visit.stage, visit.stage_at = stage, at
        if RANK[stage] > RANK[visit.deepest]:
            visit.deepest = stage
    page = _page(name, properties, event.context)
    if page and (at > visit.page_at or (at == visit.page_at and page > visit.page)):
        visit.page, visit.page_at = page, at


def _look(visit: Visit, properties: Mapping[str, Any]) -> None:
    _insert(visit.products, product_id(properties), PRODUCTS_MAX)
    _insert(visit.categories, text(properties, "category", 100), GROUPS_MAX)
    _insert(visit.brands, text(properties, "brand", 100), GROUPS_MAX)
    amount = millionths(properties.get("price"))
    if amount is None:
        return
    price = amount / MILLIONTHS
    if visit.price_lowest is None or price < visit.price_lowest:
        visit.price_lowest = price
    if visit.price_highest is None or price > visit.price_highest:
        visit.price_highest = price


def _insert(kept: list[str], value: str, most: int) -> None:
    """Keep the value in its place, once. Of too many the first by letter stay, whatever order they came in."""
    if not value:
        return
    index = bisect_left(kept, value)
    if index < len(kept) and kept[index] == value:
        return
    kept.insert(index, value)
    if len(kept) > most:
        kept.pop()


def _stage_of_page(properties: Mapping[str, Any]) -> str:
    """What kind of page it was: as the shop says it, or the front page by its path."""
    for name in _PAGE_TYPE_NAMES:
        said = properties.get(name)
        if isinstance(said, str):
            stage = PAGE_TYPES.get(said.casefold())
            if stage is not None:
                return stage
    return HOME if properties.get("path") == "/" else ""


def _page(name: str, properties: Mapping[str, Any], context: Mapping[str, Any]) -> str:
    """The path of a page, the name of a screen."""
    if name == PAGE_VIEWED:
        return text(properties, "path", 200) or text(properties, "name", 200)
    if name == SCREEN_VIEWED:
        return text(properties, "name", 200)
    page = context.get("page")
    return text(page, "path", 200) if isinstance(page, dict) else ""


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
    staged = max(one, other, key=lambda part: (part.stage_at, RANK[part.stage]))
    paged = max(one, other, key=lambda part: (part.page_at, part.page))
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
    )


def _union(one: list[str], other: list[str], most: int) -> list[str]:
    return sorted({*one, *other})[:most]
