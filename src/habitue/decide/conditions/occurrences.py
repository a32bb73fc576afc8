"""Whether something happened, how often within a window, and how long ago: the comparisons that change on the dot."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

from habitue.model.customer import Customer
from habitue.model.instant import DAY, Instant, Span
from habitue.playbook.conditions.tree import Comparison

from .leaves import Calendar, Latest, Times
from .truth import NEVER, NO, YES, Answer, Truth, constantly, every, opposite, some
from .values import Predicate


def did(leaf: Latest, within: Span | None, since: Instant | None) -> Truth:
    leaf_id = leaf.id
    if within is not None:
        return _did_within(leaf_id, within)
    if since is not None:
        return _did_since(leaf_id, since)
    return lambda customer, now, entry, key: YES if leaf_id in customer.counters else NO


def _did_within(leaf_id: int, within: Span) -> Truth:
    def check(customer: Customer, now: Instant, entry: Mapping[str, Any] | None, key: str) -> Answer:
        latest = customer.counters.get(leaf_id)
        if latest is None or latest + within <= now:
            return NO
        return True, latest + within

    return check


def _did_since(leaf_id: int, since: Instant) -> Truth:
    def check(customer: Customer, now: Instant, entry: Mapping[str, Any] | None, key: str) -> Answer:
        latest = customer.counters.get(leaf_id)
        return NO if latest is None or latest < since else YES

    return check


def in_period(calendar: Calendar, read: Callable[[Any], Any], ago: int, test: Predicate) -> Truth:
    """A value of a period of the calendar against constants: changes at a boundary, if it changes there at all."""
    leaf_id, by_nothing = calendar.id, YES if test(read(None)) else NO

    def check(customer: Customer, now: Instant, entry: Mapping[str, Any] | None, key: str) -> Answer:
        state = customer.counters.get(leaf_id)
        if state is None:
            return by_nothing
        truth, at = test(read(calendar.at(state, now, ago))), now
        for _ in range(2):  # After the second boundary, `last month` has let go of this month too.
            at = calendar.boundary(at)
            if test(read(calendar.at(state, at, ago))) != truth:
                return truth, at
        return truth, NEVER

    return check


def days_since(leaf: Latest, operator: Comparison, days: float) -> Truth:
    """`operator` compares days with the time since the latest event. Without an event nothing is true."""
    # Everything but ">=" is that, a microsecond later or turned around.
    span = round(days * DAY) + (1 if operator in (">", "<=") else 0)
    older = operator in (">", ">=")
    leaf_id = leaf.id

    def check(customer: Customer, now: Instant, entry: Mapping[str, Any] | None, key: str) -> Answer:
        latest = customer.counters.get(leaf_id)
        if latest is None:
            return NO
        turns = latest + span
        if now >= turns:
            return YES if older else NO
        return not older, turns

    return check


def count_within(leaf: Times, operator: Comparison, bound: float) -> Truth:
    """A count in a window against a number. Raises the leaf's need to what this comparison looks at."""
    match operator:
        case ">=":
            return _at_least(leaf, math.ceil(bound))
        case ">":
            return _at_least(leaf, math.floor(bound) + 1)
        case "<":
            return opposite(_at_least(leaf, math.ceil(bound)))
        case "<=":
            return opposite(_at_least(leaf, math.floor(bound) + 1))
        case "!=":
            return opposite(count_within(leaf, "==", bound))
    if bound != math.floor(bound) or bound < 0:
        return constantly(False)
    times = int(bound)
    return every((_at_least(leaf, times), opposite(_at_least(leaf, times + 1))))


def count_within_among(leaf: Times, bounds: tuple[float, ...]) -> Truth:
    return some(tuple(count_within(leaf, "==", bound) for bound in bounds))


def _at_least(leaf: Times, needed: int) -> Truth:
    if needed <= 0:
        return constantly(True)
    leaf.need = max(leaf.need, needed)
    leaf_id, window = leaf.id, leaf.window

    def check(customer: Customer, now: Instant, entry: Mapping[str, Any] | None, key: str) -> Answer:
        times = customer.counters.get(leaf_id)
        if times is None or len(times) < needed:
            return NO
        until = times[-needed] + window
        return (True, until) if until > now else NO

    return check
