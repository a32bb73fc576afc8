"""What two values are to each other, in SQL; the rules are those of `decide/conditions/values`, word for word."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, TypeAlias

import msgspec

from habitue.playbook.conditions.shapes import MIRRORED
from habitue.playbook.conditions.tree import Choices, Comparison, Scalar

from .dialects import DuckDB, Sql

Kind: TypeAlias = Literal["json", "number", "truth", "each", "constant"]
_OPPOSITE: dict[Comparison, Comparison] = {"!=": "==", "not in": "in"}


class Value(msgspec.Struct, frozen=True):
    """What stands on a side of a comparison. `json`: a JSON value or NULL; `number`: a DOUBLE or NULL; `truth`: never
    NULL; `each`: a list of JSON values, of which any may do; `constant`: see `constant`."""

    kind: Kind
    sql: Sql
    constant: Scalar = None


class Values:
    """Comparisons in one dialect. Every answer is true or false, never NULL."""

    def __init__(self, dialect: DuckDB) -> None:
        self._dialect = dialect

    def constant(self, value: Scalar) -> Value:
        return Value("constant", self._dialect.constant(value), value)

    def is_something(self, value: Value) -> Sql:
        match value.kind:
            case "constant":
                return "TRUE" if value.constant else "FALSE"
            case "number":
                return f"(COALESCE({value.sql}, 0) <> 0)"
            case "truth":
                return value.sql
            case "each":
                return self._dialect.any(value.sql, self._dialect.is_something)
        return self._dialect.is_something(value.sql)

    def compare(self, left: Value, operator: Comparison, right: Value | Choices) -> Sql:
        if operator in _OPPOSITE:
            return f"(NOT {self.compare(left, _OPPOSITE[operator], right)})"
        if isinstance(right, Choices):
            return self._among(left, right.values)
        if operator == "in":
            return self._within(left, right)
        if right.kind == "each":
            left, operator, right = right, MIRRORED[operator], left
        if left.kind == "each":
            return self._dialect.any(left.sql, lambda one: self.compare(Value("json", one), operator, right))
        if left.kind == "constant" and right.kind != "constant":
            left, operator, right = right, MIRRORED[operator], left
        return self.equal(left, right) if operator == "==" else self._ordered(left, operator, right)

    def equal(self, left: Value, right: Value) -> Sql:
        if right.kind == "constant":
            return self._equal_to(left, right)
        parts = [
            f"{mine} = {theirs}"
            for of in (self._text, self._truth, self.number)
            if (mine := of(left)) != "NULL" and (theirs := of(right)) != "NULL"
        ]
        return f"COALESCE({', '.join((*parts, 'FALSE'))})"

    def equal_to(self, item: Value) -> Callable[[Sql], Sql]:
        """The test whether an element of a list is the item. Nothing equals nothing but for "== None"."""
        if item.kind == "constant" and item.constant is None:
            return lambda one: "FALSE"
        return lambda one: self.equal(Value("json", one), item)

    def _equal_to(self, left: Value, right: Value) -> Sql:
        constant = right.constant
        if constant is None:
            if left.kind == "json":
                return self._dialect.is_nothing(left.sql)
            return "FALSE" if left.kind == "truth" else f"({left.sql} IS NULL)"
        if isinstance(constant, str) and left.kind == "json":
            same = self._dialect.is_text(left.sql, constant)
            if numeral(constant) is None:
                return f"COALESCE({same}, FALSE)"
            text = self._text(left)
            return f"COALESCE({text} = {right.sql}, {self.number(left)} = {self.number(right)}, FALSE)"
        of = self._truth if isinstance(constant, bool) else self.number
        mine, theirs = of(left), of(right)
        return "FALSE" if "NULL" in (mine, theirs) else f"COALESCE({mine} = {theirs}, FALSE)"

    def _ordered(self, left: Value, operator: Comparison, right: Value) -> Sql:
        parts = [
            f"{mine} {operator} {theirs}"
            for of in (self._text, self.number)
            if (mine := of(left)) != "NULL" and (theirs := of(right)) != "NULL"
        ]
        return f"COALESCE({', '.join((*parts, 'FALSE'))})" if parts else "FALSE"

    def _among(self, value: Value, choices: tuple[Scalar, ...]) -> Sql:
        if value.kind == "each":
            return self._dialect.any(value.sql, lambda one: self._among(Value("json", one), choices))
        tests = [self.equal(value, self.constant(choice)) for choice in choices if choice is not None]
        return f"({' OR '.join(tests)})" if tests else "FALSE"

    def _within(self, item: Value, container: Value) -> Sql:
        """Whether a list holds the item, or a text the other text."""
        if item.kind == "each":
            return self._dialect.any(item.sql, lambda one: self._within_one(Value("json", one), container))
        if container.kind == "each":
            return self._dialect.any(container.sql, self.equal_to(item))
        return self._within_one(item, container)

    def _within_one(self, item: Value, container: Value) -> Sql:
        if container.kind == "constant":
            text = self._text(item)
            if not isinstance(container.constant, str) or text == "NULL":
                return "FALSE"
            return f"COALESCE({self._dialect.contains(container.sql, text)}, FALSE)"
        if container.kind != "json":
            return "FALSE"
        listed = self._dialect.any(self._dialect.elements(container.sql), self.equal_to(item))
        text = self._text(item)
        if text == "NULL":
            return listed
        return f"({listed} OR COALESCE({self._dialect.contains(self._text(container), text)}, FALSE))"

    # --- a value as one of a kind; "NULL" where it is never that ---

    def _text(self, value: Value) -> Sql:
        if value.kind == "constant":
            return value.sql if isinstance(value.constant, str) else "NULL"
        return self._dialect.as_text(value.sql) if value.kind == "json" else "NULL"

    def _truth(self, value: Value) -> Sql:
        if value.kind == "constant":
            return value.sql if isinstance(value.constant, bool) else "NULL"
        if value.kind == "truth":
            return value.sql
        return self._dialect.as_truth(value.sql) if value.kind == "json" else "NULL"

    def number(self, value: Value) -> Sql:
        if value.kind == "constant":
            found = numeral(value.constant)
            return "NULL" if found is None else self._dialect.number(found)
        if value.kind == "number":
            return value.sql
        return self._dialect.as_number(value.sql) if value.kind == "json" else "NULL"

    # --- made of others ---

    def calculate(self, left: Value, sign: str, right: Value) -> Value:
        """Arithmetic in floating point; nothing when a side is no number, by zero, or beyond all bounds."""
        one, other = self.number(left), self.number(right)
        if "NULL" in (one, other):
            return Value("number", "CAST(NULL AS DOUBLE)")
        result = f"({one} / NULLIF({other}, 0))" if sign == "/" else f"({one} {sign} {other})"
        return Value("number", self._dialect.finite(result))


def numeral(value: Scalar) -> float | None:
    """The constant as a number, if it is one or text that says one. True and false are none."""
    if isinstance(value, str):
        return float(value) if _is_numeral(value.strip()) else None
    return None if value is None or isinstance(value, bool) else value


def _is_numeral(text: str) -> bool:
    digits = text[1:] if text[:1] in ("+", "-") else text
    whole, point, rest = digits.partition(".")
    return _is_digits(whole) and (_is_digits(rest) if point else True)


def _is_digits(text: str) -> bool:
    return 1 <= len(text) <= 15 and text.isascii() and text.isdigit()
