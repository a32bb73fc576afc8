"""Counters: one file per thing that can be kept of a customer's events."""

from __future__ import annotations

from .amounts import Amounts
from .calendar import Calendar
from .chain import Chain
from .count import Count
from .different import Different
from .ends import First, Last
from .extremes import Extremes
from .latest import Latest
from .leaf import Counters, Leaf, Spec
from .sequence import Sequence
from .times import Times
from .total import Total

KINDS: dict[str, type[Leaf]] = {
    leaf.kind: leaf
    for leaf in (
        Amounts,
        Calendar,
        Chain,
        Count,
        Different,
        Extremes,
        First,
        Last,
        Latest,
        Sequence,
        Times,
        Total,
    )
}
"""By the name that stands in a leaf's spec."""

__all__ = [
    "KINDS",
    "Amounts",
    "Calendar",
    "Chain",
    "Count",
    "Counters",
    "Different",
    "Extremes",
    "First",
    "Last",
    "Latest",
    "Leaf",
    "Sequence",
    "Spec",
    "Times",
    "Total",
]
