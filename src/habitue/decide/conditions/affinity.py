"""What she likes: each category's or brand's share of her attention, the recent counting for more."""

from __future__ import annotations

from math import fsum

from habitue.model.customer import Customer


def favourite(customer: Customer, of: str) -> str | None:
    """The category or brand with the greatest share; of equals, the first by name. None while nothing is known."""
    weights = customer.affinities.get(of)
    return min(weights, key=lambda value: (-weights[value], value)) if weights else None


def share(customer: Customer, of: str, value: str) -> float:
    """From 0 to 1. The sum is exact, so the order of what is added does not matter."""
    weights = customer.affinities.get(of)
    weight = weights.get(value) if weights else None
    return weight / fsum(weights.values()) if weights and weight else 0.0


def shares(customer: Customer, of: str) -> list[tuple[str, float]]:
    """(category or brand, share), the greatest first."""
    weights = customer.affinities.get(of, {})
    whole = fsum(weights.values())
    ordered = sorted(weights, key=lambda value: (-weights[value], value))
    return [(value, weights[value] / whole) for value in ordered]
