"""Segments that name segments: no circles, no endless chains, nothing that unfolds into more than can be read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from .condition import Condition
from .error import ConditionError, unknown
from .tree import InSegment, walk

CHAIN_MAX = 8
UNFOLDED_MAX = 5_000


def find_circle(conditions: Mapping[str, Condition]) -> tuple[str, ...] | None:
    """The first path of segments that comes back to its beginning, such as `("a", "b", "a")`, or None."""
    done: set[str] = set()
    for start in sorted(conditions):
        path = [start]
        unread = [_inner(start, conditions)]
        while path:
            name = next((inner for inner in unread[-1] if inner not in done), None)
            if name is None:
                done.add(path.pop())
                unread.pop()
            elif name in path:
                return (*path[path.index(name) :], name)
            else:
                path.append(name)
                unread.append(_inner(name, conditions))
    return None


def _inner(name: str, conditions: Mapping[str, Condition]) -> Iterator[str]:
    return iter(sorted(conditions[name].segments) if name in conditions else ())


def check_segments(conditions: Mapping[str, Condition]) -> None:
    """Refuse segments that cannot be read one within the other. Raises ConditionError."""
    for name in sorted(conditions):
        for inner in sorted(conditions[name].segments - conditions.keys()):
            raise ConditionError(f'segment "{name}": {unknown("segment", inner, conditions)}')
    circle = find_circle(conditions)
    if circle is not None:
        raise ConditionError(f"segments name each other in a circle: {' → '.join(circle)}; one of them must not")
    sizes: dict[str, tuple[int, int]] = {}
    for name in sorted(conditions):
        chain, size = _measure(name, conditions, sizes)
        if chain > CHAIN_MAX:
            raise ConditionError(f'segment "{name}" names segments {chain} deep; at most {CHAIN_MAX} are taken')
        if size > UNFOLDED_MAX:
            raise ConditionError(
                f'segment "{name}" has {size:,} parts with its segments; at most {UNFOLDED_MAX:,} are taken'
            )


def _measure(name: str, conditions: Mapping[str, Condition], known: dict[str, tuple[int, int]]) -> tuple[int, int]:
    """(how many segments deep, how many parts when unfolded). Without recursion: a chain may be as long as the file."""
    waiting = [name]
    while waiting:
        current = waiting[-1]
        mentioned = [node.name for node in walk(conditions[current].tree) if isinstance(node, InSegment)]
        missing = [inner for inner in mentioned if inner not in known]
        if missing:
            waiting.extend(missing)
            continue
        waiting.pop()
        parts = sum(1 for _ in walk(conditions[current].tree))
        known[current] = (
            1 + max((known[inner][0] for inner in mentioned), default=0),
            parts + sum(known[inner][1] for inner in mentioned),
        )
    return known[name]
