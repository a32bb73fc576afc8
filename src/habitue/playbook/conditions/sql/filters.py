"""Filters of events in SQL: what `decide/conditions/filters` says of properties, said of a column of JSON."""

from __future__ import annotations

from collections.abc import Callable

from habitue.playbook.conditions.error import ConditionError
from habitue.playbook.conditions.tree import (
    EACH,
    And,
    Arithmetic,
    Change,
    Choices,
    Compare,
    Constant,
    EntryProperty,
    Node,
    Not,
    Or,
    Path,
    Property,
    RunKey,
    Test,
    walk,
)

from .dialects import DuckDB, Sql
from .texts import changed, tested
from .values import Value, Values

Read = Callable[[Path], Sql]
"""The JSON value at a path that holds no EACH."""


def filter_sql(node: Node, dialect: DuckDB, column: Sql = "properties", read: Read | None = None) -> Sql:
    """Whether an event is meant: a boolean, never NULL. `column` holds its properties as JSON.

    `read` gives the values at paths where the caller has taken them out of the JSON already; see `paths_of`.
    Raises ConditionError where the filter speaks of a run.
    """
    return _Filter(dialect, read or (lambda path: dialect.at(column, path))).truth(node)


def amount_sql(path: Path, dialect: DuckDB, column: Sql = "properties", read: Read | None = None) -> Sql:
    """The number at the path in millionths, a BIGINT, or NULL. With EACH, a list of those of all elements."""
    value = _value(path, dialect, read or (lambda inner: dialect.at(column, inner)))
    return dialect.each(value.sql, dialect.amount) if value.kind == "each" else dialect.amount(value.sql)


def scalar_sql(path: Path, dialect: DuckDB, column: Sql = "properties", read: Read | None = None) -> Sql:
    """The value at the path as JSON if a counter keeps such a one, or NULL. With EACH, a list of them."""
    value = _value(path, dialect, read or (lambda inner: dialect.at(column, inner)))
    return dialect.each(value.sql, dialect.kept) if value.kind == "each" else dialect.kept(value.sql)


def paths_of(node: Node) -> frozenset[Path]:
    """The paths a filter reads, each up to the list whose elements it looks at."""
    return frozenset(before_each(found.path) for found in walk(node) if isinstance(found, Property))


def before_each(path: Path) -> Path:
    return path[: path.index(EACH)] if EACH in path else path


def _value(path: Path, dialect: DuckDB, read: Read) -> Value:
    if EACH not in path:
        return Value("json", read(path))
    outer = before_each(path)
    return Value("each", dialect.at(read(outer), path[len(outer) :]))


class _Filter:
    def __init__(self, dialect: DuckDB, read: Read) -> None:
        self._dialect, self._read = dialect, read
        self._values = Values(dialect)

    def truth(self, node: Node) -> Sql:
        match node:
            case And(items=items):
                return f"({' AND '.join(self.truth(item) for item in items)})"
            case Or(items=items):
                return f"({' OR '.join(self.truth(item) for item in items)})"
            case Not(item=item):
                return f"(NOT {self.truth(item)})"
            case Compare(left=left, operator=operator, right=right):
                against = right if isinstance(right, Choices) else self._operand(right)
                return self._values.compare(self._operand(left), operator, against)
            case Test(value=value):
                return tested(node, self._operand(value), self._values, self._dialect)
        return self._values.is_something(self._operand(node))

    def _operand(self, node: Node) -> Value:
        match node:
            case Property(path=path):
                return _value(path, self._dialect, self._read)
            case Constant(value=value):
                return self._values.constant(value)
            case Arithmetic(left=left, operator=sign, right=right):
                return self._values.calculate(self._operand(left), sign, self._operand(right))
            case Change(value=value):
                return changed(node, self._operand(value), self._dialect)
            case EntryProperty() | RunKey():
                raise ConditionError("event.… and run.key mean something within a run only, and there is none here")
        raise ConditionError(f"a filter cannot hold {type(node).__name__}")
