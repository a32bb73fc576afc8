"""Values of a customer: what stands on a side of a comparison."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias, TypeVar

from habitue.model.customer import Customer
from habitue.model.instant import Instant
from habitue.playbook.conditions.limits import KEPT_MAX
from habitue.playbook.conditions.periods import unit_of
from habitue.playbook.conditions.tree import Aggregate, Function, Path

from .leaves import Amounts, Calendar, Count, Different, Extremes, First, Last, Leaf, Sequence, Spec, Times, Total
from .operand import Operand
from .truth import NEVER
from .values import calculate, reader

L = TypeVar("L", bound=Leaf)
Grow: TypeAlias = Callable[[Spec], Leaf]
"""Gives the leaf of a spec, the same one for equal specs."""


def trait(path: Path) -> Operand:
    if len(path) == 1:
        name = path[0]
        return Operand(lambda customer, now, entry, key: customer.traits.get(name))
    read = reader(path)
    return Operand(lambda customer, now, entry, key: read(customer.traits))


def entry_property(path: Path) -> Operand:
    read = reader(path)
    return Operand(lambda customer, now, entry, key: read(entry))


def run_key() -> Operand:
    return Operand(lambda customer, now, entry, key: key or None)


def constant(value: Any) -> Operand:
    return Operand(lambda customer, now, entry, key: value)


def of_one(operand: Operand, what: Callable[[Any], Any]) -> Operand:
    """What is made of the operand's value."""
    read = operand.read
    return Operand(lambda customer, now, entry, key: what(read(customer, now, entry, key)), operand.changes)


def arithmetic(left: Operand, sign: str, right: Operand) -> Operand:
    one, other = left.read, right.read
    return Operand(
        lambda customer, now, entry, key: calculate(
            sign, one(customer, now, entry, key), other(customer, now, entry, key)
        ),
        (*left.changes, *right.changes),
    )


def aggregate(node: Aggregate, grow: Grow) -> Operand:
    """Reads what a leaf keeps. `did` and `days_since` are no values; see `occurrences`."""
    if node.period:
        calendar, read, ago = by_calendar(node, grow)
        return _windowed(
            calendar,
            lambda state, now: read(calendar.at(state, now, ago)),
            lambda state, now: calendar.changes(state, now, ago),
        )
    return _AGGREGATES[node.function](node, grow)


def by_calendar(node: Aggregate, grow: Grow) -> tuple[Calendar, Callable[[Any], Any], int]:
    """(the leaf, how to read what it keeps of one unit, how many units ago the period is)."""
    unit, ago = unit_of(node.period)
    kind, reading = _OF_A_UNIT[node.function]
    calendar = grow(Spec("calendar", node.event, node.where, node.value, unit=unit, zone=node.zone, each=kind))
    assert isinstance(calendar, Calendar)
    return calendar, reading(calendar.each), ago


def _value(leaf: Any) -> Callable[[Any], Any]:
    return lambda state: None if state is None else state[2]


_OF_A_UNIT: dict[Function, tuple[str, Callable[[Any], Callable[[Any], Any]]]] = {
    "did": ("count", lambda leaf: bool),
    "count": ("count", lambda leaf: leaf.read),
    "sum": ("total", lambda leaf: leaf.sum),
    "avg": ("total", lambda leaf: leaf.average),
    "min": ("extremes", lambda leaf: leaf.smallest),
    "max": ("extremes", lambda leaf: leaf.largest),
    "first": ("first", _value),
    "last": ("last", _value),
    "distinct": ("different", lambda leaf: leaf.read),
}
"""Function → what is kept of each unit of the calendar, and how it is read."""


def _count(node: Aggregate, grow: Grow) -> Operand:
    if node.within is None:
        count = _leaf(Count, "count", node, grow)
        return _timeless(count, count.read)
    times = _leaf(Times, "times", node, grow)
    times.need = KEPT_MAX
    return _windowed(times, times.read, times.changes)


def _sum(node: Aggregate, grow: Grow) -> Operand:
    if node.within is None:
        total = _leaf(Total, "total", node, grow)
        return _timeless(total, total.sum)
    amounts = _leaf(Amounts, "amounts", node, grow)
    return _windowed(amounts, amounts.sum, amounts.changes)


def _avg(node: Aggregate, grow: Grow) -> Operand:
    if node.within is None:
        total = _leaf(Total, "total", node, grow)
        return _timeless(total, total.average)
    amounts = _leaf(Amounts, "amounts", node, grow)
    return _windowed(amounts, amounts.average, amounts.changes)


def _min(node: Aggregate, grow: Grow) -> Operand:
    if node.within is None:
        extremes = _leaf(Extremes, "extremes", node, grow)
        return _timeless(extremes, extremes.smallest)
    amounts = _leaf(Amounts, "amounts", node, grow)
    return _windowed(amounts, amounts.smallest, amounts.changes)


def _max(node: Aggregate, grow: Grow) -> Operand:
    if node.within is None:
        extremes = _leaf(Extremes, "extremes", node, grow)
        return _timeless(extremes, extremes.largest)
    amounts = _leaf(Amounts, "amounts", node, grow)
    return _windowed(amounts, amounts.largest, amounts.changes)


def _first(node: Aggregate, grow: Grow) -> Operand:
    if node.within is None:
        first = _leaf(First, "first", node, grow)
        return _timeless(first, _value(first))
    within = node.within
    sequence = _leaf(Sequence, "sequence", node, grow)

    def read(state: Any, now: Instant) -> Any:
        found = sequence.read(state, now)
        return None if found is None else found[2]

    def changes(state: Any, now: Instant) -> Instant | None:
        found = sequence.read(state, now)
        return None if found is None else found[0] + within

    return _windowed(sequence, read, changes)


def _last(node: Aggregate, grow: Grow) -> Operand:
    # Only the latest one matters in any window that has no end, so those share one leaf.
    last = _leaf(Last, "last", node, grow, windowed=False)
    within, since = node.within, node.since
    if within is None:
        return _timeless(
            last, lambda state: None if state is None or (since is not None and state[0] < since) else state[2]
        )

    def read(state: Any, now: Instant) -> Any:
        return None if state is None or state[0] + within <= now else state[2]

    def changes(state: Any, now: Instant) -> Instant | None:
        return None if state is None or state[0] + within <= now else state[0] + within

    return _windowed(last, read, changes)


def _distinct(node: Aggregate, grow: Grow) -> Operand:
    within = node.within
    if within is None:
        # A value was seen since a date if it was last seen since then: one leaf for all dates to begin at.
        different = _leaf(Different, "different", node, grow, windowed=False)
        after = None if node.since is None else node.since - 1
        return _timeless(different, lambda state: different.read(state, after))
    windowed = _leaf(Different, "different", node, grow)
    return _windowed(windowed, lambda state, now: windowed.read(state, now - within), windowed.changes)


_AGGREGATES: dict[str, Callable[[Aggregate, Grow], Operand]] = {
    "count": _count,
    "sum": _sum,
    "avg": _avg,
    "min": _min,
    "max": _max,
    "first": _first,
    "last": _last,
    "distinct": _distinct,
}


def _leaf(kind: type[L], name: str, node: Aggregate, grow: Grow, *, windowed: bool = True) -> L:
    leaf = grow(spec(name, node, windowed=windowed))
    assert isinstance(leaf, kind)
    return leaf


def spec(kind: str, node: Aggregate, *, windowed: bool = True) -> Spec:
    """What the aggregate's leaf keeps; not `windowed` when the beginning of a window is a matter of reading.

    Where it ends is always a matter of the leaf: what comes after must not push out what came before.
    """
    if not windowed:
        return Spec(kind, node.event, node.where, node.value, before=node.before)
    return Spec(kind, node.event, node.where, node.value, node.within, node.since, node.before)


def _timeless(leaf: Leaf, read: Callable[[Any], Any]) -> Operand:
    leaf_id = leaf.id
    return Operand(lambda customer, now, entry, key: read(customer.counters.get(leaf_id)))


def _windowed(
    leaf: Leaf, read: Callable[[Any, Instant], Any], changes: Callable[[Any, Instant], Instant | None]
) -> Operand:
    leaf_id = leaf.id

    def next_change(customer: Customer, now: Instant) -> Instant:
        found = changes(customer.counters.get(leaf_id), now)
        return NEVER if found is None else found

    return Operand(lambda customer, now, entry, key: read(customer.counters.get(leaf_id), now), (next_change,))
