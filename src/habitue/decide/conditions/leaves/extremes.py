"""The smallest and the largest value of a property, ever or since a date."""

from __future__ import annotations

from typing import Any

from habitue.model.amount import MILLIONTHS
from habitue.model.event import Event

from .amount import Amounts, amounts
from .leaf import Counters, Leaf, Spec


class Extremes(Leaf):
    """State: `[smallest, largest]` in millionths."""

    kind = "extremes"
    __slots__ = ("amounts",)

    def __init__(self, spec: Spec) -> None:
        super().__init__(spec)
        self.amounts: Amounts = amounts(spec.value)

    def put(self, counters: Counters, event: Event, position: int) -> None:
        for found in self.amounts(event):
            known = counters.get(self.id)
            counters[self.id] = [found, found] if known is None else self.join(known, [found, found])

    def join(self, one: Any, other: Any) -> Any:
        return [min(one[0], other[0]), max(one[1], other[1])]

    def smallest(self, state: Any) -> float | None:
        return None if state is None else state[0] / MILLIONTHS

    def largest(self, state: Any) -> float | None:
        return None if state is None else state[1] / MILLIONTHS
