"""Values of a property that can be kept: text, numbers, yes and no."""

from __future__ import annotations

import math
from typing import Any, TypeAlias

from habitue.decide.conditions.values import at_path
from habitue.model.event import Event
from habitue.model.instant import Instant
from habitue.playbook.conditions.limits import NUMBER_MAX, TEXT_CONSTANT_MAX
from habitue.playbook.conditions.tree import Path, Scalar

Known: TypeAlias = list[Any]
"""`[at, event id, value]`; of two at the same instant the event id decides, so that order of arrival does not."""


def known(event: Event, path: Path) -> Known | None:
    value = scalar(at_path(event.properties, path))
    return None if value is None else [event.occurred_at, event.id, value]


def scalar(value: Any) -> Scalar:
    """The value if it can be kept, else None."""
    if isinstance(value, str):
        # One character more than any text it can be compared with: cutting never makes two texts equal.
        return value[: TEXT_CONSTANT_MAX + 1]
    if isinstance(value, bool):
        return value
    if isinstance(value, (int, float)) and math.isfinite(value) and abs(value) <= NUMBER_MAX:
        return value
    return None


def moment(entry: Known) -> tuple[Instant, str]:
    return entry[0], entry[1]
