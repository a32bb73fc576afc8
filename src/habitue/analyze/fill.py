"""Counters of everybody as a history leaves them, in bulk: what a new version of the playbook would otherwise have to
read event by event.

SQL picks the events of each counter and adds them up as far as adding goes; what is kept of them in the end is decided
by the counter's own code, so that it is what absorbing the same events would have left. In memory are the counters of
some customers at a time; whatever DuckDB cannot hold it puts on disk.
"""

# ruff: noqa: S608 - Names are made here, and whatever was written by somebody is quoted by the dialect.

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, NamedTuple

import msgspec

from habitue.decide.adopt import horizon
from habitue.decide.conditions import Leaf
from habitue.decide.conditions.leaves import Times
from habitue.decide.conditions.leaves.different import hashed
from habitue.model.event import Event
from habitue.model.instant import Instant, to_iso
from habitue.playbook.conditions import ConditionError
from habitue.playbook.conditions.sql import DuckDB, Sql, amount_sql, filter_sql, scalar_sql
from habitue.playbook.conditions.tree import EACH

from .history import History

Counters = dict[int, Any]

ROWS_PER_SHARE = 1_000_000
"""What is carried over from DuckDB at a time, in rows."""
ROWS_PER_FETCH = 20_000
NEWEST_MAX = 64
"""So many times a customer are picked while events are read; of more, all are brought and cut afterwards."""
_MILLIONTHS = 1_000_000

_read_json = msgspec.json.decode
_dialect = DuckDB()


class Counted(NamedTuple):
    """A leaf, which of its events count (SQL), and from when on: an instant before the first, None for all time."""

    leaf: Leaf
    meant: Sql
    horizon: Instant | None

    @property
    def inside(self) -> Sql:
        """Names go first: they cost the least to look at."""
        spec = self.leaf.spec
        names = ", ".join(_dialect.text(name) for name in sorted(self.leaf.events))
        parts = [f"name IN ({names})", "customer IS NOT NULL"]
        if self.horizon is not None:
            parts.append(f"occurred_at > {self.horizon}")
            if self.horizon > 0:  # What is received lies at or after what happened.
                parts.append(f"date >= DATE '{to_iso(self.horizon)[:10]}'")
        if spec.since is not None:
            parts.append(f"occurred_at >= {spec.since}")
        if spec.before is not None:
            parts.append(f"occurred_at < {spec.before}")
        return " AND ".join(part for part in (*parts, self.meant) if part)


class Way(NamedTuple):
    """How leaves of a kind are counted: what is taken of events, and what a leaf keeps of the columns of one customer.

    `group`: what rows are put together by while events are read. Where that is not the customer alone, `gathered` puts
    a customer's rows together afterwards.
    """

    columns: Callable[[Leaf], Sql]
    state: Callable[[Leaf, tuple[Any, ...]], Any]
    group: Sql = "customer"
    gathered: Sql = ""


def fill(
    history: History,
    leaves: Sequence[Leaf],
    began: Instant,
    left_out: Iterable[str] = (),
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Iterator[list[tuple[str, Counters | None]]]:
    """Everybody's counters for these leaves at the history's position, in blocks, those with none left out.

    `began`: what had left a window by then is left out. `left_out`: of these None is said, for "ask elsewhere".
    `progress` is called with steps done and steps in all.
    """
    counted = [Counted(leaf, _meant(leaf), horizon(leaf, began)) for leaf in leaves]
    rows = 0
    names = [f"filled{number}" for number in range(len(counted))]
    steps = len(counted) + 1
    for number, (one, name) in enumerate(zip(counted, names, strict=True)):
        progress(number, steps)
        way = _way(one.leaf)
        source = _events(history, one.leaf)
        asked = f"SELECT customer, {way.columns(one.leaf)} FROM {source} WHERE {one.inside}"
        history.ask(f"CREATE TEMP TABLE {name} AS {asked}{f' GROUP BY {way.group}' if way.group else ''}")
        rows += history.ask(f"SELECT count(*) FROM {name}")[0][0]
    unknown = set(left_out)
    if unknown:
        yield [(customer, None) for customer in sorted(unknown)]
    shares = rows // ROWS_PER_SHARE + 1
    for share in range(shares):
        found: dict[str, Counters] = {}
        for one, name in zip(counted, names, strict=True):
            _take(history, one.leaf, name, f"hash(customer) % {shares} = {share}", found)
        yield [(customer, found[customer]) for customer in sorted(found) if customer not in unknown]
        progress(steps - 1 + (share + 1) // shares, steps)
    for name in names:
        history.ask(f"DROP TABLE {name}")


def _events(history: History, leaf: Leaf) -> Sql:
    exchange = None if leaf.shop is None else history.exchange(leaf.shop)
    if exchange is None:
        return "events"
    return f"(SELECT * REPLACE ({exchange.properties(_dialect)} AS properties) FROM events)"


def _take(history: History, leaf: Leaf, name: str, which: Sql, found: dict[str, Counters]) -> None:
    way, one = _way(leaf), leaf.id
    asked = f"SELECT * FROM {name} WHERE {which}"
    if way.gathered:
        asked = f"SELECT customer, list({way.gathered}) FROM {name} WHERE {which} GROUP BY customer"
    result = history.connection.execute(asked)
    while rows := result.fetchmany(ROWS_PER_FETCH):
        for customer, *columns in rows:
            state = way.state(leaf, tuple(columns))
            if state is not None:
                found.setdefault(customer, {})[one] = state


def _meant(leaf: Leaf) -> Sql:
    """Which of its events a leaf counts; empty for all, or where only the leaf itself can tell."""
    where = leaf.spec.where
    if where is None or leaf.spec.steps:
        return ""
    try:
        return filter_sql(where, _dialect)
    except ConditionError:  # It speaks of a run, which is nothing here; the leaf knows.
        return ""


def _way(leaf: Leaf) -> Way:
    spec = leaf.spec
    is_plain = EACH not in spec.value and (spec.where is None) == (not _meant(leaf))
    if not is_plain:
        return _AGAIN
    if isinstance(leaf, Times):
        return _NEWEST if leaf.need <= NEWEST_MAX else _ALL_TIMES
    return _WAYS.get(spec.kind, _AGAIN)


# --- counted while events are read -----------------------------------------------------------------------------------


def _amount(leaf: Leaf) -> Sql:
    return amount_sql(leaf.spec.value, _dialect)


def _end(which: str) -> Callable[[Leaf], Sql]:
    def columns(leaf: Leaf) -> Sql:
        kept = scalar_sql(leaf.spec.value, _dialect)
        moment = "{'at': occurred_at, 'position': position}"
        entry = f"{{'at': occurred_at, 'position': position, 'value': CAST({kept} AS VARCHAR)}}"
        return f"{which}({entry}, {moment}) FILTER (WHERE {kept} IS NOT NULL)"

    return columns


def _ended(leaf: Leaf, row: tuple[Any, ...]) -> Any:
    [found] = row
    return None if found is None else [found["at"], found["position"], _read_json(found["value"])]


def _totalled(leaf: Leaf, row: tuple[Any, ...]) -> Any:
    whole, numbers = row
    return [*divmod(int(whole), _MILLIONTHS), numbers] if numbers else None


# --- gathered, and cut by the leaf -----------------------------------------------------------------------------------


def _listed(leaf: Leaf, row: tuple[Any, ...]) -> Any:
    """Kept as a list: in its order, and cut to what the leaf needs."""
    return leaf.join([], row[0])


def _amounts(leaf: Leaf, row: tuple[Any, ...]) -> Any:
    known = [entry for entry in row[0] if entry[1] is not None]
    return leaf.join([], known) if known else None


def _seen(leaf: Leaf, row: tuple[Any, ...]) -> Any:
    seen: dict[int, Instant] = {}
    for at, value in row[0]:
        if value is not None:
            name = hashed(_read_json(value))
            seen[name] = max(int(at), seen.get(name, int(at)))
    return leaf.join({}, seen) if seen else None


def _again(leaf: Leaf, row: tuple[Any, ...]) -> Any:
    """Have the leaf absorb them: for what SQL cannot add up."""
    counters: Counters = {}
    for position, at, name, properties in sorted(row[0], key=lambda kept: int(kept[0])):
        leaf.absorb(counters, _event(int(at), name, properties), int(position))
    return counters.get(leaf.id)


def _event(at: Instant, name: str, properties: str) -> Event:
    return Event(
        id="",
        source="",
        type="track",
        name=name,
        occurred_at=at,
        properties=_read_json(properties) if properties else {},
    )


_AGAIN = Way(
    lambda leaf: "position, occurred_at, name, properties",
    _again,
    group="",
    gathered="[CAST(position AS VARCHAR), CAST(occurred_at AS VARCHAR), name, properties]",
)
_NEWEST = Way(lambda leaf: f"max(occurred_at, {leaf.need})", _listed)
_ALL_TIMES = Way(lambda leaf: "occurred_at", _listed, group="", gathered="occurred_at")

_WAYS: dict[str, Way] = {
    "count": Way(lambda leaf: "count(*)", lambda leaf, row: row[0] or None),
    "latest": Way(lambda leaf: "max(occurred_at)", lambda leaf, row: row[0]),
    "total": Way(lambda leaf: f"sum({_amount(leaf)}), count({_amount(leaf)})", _totalled),
    "extremes": Way(
        lambda leaf: f"min({_amount(leaf)}), max({_amount(leaf)})",
        lambda leaf, row: None if row[0] is None else list(row),
    ),
    "first": Way(_end("arg_min"), _ended),
    "last": Way(_end("arg_max"), _ended),
    "amounts": Way(
        lambda leaf: f"occurred_at, {_amount(leaf)} AS amount", _amounts, group="", gathered="[occurred_at, amount]"
    ),
    "different": Way(
        lambda leaf: f"CAST({scalar_sql(leaf.spec.value, _dialect)} AS VARCHAR) AS value, max(occurred_at) AS latest",
        _seen,
        group="customer, value",
        gathered="[CAST(latest AS VARCHAR), value]",
    ),
}
"""By kind; leaves of the others absorb their events again."""
