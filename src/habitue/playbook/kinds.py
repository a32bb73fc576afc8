"""The kinds of value that stand in playbook files: text, names, spans, times of day, lists, tables."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

import yaml

from habitue.model.instant import Span, parse_span
from habitue.playbook import source
from habitue.playbook.form import Kind, Page, Schema, entries, found
from habitue.playbook.problem import unknown

T = TypeVar("T")

NAME_PATTERN = r"^[a-z][a-z0-9_]{0,63}$"
PATH_PATTERN = r"^event(\.[A-Za-z_][A-Za-z0-9_]*){1,4}$"
TIME_PATTERN = r"^([01]?[0-9]|2[0-3]):[0-5][0-9]$"
SPAN_PATTERN = r"^(\s*[0-9]+\s*[smhdw])+\s*$"
SPAN_MAX: Span = 10 * 366 * 24 * 3600 * 1_000_000
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def text_of(node: yaml.Node, page: Page, expected: str) -> str | None:
    """The text of a scalar, quoted or not; a problem when something else stands there or nothing at all."""
    if isinstance(node, yaml.ScalarNode) and (node.style is not None or node.value != ""):
        return str(node.value)
    page.problem(node, f"expected {expected}, found {found(node)}")
    return None


@dataclass(frozen=True)
class Text:
    """Free text that is not empty."""

    expected: str = "text"

    def read(self, node: yaml.Node, page: Page) -> str | None:
        text = text_of(node, page, self.expected)
        if text is not None and not text.strip():
            page.problem(node, f"expected {self.expected}, found nothing")
            return None
        return text

    def schema(self) -> Schema:
        # Whoever writes `name: 1990` means the text; the loader takes it so.
        return {"type": ["string", "number"], "minLength": 1}


@dataclass(frozen=True)
class Pattern:
    """Text of a certain shape; `expected` says which, with an example."""

    pattern: str
    expected: str

    def read(self, node: yaml.Node, page: Page) -> str | None:
        text = text_of(node, page, self.expected)
        if text is None or re.fullmatch(self.pattern, text):
            return text
        page.problem(node, f"expected {self.expected}, found {found(node)}")
        return None

    def schema(self) -> Schema:
        return {"type": "string", "pattern": self.pattern}


@dataclass(frozen=True)
class Name:
    """A name that is used elsewhere: lower-case letters, digits and underscores. `refers` makes it a mention."""

    refers: str | None = None

    def read(self, node: yaml.Node, page: Page) -> str | None:
        name = Pattern(NAME_PATTERN, "a name of lower-case letters, digits and _, such as cart_reminder").read(
            node, page
        )
        if name is not None and self.refers is not None:
            page.mention(self.refers, name, node)
        return name

    def schema(self) -> Schema:
        return {"type": "string", "pattern": NAME_PATTERN}


@dataclass(frozen=True)
class Choice:
    """One of a few words. `refers` makes it a mention."""

    words: tuple[str, ...]
    refers: str | None = None

    def read(self, node: yaml.Node, page: Page) -> str | None:
        text = text_of(node, page, " or ".join(self.words))
        if text is not None and text in self.words and self.refers is not None:
            page.mention(self.refers, text, node)
        if text is None or text in self.words:
            return text
        page.problem(node, f"expected {' or '.join(self.words)}, found {found(node)}")
        return None

    def schema(self) -> Schema:
        return {"enum": list(self.words)}


@dataclass(frozen=True)
class Yes:
    """`true`, for a property whose presence is all there is to say."""

    def read(self, node: yaml.Node, page: Page) -> bool | None:
        if isinstance(node, yaml.ScalarNode) and source.scalar(node) is True:
            return True
        page.problem(node, f"expected true, found {found(node)}")
        return None

    def schema(self) -> Schema:
        return {"const": True}


@dataclass(frozen=True)
class Whole:
    """A whole number within bounds."""

    low: int
    high: int

    def read(self, node: yaml.Node, page: Page) -> int | None:
        value = source.scalar(node) if isinstance(node, yaml.ScalarNode) else None
        if isinstance(value, int) and not isinstance(value, bool) and self.low <= value <= self.high:
            return value
        page.problem(node, f"expected a whole number from {self.low} to {self.high}, found {found(node)}")
        return None

    def schema(self) -> Schema:
        return {"type": "integer", "minimum": self.low, "maximum": self.high}


@dataclass(frozen=True)
class Money:
    """An amount such as `0.0008`, exact, in millionths."""

    def read(self, node: yaml.Node, page: Page) -> int | None:
        text = text_of(node, page, "an amount such as 0.05") if isinstance(node, yaml.ScalarNode) else None
        if text is not None and re.fullmatch(r"[0-9]{1,6}(\.[0-9]{1,6})?", text):
            whole, _, part = text.partition(".")
            return int(whole) * 1_000_000 + int(part.ljust(6, "0"))
        page.problem(node, f"expected an amount such as 0.05, with at most six decimals, found {found(node)}")
        return None

    def schema(self) -> Schema:
        return {"type": "number", "minimum": 0, "maximum": 999_999}


@dataclass(frozen=True)
class Length:
    """A length of time such as `25m` or `1d 12h`, in microseconds."""

    def read(self, node: yaml.Node, page: Page) -> Span | None:
        text = text_of(node, page, "a length of time such as 25m, 36h, 7d or 1d 12h")
        if text is None:
            return None
        try:
            span = parse_span(text)
        except ValueError as error:
            page.problem(node, str(error))
            return None
        if span > SPAN_MAX:
            page.problem(node, f'"{text}" is longer than ten years')
            return None
        return span

    def schema(self) -> Schema:
        return {"type": "string", "pattern": SPAN_PATTERN}


@dataclass(frozen=True)
class TimeOfDay:
    """A local time such as `22:00`, in minutes of the day."""

    def read(self, node: yaml.Node, page: Page) -> int | None:
        text = Pattern(TIME_PATTERN, "a time of day from 00:00 to 23:59").read(node, page)
        if text is None:
            return None
        hours, minutes = text.split(":")
        return int(hours) * 60 + int(minutes)

    def schema(self) -> Schema:
        return {"type": "string", "pattern": TIME_PATTERN}


@dataclass(frozen=True)
class Weekday:
    """`mon` … `sun`, as 0 … 6."""

    def read(self, node: yaml.Node, page: Page) -> int | None:
        text = text_of(node, page, "a weekday such as mon")
        if text is None or text in WEEKDAYS:
            return None if text is None else WEEKDAYS.index(text)
        page.problem(node, unknown("weekday", text, WEEKDAYS))
        return None

    def schema(self) -> Schema:
        return {"enum": list(WEEKDAYS)}


EVENT_PATH = Pattern(PATH_PATTERN, "a property of the event the journey began with, such as event.cart_id")


@dataclass(frozen=True)
class Plain:
    """Text, a number, true, false or null, kept as it is."""

    def read(self, node: yaml.Node, page: Page) -> str | int | float | bool | None:
        if isinstance(node, yaml.ScalarNode):
            return source.scalar(node)
        page.problem(node, f"expected text, a number, true, false or null, found {found(node)}")
        return None

    def schema(self) -> Schema:
        return {"type": ["string", "number", "boolean", "null"]}


@dataclass(frozen=True)
class Listed(Generic[T]):
    """A list; with `or_one`, a single value stands for a list of one."""

    kind: Kind[T]
    or_one: bool = False

    def read(self, node: yaml.Node, page: Page) -> tuple[T, ...] | None:
        if self.or_one and not isinstance(node, yaml.SequenceNode):
            value = self.kind.read(node, page)
            return None if value is None else (value,)
        if not isinstance(node, yaml.SequenceNode):
            page.problem(node, f"expected a list, found {found(node)}")
            return None
        if not node.value:
            page.problem(node, "the list is empty; leave the field out, or name something")
            return None
        before = len(page.problems)
        values = [self.kind.read(item, page) for item in node.value]
        return tuple(value for value in values if value is not None) if len(page.problems) == before else None

    def schema(self) -> Schema:
        several: Schema = {"type": "array", "items": self.kind.schema(), "minItems": 1}
        return {"anyOf": [self.kind.schema(), several]} if self.or_one else several


@dataclass(frozen=True)
class Table(Generic[T]):
    """A mapping from names of the author's choice to values of one kind.

    `finish` puts the name into the value; it also gets the line the name stands in.
    """

    title: str
    kind: Kind[T]
    finish: Callable[[str, T, int], Any] = field(default=lambda name, value, line: value)
    key: Kind[str] = field(default_factory=Name)
    empty: bool = False

    def read(self, node: yaml.Node, page: Page) -> dict[str, Any] | None:
        before = len(page.problems)
        result: dict[str, Any] = {}
        for name, key, value in entries(node, page, self.title):
            if self.key.read(key, page) is None:
                continue
            read = self.kind.read(value, page)
            if len(page.problems) == before:
                result[name] = self.finish(name, read, source.position(key)[0])  # type: ignore[arg-type]  # None is a value.
        if not result and not self.empty and len(page.problems) == before:
            page.problem(node, f"expected {self.title} here, found none")
        return result if len(page.problems) == before else None

    def schema(self) -> Schema:
        schema: Schema = {"type": "object", "additionalProperties": self.kind.schema()}
        names = self.key.schema()
        return schema | {"propertyNames": names} | ({} if self.empty else {"minProperties": 1})


@dataclass(frozen=True)
class Ref(Generic[T]):
    """A kind that stands elsewhere under a name: what lets steps hold steps, and keeps the schema small."""

    name: str
    kind: Callable[[], Kind[T]]

    def read(self, node: yaml.Node, page: Page) -> T | None:
        return self.kind().read(node, page)

    def schema(self) -> Schema:
        return {"$ref": f"#/$defs/{self.name}"}
