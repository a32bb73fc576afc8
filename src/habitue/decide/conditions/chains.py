"""Whether events came one after the other: true until the latest such sequence begins to leave the window."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from habitue.model.customer import Customer
from habitue.model.instant import Instant, Span
from habitue.playbook.conditions.periods import bounds, next_boundary, unit_of
from habitue.playbook.conditions.tree import Period, Sequence

from .leaves import Chain, Spec
from .operands import Grow
from .truth import NEVER, NO, YES, Answer, Truth


def came(node: Sequence, grow: Grow) -> Truth:
    """How far apart its ends may be is a matter of reading: sequences of the same events share a leaf."""
    leaf = grow(_spec(node))
    assert isinstance(leaf, Chain)
    if node.period:
        return _in_period(leaf, node.apart, node.period)
    return _in_window(leaf, node.apart, node.within)


def _spec(node: Sequence) -> Spec:
    return Spec(
        "chain",
        "",
        within=node.within,
        since=node.since,
        before=node.before,
        unit=unit_of(node.period)[0] if node.period else "",
        zone=node.zone if node.period else "",
        steps=node.steps,
        without=node.without,
    )


def _in_window(leaf: Chain, apart: Span | None, within: Span | None) -> Truth:
    """Without a window that moves, only events change it."""
    leaf_id = leaf.id

    def check(customer: Customer, now: Instant, entry: Mapping[str, Any] | None, key: str) -> Answer:
        start = leaf.latest_start(customer.counters.get(leaf_id), apart)
        if start is None:
            return NO
        if within is None:
            return YES
        return (True, start + within) if start + within > now else NO

    return check


def _in_period(leaf: Chain, apart: Span | None, period: Period) -> Truth:
    leaf_id, zone = leaf.id, leaf.spec.zone

    def holds(state: Any, now: Instant) -> bool:
        return leaf.latest_start(leaf.between(state, *bounds(period, zone, now)), apart) is not None

    def check(customer: Customer, now: Instant, entry: Mapping[str, Any] | None, key: str) -> Answer:
        state = customer.counters.get(leaf_id)
        if state is None:
            return NO
        truth, at = holds(state, now), now
        for _ in range(2):  # After the second boundary, `last week` has let go of this week too.
            at = next_boundary(period, zone, at)
            if holds(state, at) != truth:
                return truth, at
        return truth, NEVER

    return check
