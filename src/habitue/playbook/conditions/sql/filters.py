"""Filters of events in SQL: what `decide/conditions/filters` says of properties, said of a column of JSON."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from habitue.playbook.conditions.error import ConditionError
from habitue.playbook.conditions.tree import EACH, EntryProperty, Node, Path, Property, RunKey

from .dialects import DuckDB, Sql
from .logic import Logic
from .values import Value

Read: TypeAlias = Callable[[Path], Sql]
"""The JSON value at a path that holds no EACH."""
WITHIN_A_RUN = "event.… and run.key mean something within a run only, and there is none here"


def filter_sql(node: Node, dialect: DuckDB, column: Sql = "properties", read: Read | None = None) -> Sql:
    """Whether an event is meant: a boolean, never NULL. `column` holds its properties as JSON.

    `read` gives the values at paths where the caller has taken them out of the JSON already.
    Raises ConditionError where the filter speaks of a run.
    """
    return _Filter(dialect, read or (lambda path: dialect.at(dialect.document(column), path))).truth(node)


def amount_sql(path: Path, dialect: DuckDB, column: Sql = "properties", read: Read | None = None) -> Sql:
    """The number at the path in millionths, a BIGINT, or NULL. With EACH, a list of those of all elements."""
    value = value_at(path, dialect, read or (lambda inner: dialect.at(dialect.document(column), inner)))
    return dialect.each(value.sql, dialect.amount) if value.kind == "each" else dialect.amount(value.sql)


def scalar_sql(path: Path, dialect: DuckDB, column: Sql = "properties", read: Read | None = None) -> Sql:
    """The value at the path as JSON if a counter keeps such a one, or NULL. With EACH, a list of them."""
    value = value_at(path, dialect, read or (lambda inner: dialect.at(dialect.document(column), inner)))
    return dialect.each(value.sql, dialect.kept) if value.kind == "each" else dialect.kept(value.sql)


def value_at(path: Path, dialect: DuckDB, read: Read) -> Value:
    if EACH not in path:
        return Value("json", read(path))
    outer = path[: path.index(EACH)]
    return Value("each", dialect.each_at(read(outer), path[len(outer) :]))


class _Filter(Logic):
    def __init__(self, dialect: DuckDB, read: Read) -> None:
        super().__init__(dialect)
        self._read = read

    def leaf(self, node: Node) -> Value:
        if isinstance(node, Property):
            return value_at(node.path, self.dialect, self._read)
        if isinstance(node, (EntryProperty, RunKey)):
            raise ConditionError(WITHIN_A_RUN)
        raise ConditionError(f"a filter cannot hold {type(node).__name__}")
