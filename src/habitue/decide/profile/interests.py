"""What leads from a product or a category to the customers it may concern: the inverse of four of her lists.

Steps say what comes onto a list and what leaves it; the store keeps the rows. Nothing is said of a second look at the
same product, so a busy customer writes little.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from habitue.decide.conditions.cart import quantity
from habitue.decide.conditions.wishlist import wished
from habitue.decide.outcome import InterestChange, Outcome
from habitue.model.customer import Customer
from habitue.model.instant import Instant

VIEWED, WISHED, CART, CATEGORY = "viewed", "wished", "cart", "category"


def viewed_keys(customer: Customer) -> dict[str, Instant]:
    return {view.product: view.at for view in customer.viewed}


def wished_keys(customer: Customer) -> dict[str, Instant]:
    return {product: wish.at for product, wish in wished(customer)}


def cart_keys(customer: Customer) -> dict[str, Instant]:
    cart = customer.cart
    return {product: line.changes[0][0] for product, line in cart.lines.items() if quantity(line) > 0}


def in_cart(customer: Customer, product: str) -> Instant | None:
    """Since when the product is in the cart, or None."""
    cart = customer.cart
    line = cart.lines.get(product)
    return line.changes[0][0] if line is not None and quantity(line) > 0 else None


def category_keys(customer: Customer) -> dict[str, Instant]:
    return dict.fromkeys(customer.affinities.get("category", ()), customer.last_seen_at)


KINDS: dict[str, Callable[[Customer], dict[str, Instant]]] = {
    VIEWED: viewed_keys,
    WISHED: wished_keys,
    CART: cart_keys,
    CATEGORY: category_keys,
}
"""Kind → what she is known by, and since when as far as her state tells."""


def interests(customer: Customer) -> dict[tuple[str, str], Instant]:
    """(kind, key) → since: every row that stands for her. A tombstone has none."""
    return {(kind, key): since for kind, keys in KINDS.items() for key, since in keys(customer).items()}


def tell(
    customer: Customer, outcome: Outcome, kind: str, before: Mapping[str, Instant], after: Mapping[str, Instant]
) -> None:
    """Say what came and what went of one kind."""
    for key in before:
        if key not in after:
            outcome.interests.append(InterestChange(customer.id, kind, key, None))
    for key, since in after.items():
        if key not in before:
            outcome.interests.append(InterestChange(customer.id, kind, key, since))


def tell_changes(customer: Customer, outcome: Outcome, before: Mapping[tuple[str, str], Instant]) -> None:
    """Say all that came and went since `before`, her `interests` of then. For changes as large as a join."""
    after = interests(customer)
    for kind in KINDS:
        old = {key: since for (one, key), since in before.items() if one == kind}
        tell(customer, outcome, kind, old, {key: since for (one, key), since in after.items() if one == kind})
