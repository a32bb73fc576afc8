"""The picture of moves: where people stood at the left, where they stand at the right, a band for those who went."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

WIDTH = 640
BAR_LEFT, BAR_RIGHT, BAR = 190.0, 450.0, 8.0
HEIGHT, GAP, LEAST = 300.0, 9.0, 3.0
BANDS_MAX = 40


class Bar(NamedTuple):
    name: str
    y: float
    height: float
    people: int


class Band(NamedTuple):
    """`how`: up, down, or calm for those who stayed. `path` is an SVG path of its outline."""

    before: str
    after: str
    people: int
    how: str
    path: str


class Picture(NamedTuple):
    left: list[Bar]
    right: list[Bar]
    bands: list[Band]
    height: float


def picture(order: Sequence[str], paths: Mapping[tuple[str, str], int]) -> Picture | None:
    """`order`: the groups, the best first. None when nobody stood or stands anywhere."""
    total = sum(paths.values())
    if not total:
        return None
    scale = HEIGHT / total
    left = _bars(order, {one: sum(n for (a, _), n in paths.items() if a == one) for one in order}, scale)
    right = _bars(order, {one: sum(n for (_, b), n in paths.items() if b == one) for one in order}, scale)
    height = max(side[-1].y + side[-1].height for side in (left, right) if side)
    return Picture(left, right, _bands(order, paths, left, right), height + 4)


def _bars(order: Sequence[str], counts: Mapping[str, int], scale: float) -> list[Bar]:
    bars, y = [], 4.0
    for name in order:
        if counts[name]:
            height = max(LEAST, counts[name] * scale)
            bars.append(Bar(name, round(y, 1), round(height, 1), counts[name]))
            y += max(height, 12.0) + GAP  # A label needs its line, however thin the bar.
    return bars


def _bands(
    order: Sequence[str], paths: Mapping[tuple[str, str], int], left: Sequence[Bar], right: Sequence[Bar]
) -> list[Band]:
    by_left, by_right = {bar.name: bar for bar in left}, {bar.name: bar for bar in right}
    used_left, used_right = dict.fromkeys(by_left, 0.0), dict.fromkeys(by_right, 0.0)
    place = {name: index for index, name in enumerate(order)}
    bands = []
    for (before, after), people in sorted(paths.items(), key=lambda one: (place[one[0][0]], place[one[0][1]])):
        one, other = by_left[before], by_right[after]
        thick_left, thick_right = one.height * people / one.people, other.height * people / other.people
        y1, y2 = one.y + used_left[before], other.y + used_right[after]
        used_left[before] += thick_left
        used_right[after] += thick_right
        how = "calm" if before == after else "up" if place[after] < place[before] else "down"
        bands.append(Band(before, after, people, how, _outline(y1, thick_left, y2, thick_right)))
    return sorted(bands, key=lambda band: -band.people)[:BANDS_MAX]


def _outline(y1: float, thick1: float, y2: float, thick2: float) -> str:
    x1, x2 = BAR_LEFT + BAR, BAR_RIGHT
    middle = (x1 + x2) / 2
    return (
        f"M{x1:.0f} {y1:.1f}C{middle:.0f} {y1:.1f} {middle:.0f} {y2:.1f} {x2:.0f} {y2:.1f}"
        f"V{y2 + thick2:.1f}C{middle:.0f} {y2 + thick2:.1f} {middle:.0f} {y1 + thick1:.1f} {x1:.0f} {y1 + thick1:.1f}Z"
    )
