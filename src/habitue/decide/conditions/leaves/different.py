"""How many different values a property had."""

from __future__ import annotations

from hashlib import blake2b
from typing import Any

from habitue.decide.conditions.values import at_path
from habitue.model.event import Event
from habitue.model.instant import Instant, Span
from habitue.playbook.conditions.limits import KEPT_MAX
from habitue.playbook.conditions.tree import Scalar

from .known import scalar
from .leaf import Counters, Leaf, Spec


class Different(Leaf):
    """State: `{hash of the value: when it was last seen}`, the newest 5,000."""

    kind = "different"
    __slots__ = ("window",)

    def __init__(self, spec: Spec) -> None:
        super().__init__(spec)
        self.window: Span | None = spec.within

    def put(self, counters: Counters, event: Event) -> None:
        value = scalar(at_path(event.properties, self.spec.value))
        if value is None:
            return
        seen = counters.setdefault(self.id, {})
        name = _hash(value)
        if event.occurred_at > seen.get(name, event.occurred_at - 1):
            seen[name] = event.occurred_at
        self._trim(seen)

    def _trim(self, seen: dict[int, Instant]) -> None:
        if self.window is not None:
            left = max(seen.values()) - self.window
            for name in [name for name, at in seen.items() if at <= left]:
                del seen[name]
        if len(seen) > KEPT_MAX:
            oldest = sorted(seen.items(), key=lambda entry: (entry[1], entry[0]))
            for name, _ in oldest[: len(seen) - KEPT_MAX]:
                del seen[name]

    def join(self, one: Any, other: Any) -> Any:
        seen = dict(one)
        for name, at in other.items():
            seen[name] = max(at, seen.get(name, at))
        self._trim(seen)
        return seen

    def read(self, state: Any, after: Instant | None) -> int:
        """How many values were seen later than `after`."""
        if state is None:
            return 0
        return len(state) if after is None else sum(1 for at in state.values() if at > after)

    def changes(self, state: Any, now: Instant) -> Instant | None:
        if state is None or self.window is None:
            return None
        left = now - self.window
        inside = [at for at in state.values() if at > left]
        return min(inside) + self.window if inside else None


def _hash(value: Scalar) -> int:
    """63 bits of the value's text: 7, 7.0 and "7" are one value, because shops send ids both ways."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return int.from_bytes(blake2b(text.encode("utf-8", "replace"), digest_size=8).digest(), "big") >> 1
