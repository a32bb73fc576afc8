"""One pass over the events for all that is asked: each counter is an aggregate with a filter, a row per customer."""

# ruff: noqa: S608 - Names are made here, and whatever was written by somebody is quoted by the dialect.

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple, TypeAlias

from habitue.model.event import IDENTIFIED
from habitue.model.instant import Instant, to_iso
from habitue.playbook.conditions.money import is_money
from habitue.playbook.conditions.periods import bounds
from habitue.playbook.conditions.tree import EACH, Aggregate, Node, Path, Period, Sequence, Step

from .dialects import DuckDB, Sql
from .exchange import Exchange
from .filters import amount_sql, filter_sql, scalar_sql
from .sequences import sequence_sql

Calendar: TypeAlias = tuple[Period, str]
"""A period and its zone."""
UNSURE_LENGTH = 90
"""Of the JSON of a trait. One that is longer may be too long for what is kept of a customer."""


class Moment(NamedTuple):
    """When is asked: at one instant for all, or, for None, at the column `t` of a table `points(customer, t)`.

    `as_it_happened`: an event is known from when it happened, not from when it was received. A history that was
    imported yesterday then lies in its own time.
    """

    at: Instant | None
    as_it_happened: bool = False

    @property
    def known_at(self) -> Sql:
        """The column of an event that says from when on it is known."""
        return "occurred_at" if self.as_it_happened else "received_at"

    @property
    def sql(self) -> Sql:
        return "t" if self.at is None else str(self.at)

    @property
    def keys(self) -> Sql:
        return "customer, t" if self.at is None else "customer"


class Scan:
    """Collects what is asked, each by the name of a column, and says it as queries: `leaves` has a row for everyone
    whom any of it concerns. What is asked of a column that is not there for somebody is that of nobody: NULL."""

    def __init__(self, dialect: DuckDB, moment: Moment, zone: str, exchange: Exchange | None = None) -> None:
        self.dialect, self.moment = dialect, moment
        self.calendars: dict[Calendar, int] = {}
        """Those of which a table of points has to say `start0`, `end0` and so on."""
        self.names: set[str] = set()
        self._zone, self._exchange = zone, exchange
        self._paths: dict[str, dict[Path, int]] = {}
        self._rows: dict[Sql, str] = {}
        self._columns: dict[Sql, str] = {}
        self._sequences: dict[Sequence, str] = {}
        self._traits: dict[str, int] = {}
        self._oldest: Instant | None = moment.at
        """What happened before it does not matter; None: everything does."""

    # --- what is asked ---

    def count(self, node: Aggregate) -> Sql:
        return self._column(f"count(*) FILTER (WHERE {self._inside(node)})")

    def latest(self, node: Aggregate) -> Sql:
        self._reach(None)
        return self._column(f"max(occurred_at) FILTER (WHERE {self.match(node.event, node.where)})")

    def sum(self, node: Aggregate) -> tuple[Sql, Sql]:
        """The sum in millionths, and over how many."""
        amount, inside = self._amount(node), self._inside(node)
        if EACH not in node.value:
            return self._filtered(self.dialect.whole_sum(amount), inside), self._filtered(f"count({amount})", inside)
        summed, counted = self.dialect.sum_of(amount), self.dialect.length(amount)
        return self._filtered(f"sum({summed})", inside), self._filtered(f"sum({counted})", inside)

    def extreme(self, node: Aggregate) -> Sql:
        """The smallest or largest, in millionths."""
        amount, inside = self._amount(node), self._inside(node)
        if EACH in node.value:
            amount = self.dialect.extreme_of(node.function, amount)
        return self._filtered(f"{node.function}({amount})", inside)

    def end(self, node: Aggregate) -> Sql:
        """The first or last value, as JSON."""
        kept, inside = self._kept(node), self._inside(node)
        by = self.dialect.in_order("occurred_at", self.order)
        return self._filtered(
            f"{'arg_min' if node.function == 'first' else 'arg_max'}({kept}, {by})", f"{inside} AND {kept} IS NOT NULL"
        )

    def distinct(self, node: Aggregate) -> Sql:
        kept, inside = self._kept(node), self._inside(node)
        if EACH in node.value:
            return self._column(self.dialect.distinct_of(self.dialect.each(kept, self.dialect.written), inside))
        return self._filtered(f"count(DISTINCT {self.dialect.written(kept)})", inside)

    def sequence(self, node: Sequence) -> Sql:
        """TRUE where it happened."""
        self.window(node)
        for step in (*node.steps, *node.without):
            self.match(step.event, step.where)
        return self._sequences.setdefault(node, f"q{len(self._sequences)}")

    def trait(self, name: str) -> tuple[Sql, Sql]:
        """The latest word on a trait as JSON, and whether SQL cannot be sure of it, so that it takes a replay."""
        word = self.word(name)
        once = self._row(self._of_name(IDENTIFIED, self.dialect.names_once("properties", name)))
        said = f"{word} IS NOT NULL"
        sworn = self._row(self._of_name(IDENTIFIED, self.dialect.is_sworn("context")))
        by = self.dialect.in_order(sworn, self.dialect.in_order("occurred_at", self.order))
        latest = self._filtered(f"arg_max({word}, {by})", said)
        long = self._filtered(f"max({self.dialect.measure(word)})", said)
        told_once = self._filtered(f"bool_or({once})", said)
        return latest, f"COALESCE({told_once} OR {long} > {UNSURE_LENGTH}, FALSE)"

    def word(self, name: str) -> Sql:
        """What an event says of a trait, as JSON."""
        self._reach(None)
        self.names.add(IDENTIFIED)
        index = self._traits.setdefault(name, len(self._traits))
        return self._row(self._of_name(IDENTIFIED, self.dialect.of_several("told", index)))

    def window(self, node: Aggregate | Sequence) -> Sql:
        """Whether an event lies in the window; empty for all time."""
        if node.within is not None:
            self._reach(None if self.moment.at is None else self.moment.at - node.within)
            return f"occurred_at > {self.moment.sql} - {node.within}"
        if node.period:
            start, end = self._bounds((node.period, node.zone or self._zone))
            return f"occurred_at >= {start} AND occurred_at < {end}"
        self._reach(node.since)
        parts = [f"occurred_at >= {node.since}"] if node.since is not None else []
        parts += [f"occurred_at < {node.before}"] if node.before is not None else []
        return " AND ".join(parts)

    def match(self, event: str, where: Node | None) -> Sql:
        """Whether an event is one that is counted."""
        self.names.add(event)
        named = f"name = {self.dialect.text(event)}"
        if where is None:
            return self._row(f"({named})")
        meant = filter_sql(where, self.dialect, read=lambda path: self._read(event, path))
        return self._row(f"(CASE WHEN {named} THEN {meant} ELSE FALSE END)")

    def matches(self, steps: tuple[Step, ...]) -> tuple[Sql, ...]:
        return tuple(self.match(step.event, step.where) for step in steps)

    @property
    def reads_money(self) -> bool:
        return any(is_money(path) for paths in self._paths.values() for path in paths)

    # --- its parts ---

    @property
    def order(self) -> Sql:
        """What puts events of one instant in order: their place in the log."""
        return self._row("position")

    def _bounds(self, calendar: Calendar) -> tuple[Sql, Sql]:
        if self.moment.at is not None:
            start, end = bounds(*calendar, self.moment.at)
            self._reach(start)
            return str(start), str(end)
        self._reach(None)
        index = self.calendars.setdefault(calendar, len(self.calendars))
        return f"start{index}", f"end{index}"

    def _inside(self, node: Aggregate) -> Sql:
        match, window = self.match(node.event, node.where), self.window(node)
        return f"{match} AND {window}" if window else match

    def _reach(self, since: Instant | None) -> None:
        if self._oldest is not None:
            self._oldest = None if since is None else min(self._oldest, since)

    def _filtered(self, aggregate: Sql, inside: Sql) -> Sql:
        return self._column(f"{aggregate} FILTER (WHERE {inside})")

    def _column(self, aggregate: Sql) -> Sql:
        return self._columns.setdefault(aggregate, f"l{len(self._columns)}")

    def _row(self, value: Sql) -> Sql:
        return self._rows.setdefault(value, f"v{len(self._rows)}")

    def _amount(self, node: Aggregate) -> Sql:
        amount = amount_sql(node.value, self.dialect, read=lambda path: self._read(node.event, path))
        return self._row(self._of_name(node.event, amount))

    def _kept(self, node: Aggregate) -> Sql:
        kept = scalar_sql(node.value, self.dialect, read=lambda path: self._read(node.event, path))
        return self._row(self._of_name(node.event, kept))

    def _of_name(self, event: str, value: Sql) -> Sql:
        """Only of events of that name: of the others, nothing is taken out of the JSON."""
        return f"(CASE WHEN name = {self.dialect.text(event)} THEN {value} END)"

    def _read(self, event: str, path: Path) -> Sql:
        """The value at the path, taken out of an event's JSON together with all that is asked of events of its name."""
        known = self._paths.setdefault(event, {})
        index = known.setdefault(path, len(known))
        return self.dialect.of_several(f"taken{list(self._paths).index(event)}", index)

    # --- as queries ---

    def tables(self) -> list[tuple[str, Sql]]:
        """Common table expressions, by name; the last is `leaves`."""
        if not self._columns and not self._sequences:
            keyed = "points" if self.moment.at is None else "people"
            return [("leaves", f"SELECT {self.moment.keys} FROM {keyed} WHERE FALSE")]
        order = self.order if self._sequences else ""
        found, source = self.rows(), "matched"
        if self.moment.at is None:
            source = "seen"
            found.append(
                (
                    "seen",
                    f"SELECT matched.*, {self._of_points()} FROM points JOIN matched "
                    f"ON matched.customer = points.customer AND matched.{self.moment.known_at} <= points.t",
                )
            )
        keys = self.moment.keys
        columns = "".join(f", {aggregate} AS {name}" for aggregate, name in self._columns.items())
        found.append(("counted", f"SELECT {keys}{columns} FROM {source} GROUP BY {keys}"))
        joined, also = "counted", ""
        for node, name in self._sequences.items():
            found += sequence_sql(
                f"{name}_", source, keys, order, self.matches(node.steps), self.matches(node.without), node.apart,
                self.window(node),
            )  # fmt: skip
            joined += f" LEFT JOIN {found[-1][0]} USING ({keys})"
            also += f", {found[-1][0]}.happened AS {name}"
        found.append(("leaves", f"SELECT counted.*{also} FROM {joined}"))
        return found

    def rows(self) -> list[tuple[str, Sql]]:
        """The tables up to `matched`, which has a row for each event."""
        return [("known", self._known()), ("matched", self._matched())]

    def _of_points(self) -> Sql:
        columns = [f"points.{end}{index}" for index in self.calendars.values() for end in ("start", "end")]
        return ", ".join(("points.t", *columns))

    def _known(self) -> Sql:
        taken = [
            f"{self._of_name(event, self.dialect.several(self._told(paths), tuple(paths)))} AS taken{index}"
            for index, (event, paths) in enumerate(self._paths.items())
        ]
        if self._traits:
            paths = tuple((name,) for name in self._traits)
            taken.append(f"{self._of_name(IDENTIFIED, self.dialect.several('traits', paths))} AS told")
        context = ["context"] if self._traits else []
        columns = ("customer", "name", "occurred_at", "received_at", "position", "properties", *context, *taken)
        return f"SELECT {', '.join(columns)} FROM events WHERE {self._asked()}"

    def _told(self, paths: Iterable[Path]) -> Sql:
        """An event's properties, in the shop's currency where one of the paths leads to money."""
        if self._exchange is None or not any(map(is_money, paths)):
            return "properties"
        return self._exchange.properties(self.dialect)

    def _asked(self) -> Sql:
        names = ", ".join(self.dialect.text(name) for name in sorted(self.names)) or "''"
        parts = ["customer IS NOT NULL", f"name IN ({names})"]
        if self.moment.at is not None:
            parts.append(f"{self.moment.known_at} <= {self.moment.at}")
            if not self.moment.as_it_happened:
                parts.append(f"date <= {_day(self.moment.at)}")
        if self._oldest is not None:  # What is received lies at or after what happened.
            parts += [f"occurred_at >= {self._oldest}", f"date >= {_day(self._oldest)}"]
        return " AND ".join(parts)

    def _matched(self) -> Sql:
        columns = [f"{value} AS {name}" for value, name in self._rows.items()]
        return f"SELECT {', '.join(('customer', 'occurred_at', 'received_at', *columns))} FROM known"


def _day(instant: Instant) -> Sql:
    return f"DATE '{to_iso(instant)[:10]}'"
