"""What stands on a side of a comparison: how to read it, and when it changes by itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, TypeAlias

from habitue.model.customer import Customer
from habitue.model.instant import Instant

Read: TypeAlias = Callable[[Customer, Instant, Mapping[str, Any] | None, str], Any]
"""(customer, now, the entry event's properties, the run's key) → value."""
Changes: TypeAlias = Callable[[Customer, Instant], Instant]


class Operand(NamedTuple):
    """No `changes`: only events change it."""

    read: Read
    changes: tuple[Changes, ...] = ()
