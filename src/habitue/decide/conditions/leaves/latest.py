"""When an event came last: one instant, whatever the window it is looked at through."""

from __future__ import annotations

from typing import Any

from habitue.model.event import Event

from .leaf import Counters, Leaf


class Latest(Leaf):
    kind = "latest"
    __slots__ = ()

    def put(self, counters: Counters, event: Event, position: int) -> None:
        known = counters.get(self.id)
        if known is None or event.occurred_at > known:
            counters[self.id] = event.occurred_at

    def join(self, one: Any, other: Any) -> Any:
        return max(one, other)
