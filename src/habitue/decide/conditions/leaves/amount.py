"""Numbers of events as whole millionths: sums of them are exact, in whatever order they come."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

from habitue.decide.conditions.values import number, reader
from habitue.model.amount import MILLIONTHS
from habitue.model.event import Event
from habitue.playbook.conditions.limits import AMOUNT_MAX
from habitue.playbook.conditions.tree import EACH, Path

Amounts: TypeAlias = Callable[[Event], Sequence[int]]


def amounts(path: Path) -> Amounts:
    """Reads the number at the path in millionths, if there is one; of a list, the numbers of all elements."""
    read = reader(path)
    if EACH in path:
        return lambda event: [found for value in read(event.properties) if (found := millionths(value)) is not None]

    def one(event: Event) -> Sequence[int]:
        found = millionths(read(event.properties))
        return () if found is None else (found,)

    return one


def millionths(value: Any) -> int | None:
    """A number, or text that is one, in millionths; None for anything else, and for sums no shop has ever seen."""
    found = number(value)
    # The comparison is false for NaN too.
    if found is None or not -AMOUNT_MAX <= found <= AMOUNT_MAX:
        return None
    return round(found * MILLIONTHS)
