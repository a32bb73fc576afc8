"""Events of several names in their order of time: what a sequence is found in."""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from typing import Any

from habitue.decide.conditions.filters import Filter, compile_filter
from habitue.model.event import Event
from habitue.model.instant import Instant, Span
from habitue.playbook.conditions.limits import KEPT_LONG_MAX
from habitue.playbook.conditions.periods import around
from habitue.playbook.conditions.tree import Step

from .known import moment
from .leaf import Counters, Leaf, Spec


class Chain(Leaf):
    """State: `[at, log position, bits]`, oldest first, the newest 1,000. One bit for each step that the event could be,
    and the bit after those for an event that must not come between.
    """

    kind = "chain"
    __slots__ = ("barrier", "length", "parts")

    def __init__(self, spec: Spec) -> None:
        super().__init__(spec)
        self.length = len(spec.steps)
        self.barrier = 1 << self.length
        self.parts: dict[str, list[tuple[int, Filter | None]]] = {}
        for place, step in enumerate(spec.steps):
            self._part(1 << place, step)
        for step in spec.without:
            self._part(self.barrier, step)

    def _part(self, bit: int, step: Step) -> None:
        matches = None if step.where is None else compile_filter(step.where)
        self.parts.setdefault(step.event, []).append((bit, matches))

    def put(self, counters: Counters, event: Event, position: int) -> None:
        bits = 0
        for bit, matches in self.parts[event.name]:
            if matches is None or matches(event.properties, None, ""):
                bits |= bit
        if bits:
            entries = counters.setdefault(self.id, [])
            insort(entries, [event.occurred_at, position, bits], key=moment)
            self._trim(entries)

    def _trim(self, entries: list[Any]) -> None:
        """What is older than the window of the newest time is never asked for again: time does not go back."""
        newest = entries[-1][0]
        if self.spec.within is not None:
            del entries[: bisect_right(entries, newest - self.spec.within, key=_at)]
        elif self.spec.unit:
            del entries[: bisect_left(entries, around(self.spec.unit, self.spec.zone, newest)[0], key=_at)]
        if len(entries) > KEPT_LONG_MAX:
            del entries[: len(entries) - KEPT_LONG_MAX]

    def join(self, one: Any, other: Any) -> Any:
        entries = sorted([*one, *other], key=moment)
        self._trim(entries)
        return entries

    def between(self, state: Any, start: Instant, end: Instant) -> Any:
        """What lies in a stretch of time; the end is no part of it."""
        return state[bisect_left(state, start, key=_at) : bisect_left(state, end, key=_at)] if state else state

    def latest_start(self, state: Any, apart: Span | None) -> Instant | None:
        """Where the latest begins of all sequences in the state whose ends are at most `apart` apart.

        Whoever asks for a window needs no other: as long as any sequence lies within it, the latest does. Reading from
        the newest to the oldest, `ends[i]` is the end of the shortest sequence of the steps from i on that lies behind
        us. It is the shortest because a later reading only brings it nearer: steps from i + 1 on end at `ends[i + 1]`
        at the earliest, by the same argument, and the last step ends where it stands. So if the sequence that a first
        step can begin is too long, every other one that begins there is longer still; and the first that is not too
        long begins latest. An event that must not come between ends all that lies behind it: who begins before it
        cannot end after it.
        """
        if state is None:
            return None
        last = self.length - 1
        ends = [0] * self.length
        open_steps = 1 << last
        """Those that what lies behind us can follow: most of what people do is none of them, and is passed over."""
        for at, _, bits in reversed(state):
            if bits & self.barrier:
                open_steps = 1 << last
                continue
            found = bits & open_steps
            if not found:
                continue
            for place in range(self.length):  # Upwards, so that one event is one step only.
                if not found >> place & 1:
                    continue
                end = at if place == last else ends[place + 1]
                if place > 0:
                    ends[place] = end
                    open_steps |= 1 << (place - 1)
                elif apart is None or end - at <= apart:
                    return int(at)
        return None


def _at(entry: list[Any]) -> Instant:
    return entry[0]  # type: ignore[no-any-return]  # The first of an entry's three.
