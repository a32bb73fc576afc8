"""Values of a property that can be kept: text, numbers, yes and no."""

from __future__ import annotations

import math
from hashlib import sha256
from typing import Any, TypeAlias

from habitue.decide.conditions.values import at_path
from habitue.model.customer import Moment, place
from habitue.model.event import Event
from habitue.playbook.conditions.limits import ID_MAX, NUMBER_MAX, TEXT_CONSTANT_MAX
from habitue.playbook.conditions.tree import Path, Scalar

Known: TypeAlias = list[Any]
"""`[at, log position, value]`; of two at the same instant the order of the log decides. Earlier versions kept the
event's id in place of the position."""


def known(event: Event, position: int, path: Path) -> Known | None:
    value = scalar(at_path(event.properties, path))
    return None if value is None else [event.occurred_at, position, value]


def short_id(identity: str) -> str:
    """Long ids are cut to size, by a hash."""
    if len(identity) <= ID_MAX:
        return identity
    return sha256(identity.encode("utf-8", "replace")).hexdigest()[:24]


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


def moment(entry: Known) -> Moment:
    return entry[0], place(entry[1])
