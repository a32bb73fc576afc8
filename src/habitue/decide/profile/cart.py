"""The cart, kept so that late events and joined visitors give the same cart as if all had come in order.

A line keeps its changes since the cart was last emptied, by time; its quantity is their sum in that order
(`decide/conditions/cart.py` reads it).
"""

from __future__ import annotations

from bisect import insort
from collections.abc import Mapping
from typing import Any

from habitue.decide.conditions.leaves.known import short_id
from habitue.model.customer import Cart, CartLine, Customer
from habitue.model.event import Event

from .money import MILLIONTHS, millionths, products
from .text import product_id, text

LINES_MAX = 100
CHANGES_MAX = 50
_PIECES_MAX = 100_000.0


def put_product_added(customer: Customer, event: Event) -> None:
    _change(customer.cart, event, event.properties, _quantity(event.properties, 1.0))
    drop_oldest(customer.cart)


def put_product_removed(customer: Customer, event: Event) -> None:
    """Without a quantity, the whole line goes: that is what shops mean by it."""
    quantity = _quantity(event.properties, None)
    _change(customer.cart, event, event.properties, None if quantity is None else -quantity)
    drop_oldest(customer.cart)


def put_cart_viewed(customer: Customer, event: Event) -> None:
    """A cart that lists its products is the whole truth at that moment: each is set, the others are out."""
    listed = products(event.properties)
    if not listed:
        return
    cart = customer.cart
    named = {product_id(line) for line in listed}
    for identity in list(cart.lines):
        if identity not in named:
            _change(cart, event, {"product_id": identity}, None)
    for line in listed:
        _change(cart, event, line, None)
        _change(cart, event, line, _quantity(line, 1.0), suffix="+")
    drop_oldest(cart)


def put_cart_emptied(customer: Customer, event: Event) -> None:
    """An order, or a cart cleared by hand: what was put in before is gone; what came later stays."""
    cart = customer.cart
    cart.emptied_at = max(cart.emptied_at, event.occurred_at)
    drop_emptied(cart)


def drop_emptied(cart: Cart) -> None:
    for identity, line in list(cart.lines.items()):
        line.changes = [change for change in line.changes if change[0] > cart.emptied_at]
        if not line.changes:
            del cart.lines[identity]


def _quantity(source: Mapping[str, Any], otherwise: float | None) -> float | None:
    amount = millionths(source.get("quantity"))
    if amount is None or amount < 0:
        return otherwise
    return min(amount / MILLIONTHS, _PIECES_MAX)


def _change(cart: Cart, event: Event, product: Mapping[str, Any], quantity: float | None, suffix: str = "") -> None:
    identity = product_id(product)
    if not identity or event.occurred_at <= cart.emptied_at:
        return
    line = cart.lines.get(identity)
    if line is None:
        # A removal may arrive before the adding it follows, so it too opens a line.
        line = cart.lines[identity] = CartLine(changes=[])
    insort(line.changes, (event.occurred_at, short_id(event.id) + suffix, quantity), key=_order)
    if len(line.changes) > CHANGES_MAX:
        del line.changes[: len(line.changes) - CHANGES_MAX]
    _describe(line, event, product)
    if event.occurred_at >= cart.changed_at:
        cart.changed_at = event.occurred_at
        cart.cart_id = text(event.properties, "cart_id", 100) or cart.cart_id


def drop_oldest(cart: Cart) -> None:
    """Lines changed longest ago go first, so that a cart can always take what is put in now."""
    if len(cart.lines) > LINES_MAX:
        ordered = sorted(cart.lines, key=lambda identity: (*_order(cart.lines[identity].changes[-1]), identity))
        for identity in ordered[:-LINES_MAX]:
            del cart.lines[identity]


def _order(change: tuple[int, str, float | None]) -> tuple[int, str]:
    return change[0], change[1]


def _describe(line: CartLine, event: Event, product: Mapping[str, Any]) -> None:
    if event.occurred_at < line.described_at:
        return
    line.described_at = event.occurred_at
    line.name = text(product, "name") or line.name
    line.category = text(product, "category") or line.category
    line.image_url = text(product, "image_url", 1000) or line.image_url
    line.url = text(product, "url", 1000) or line.url
    price = millionths(product.get("price"))
    if price is not None:
        line.price = price / MILLIONTHS


def join_carts(one: Cart, other: Cart) -> Cart:
    """Both carts' changes, in order of time; the later emptying counts for both."""
    newer = max(one, other, key=lambda cart: (cart.changed_at, cart.cart_id))
    joined = Cart(emptied_at=max(one.emptied_at, other.emptied_at), cart_id=newer.cart_id, changed_at=newer.changed_at)
    for identity in sorted({*one.lines, *other.lines}):
        halves = [cart.lines[identity] for cart in (one, other) if identity in cart.lines]
        described = max(halves, key=lambda line: (line.described_at, line.name, line.price, line.url))
        changes = sorted({change for line in halves for change in line.changes}, key=_order)
        joined.lines[identity] = CartLine(
            changes=changes[-CHANGES_MAX:],
            name=described.name,
            price=described.price,
            category=described.category,
            image_url=described.image_url,
            url=described.url,
            described_at=described.described_at,
        )
    drop_emptied(joined)
    drop_oldest(joined)
    return joined
