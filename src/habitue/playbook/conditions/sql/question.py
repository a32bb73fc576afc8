"""Conditions asked at a moment, as SQL: the pass over the events, the yes or no to each, and what a replay must add."""

# ruff: noqa: S608 - Names are made here, and whatever was written by somebody is quoted.

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from habitue.model.instant import Instant
from habitue.playbook.conditions.error import ConditionError
from habitue.playbook.conditions.tree import Node, Occasion
from habitue.playbook.playbook import Shop

from .dialects import DuckDB, Sql
from .exchange import Exchange
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
        exchange: Exchange | None = None,
    ) -> None:
        self.moment = moment
        self.scan = Scan(dialect, moment, zone, exchange)
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


def members_sql(
    conditions: Mapping[str, Node], segments: Mapping[str, Node], at: Instant, dialect: DuckDB, shop: Shop
) -> Sql:
    """A query for any engine that has tables `events` and `people` (see `analyze/history`): for each customer there was
    at the instant, a yes or no to each condition, under its name.

    Trees without words of the playbook's tables; see `expanding`. Raises ConditionError for what takes a replay, and
    for amounts of a shop that names its currency: what they are in it, a query alone cannot tell.
    """
    trees, zone = list(conditions.values()), shop.timezone
    question = Question(trees, segments, Moment(at), dialect=dialect, zone=zone, nobody=_no_replay)
    if shop.is_currency_said and question.scan.reads_money:
        raise ConditionError("amounts are brought into the shop's currency first, which a query alone cannot do")
    if question.has_facts:
        raise ConditionError("carts, visits, consent and the like are replayed from events: a query alone cannot tell")
    columns = "".join(
        f', {truth} AS "{name.replace(chr(34), chr(34) * 2)}"'
        for name, truth in zip(conditions, question.truths, strict=True)
    )
    people = f"(SELECT customer FROM people WHERE first_received_at <= {at}) AS living"
    asked = f"{question.tables()} SELECT customer{columns} FROM {people} LEFT JOIN leaves USING (customer)"
    return dialect.finished(asked)


def _no_replay(node: Node) -> str:
    return "null"
