"""What another leaf would keep, for each day, week, month, quarter or year apart: windows that go by the calendar."""

from __future__ import annotations

from typing import Any

import msgspec

from habitue.model.event import Event
from habitue.model.instant import Instant
from habitue.playbook.conditions.periods import Unit, around

from .count import Count
from .different import Different
from .ends import First, Last
from .extremes import Extremes
from .leaf import Counters, Leaf, Spec
from .total import Total

_EACH: dict[str, type[Leaf]] = {leaf.kind: leaf for leaf in (Count, Different, Extremes, First, Last, Total)}


class Calendar(Leaf):
    """State: `[where the unit begins, what is kept of it]` of the newest unit and the one before it.

    Nobody can ask for older ones: time does not go back. `today` and `yesterday` are read from the same leaf.
    """

    kind = "calendar"
    __slots__ = ("each", "unit")

    def __init__(self, spec: Spec) -> None:
        super().__init__(spec)
        assert spec.unit
        self.unit: Unit = spec.unit
        inner = msgspec.structs.replace(spec, kind=spec.each, where=None, unit="", zone="", each="")
        self.each: Leaf = _EACH[spec.each](inner)

    def put(self, counters: Counters, event: Event, position: int) -> None:
        start = around(self.unit, self.spec.zone, event.occurred_at)[1]
        kept = counters.get(self.id, [])
        if kept and start < kept[-1][0] and start < self._before(kept[-1][0]):
            return
        known = next((one for one in reversed(kept) if one[0] == start), None)
        held: Counters = {} if known is None else {self.each.id: known[1]}
        self.each.put(held, event, position)
        if known is not None:
            known[1] = held[self.each.id]
        elif held:
            counters[self.id] = self._newest([*kept, [start, held[self.each.id]]])

    def _before(self, start: Instant) -> Instant:
        return around(self.unit, self.spec.zone, start)[0]

    def _newest(self, kept: list[list[Any]]) -> list[list[Any]]:
        kept.sort(key=lambda one: one[0])
        oldest = self._before(kept[-1][0])
        return [one for one in kept if one[0] >= oldest]

    def join(self, one: Any, other: Any) -> Any:
        states = dict(one)
        for start, state in other:
            states[start] = self.each.join(states[start], state) if start in states else state
        return self._newest([[start, state] for start, state in states.items()])

    def at(self, state: Any, now: Instant, ago: int) -> Any:
        """What is kept of the unit around `now`, or of the one before it; None where that is nothing."""
        if state is None:
            return None
        before, start, _, _ = around(self.unit, self.spec.zone, now)
        if ago:
            if before == start:  # A day that the zone left out.
                return None
            start = before
        for at, kept in state:
            if at == start:
                return kept
        return None

    def boundary(self, now: Instant) -> Instant:
        """Where the next unit begins."""
        return around(self.unit, self.spec.zone, now)[2]

    def changes(self, state: Any, now: Instant, ago: int) -> Instant | None:
        """The next boundary, if something is to be seen on either side of it."""
        if state is None:
            return None
        boundary = self.boundary(now)
        seen = self.at(state, now, ago) is not None or self.at(state, boundary, ago) is not None
        return boundary if seen else None
