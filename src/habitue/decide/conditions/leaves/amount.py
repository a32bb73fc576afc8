"""Numbers of events as whole millionths: sums of them are exact, in whatever order they come."""

from __future__ import annotations

from typing import Any

from habitue.decide.conditions.values import at_path, number
from habitue.model.event import Event
from habitue.playbook.conditions.tree import Path

MILLIONTHS = 1_000_000
AMOUNT_MAX = 10**12


def amount(event: Event, path: Path) -> int | None:
    """The number at the path in millionths, if there is one."""
    value: Any = event.properties.get(path[0]) if len(path) == 1 else at_path(event.properties, path)
    return millionths(value)


def millionths(value: Any) -> int | None:
    """A number, or text that is one, in millionths; None for anything else, and for sums no shop has ever seen."""
    found = number(value)
    # The comparison is false for NaN too.
    if found is None or not -AMOUNT_MAX <= found <= AMOUNT_MAX:
        return None
    return round(found * MILLIONTHS)
