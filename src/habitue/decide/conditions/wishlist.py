"""The wish list as it stands: what was put on it and not taken off since."""

from __future__ import annotations

from habitue.model.customer import Customer, Wish


def products_wished(customer: Customer) -> list[str]:
    return [product for product, wish in customer.wishes.items() if wish.wished]


def wished(customer: Customer) -> list[tuple[str, Wish]]:
    """(product id, wish), the latest first."""
    wishes = [(product, wish) for product, wish in customer.wishes.items() if wish.wished]
    return sorted(wishes, key=lambda entry: (-entry[1].at, -entry[1].position, entry[0]))
