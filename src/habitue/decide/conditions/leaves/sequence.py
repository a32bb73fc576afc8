"""The values a property had within a window, in order: what `first` of the last days is read from."""

from __future__ import annotations

from bisect import bisect_right, insort
from typing import Any

from habitue.model.event import Event
from habitue.model.instant import Instant, Span
from habitue.playbook.conditions.limits import KEPT_LONG_MAX

from .known import Known, known, moment
from .leaf import Counters, Leaf, Spec


class Sequence(Leaf):
    """State: `[at, log position, value]`, oldest first, the newest 1,000: values may be long."""

    kind = "sequence"
    __slots__ = ("window",)

    def __init__(self, spec: Spec) -> None:
        super().__init__(spec)
        assert spec.within is not None
        self.window: Span = spec.within

    def put(self, counters: Counters, event: Event, position: int) -> None:
        found = known(event, position, self.spec.value)
        if found is None:
            return
        entries = counters.setdefault(self.id, [])
        insort(entries, found, key=moment)
        self._trim(entries)

    def _trim(self, entries: list[Known]) -> None:
        del entries[: _after(entries, entries[-1][0] - self.window)]
        if len(entries) > KEPT_LONG_MAX:
            del entries[: len(entries) - KEPT_LONG_MAX]

    def join(self, one: Any, other: Any) -> Any:
        entries = sorted([*one, *other], key=moment)
        self._trim(entries)
        return entries

    def read(self, state: Any, now: Instant) -> Known | None:
        """The first entry in the window."""
        if state is None:
            return None
        first = _after(state, now - self.window)
        return None if first == len(state) else state[first]


def _after(entries: list[Known], left: Instant) -> int:
    return bisect_right(entries, left, key=lambda entry: entry[0])
