"""A row of the builder: a small form that stands for one leaf of a condition, and the kinds of form there are."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal, NamedTuple, TypeAlias

from habitue.errors import HabitueError
from habitue.playbook.conditions.tree import Node

Row: TypeAlias = dict[str, Any]
"""`kind`, and its fields by name: text, or lists of rows of the same shape for filters and steps."""

Entry: TypeAlias = Literal["choice", "names", "text", "number", "date", "filters", "steps"]


class Field(NamedTuple):
    """One entry of a form. `options` are (value, title); `suggests` names a list the browser offers.

    `when`: shown only while the named field has one of these values. `ahead` and `behind`: small words around it.
    """

    name: str
    entry: Entry
    label: str
    options: tuple[tuple[str, str], ...] = ()
    suggests: str = ""
    when: tuple[str, tuple[str, ...]] | None = None
    ahead: str = ""
    behind: str = ""
    placeholder: str = ""


class Kind(NamedTuple):
    """A form: how a leaf becomes a row (None: it cannot show this one), and how a row is written as text."""

    name: str
    title: str
    icon: str
    fields: tuple[Field, ...]
    blank: Row
    read: Callable[[Node], Row | None]
    write: Callable[[Row], str]


class RowError(HabitueError):
    """A row cannot be read yet. `path` leads to it from the root: places within the groups."""

    def __init__(self, message: str, path: tuple[int, ...] = ()) -> None:
        self.message = message
        self.path = path
        super().__init__(message)


def given(row: Row, name: str) -> str:
    """What was entered, as text without blanks around it; empty when nothing was."""
    value = row.get(name, "")
    return str(value).strip() if isinstance(value, (str, int, float)) else ""


def needed(row: Row, name: str, what: str) -> str:
    value = given(row, name)
    if not value:
        raise RowError(what)
    return value


def inner(row: Row, name: str) -> list[Row]:
    """The rows within a row: the filters of an event, the steps of a sequence."""
    rows = row.get(name) or []
    return [one for one in rows if isinstance(one, dict)] if isinstance(rows, list) else []
