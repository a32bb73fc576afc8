"""The grid: recency down, frequency or money across, and a shade for how many people stand in each cell."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from habitue.console.ports import Standing
from habitue.playbook.rfm import SCORES

SHADES = 8


class Cell(NamedTuple):
    """`shade` goes from 0 (nobody) to 8 (the fullest cell)."""

    recency: int
    across: int
    people: int
    shade: int
    condition: str


def cells(standings: Sequence[Standing], across: str) -> list[list[Cell]]:
    """Rows from the latest buyers down."""
    place = 1 if across == "frequency" else 2
    counts = Counter[tuple[int, int]]()
    for one in standings:
        if one.code:
            counts[int(one.code[0]), int(one.code[place])] += one.people
    fullest = max(counts.values(), default=0)
    return [[_cell(row, column, counts[row, column], fullest, across) for column in SCORES] for row in SCORES[::-1]]


def _cell(recency: int, other: int, people: int, fullest: int, across: str) -> Cell:
    # By the square root: else one full cell leaves all others pale.
    shade = max(1, round(SHADES * (people / fullest) ** 0.5)) if people else 0
    return Cell(recency, other, people, shade, f"rfm.recency == {recency} and rfm.{across} == {other}")
