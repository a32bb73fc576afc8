"""A product as she was last told of it: by the event a journey began with, in her cart, on her wish list."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from habitue.decide.profile.text import product_id
from habitue.model.customer import Customer
from habitue.model.instant import Instant

from .operand import Operand


def product(field: str, identity: Operand) -> Operand:
    """The field, where the first of the three that has it takes it from; nothing where none has."""
    which = identity.read

    def read(customer: Customer, now: Instant, entry: Mapping[str, Any] | None, key: str) -> Any:
        wanted = product_id({"product_id": which(customer, now, entry, key)})
        if not wanted:
            return None
        return next((value for value in _told(customer, entry, wanted, field) if value not in (None, "")), None)

    return Operand(read, identity.changes)


def _told(customer: Customer, entry: Mapping[str, Any] | None, wanted: str, field: str) -> Iterator[Any]:
    if entry is not None and product_id(entry) == wanted:
        yield entry.get(field)
    for described in (customer.cart.lines.get(wanted), customer.wishes.get(wanted)):
        # A price of nothing is one that nobody told.
        yield getattr(described, field, None) or None
