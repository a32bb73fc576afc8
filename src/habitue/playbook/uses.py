"""Who uses a segment: other segments and journeys that name it, so that nobody takes it away from under them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal, NamedTuple

import msgspec

from habitue.playbook.conditions import Condition
from habitue.playbook.conditions.tree import InSegment, walk
from habitue.playbook.journey import OnSchedule, OnSegment
from habitue.playbook.playbook import Playbook


class Use(NamedTuple):
    """One definition that names the segment."""

    what: Literal["segment", "journey"]
    name: str
    title: str


def uses(playbook: Playbook, segment: str) -> list[Use]:
    """In the order of the playbook; its own condition does not count."""
    return [
        *(
            Use("segment", name, one.title)
            for name, one in playbook.segments.items()
            if name != segment and _names(one, segment)
        ),
        *(Use("journey", name, one.title) for name, one in playbook.journeys.items() if _names(one, segment)),
    ]


def _names(value: Any, segment: str) -> bool:
    return any(
        (
            isinstance(part, Condition)
            and any(isinstance(node, InSegment) and node.name == segment for node in walk(part.tree))
        )
        or (isinstance(part, (OnSegment, OnSchedule)) and part.segment == segment)
        for part in _parts(value)
    )


def _parts(value: Any) -> Iterator[Any]:
    """The value and all that is in it; a condition is whole."""
    yield value
    match value:
        case Condition():
            return
        case msgspec.Struct():
            for name in value.__struct_fields__:
                yield from _parts(getattr(value, name))
        case tuple() | list():
            for inner in value:
                yield from _parts(inner)
        case dict():
            for inner in value.values():
                yield from _parts(inner)
