"""How conditions are put to the past: one pass over the events, and a replay for what SQL does not know."""

# ruff: noqa: S608 - Names are made here, and whatever was written by somebody is quoted by the dialect.

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple

from habitue.model.instant import Instant
from habitue.playbook.conditions import Condition
from habitue.playbook.conditions.expanding import expand
from habitue.playbook.conditions.sql import DuckDB, Moment, Question, Sql, counters
from habitue.playbook.conditions.sql.turns import Turns
from habitue.playbook.conditions.tree import Node
from habitue.playbook.playbook import Playbook

from .kept import COLUMNS, Replay, Row

if TYPE_CHECKING:
    from .history import History

BATCH = 20_000
"""Rows that are carried over at once."""
COUNTERS_MAX = 50
"""Counters in one pass, which holds them of everybody at once: of 400,000 people, 50 of all kinds have room in 1 GB,
and 100 have not. Another pass reads the events once more, on which one so wide spends little of its time; but what has
to be replayed for conditions of several passes is replayed in each."""
_THERE = """
SELECT customer, least(first_received_at, began) AS first_received_at FROM people
LEFT JOIN (SELECT customer, min(occurred_at) AS began FROM events GROUP BY customer) USING (customer)
"""


class Asked(NamedTuple):
    """Conditions at a moment, ready to be counted. `truths` are expressions over `source`; `tables` go before a query
    of it. Those of whom the source has no row are all alike: `nobody` is what holds for each of them."""

    tables: Sql
    source: Sql
    truths: list[Sql]
    nobody: list[bool]


class Asking:
    """Puts conditions to one history, with one playbook's segments. Not for several threads at once.

    `as_it_happened`: an event is known from when it happened, see `Moment`, and everyone was there since her first.
    """

    def __init__(self, history: History, playbook: Playbook, *, as_it_happened: bool = False) -> None:
        self.history = history
        self._as_it_happened = as_it_happened
        self._playbook = playbook
        self._segments = {name: self._tree(segment.condition) for name, segment in playbook.segments.items()}
        self._dialect = DuckDB()
        self._exchange = history.exchange(playbook.shop)
        self._has_people = False

    def people(self) -> Sql:
        """A table of everyone, and when she was first heard of. It takes a pass over all events, once."""
        if not self._has_people:
            people = _THERE if self._as_it_happened else "SELECT * FROM people"
            self.history.ask(f"CREATE OR REPLACE TEMP TABLE everybody AS {people}")
            self._has_people = True
        return "everybody"

    @contextmanager
    def at(self, conditions: Sequence[Condition], at: Instant, *, everybody: bool = False) -> Iterator[Asked]:
        """`everybody`: the source has a row for everyone there was then."""
        groups = list(self.together(conditions))
        if len(groups) > 1:
            with self._kept(groups, at) as kept:
                yield kept
            return
        question = self.question(conditions, self.moment(at), at)
        everybody = everybody or question.needs_customer
        with self.answered(question, at) as (tables, source):
            if everybody:
                yield Asked(tables, self._of_everybody(source, at), question.truths, [])
                return
            asked = f"SELECT {', '.join(question.truths)} FROM (SELECT 1) LEFT JOIN (SELECT * FROM {source}) ON FALSE"
            yield Asked(tables, source, question.truths, list(self.history.ask(f"{tables} {asked}")[0]))

    @contextmanager
    def _kept(self, groups: Sequence[Sequence[Condition]], at: Instant) -> Iterator[Asked]:
        """A pass for each group, of which a table keeps each yes and no of everyone there was."""
        tables, truths = [f"kept{number}" for number in range(len(groups))], list[Sql]()
        try:
            for group, table in zip(groups, tables, strict=True):
                with self.at(group, at, everybody=True) as asked:
                    answers = [f"{table}_{place}" for place in range(len(group))]
                    said = "".join(f", {truth} AS {name}" for truth, name in zip(asked.truths, answers, strict=True))
                    body = f"{asked.tables} SELECT customer{said} FROM {asked.source}"
                    self.history.ask(f"CREATE TEMP TABLE {table} AS {body}")
                    truths += answers
            source = tables[0] + "".join(f" JOIN {table} USING (customer)" for table in tables[1:])
            yield Asked("", source, truths, [])
        finally:
            self.drop(*tables)

    @contextmanager
    def naming(self, conditions: Sequence[Condition], at: Instant) -> Iterator[Asked]:
        """The same, over a source that has a row for each of whom one of them is true."""
        with self.at(conditions, at) as asked:
            if not any(asked.nobody):
                yield asked
                return
        with self.at(conditions, at, everybody=True) as asked:
            yield asked

    def turns(self, condition: Condition) -> Turns:
        return Turns(
            [self._tree(condition)], self._segments, self._dialect, self._playbook.shop.timezone, self._exchange
        )

    def concern(self, replay: Replay) -> Sql:
        """Which events a replay looks at."""
        return replay.concern.sql(self._dialect)

    def together(self, conditions: Iterable[Condition]) -> Iterator[list[Condition]]:
        """The conditions in their order, as many at a time as one pass may count. One that has more counters is alone:
        how many it can have is bounded where it is read."""
        group: list[Condition] = []
        counted: set[Node] = set()
        for condition in conditions:
            more = set(counters(self._tree(condition), self._segments))
            if group and len(counted | more) > COUNTERS_MAX:
                yield group
                group, counted = [], set()
            group.append(condition)
            counted |= more
        if group:
            yield group

    def population(self, at: Instant) -> int:
        """How many there were."""
        return int(self.history.ask(f"SELECT count(*) FROM {self.people()} WHERE first_received_at <= {at}")[0][0])

    def _of_everybody(self, source: Sql, at: Instant) -> Sql:
        """With a row for everyone there was then."""
        people = f"(SELECT customer FROM {self.people()} WHERE first_received_at <= {at})"
        return f"{people} LEFT JOIN (SELECT * FROM {source}) USING (customer)"

    def moment(self, at: Instant | None) -> Moment:
        return Moment(at, self._as_it_happened)

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
            exchange=self._exchange,
        )

    def _tree(self, condition: Condition) -> Node:
        return expand(condition.tree, self._playbook.definitions)

    @contextmanager
    def answered(self, question: Question, points: Instant | None) -> Iterator[tuple[Sql, Sql]]:
        """What goes before a query of the question's truths, and their source; a replay is done by then.

        `points`: the one instant, or None for the table of that name, of which the source then has every row.
        """
        if not question.replays:
            yield question.tables(), "leaves" if points is not None else "points LEFT JOIN leaves USING (customer, t)"
            return
        replay = self.replay(question)
        columns = "".join(f", {name} JSON" for name in question.replays.values())
        if points is None:
            source = "points LEFT JOIN leaves USING (customer, t) LEFT JOIN replayed USING (customer, t)"
        else:
            source = "leaves FULL JOIN replayed USING (customer)"
        try:
            self.history.ask(f"CREATE TEMP TABLE leaves AS {question.tables()} SELECT * FROM leaves")
            self.history.ask(f"CREATE TEMP TABLE replayed (customer VARCHAR, t BIGINT{columns})")
            whose = self._replayable(question, source, points)
            if whose:
                rows = self.rows(f"({self.concern(replay)}) AND customer IS NOT NULL AND {whose}")
                self._carry_over(replay.over(rows, points if points is not None else self._points()))
            yield "", source
        finally:
            self.drop("leaves", "replayed", "replayable")

    def _replayable(self, question: Question, source: Sql, points: Instant | None) -> Sql:
        """Whose events have to be replayed: a condition on `customer`, empty for nobody's. Who is decided about without
        is spared."""
        undecided, others = question.undecided, False
        if points is not None and question.needs_customer:
            source = self._of_everybody(source, points)
        elif points is not None:
            nobody = f"SELECT {undecided} FROM (SELECT 1) LEFT JOIN (SELECT * FROM {source}) ON FALSE"
            others = self.history.ask(nobody)[0][0]
        which = f"NOT ({undecided})" if others else undecided
        self.history.ask(f"CREATE TEMP TABLE replayable AS SELECT DISTINCT customer FROM {source} WHERE {which}")
        until = f" AND {self.moment(points).known_at} <= {points}" if points is not None else ""
        if others:
            return f"customer NOT IN (FROM replayable){until}"
        is_any = self.history.ask("SELECT count(*) FROM replayable")[0][0]
        return f"customer IN (FROM replayable){until}" if is_any else ""

    def replay(self, question: Question) -> Replay:
        return Replay(tuple(question.replays), self._playbook)

    def rows(self, where: Sql) -> Iterator[Row]:
        """Events of each customer as they became known. Nothing else can be asked until the last has been taken."""
        name = "to_replay"
        try:
            self.history.ask(f"CREATE TEMP TABLE {name} AS SELECT {COLUMNS} FROM events WHERE {where}")
            known_at = self.moment(None).known_at
            columns = COLUMNS.replace("received_at", f"{known_at} AS received_at")
            order = f"customer, {name}.{known_at}, position"  # Reception never goes back; what happened does.
            result = self.history.connection.execute(f"SELECT {columns} FROM {name} ORDER BY {order}")
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
