"""The value a property had first, or last."""

from __future__ import annotations

from typing import Any

from habitue.model.event import Event

from .known import known, moment
from .leaf import Counters, Leaf


class First(Leaf):
    """State: `[at, log position, value]` of the first event with a value, ever or since a date."""

    kind = "first"
    __slots__ = ()

    def put(self, counters: Counters, event: Event, position: int) -> None:
        found = known(event, position, self.spec.value)
        if found is not None:
            kept = counters.get(self.id)
            counters[self.id] = found if kept is None else self.join(kept, found)

    def join(self, one: Any, other: Any) -> Any:
        return min(one, other, key=moment)


class Last(Leaf):
    """State: `[at, log position, value]` of the last event with a value, whatever the window it is read through."""

    kind = "last"
    __slots__ = ()

    def put(self, counters: Counters, event: Event, position: int) -> None:
        found = known(event, position, self.spec.value)
        if found is not None:
            kept = counters.get(self.id)
            counters[self.id] = found if kept is None else self.join(kept, found)

    def join(self, one: Any, other: Any) -> Any:
        return max(one, other, key=moment)
