"""When an event came lately: the latest times within a window, as many as the comparisons need."""

from __future__ import annotations

from bisect import bisect_right, insort
from typing import Any

from habitue.model.event import Event
from habitue.model.instant import Instant, Span

from .leaf import Counters, Leaf, Spec


class Times(Leaf):
    """State: instants, oldest first. `count >= n` needs the latest n, and changes when the nth latest leaves."""

    kind = "times"
    __slots__ = ("window",)

    def __init__(self, spec: Spec) -> None:
        super().__init__(spec)
        assert spec.within is not None
        self.window: Span = spec.within

    def put(self, counters: Counters, event: Event, position: int) -> None:
        at = event.occurred_at
        times = counters.get(self.id)
        if times is None:
            counters[self.id] = [at]
            return
        if at >= times[-1]:
            times.append(at)
        else:
            insort(times, at)
        self._trim(times)

    def _trim(self, times: list[Instant]) -> None:
        if len(times) > self.need:
            del times[: len(times) - self.need]
        # What has left the window as of the newest time is never asked for again: time does not go back.
        left = times[-1] - self.window
        if times[0] <= left:
            del times[: bisect_right(times, left)]

    def join(self, one: Any, other: Any) -> Any:
        times = sorted([*one, *other])
        self._trim(times)
        return times

    def read(self, state: Any, now: Instant) -> int:
        return 0 if state is None else len(state) - bisect_right(state, now - self.window)

    def changes(self, state: Any, now: Instant) -> Instant | None:
        """When the oldest one in the window leaves it."""
        if state is None:
            return None
        first = bisect_right(state, now - self.window)
        return None if first == len(state) else state[first] + self.window
