"""How often an event came, ever or since a date: one number."""

from __future__ import annotations

from typing import Any

from habitue.model.event import Event

from .leaf import Counters, Leaf


class Count(Leaf):
    kind = "count"
    __slots__ = ()

    def put(self, counters: Counters, event: Event, position: int) -> None:
        counters[self.id] = counters.get(self.id, 0) + 1

    def join(self, one: Any, other: Any) -> Any:
        return one + other

    def read(self, state: Any) -> int:
        return state or 0
