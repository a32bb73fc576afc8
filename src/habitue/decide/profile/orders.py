"""Orders, what was given back of them, and what was bought.

An order that is told twice, by the browser and by the shop's server, counts once, whatever each of them calls it; see
`order_book`. The shop's latest word on what it comes to, and on what was given back, replaces the one before, by the
shop's own clock, in whatever order they arrive. A refund takes off no more than its order came to, and may come before
it. That holds for the latest orders; of older ones only the sums are kept.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from habitue.decide.outcome import Outcome
from habitue.model.customer import Customer, Ordered
from habitue.model.event import Event
from habitue.model.instant import Instant, Span, from_iso
from habitue.model.trust import PUBLIC

from . import order_book
from .affinities import BOUGHT, like
from .money import MILLIONTHS, bounded_sum, given_back, millionths, order_amount, products, said_amount
from .order_book import Share, names_of
from .text import text

CATEGORIES_MAX = 100
PIECES_MAX = 100_000
ORDER_WORDS = ("Order Updated", "Order Edited", "Order Paid", "Order Fulfilled", "Order Partially Fulfilled")
"""Events that say how an order stands, besides those that say that it was placed, refunded or cancelled."""


def put_order_completed(customer: Customer, event: Event, position: int, gap: Span, outcome: Outcome) -> None:
    at = event.occurred_at
    customer.first_order_at = at if customer.first_order_at is None else min(customer.first_order_at, at)
    customer.last_order_at = at if customer.last_order_at is None else max(customer.last_order_at, at)
    amount, names = order_amount(event.properties), names_of(event.properties)
    if not names:
        _add(customer, Share(1, amount or 0, 0))
    else:
        before = customer.orders
        said = Ordered(at, amount or 0)
        if amount is not None:
            said = _said(said, event, position)
        _keep(customer, names, _with_returns(said, event, position))
        if customer.orders <= before:
            return
    _put_bought(customer, event, outcome)


def put_order_word(customer: Customer, event: Event, position: int, gap: Span, outcome: Outcome) -> None:
    """How the order stands now. Whether it was placed is not said by that."""
    amount, names = said_amount(event.properties), names_of(event.properties)
    if not names or (amount is None and not _says_returns(event.properties)):
        return
    said = Ordered(event.occurred_at)
    if amount is not None:
        said = _said(Ordered(event.occurred_at, foretold=amount), event, position)
    _keep(customer, names, _with_returns(said, event, position))


def put_order_refunded(customer: Customer, event: Event, position: int, gap: Span, outcome: Outcome) -> None:
    """A part of the order where the event says how much, else all of it."""
    _give_back(customer, event, given_back(event.properties))


def put_order_cancelled(customer: Customer, event: Event, position: int, gap: Span, outcome: Outcome) -> None:
    """The whole order; what came back before is part of it."""
    _give_back(customer, event, None)


def _give_back(customer: Customer, event: Event, amount: int | None) -> None:
    names = names_of(event.properties)
    if not names:
        back = given_back(event.properties) or 0
        _add(customer, Share(0, -back, back))
        return
    _keep(customer, names, Ordered(event.occurred_at, later=((event.occurred_at, amount),)))


def _said(said: Ordered, event: Event, position: int) -> Ordered:
    return msgspec.structs.replace(
        said, said_at=_said_at(event), said_position=position, is_proven=event.level not in PUBLIC
    )


def _with_returns(said: Ordered, event: Event, position: int) -> Ordered:
    """The same with the shop's word on all that was given back so far, where the event has one."""
    properties = event.properties
    if not _says_returns(properties) or event.level in PUBLIC:
        return said
    return msgspec.structs.replace(
        said,
        refunded=abs(millionths(properties.get("refunded")) or 0),
        whole=properties.get("status") == "cancelled" or bool(properties.get("cancelled_at")),
        back_at=_said_at(event),
        back_position=position,
    )


def _says_returns(properties: Mapping[str, Any]) -> bool:
    return millionths(properties.get("refunded")) is not None


def _said_at(event: Event) -> Instant:
    """By the shop's clock, where it says when the order was last changed."""
    said = from_iso(event.properties.get("updated_at"))
    return event.occurred_at if said is None else said


def _keep(customer: Customer, names: tuple[str, ...], told: Ordered) -> None:
    _add(customer, order_book.keep(customer.ordered, names, told))
    order_book.drop_oldest(customer.ordered)


def _add(customer: Customer, share: Share) -> None:
    customer.orders += share.orders
    customer.revenue = bounded_sum(customer.revenue, share.revenue)
    customer.refunds = bounded_sum(customer.refunds, share.refunds)


def _put_bought(customer: Customer, event: Event, outcome: Outcome) -> None:
    at = event.occurred_at
    for line in products(event.properties):
        quantity = millionths(line.get("quantity"))
        if quantity is not None and quantity <= 0:  # Given back, or none at all.
            continue
        category = text(line, "category", 100)
        like(customer, outcome, category, text(line, "brand", 100), BOUGHT, at)
        if not category:
            continue
        pieces = min(PIECES_MAX, max(1, (quantity or MILLIONTHS) // MILLIONTHS))
        times, last = customer.bought.get(category, (0, 0))
        customer.bought[category] = (times + pieces, max(last, at))
    drop_oldest_categories(customer)


def drop_oldest_categories(customer: Customer) -> None:
    bought = customer.bought
    while len(bought) > CATEGORIES_MAX:
        del bought[min(bought, key=lambda category: (bought[category][1], category))]


def join_orders(into: Customer, other: Customer) -> None:
    """Both halves' sums; an order that both were told of counts once."""
    _add(into, Share(other.orders, other.revenue, other.refunds))
    for change in order_book.join(into.ordered, other.ordered):
        _add(into, change)
    order_book.drop_oldest(into.ordered)
