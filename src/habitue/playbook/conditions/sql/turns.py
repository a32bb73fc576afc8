"""Where the truth of conditions can change: what is heard of a customer, and where the windows of its counters turn."""

# ruff: noqa: S608 - Names are made here, and whatever was written by somebody is quoted by the dialect.

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TypeAlias

from habitue.model.instant import DAY, Instant, Span
from habitue.playbook.conditions.periods import Unit, unit_of
from habitue.playbook.conditions.tree import (
    Aggregate,
    Compare,
    Constant,
    InSegment,
    Node,
    Sequence,
    Step,
    Trait,
    walk,
)

from .dialects import DuckDB, Sql
from .exchange import Exchange
from .scan import Moment, Scan

Clock: TypeAlias = tuple[Unit, str]
"""Units of the calendar, and the zone they are of."""


class Turns:
    """Collects the instants, and says them as a query of `customer` and `t`, each pair at least once."""

    def __init__(
        self,
        nodes: Iterable[Node],
        segments: Mapping[str, Node],
        dialect: DuckDB,
        zone: str,
        exchange: Exchange | None = None,
    ) -> None:
        self._scan = Scan(dialect, Moment(None), zone, exchange)
        self._zone = zone
        self._heard: dict[Sql, None] = {}
        self._after: dict[tuple[Sql, Span], None] = {}
        self._clocks: dict[tuple[Sql, int], None] = {}
        self.clocks: dict[Clock, int] = {}
        """Of which there has to be a table `clock0` (and so on) of where each unit begins, ends, and the next ends."""
        for node in _everything(nodes, segments):
            self._look(node)

    @property
    def names(self) -> frozenset[str]:
        """Of the events it looks at."""
        return frozenset(self._scan.names)

    def _look(self, node: Node) -> None:
        match node:
            case Aggregate(event=event, where=where):
                self._windowed(node, self._scan.match(event, where))
            case Sequence(steps=steps, without=without):
                for match in self._scan.matches((*steps, *without)):
                    self._windowed(node, match)
            case Compare(left=left, right=right):
                for one, other in ((left, right), (right, left)):
                    if isinstance(one, Aggregate) and one.function == "days_since" and isinstance(other, Constant):
                        self._aged(self._scan.match(one.event, one.where), other)
            case Trait(path=path):
                self._heard[f"{self._scan.word(path[0])} IS NOT NULL"] = None

    def _windowed(self, node: Aggregate | Sequence, match: Sql) -> None:
        self._heard[match] = None
        if node.within is not None:
            self._after[match, node.within] = None
        if node.period:
            clock = (unit_of(node.period)[0], node.zone or self._zone)
            self._clocks[match, self.clocks.setdefault(clock, len(self.clocks))] = None

    def _aged(self, match: Sql, days: Constant) -> None:
        assert isinstance(days.value, (int, float))
        for span in (round(days.value * DAY), round(days.value * DAY) + 1):
            self._after[match, span] = None

    def query(self, until: Instant) -> Sql:
        tables = ", ".join(f"{name} AS ({table})" for name, table in self._scan.rows())
        heard = " OR ".join(self._heard) or "FALSE"
        parts = [f"SELECT customer, received_at AS t FROM matched WHERE {heard}"]
        for match, span in self._after:
            later = f"occurred_at + {span}"
            parts.append(f"SELECT customer, {later} FROM matched WHERE {match} AND {later} > received_at")
        for match, index in self._clocks:
            for end in ("ends", "next_ends"):
                parts.append(
                    f"SELECT customer, {end} FROM matched JOIN clock{index} "
                    f"ON occurred_at >= begins AND occurred_at < ends WHERE {match} AND {end} > received_at"
                )
        return f"WITH {tables} SELECT * FROM ({' UNION '.join(parts)}) WHERE t <= {until}"


def _everything(nodes: Iterable[Node], segments: Mapping[str, Node]) -> Iterable[Node]:
    """Every node of the trees and of the segments they name."""
    waiting, seen = list(nodes), set[str]()
    while waiting:
        for node in walk(waiting.pop()):
            if isinstance(node, InSegment):
                if node.name not in seen:
                    seen.add(node.name)
                    waiting.append(segments[node.name])
            elif not isinstance(node, Step):
                yield node
