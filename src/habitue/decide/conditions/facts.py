"""Facts of a customer as values: the cart, the wish list, visits, orders, and what she likes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

from habitue.decide.profile.pausing import paused_until
from habitue.decide.profile.sharing import has_allowed, may_share
from habitue.model.customer import Customer, Visit
from habitue.model.instant import Instant, Span
from habitue.playbook.conditions.tree import Affinity, Constant, Fact

from .affinity import favourite, share
from .cart import cart_count, cart_different, cart_is_empty, cart_lines, cart_value
from .operand import Operand
from .truth import NEVER
from .visits import finished, finishes_at, going_on, minutes, price_spread
from .wishlist import products_wished

_MILLIONTHS = 1_000_000

_KEPT: dict[tuple[str, str], Callable[[Customer], Any]] = {
    ("cart", "value"): lambda customer: cart_value(customer.cart),
    ("cart", "count"): lambda customer: cart_count(customer.cart),
    ("cart", "lines"): lambda customer: cart_different(customer.cart),
    ("cart", "products"): lambda customer: [product for product, _, _ in cart_lines(customer.cart)],
    ("cart", "is_empty"): lambda customer: cart_is_empty(customer.cart),
    ("wishlist", "count"): lambda customer: len(products_wished(customer)),
    ("wishlist", "products"): lambda customer: products_wished(customer),
    ("wishlist", "is_empty"): lambda customer: not products_wished(customer),
    ("recently_viewed", "count"): lambda customer: len(customer.viewed),
    ("recently_viewed", "products"): lambda customer: [view.product for view in customer.viewed],
    ("orders", "count"): lambda customer: customer.orders,
    ("orders", "revenue"): lambda customer: customer.revenue / _MILLIONTHS,
    ("orders", "refunds"): lambda customer: customer.refunds / _MILLIONTHS,
    ("consent", "email"): lambda customer: has_allowed(customer, "email"),
    ("consent", "onsite"): lambda customer: has_allowed(customer, "onsite"),
    ("consent", "ads"): may_share,
}
"""Facts that change by events alone."""

_OF_A_VISIT: dict[str, tuple[Callable[[Visit], Any], Any]] = {
    "stage": (lambda visit: visit.stage or None, None),
    "deepest": (lambda visit: visit.deepest or None, None),
    "page": (lambda visit: visit.page or None, None),
    "pages": (lambda visit: visit.pages, 0),
    "products": (lambda visit: len(visit.products), 0),
    "categories": (lambda visit: len(visit.categories), 0),
    "brands": (lambda visit: len(visit.brands), 0),
    "details": (lambda visit: visit.details, 0),
    "minutes": (minutes, 0),
    "price_spread": (price_spread, None),
}
"""Field → how to read it, and what it is without a visit."""

Which: TypeAlias = Callable[[Customer, Instant, Span], Visit | None]


def fact(node: Fact, session_gap: Span) -> Operand:
    """A pause longer than `session_gap` ends a visit: what is asked of visits changes with time, as a pause does."""
    if node.of == "visit":
        return _visit(node.field, going_on, session_gap)
    if node.of == "last_visit":
        return _visit(node.field, finished, session_gap)
    if node.of == "pause":
        return _pause()
    kept = _KEPT[node.of, node.field]
    return Operand(lambda customer, now, entry, key: kept(customer))


def _visit(field: str, which: Which, gap: Span) -> Operand:
    of, without = _OF_A_VISIT[field]

    def read(customer: Customer, now: Instant, entry: object, key: str) -> Any:
        visit = which(customer, now, gap)
        return without if visit is None else of(visit)

    def changes(customer: Customer, now: Instant) -> Instant:
        found = finishes_at(customer, now, gap)
        return NEVER if found is None else found

    return Operand(read, (changes,))


def _pause() -> Operand:
    def changes(customer: Customer, now: Instant) -> Instant:
        until = paused_until(customer, now)
        return NEVER if until is None else until

    return Operand(lambda customer, now, entry, key: paused_until(customer, now) is not None, (changes,))


def affinity(node: Affinity, value: Operand | None) -> Operand:
    """The favourite, or the share of a `value`, which may be a property and then need not be a text."""
    of = node.of
    if value is None:
        return Operand(lambda customer, now, entry, key: favourite(customer, of))
    if isinstance(node.value, Constant):
        known = str(node.value.value)
        return Operand(lambda customer, now, entry, key: share(customer, of, known))
    read = value.read

    def read_share(customer: Customer, now: Instant, entry: Any, key: str) -> float:
        found = read(customer, now, entry, key)
        return share(customer, of, found) if isinstance(found, str) else 0.0

    return Operand(read_share, value.changes)
