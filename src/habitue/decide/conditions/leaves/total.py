"""What a property adds up to, and over how many events, ever or since a date."""

from __future__ import annotations

from typing import Any

from habitue.model.amount import MILLIONTHS
from habitue.model.event import Event

from .amount import Amounts, amounts
from .leaf import Counters, Leaf, Spec


class Total(Leaf):
    """State: `[whole units, millionths, numbers]`. Two numbers, because millionths alone could outgrow 64 bits."""

    kind = "total"
    __slots__ = ("amounts",)

    def __init__(self, spec: Spec) -> None:
        super().__init__(spec)
        self.amounts: Amounts = amounts(spec.value)

    def put(self, counters: Counters, event: Event, position: int) -> None:
        for found in self.amounts(event):
            known = counters.get(self.id)
            new = [*divmod(found, MILLIONTHS), 1]
            counters[self.id] = new if known is None else self.join(known, new)

    def join(self, one: Any, other: Any) -> Any:
        more, millionths = divmod(one[1] + other[1], MILLIONTHS)
        return [one[0] + other[0] + more, millionths, one[2] + other[2]]

    def sum(self, state: Any) -> float:
        return 0.0 if state is None else (state[0] * MILLIONTHS + state[1]) / MILLIONTHS

    def average(self, state: Any) -> float | None:
        return None if state is None else (state[0] * MILLIONTHS + state[1]) / (MILLIONTHS * state[2])
