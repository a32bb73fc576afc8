"""The person a page is about: the one under the id in its address, or whom that one turned out to be."""

from __future__ import annotations

from habitue.console.visit import NotThere, Visit
from habitue.model.customer import Customer

TOMBSTONES_MAX = 20


def living(visit: Visit) -> Customer:
    """Raises NotThere when nobody is known by the id."""
    asked = visit.part("customer")
    customer = visit.person(asked)
    for _ in range(TOMBSTONES_MAX):
        if customer is None or customer.merged_into is None:
            break
        customer = visit.person(customer.merged_into)
    if customer is None:
        raise NotThere(f"There is nobody with the id {asked}. Search for her by name, e-mail or user id.")
    return customer
