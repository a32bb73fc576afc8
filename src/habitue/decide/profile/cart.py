"""The cart, kept so that late events and joined visitors give the same cart as if all had come in order.

A line keeps its changes since the cart was last emptied, by time, and those of one instant in the order of the log; its
quantity is their sum in that order (`decide/conditions/cart.py` reads it).
"""

from __future__ import annotations

from bisect import insort
from collections.abc import Mapping
from typing import Any

from habitue.model.customer import Cart, CartLine, Customer, Moment, place
from habitue.model.event import Event
from habitue.model.instant import Instant

from .money import MILLIONTHS, millionths, products
from .text import product_id, text

LINES_MAX = 100
CHANGES_MAX = 50
_PIECES_MAX = 100_000.0


def put_product_added(customer: Customer, event: Event, position: int) -> None:
    """Less than nothing added is so much taken out."""
    _change(customer.cart, event, position, event.properties, _quantity(event.properties, 1.0))
    drop_oldest(customer.cart)


def put_product_removed(customer: Customer, event: Event, position: int) -> None:
    """Without a quantity, the whole line goes: that is what shops mean by it. Some say it with a minus."""
    quantity = _quantity(event.properties, None)
    _change(customer.cart, event, position, event.properties, None if quantity is None else -abs(quantity))
    drop_oldest(customer.cart)


def put_cart_viewed(customer: Customer, event: Event, position: int) -> None:
    """A cart that lists its products is the whole truth at that moment: each is set, the others are out."""
    listed = products(event.properties)
    if not listed:
        return
    cart = customer.cart
    named = {product_id(line) for line in listed}
    for identity in list(cart.lines):
        if identity not in named:
            _change(cart, event, position, {"product_id": identity}, None)
    for line in listed:
        _change(cart, event, position, line, None)
        _change(cart, event, position, line, _quantity(line, 1.0))
    drop_oldest(cart)


def put_cart_emptied(customer: Customer, event: Event, position: int) -> None:
    """An order, or a cart cleared by hand: what was put in before is gone; what came later stays."""
    cart = customer.cart
    cart.emptied_at, cart.emptied_position = max(_emptied(cart), (event.occurred_at, position))
    drop_emptied(cart)


def drop_emptied(cart: Cart) -> None:
    emptied = _emptied(cart)
    for identity, line in list(cart.lines.items()):
        line.changes = [change for change in line.changes if (change[0], place(change[1])) > emptied]
        if not line.changes:
            del cart.lines[identity]


def _emptied(cart: Cart) -> Moment:
    return cart.emptied_at, cart.emptied_position


def _quantity(source: Mapping[str, Any], otherwise: float | None) -> float | None:
    """As it was said, less than nothing too."""
    amount = millionths(source.get("quantity"))
    if amount is None:
        return otherwise
    return max(-_PIECES_MAX, min(amount / MILLIONTHS, _PIECES_MAX))


def _change(cart: Cart, event: Event, position: int, product: Mapping[str, Any], quantity: float | None) -> None:
    identity, at = product_id(product), event.occurred_at
    if not identity or (at, position) <= _emptied(cart):
        return
    line = cart.lines.get(identity)
    if line is None:
        # A removal may arrive before the adding it follows, so it too opens a line.
        line = cart.lines[identity] = CartLine(changes=[])
    insort(line.changes, (at, position, quantity), key=_order)
    if len(line.changes) > CHANGES_MAX:
        del line.changes[: len(line.changes) - CHANGES_MAX]
    _describe(line, (at, position), product)
    if (at, position) >= (cart.changed_at, cart.changed_position):
        cart.changed_at, cart.changed_position = at, position
        cart.cart_id = text(event.properties, "cart_id", 100) or cart.cart_id


def drop_oldest(cart: Cart) -> None:
    """Lines changed longest ago go first, so that a cart can always take what is put in now."""
    if len(cart.lines) > LINES_MAX:
        ordered = sorted(cart.lines, key=lambda identity: (*_order(cart.lines[identity].changes[-1]), identity))
        for identity in ordered[:-LINES_MAX]:
            del cart.lines[identity]


def _order(change: tuple[int, int | str, float | None]) -> tuple[int, int, bool]:
    """One event that says what is in a cart takes all out first."""
    return change[0], place(change[1]), change[2] is not None


def _describe(line: CartLine, said: Moment, product: Mapping[str, Any]) -> None:
    if said < (line.described_at, line.described_position):
        return
    line.described_at, line.described_position = said
    line.name = text(product, "name") or line.name
    line.category = text(product, "category") or line.category
    line.image_url = text(product, "image_url", 1000) or line.image_url
    line.url = text(product, "url", 1000) or line.url
    price = millionths(product.get("price"))
    if price is not None:
        line.price = price / MILLIONTHS


def join_carts(one: Cart, other: Cart) -> Cart:
    """Both carts' changes, in order of time; the later emptying counts for both."""
    newer = max(one, other, key=lambda cart: (cart.changed_at, cart.changed_position, cart.cart_id))
    emptied_at, emptied_position = max(_emptied(one), _emptied(other))
    joined = Cart(
        emptied_at=emptied_at,
        cart_id=newer.cart_id,
        changed_at=newer.changed_at,
        emptied_position=emptied_position,
        changed_position=newer.changed_position,
    )
    for identity in sorted({*one.lines, *other.lines}):
        halves = [cart.lines[identity] for cart in (one, other) if identity in cart.lines]
        described = max(halves, key=_described)
        changes = sorted((change for line in halves for change in line.changes), key=_order)
        joined.lines[identity] = CartLine(
            changes=changes[-CHANGES_MAX:],
            name=described.name,
            price=described.price,
            category=described.category,
            image_url=described.image_url,
            url=described.url,
            described_at=described.described_at,
            described_position=described.described_position,
        )
    drop_emptied(joined)
    drop_oldest(joined)
    return joined


def _described(line: CartLine) -> tuple[Instant, int, str, float, str]:
    return line.described_at, line.described_position, line.name, line.price, line.url
