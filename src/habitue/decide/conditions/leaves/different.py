"""How many different values a property had."""

from __future__ import annotations

from bisect import insort
from functools import lru_cache
from hashlib import blake2b
from itertools import islice
from typing import Any

from habitue.decide.conditions.values import Reader, reader
from habitue.model.event import Event
from habitue.model.instant import Instant, Span
from habitue.playbook.conditions.limits import KEPT_MAX
from habitue.playbook.conditions.tree import EACH, Scalar

from .known import scalar
from .leaf import Counters, Leaf, Spec


class Different(Leaf):
    """State: `{hash of the value: when it was last seen}`, longest ago first, the newest 5,000.

    The order spares looking through all of them at every event.
    """

    kind = "different"
    __slots__ = ("each", "read_value", "window")

    def __init__(self, spec: Spec) -> None:
        super().__init__(spec)
        self.window: Span | None = spec.within
        self.each: bool = EACH in spec.value
        self.read_value: Reader = reader(spec.value)

    def put(self, counters: Counters, event: Event, position: int) -> None:
        found, at = self.read_value(event.properties), event.occurred_at
        if not self.each:
            value = scalar(found)
            if value is not None:
                self._see(counters, hashed(value), at)
            return
        # All at once: each value of a long list by itself would put thousands in order a thousand times.
        new = {hashed(value): at for value in map(scalar, found) if value is not None}
        if new:
            counters[self.id] = self.join(counters.get(self.id, {}), new)

    def _see(self, counters: Counters, name: int, at: Instant) -> None:
        seen = counters.setdefault(self.id, {})
        known = seen.get(name)
        if known is not None:
            if at <= known:
                return
            del seen[name]
        latest = next(reversed(seen), None)
        if latest is None or (seen[latest], latest) < (at, name):
            seen[name] = at
        elif self._is_gone(seen, (at, name), seen[latest]):
            return
        else:
            counters[self.id] = seen = _with(seen, name, at)
        self._trim(seen)

    def _is_gone(self, seen: dict[int, Instant], moment: tuple[Instant, int], latest: Instant) -> bool:
        """Whether it would be cut off at once."""
        if self.window is not None and moment[0] <= latest - self.window:
            return True
        earliest = next(iter(seen))
        return len(seen) >= KEPT_MAX and moment < (seen[earliest], earliest)

    def _trim(self, seen: dict[int, Instant]) -> None:
        left = seen[next(reversed(seen))] - self.window if self.window is not None else None
        gone = len(seen) - KEPT_MAX
        if left is not None:
            gone = max(gone, _until(seen, left))
        if gone > 0:
            for name in list(islice(seen, gone)):
                del seen[name]

    def join(self, one: Any, other: Any) -> Any:
        seen = dict(one)
        for name, at in other.items():
            seen[name] = max(at, seen.get(name, at))
        seen = _in_order(seen)
        self._trim(seen)
        return seen

    def read(self, state: Any, after: Instant | None = None) -> int:
        """How many values were seen, or were seen later than `after`."""
        if state is None:
            return 0
        return len(state) if after is None else len(state) - _until(state, after)

    def changes(self, state: Any, now: Instant) -> Instant | None:
        if state is None or self.window is None:
            return None
        left = now - self.window
        for at in state.values():
            if at > left:
                return int(at) + self.window
        return None


def _in_order(seen: dict[int, Instant]) -> dict[int, Instant]:
    return dict(sorted(seen.items(), key=lambda item: (item[1], item[0])))


def _with(seen: dict[int, Instant], name: int, at: Instant) -> dict[int, Instant]:
    """Put in its place, without sorting the others: somebody may tell thousands of events backwards."""
    entries = list(seen.items())
    insort(entries, (name, at), key=lambda entry: (entry[1], entry[0]))
    return dict(entries)


def _until(seen: dict[int, Instant], instant: Instant) -> int:
    """How many were last seen at the instant or before: mostly none or one, so the loop ends as it begins."""
    count = 0
    for at in seen.values():
        if at > instant:
            break
        count += 1
    return count


def hashed(value: Scalar) -> int:
    """63 bits of the value's text: 7, 7.0 and "7" are one value, because shops send ids both ways."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return _hash_text(str(value).lower() if isinstance(value, bool) else str(value))


@lru_cache(maxsize=20_000)
def _hash_text(text: str) -> int:
    """Many look at the same products."""
    return int.from_bytes(blake2b(text.encode("utf-8", "replace"), digest_size=8).digest(), "big") >> 1
