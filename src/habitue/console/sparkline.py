"""A sparkline: a row of numbers as the points of a small line, drawn by the page as SVG."""

from __future__ import annotations

from collections.abc import Sequence

WIDTH, HEIGHT = 100.0, 28.0


def points(values: Sequence[float]) -> str:
    """`x,y` pairs in a box of 100 × 28, the lowest value near the ground.

    A row that never moves is a flat line half way up; one of zeros lies on the ground.
    """
    if not values:
        return ""
    low, high = min(values), max(values)
    height = high - low
    still = 0.5 if high else 0.0
    step = WIDTH / max(1, len(values) - 1)
    return " ".join(
        f"{index * step:.1f},{HEIGHT - 3 - ((value - low) / height if height else still) * (HEIGHT - 6):.1f}"
        for index, value in enumerate(values)
    )
