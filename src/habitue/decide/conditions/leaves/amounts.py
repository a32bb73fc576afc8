"""The numbers a property had within a window: what sum, min, max and avg of the last days are read from."""

from __future__ import annotations

from bisect import bisect_right, insort
from typing import Any

from habitue.model.amount import MILLIONTHS
from habitue.model.event import Event
from habitue.model.instant import Instant, Span
from habitue.playbook.conditions.limits import KEPT_MAX

from .amount import Amounts as Reader
from .amount import amounts as amounts_at
from .leaf import Counters, Leaf, Spec


class Amounts(Leaf):
    """State: `[at, millionths]`, oldest first, the newest 5,000."""

    kind = "amounts"
    __slots__ = ("amounts", "window")

    def __init__(self, spec: Spec) -> None:
        super().__init__(spec)
        assert spec.within is not None
        self.window: Span = spec.within
        self.amounts: Reader = amounts_at(spec.value)

    def put(self, counters: Counters, event: Event, position: int) -> None:
        for found in self.amounts(event):
            entry = [event.occurred_at, found]
            entries = counters.get(self.id)
            if entries is None:
                counters[self.id] = [entry]
                continue
            if entry >= entries[-1]:
                entries.append(entry)
            else:
                insort(entries, entry)
            self._trim(entries)

    def _trim(self, entries: list[list[int]]) -> None:
        left = entries[-1][0] - self.window
        if entries[0][0] <= left:
            del entries[: _after(entries, left)]
        if len(entries) > KEPT_MAX:
            del entries[: len(entries) - KEPT_MAX]

    def join(self, one: Any, other: Any) -> Any:
        entries = sorted([*one, *other])
        self._trim(entries)
        return entries

    def changes(self, state: Any, now: Instant) -> Instant | None:
        if state is None:
            return None
        first = _after(state, now - self.window)
        return None if first == len(state) else state[first][0] + self.window

    def sum(self, state: Any, now: Instant) -> float:
        return sum(self._inside(state, now)) / MILLIONTHS

    def average(self, state: Any, now: Instant) -> float | None:
        inside = self._inside(state, now)
        return sum(inside) / (MILLIONTHS * len(inside)) if inside else None

    def smallest(self, state: Any, now: Instant) -> float | None:
        inside = self._inside(state, now)
        return min(inside) / MILLIONTHS if inside else None

    def largest(self, state: Any, now: Instant) -> float | None:
        inside = self._inside(state, now)
        return max(inside) / MILLIONTHS if inside else None

    def _inside(self, state: Any, now: Instant) -> list[int]:
        if state is None:
            return []
        return [entry[1] for entry in state[_after(state, now - self.window) :]]


def _after(entries: list[list[int]], left: Instant) -> int:
    return bisect_right(entries, left, key=lambda entry: entry[0])
