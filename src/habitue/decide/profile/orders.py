"""Orders, what was given back of them, and what was bought.

An order that is told twice, by the browser and by the shop's server, counts once; a refund finds its order by the
order's id, takes off no more than it came to, and may come before it. That holds for the latest orders; of older ones
only the sums are kept.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from habitue.decide.conditions.leaves.known import short_id
from habitue.decide.outcome import Outcome
from habitue.model.customer import Customer, Ordered
from habitue.model.event import Event
from habitue.model.instant import Span

from .affinities import BOUGHT, like
from .money import MILLIONTHS, bounded_sum, given_back, millionths, order_amount, products
from .text import text, thing_id

CATEGORIES_MAX = 100
ORDERS_MAX = 20
PIECES_MAX = 100_000


class _Share(NamedTuple):
    """What one order adds to a customer's sums."""

    orders: int
    revenue: int
    refunds: int


_NOTHING = _Share(0, 0, 0)


def put_order_completed(customer: Customer, event: Event, position: int, gap: Span, outcome: Outcome) -> None:
    at = event.occurred_at
    customer.first_order_at = at if customer.first_order_at is None else min(customer.first_order_at, at)
    customer.last_order_at = at if customer.last_order_at is None else max(customer.last_order_at, at)
    amount, identity = order_amount(event.properties), _order_id(event.properties)
    if not identity:
        _add(customer, _Share(1, amount, 0))
    else:
        known = customer.ordered.get(identity) or Ordered(at)
        is_new = known.amount is None
        amount = amount if known.amount is None else max(amount, known.amount)
        _keep(customer, identity, Ordered(max(at, known.at), amount, known.refunded, known.whole))
        if not is_new:
            return
    _put_bought(customer, event, outcome)


def put_order_refunded(customer: Customer, event: Event, position: int, gap: Span, outcome: Outcome) -> None:
    """A part of the order where the event says how much, else all of it."""
    _give_back(customer, event, given_back(event.properties))


def put_order_cancelled(customer: Customer, event: Event, position: int, gap: Span, outcome: Outcome) -> None:
    """The whole order; what came back before is part of it."""
    _give_back(customer, event, None)


def _give_back(customer: Customer, event: Event, amount: int | None) -> None:
    identity = _order_id(event.properties)
    if not identity:
        back = given_back(event.properties) or 0
        _add(customer, _Share(0, -back, back))
        return
    known = customer.ordered.get(identity) or Ordered(event.occurred_at)
    refunded, whole = bounded_sum(known.refunded, amount or 0), known.whole or amount is None
    _keep(customer, identity, Ordered(max(event.occurred_at, known.at), known.amount, refunded, whole))


def _keep(customer: Customer, identity: str, ordered: Ordered) -> None:
    known = customer.ordered.get(identity)
    before, after = _NOTHING if known is None else _share(known), _share(ordered)
    customer.ordered[identity] = ordered
    _add(customer, _Share(*(new - old for new, old in zip(after, before, strict=True))))
    drop_oldest_orders(customer)


def _share(ordered: Ordered) -> _Share:
    """What is given back of an order that is not known yet is taken off as it was said."""
    if ordered.amount is None:
        return _Share(0, -ordered.refunded, ordered.refunded)
    back = max(0, ordered.amount if ordered.whole else min(ordered.amount, ordered.refunded))
    return _Share(1, ordered.amount - back, back)


def _add(customer: Customer, share: _Share) -> None:
    customer.orders += share.orders
    customer.revenue = bounded_sum(customer.revenue, share.revenue)
    customer.refunds = bounded_sum(customer.refunds, share.refunds)


def _order_id(properties: Mapping[str, Any]) -> str:
    return short_id(thing_id(properties, "order_id"))


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


def drop_oldest_orders(customer: Customer) -> None:
    ordered = customer.ordered
    while len(ordered) > ORDERS_MAX:
        del ordered[min(ordered, key=lambda identity: (ordered[identity].at, identity))]


def join_orders(into: Customer, other: Customer) -> None:
    """Both halves' sums; an order that both were told of counts once."""
    _add(into, _Share(other.orders, other.revenue, other.refunds))
    for identity, theirs in other.ordered.items():
        mine = into.ordered.get(identity)
        if mine is None:
            into.ordered[identity] = theirs
            continue
        both = _both(mine, theirs)
        _add(into, _minus(_share(both), _share(mine), _share(theirs)))
        into.ordered[identity] = both
    drop_oldest_orders(into)


def _both(one: Ordered, other: Ordered) -> Ordered:
    amounts = [half.amount for half in (one, other) if half.amount is not None]
    return Ordered(
        at=max(one.at, other.at),
        amount=max(amounts, default=None),
        refunded=bounded_sum(one.refunded, other.refunded),
        whole=one.whole or other.whole,
    )


def _minus(both: _Share, *halves: _Share) -> _Share:
    return _Share(*(whole - sum(parts) for whole, *parts in zip(both, *halves, strict=True)))
