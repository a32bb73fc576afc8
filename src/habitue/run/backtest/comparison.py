"""Two playbooks over the same history: what would have come differently, and for whom."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import TypeVar

import msgspec

from .report import JourneyRow, Report

EXAMPLES_MAX = 20
K = TypeVar("K", str, int)


class PersonChange(msgspec.Struct, kw_only=True):
    """Somebody who would have got another number of messages."""

    customer: str
    one: int
    other: int


class People(msgspec.Struct, kw_only=True):
    """How many people would have got more messages from the other playbook, fewer, or as many. Adds up."""

    more: int = 0
    fewer: int = 0
    same: int = 0
    """Those who would have got some, and as many from either."""
    first: int = 0
    """Of `more`: none from the one."""
    none: int = 0
    """Of `fewer`: none from the other."""
    examples_more: list[PersonChange] = []
    """Those with the greatest difference first."""
    examples_fewer: list[PersonChange] = []

    def take_in(self, one: Mapping[str, int], other: Mapping[str, int]) -> None:
        """Count some people: customer → messages under the one, and under the other."""
        for customer in {**one, **other}:
            before, after = one.get(customer, 0), other.get(customer, 0)
            change = PersonChange(customer=customer, one=before, other=after)
            if after > before:
                self.more += 1
                self.first += not before
                self.examples_more = _greatest([*self.examples_more, change])
            elif after < before:
                self.fewer += 1
                self.none += not after
                self.examples_fewer = _greatest([*self.examples_fewer, change])
            else:
                self.same += 1

    def add(self, other: People) -> None:
        for name in ("more", "fewer", "same", "first", "none"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.examples_more = _greatest(self.examples_more + other.examples_more)
        self.examples_fewer = _greatest(self.examples_fewer + other.examples_fewer)


def _greatest(changes: list[PersonChange]) -> list[PersonChange]:
    return sorted(changes, key=lambda one: (-abs(one.other - one.one), one.customer))[:EXAMPLES_MAX]


class Difference(msgspec.Struct, kw_only=True):
    """A count under the one playbook and under the other."""

    one: int
    other: int

    @property
    def change(self) -> int:
        return self.other - self.one


class Comparison(msgspec.Struct, kw_only=True):
    """Both reports, and where they differ. Only what differs is listed, `totals` apart."""

    one: Report
    other: Report
    totals: dict[str, Difference]
    """entered, people, sent, held, dropped, cost."""
    by_journey: dict[str, dict[str, Difference]]
    """Journey → entered, people, sent, held, dropped, refused. A journey that only one of them has counts 0 there."""
    by_day: dict[str, Difference]
    """Date → messages."""
    by_channel: dict[str, Difference]
    by_reason: dict[str, Difference]
    per_person: dict[int, Difference]
    """Messages → people who would have got that many."""
    people: People


def compare(one: Report, other: Report, people: People) -> Comparison:
    """Raises ValueError for reports on two periods."""
    if (one.since, one.until) != (other.since, other.until):
        raise ValueError("two reports are compared over one period; these are on two")
    return Comparison(
        one=one,
        other=other,
        totals={
            **{
                name: Difference(one=getattr(one, name), other=getattr(other, name))
                for name in ("entered", "people", "sent", "held", "dropped")
            },
            "cost": Difference(one=one.cost_in_all, other=other.cost_in_all),
        },
        by_journey=_journeys(one, other),
        by_day=_differences(_sent(one), _sent(other)),
        by_channel=_differences(one.by_channel, other.by_channel),
        by_reason=_differences(one.by_reason, other.by_reason),
        per_person=_differences(one.per_person, other.per_person),
        people=people,
    )


def _sent(report: Report) -> dict[str, int]:
    return {day: sum(channels.values()) for day, channels in report.by_day_channel.items()}


def _journeys(one: Report, other: Report) -> dict[str, dict[str, Difference]]:
    before, after = ({row.journey: _row(row) for row in report.by_journey} for report in (one, other))
    found = {
        name: _differences(before.get(name, Counter()), after.get(name, Counter())) for name in {**before, **after}
    }
    return {name: differences for name, differences in found.items() if differences}


def _row(row: JourneyRow) -> dict[str, int]:
    return {name: getattr(row, name) for name in ("entered", "people", "sent", "held", "dropped", "refused")}


def _differences(one: Mapping[K, int], other: Mapping[K, int]) -> dict[K, Difference]:
    names = set(one) | set(other)
    both = {name: Difference(one=one.get(name, 0), other=other.get(name, 0)) for name in sorted(names)}
    return {name: difference for name, difference in both.items() if difference.change}
