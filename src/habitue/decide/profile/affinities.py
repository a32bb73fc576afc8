"""Affinity: how much each category and brand draws her, where what is a month old counts for half.

Every act adds points to its category and its brand, and all points halve with every `HALF_LIFE` after it. As all halve
at the same pace, shares change by acts alone; so nothing has to be recalculated as time goes by. Instead of letting old
points shrink, later points are worth more. They are whole multiples of powers of two, which floating point adds
exactly, so the order of arrival does not matter (while a customer's acts lie within some thirty half-lives of each
other; beyond that, the old ones are too light to be seen).
"""

from __future__ import annotations

from functools import lru_cache
from math import ldexp

from habitue.decide.outcome import InterestChange, Outcome
from habitue.model.customer import Customer
from habitue.model.instant import DAY, HOUR, Instant, Span

from .interests import CATEGORY

HALF_LIFE: Span = 30 * DAY
VALUES_MAX = 50
"""Of categories and of brands each."""
LISTED, LOOKED, OPENED, WISHED, PUT, BOUGHT = 1, 2, 2, 4, 6, 10
"""Points: a list of the category seen, a product looked at, its details opened, wished for, put in the cart, bought."""
_BEGINNING: Instant = 18_262 * DAY
"""2020: weights are powers of two, and those of a century around it fit into a floating-point number."""
_STEPS = 4_096
_PERIODS_MAX = 900


def like(customer: Customer, outcome: Outcome, category: str, brand: str, points: int, at: Instant) -> None:
    weight = points * worth(at // HOUR)
    if category:
        weights = customer.affinities.get("category")
        if weights is not None and category in weights:  # As nearly always.
            weights[category] += weight
        else:
            _add(customer, "category", category, weight, outcome, at)
    if brand:
        _add(customer, "brand", brand, weight, None, at)


@lru_cache(maxsize=10_000)
def worth(hour: int) -> float:
    """What a point of this hour weighs: a whole number times a power of two, doubling every half-life."""
    periods, rest = divmod(hour * HOUR - _BEGINNING, HALF_LIFE)
    return ldexp(round(_STEPS * 2.0 ** (rest / HALF_LIFE)), max(-_PERIODS_MAX, min(_PERIODS_MAX, periods)))


def _add(customer: Customer, of: str, value: str, weight: float, outcome: Outcome | None, at: Instant) -> None:
    weights = customer.affinities.get(of)
    if weights is None:
        weights = customer.affinities[of] = {}
    known = weights.get(value)
    if known is not None:
        weights[value] = known + weight
        return
    if len(weights) >= VALUES_MAX:
        # The lightest gives way even to a lighter newcomer, who would otherwise never get the time to grow.
        lightest = min(weights, key=lambda one: (weights[one], one))
        del weights[lightest]
        if outcome is not None:
            outcome.interests.append(InterestChange(customer.id, CATEGORY, lightest, None))
    weights[value] = weight
    if outcome is not None:
        outcome.interests.append(InterestChange(customer.id, CATEGORY, value, at))


def join_affinities(into: Customer, other: Customer) -> None:
    """The weights of both halves, added up; of more than are kept, the heaviest."""
    for of, theirs in other.affinities.items():
        weights = dict(into.affinities.get(of, {}))
        for value, weight in theirs.items():
            weights[value] = weights.get(value, 0.0) + weight
        kept = sorted(weights, key=lambda value: (-weights[value], value))[:VALUES_MAX]
        into.affinities[of] = {value: weights[value] for value in sorted(kept)}
