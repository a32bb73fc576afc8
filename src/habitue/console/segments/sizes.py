"""How large a segment was: counted back from its size now by who joined and who left."""

from __future__ import annotations

from typing import Any, NamedTuple

from habitue.console.visit import Visit
from habitue.model.instant import DAY, HOUR, Instant

AT_ONCE_MIN = 50
"""So few people joining within one distance of the line are nothing to speak of."""


class Point(NamedTuple):
    """The size at a moment, and who came and went since the point before."""

    at: Instant
    size: int
    joined: int
    left: int


def course(visit: Visit, segment: str, size_now: int, days: int) -> list[Point]:
    """The size at even distances up to now, oldest first."""
    width = HOUR if days <= 7 else 6 * HOUR if days <= 30 else DAY
    start = (visit.now - days * DAY) // width * width
    changes = {at: (joined, left) for at, joined, left in visit.services.view.segment_changes(segment, start, width)}
    points: list[Point] = []
    size = size_now
    for bucket in range(visit.now // width * width, start - 1, -width):
        joined, left = changes.get(bucket, (0, 0))
        points.append(Point(min(bucket + width, visit.now), visit.figures.size(max(size, 0)), joined, left))
        size -= joined - left
    return points[::-1]


def after_flood(points: list[Point]) -> list[Point]:
    """From the latest point on at which half of everybody or more came at once, as with an import or a new segment.

    What was before says nothing of growth: counted in, it makes every line a cliff.
    """
    flooded = [place for place, one in enumerate(points) if one.joined >= AT_ONCE_MIN and one.joined * 2 >= one.size]
    return points[flooded[-1] :] if flooded else points


def chart(visit: Visit, points: list[Point]) -> dict[str, Any]:
    return {
        "kind": "line",
        "x": [visit.figures.day_and_hour(point.at) for point in points],
        "series": [{"name": "People", "data": [point.size for point in points]}],
        "labels": [[visit.figures.number(point.size) for point in points]],
    }
