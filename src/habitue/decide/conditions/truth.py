"""A yes or no about a customer, together with the moment at which it can change by itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from habitue.model.customer import Customer
from habitue.model.instant import Instant

NEVER: Instant = 2**63 - 1
_LONG_AGO: Instant = -(2**63)

Answer: TypeAlias = tuple[bool, Instant]
"""The truth now, and the earliest later instant at which it can change without an event; NEVER if it cannot."""
Truth: TypeAlias = Callable[[Customer, Instant, Mapping[str, Any] | None, str], Answer]
"""(customer, now, the entry event's properties, the run's key) → answer."""

YES: Answer = (True, NEVER)
NO: Answer = (False, NEVER)


def constantly(value: bool) -> Truth:
    answer = YES if value else NO
    return lambda customer, now, entry, key: answer


def opposite(part: Truth) -> Truth:
    def check(customer: Customer, now: Instant, entry: Mapping[str, Any] | None, key: str) -> Answer:
        truth, until = part(customer, now, entry, key)
        return not truth, until

    return check


def every(parts: tuple[Truth, ...]) -> Truth:
    """All of them. While true, the first to change matters; while false, the last of the false ones to change."""

    def check(customer: Customer, now: Instant, entry: Mapping[str, Any] | None, key: str) -> Answer:
        first, last = NEVER, _LONG_AGO
        for part in parts:
            truth, until = part(customer, now, entry, key)
            if truth:
                if until < first:
                    first = until
            elif until == NEVER:
                return NO
            elif until > last:
                last = until
        return (True, first) if last == _LONG_AGO else (False, last)

    return check


def some(parts: tuple[Truth, ...]) -> Truth:
    """Any of them: the mirror image of `every`."""

    def check(customer: Customer, now: Instant, entry: Mapping[str, Any] | None, key: str) -> Answer:
        first, last = NEVER, _LONG_AGO
        for part in parts:
            truth, until = part(customer, now, entry, key)
            if not truth:
                if until < first:
                    first = until
            elif until == NEVER:
                return YES
            elif until > last:
                last = until
        return (False, first) if last == _LONG_AGO else (True, last)

    return check
