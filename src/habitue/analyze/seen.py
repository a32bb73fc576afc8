"""What was really seen: events, the values of their properties, and what a condition asks for that never came.

Names and what a condition asks for are looked for in all that is kept. Values that are offered come from the newest
events, so that asking costs the same however old a shop is.
"""

# ruff: noqa: S608 - Names are made here, and whatever was written by somebody is quoted by the dialect.

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

from habitue.model.event import IDENTIFIED
from habitue.playbook.conditions import Condition
from habitue.playbook.conditions.identifying import identifying
from habitue.playbook.conditions.sql import DuckDB, Sql, filter_sql
from habitue.playbook.conditions.tree import (
    EACH,
    Aggregate,
    And,
    Choices,
    Compare,
    Constant,
    Node,
    Or,
    Path,
    Property,
    Sequence,
    Trait,
    walk,
)
from habitue.playbook.problem import did_you_mean

if TYPE_CHECKING:
    from .history import History

NAMES_MAX = 500
NEWEST = 50_000
"""Of the newest events, so many are looked through for values."""
PROPERTIES_MAX = 300
VALUES_MAX = 20
"""Of each property, the most frequent."""
LENGTH_MAX = 60
"""Of a value that is offered; a longer one is a text, and no choice."""
ASKED_MAX = 60
NEAR_MAX = 3

_dialect = DuckDB()
_NAMES = "SELECT name, count(*) FROM events WHERE customer IS NOT NULL GROUP BY name ORDER BY 2 DESC, 1 LIMIT {most}"
_VALUES = """
WITH newest AS (
  SELECT name, CASE WHEN name = {identified} THEN traits ELSE properties END AS told FROM events
  WHERE customer IS NOT NULL AND position > {after}
), words AS (SELECT name, told, unnest(json_keys(told)) AS word FROM newest WHERE told NOT IN ('', '{{}}')),
said AS (
  SELECT name, word, json_extract_string(told, '$."' || word || '"') AS value FROM words WHERE word NOT LIKE '%"%'
),
counted AS (
  SELECT name, word, value, count(*) AS times FROM said WHERE length(value) BETWEEN 1 AND {length} GROUP BY ALL
)
SELECT name, word, list(value ORDER BY times DESC, value)[1:{values}], sum(times) FROM counted
GROUP BY name, word ORDER BY 4 DESC, 1, 2 LIMIT {most}
"""
_NEAR = """
SELECT value, count(*) FROM (SELECT {value} AS value FROM events WHERE name = {name} AND customer IS NOT NULL)
WHERE length(value) BETWEEN 1 AND {length} GROUP BY value ORDER BY 2 DESC, 1 LIMIT 200
"""


class Told(NamedTuple):
    """A property of an event, or a trait (`event` is "Identified"), and the values it had most often."""

    event: str
    name: str
    values: tuple[str, ...]


class Seen(NamedTuple):
    """`names`: events and how often each came; `told`: what they said."""

    names: dict[str, int]
    told: tuple[Told, ...]


class Unseen(NamedTuple):
    """Something a condition asks for that never came. `path` empty: the event itself; `near`: (value, how often)."""

    event: str
    path: str = ""
    value: str = ""
    near: tuple[tuple[str, int], ...] = ()

    @property
    def is_trait(self) -> bool:
        return self.event == IDENTIFIED and bool(self.path)

    def __str__(self) -> str:
        known = ", ".join(f'"{value}" ({times:,})' for value, times in self.near)
        near = f" Seen were {known}." if known else ""
        if not self.path:
            return f'The event "{self.event}" was never seen.{near}'
        if self.is_trait:
            return f'Nobody ever had the trait {self.path} "{self.value}".{near}'
        return f'No "{self.event}" with {self.path} "{self.value}" was ever seen.{near}'


def seen(history: History) -> Seen:
    """Event names by how often they came, and the values to choose from."""
    names = {name: int(times) for name, times in history.ask(_NAMES.format(most=NAMES_MAX))}
    asked = _VALUES.format(
        identified=_dialect.text(IDENTIFIED),
        after=history.position - NEWEST,
        length=LENGTH_MAX,
        values=VALUES_MAX,
        most=PROPERTIES_MAX,
    )
    rows = history.ask(asked)
    offered = [Told(event, word, tuple(values)) for event, word, values, _ in rows if not _tells_who(event, (word,))]
    return Seen(names, tuple(offered))


class _Wanted(NamedTuple):
    event: str
    path: Path = ()
    value: str = ""

    @property
    def sql(self) -> Sql:
        named = f"name = {_dialect.text(self.event)}"
        if not self.path:
            return named
        test = filter_sql(Compare(Property(self.path), "==", Constant(self.value)), _dialect, self.column)
        return f"CASE WHEN {named} THEN {test} ELSE FALSE END"

    @property
    def column(self) -> str:
        return "traits" if self.event == IDENTIFIED else "properties"


def unseen(history: History, conditions: Iterable[Condition], fewest: int = 1) -> list[Unseen]:
    """What the conditions ask for by name and never came, each once, in their order. One pass over the events.

    `fewest`: what came less often is not told as what there is instead.
    """
    wanted = list(dict.fromkeys(one for condition in conditions for one in _wanted(condition.tree)))[:ASKED_MAX]
    if not wanted:
        return []
    names = ", ".join(sorted({_dialect.text(one.event) for one in wanted}))
    columns = ", ".join(f"count(*) FILTER (WHERE {one.sql})" for one in wanted)
    [counts] = history.ask(f"SELECT {columns} FROM events WHERE customer IS NOT NULL AND name IN ({names})")
    missing = [one for one, count in zip(wanted, counts, strict=True) if not count]
    events = {one.event for one in missing if not one.path}
    return [
        Unseen(one.event, ".".join(one.path).replace(f".{EACH}", EACH), one.value, _near(history, one, fewest))
        for one in missing
        if not one.path or one.event not in events
    ]


def _wanted(tree: Node) -> Iterator[_Wanted]:
    for node in walk(tree):
        match node:
            case Aggregate(event=event, where=where):
                yield _Wanted(event)
                yield from (_Wanted(event, path, value) for path, value in _values(where))
            case Sequence(steps=steps, without=without):
                for step in (*steps, *without):
                    yield _Wanted(step.event)
                    yield from (_Wanted(step.event, path, value) for path, value in _values(step.where))
            case Compare(left=Trait(path=path), operator="==" | "in", right=right):
                yield from (_Wanted(IDENTIFIED, path, value) for value in _texts(right))


def _values(where: Node | None) -> Iterator[tuple[Path, str]]:
    """What a filter says that a property is. What it must not be need not have been seen."""
    match where:
        case And(items=items) | Or(items=items):
            for item in items:
                yield from _values(item)
        case Compare(left=Property(path=path), operator="==" | "in", right=right):
            yield from ((path, value) for value in _texts(right))


def _texts(node: Node) -> list[str]:
    values: tuple[Any, ...] = ()
    if isinstance(node, Constant):
        values = (node.value,)
    elif isinstance(node, Choices):
        values = node.values
    return [value for value in values if isinstance(value, str) and value]


def _near(history: History, wanted: _Wanted, fewest: int) -> tuple[tuple[str, int], ...]:
    """What looks like it, else what is most frequent."""
    if not wanted.path:
        found = history.ask(_NAMES.format(most=NAMES_MAX))
    elif EACH in wanted.path or _tells_who(wanted.event, wanted.path):
        return ()
    else:
        value = f"json_extract_string({wanted.column}, {_dialect.text(_json_path(wanted.path))})"
        found = history.ask(_NEAR.format(value=value, name=_dialect.text(wanted.event), length=LENGTH_MAX))
    times = {name: int(count) for name, count in found if count >= fewest}
    same = [name for name in times if name.casefold() == (wanted.value or wanted.event).casefold()]
    guess = did_you_mean(wanted.value or wanted.event, times)
    close = [name for name in times if guess and f'"{name}"' in guess]
    chosen = same or close or ([] if not wanted.path else list(times)[:NEAR_MAX])
    return tuple((name, times[name]) for name in chosen[:NEAR_MAX])


def _tells_who(event: str, path: Path) -> bool:
    """What tells who somebody is is nothing to choose from."""
    return bool(identifying(Trait(path) if event == IDENTIFIED else Property(path)))


def _json_path(path: Path) -> str:
    return "$" + "".join(f'."{name}"' for name in path)


__all__ = ["Seen", "Told", "Unseen", "seen", "unseen"]
