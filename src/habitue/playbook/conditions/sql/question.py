"""Conditions asked at a moment, as SQL: the pass over the events, the yes or no to each, and what a replay must add."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from habitue.playbook.conditions.tree import Node, Occasion

from .dialects import DuckDB, Sql
from .scan import Moment, Scan
from .truths import Truths, is_replayed


class Question:
    """Every text speaks of tables named `events`, `leaves` (see `tables`) and, where `replays` is not empty,
    `replayed`, with the keys and a column of JSON for each."""

    def __init__(
        self,
        trees: Sequence[Node],
        segments: Mapping[str, Node],
        moment: Moment,
        *,
        dialect: DuckDB,
        zone: str,
        nobody: Callable[[Node], str],
    ) -> None:
        self.moment = moment
        self.scan = Scan(dialect, moment, zone)
        self._compiled = Truths(dialect, self.scan, segments, nobody)
        self.truths = [self._compiled.truth(tree) for tree in trees]
        self.replays = self._compiled.replays
        self.needs_customer = self._compiled.needs_customer
        undecided = [
            f"({self._compiled.truth_if(tree, True)} AND NOT {self._compiled.truth_if(tree, False)})"
            for tree in trees
            if any(is_replayed(node) for node in self.replays)
        ]
        self._undecided = undecided
        self._unsure = list(self._compiled.unsure.values())

    @property
    def has_facts(self) -> bool:
        """Whether there is something that only a replay knows."""
        return bool(self._undecided)

    @property
    def turns_for_nobody(self) -> bool:
        """Whether time alone changes what is so of somebody nothing is known about."""
        return any(isinstance(node, Occasion) for node in self.replays)

    def tables(self) -> Sql:
        """What goes before a query that speaks of `leaves`."""
        return f"WITH {', '.join(f'{name} AS ({query})' for name, query in self.scan.tables())}"

    @property
    def undecided(self) -> Sql:
        """Of whom only a replay can tell. It speaks of what a replay said already, which is nothing."""
        return " OR ".join((*self._undecided, *self._unsure)) or "FALSE"
