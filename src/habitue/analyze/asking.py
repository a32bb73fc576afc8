"""How conditions are put to the past: one pass over the events, and a replay for what SQL does not know."""

# ruff: noqa: S608 - Names are made here, and whatever was written by somebody is quoted by the dialect.

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple

from habitue.model.instant import Instant
from habitue.playbook.conditions import Condition
from habitue.playbook.conditions.expanding import expand
from habitue.playbook.conditions.sql import DuckDB, Moment, Question, Sql
from habitue.playbook.conditions.sql.turns import Turns
from habitue.playbook.conditions.tree import Node
from habitue.playbook.playbook import Playbook

from .kept import COLUMNS, Replay, Row

if TYPE_CHECKING:
    from .history import History

BATCH = 20_000
"""Rows that are carried over at once."""


class Asked(NamedTuple):
    """Conditions at a moment, ready to be counted. `truths` are expressions over `source`; `tables` go before a query
    of it. Those of whom the source has no row are all alike: `nobody` is what holds for each of them."""

    tables: Sql
    source: Sql
    truths: list[Sql]
    nobody: list[bool]


class Asking:
    """Puts conditions to one history, with one playbook's segments. Not for several threads at once."""

    def __init__(self, history: History, playbook: Playbook) -> None:
        self.history = history
        self._playbook = playbook
        self._segments = {name: self._tree(segment.condition) for name, segment in playbook.segments.items()}
        self._dialect = DuckDB()
        self._has_people = False

    def people(self) -> Sql:
        """A table of everyone, and when she was first heard of. It takes a pass over all events, once."""
        if not self._has_people:
            self.history.ask("CREATE OR REPLACE TEMP TABLE everybody AS SELECT * FROM people")
            self._has_people = True
        return "everybody"

    @contextmanager
    def at(self, conditions: Sequence[Condition], at: Instant, *, everybody: bool = False) -> Iterator[Asked]:
        """`everybody`: the source has a row for everyone there was then."""
        question = self.question(conditions, Moment(at), at)
        everybody = everybody or question.needs_customer
        with self.answered(question, at) as (tables, known):
            if everybody:
                people = f"(SELECT customer FROM {self.people()} WHERE first_received_at <= {at})"
                yield Asked(tables, joined((people, *known), "customer"), question.truths, [])
                return
            source = joined(known, "customer")
            asked = f"SELECT {', '.join(question.truths)} FROM (SELECT 1) LEFT JOIN (SELECT * FROM {source}) ON FALSE"
            yield Asked(tables, source, question.truths, list(self.history.ask(f"{tables} {asked}")[0]))

    @contextmanager
    def at_members(self, condition: Condition, at: Instant) -> Iterator[Asked]:
        """One condition, over a source that has a row for each of whom it is true."""
        with self.at((condition,), at) as asked:
            if not any(asked.nobody):
                yield asked
                return
        with self.at((condition,), at, everybody=True) as asked:
            yield asked

    def turns(self, condition: Condition) -> Turns:
        return Turns([self._tree(condition)], self._segments, self._dialect, self._playbook.shop.timezone)

    def concern(self, replay: Replay) -> Sql:
        """Which events a replay looks at."""
        return replay.concern.sql(self._dialect)

    def population(self, at: Instant) -> int:
        """How many there were."""
        return int(self.history.ask(f"SELECT count(*) FROM {self.people()} WHERE first_received_at <= {at}")[0][0])

    def quoted(self, text: str) -> Sql:
        return self._dialect.text(text)

    def question(self, conditions: Sequence[Condition], moment: Moment, nobody_at: Instant) -> Question:
        return Question(
            [self._tree(condition) for condition in conditions],
            self._segments,
            moment,
            dialect=self._dialect,
            zone=self._playbook.shop.timezone,
            nobody=lambda node: Replay((node,), self._playbook).nobody(nobody_at)[0],
        )

    def _tree(self, condition: Condition) -> Node:
        return expand(condition.tree, self._playbook.definitions)

    @contextmanager
    def answered(self, question: Question, points: Instant | None) -> Iterator[tuple[Sql, tuple[Sql, ...]]]:
        """What goes before a query of the question's truths, and the tables that know; a replay is done by then.

        `points`: the one instant, or None for the table of that name.
        """
        if not question.replays:
            yield question.tables(), ("leaves",)
            return
        replay = self.replay(question)
        events = self.concern(replay)
        concerned = question.scan.concern(events) if question.facts else "0"
        columns = "".join(f", {name} JSON" for name in question.replays.values())
        keys, known = question.moment.keys, ("leaves", "replayed")
        source = joined(known if points is not None else ("points", *known), keys)
        until = f" AND received_at <= {points}" if points is not None else ""
        try:
            self.history.ask(f"CREATE TEMP TABLE leaves AS {question.tables()} SELECT * FROM leaves")
            self.history.ask(f"CREATE TEMP TABLE replayed (customer VARCHAR, t BIGINT{columns})")
            self.history.ask(
                "CREATE TEMP TABLE replayable AS "
                f"SELECT DISTINCT customer FROM {source} WHERE {question.replayable(f'COALESCE({concerned}, 0)')}"
            )
            rows = self.rows(f"({events}) AND customer IN (SELECT customer FROM replayable){until}")
            self._carry_over(replay.over(rows, points if points is not None else self._points()))
            yield "", known
        finally:
            self.drop("leaves", "replayed", "replayable")

    def replay(self, question: Question) -> Replay:
        return Replay(tuple(question.replays), self._playbook)

    def rows(self, where: Sql) -> Iterator[Row]:
        """Events in order of customer and position. Nothing else can be asked until the last has been taken."""
        name = "to_replay"
        try:
            self.history.ask(f"CREATE TEMP TABLE {name} AS SELECT position, {COLUMNS} FROM events WHERE {where}")
            result = self.history.connection.execute(f"SELECT {COLUMNS} FROM {name} ORDER BY customer, position")
            while rows := result.fetchmany(BATCH):
                yield from rows
        finally:
            self.drop(name)

    def drop(self, *tables: str) -> None:
        for table in tables:
            self.history.ask(f"DROP TABLE IF EXISTS temp.{table}")

    def _points(self) -> Mapping[str, Sequence[Instant]]:
        asked = (
            "SELECT customer, list(t ORDER BY t) FROM points SEMI JOIN replayable USING (customer) GROUP BY customer"
        )
        return dict(self.history.ask(asked))

    def _carry_over(self, rows: Iterable[Row]) -> None:
        """Into the table `replayed`, by way of Arrow: a statement for each row would take as long as the replay."""
        import pyarrow as pa

        columns = list(zip(*rows, strict=True))
        if not columns:
            return
        names = ("customer", "t", *(f"k{index}" for index in range(len(columns) - 2)))
        self.history.connection.register("carried", pa.table(dict(zip(names, map(list, columns), strict=True))))
        said = ", ".join(f"json_extract({name}, '$')" for name in names[2:])
        self.history.ask(f"INSERT INTO replayed SELECT customer, t, {said} FROM carried")
        self.history.connection.unregister("carried")


def joined(tables: Sequence[Sql], keys: Sql) -> Sql:
    first, *others = tables
    return " LEFT JOIN ".join((first, *(f"{table} USING ({keys})" for table in others)))
