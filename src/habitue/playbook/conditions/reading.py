"""Reads Python's syntax tree as a condition: a closed list of forms, everything else is refused with a suggestion."""

from __future__ import annotations

import ast
import difflib
import math
from typing import Any, Literal

import msgspec

from .error import ConditionError, slip_for, unknown
from .facts import AFFINITIES, STAGES
from .limits import KEPT_MAX, NUMBER_MAX, TEXT_CONSTANT_MAX
from .paths import CALLS, CONSTANTS, FUNCTIONS, Paths, Scope
from .shapes import conjunction, disjunction, is_list, is_number, is_stage, is_truth, never_null
from .source import Source
from .tree import (
    Affinity,
    Aggregate,
    Arithmetic,
    Choices,
    Compare,
    Comparison,
    Constant,
    EntryProperty,
    Function,
    InSegment,
    Node,
    Not,
    Path,
    Property,
    Scalar,
    Trait,
)
from .vocabulary import KNOWN_EVENTS
from .windows import read_since, read_within

_OF_A_VALUE = frozenset({"sum", "min", "max", "avg", "first", "last", "distinct"})
_OPERATORS: dict[type[ast.cmpop], Comparison] = {
    ast.Eq: "==",
    ast.NotEq: "!=",
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
    ast.In: "in",
    ast.NotIn: "not in",
}
_SIGNS: dict[type[ast.operator], Literal["+", "-", "*", "/"]] = {
    ast.Add: "+",
    ast.Sub: "-",
    ast.Mult: "*",
    ast.Div: "/",
}


class Names(msgspec.Struct, frozen=True):
    """The names that may be meant. A segment not among them is an error, unless None: then nothing is known of them.

    An event's name is free, because a shop has events of its own; only one that looks like a slip for a known name is
    an error. Give the shop's own names too when they resemble known ones.
    """

    events: frozenset[str] = KNOWN_EVENTS
    segments: frozenset[str] | None = None


class Reader:
    """One text being read. Recursion is safe: `Source` has bounded the depth."""

    def __init__(self, source: Source, names: Names, entry_event: bool) -> None:
        self._source = source
        self._names = names
        self._paths = Paths(source, entry_event)

    # --- yes or no ---

    def truth(self, node: ast.expr, scope: Scope) -> Node:
        """The node where a yes or no is expected."""
        match node:
            case ast.BoolOp(op=operator, values=values):
                items = [self.truth(value, scope) for value in values]
                return conjunction(items) if isinstance(operator, ast.And) else disjunction(items)
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                return Not(self.truth(operand, scope))
            case ast.Compare():
                return self._comparison(node, scope)
        found = self._value(node, scope)
        if isinstance(found, Constant) and not isinstance(found.value, bool):
            raise self._wrong(node, f"expected a comparison, found {self._source.written(node)}")
        if is_number(found):
            raise self._number_alone(node, found)
        if is_list(found):
            raise self._list_alone(node)
        return found

    def _number_alone(self, node: ast.expr, found: Node) -> ConditionError:
        written = self._source.written(node)
        if isinstance(found, Aggregate) and found.function == "count":
            return self._wrong(
                node, f'{written} is a number; compare it, as in {written} >= 1, or ask did("{found.event}")'
            )
        return self._wrong(node, f"{written} is a number; compare it, as in {written} > 0")

    def _comparison(self, node: ast.Compare, scope: Scope) -> Node:
        sides = [node.left, *node.comparators]
        pairs = [
            self._pair(left, operator, right, scope)
            for left, operator, right in zip(sides, node.ops, sides[1:], strict=False)
        ]
        return conjunction(pairs)

    def _pair(self, left: ast.expr, operator: ast.cmpop, right: ast.expr, scope: Scope) -> Node:
        sign = _OPERATORS.get(type(operator))
        if sign is None:
            word = "is not" if isinstance(operator, ast.IsNot) else "is"
            raise self._wrong(left, f'"{word}" is not known here; write {"!=" if word == "is not" else "=="}')
        one = self._operand(left, scope)
        other: Node = self._container(right, scope) if sign in ("in", "not in") else self._operand(right, scope)
        if isinstance(one, Constant) and isinstance(other, (Constant, Choices)):
            raise self._wrong(left, "both sides are constants; compare something of the customer or the event")
        self._check_kinds(left, one, sign, other)
        self._check_kinds(right, other, sign, one)
        self._check_days_since(left, one, sign, other)
        self._check_days_since(right, other, sign, one)
        self._check_times(left, one, other)
        self._check_times(right, other, one)
        self._check_stage(left, one, sign, right, other)
        self._check_stage(right, other, sign, left, one)
        return Compare(one, sign, other)

    def _check_kinds(self, node: ast.expr, found: Node, sign: str, against: Node) -> None:
        """A constant must be of the kind that the other side can be at all; else the author meant something else."""
        if not isinstance(against, (Constant, Choices)):
            return
        for value in against.values if isinstance(against, Choices) else (against.value,):
            if is_number(found) and not is_number(Constant(value)) and (value is not None or never_null(found)):
                raise self._wrong(
                    node, f"{self._source.written(node)} is a number; it cannot be compared with {value!r}"
                )
            if sign in ("<", "<=", ">", ">=") and (value is None or isinstance(value, bool)):
                raise self._wrong(node, f"only numbers and text have an order; {value} stands before or after nothing")

    def _check_days_since(self, node: ast.expr, found: Node, sign: str, against: Node) -> None:
        if not (isinstance(found, Aggregate) and found.function == "days_since"):
            return
        written = self._source.written(node)
        number = isinstance(against, Constant) and is_number(against)
        if sign not in ("<", "<=", ">", ">=") or not number:
            raise self._wrong(
                node,
                f"{written} is exact to the microsecond and only compared with a number by <, <=, > or >=, "
                f"as in {written} >= 30",
            )

    def _check_times(self, node: ast.expr, found: Node, against: Node) -> None:
        if not (isinstance(found, Aggregate) and found.function == "count" and found.within is not None):
            return
        values = against.values if isinstance(against, Choices) else (getattr(against, "value", None),)
        for value in values:
            if isinstance(value, (int, float)) and not isinstance(value, bool) and value >= KEPT_MAX:
                raise self._wrong(node, f"a count within a window goes up to {KEPT_MAX - 1:,}; found {value:,}")

    def _check_stage(self, node: ast.expr, found: Node, sign: str, other: ast.expr, against: Node) -> None:
        if not is_stage(found):
            return
        written = self._source.written(node)
        if sign in ("<", "<=", ">", ">="):
            raise self._wrong(node, f'stages are words; write {written} == "cart" or {written} in ("cart", "checkout")')
        values = against.values if isinstance(against, Choices) else (getattr(against, "value", None),)
        for value in values:
            if value is not None and value not in STAGES:
                raise self._wrong(other, unknown("stage", str(value), STAGES))

    # --- values ---

    def _operand(self, node: ast.expr, scope: Scope) -> Node:
        """The node where a value is expected: one side of a comparison or of a sum."""
        if isinstance(node, (ast.BoolOp, ast.Compare)) or (
            isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not)
        ):
            raise self._wrong(node, f"expected a value here, found a yes or no: {self._source.written(node)}")
        found = self._value(node, scope)
        if is_truth(found):
            written = self._source.written(node)
            raise self._wrong(node, f"{written} is yes or no already; write {written} or not {written}")
        if is_list(found):
            raise self._list_alone(node)
        return found

    def _list_alone(self, node: ast.expr) -> ConditionError:
        written = self._source.written(node)
        return self._wrong(node, f'{written} is a list; ask what is in it, as in "P1" in {written}')

    def _container(self, node: ast.expr, scope: Scope) -> Node:
        """The right side of `in`: constants in brackets, or something that may hold a list or text."""
        if isinstance(node, (ast.Tuple, ast.List, ast.Set)):
            if not node.elts:
                raise self._wrong(node, 'the list is empty; write one such as ("ES", "PT")')
            return Choices(tuple(self._constant(item, "in a list") for item in node.elts))
        if isinstance(node, ast.Attribute) and is_list(found := self._value(node, scope)):
            return found
        found = self._operand(node, scope)
        if isinstance(found, Constant):
            raise self._wrong(node, f"expected a list after in, such as ({self._source.written(node)},), or a name")
        if is_number(found):
            raise self._wrong(node, f"expected a list after in, found the number {self._source.written(node)}")
        return found

    def _value(self, node: ast.expr, scope: Scope) -> Node:
        match node:
            case ast.Constant():
                return Constant(self._scalar(node))
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return self._arithmetic(node, Constant(0), "-", self._number(operand, scope))
            case ast.UnaryOp(op=ast.UAdd(), operand=operand):
                return self._number(operand, scope)
            case ast.BinOp(left=left, op=operator, right=right):
                sign = _SIGNS.get(type(operator))
                if sign is None:
                    raise self._wrong(
                        node,
                        f"only + - * / are known here, found {self._source.written(node)}; to combine, write and, or",
                    )
                return self._arithmetic(node, self._number(left, scope), sign, self._number(right, scope))
            case ast.Call():
                return self._call(node, scope)
            case ast.Name() | ast.Attribute():
                return self._paths.read(node, scope)
            case ast.BoolOp() | ast.Compare() | ast.UnaryOp(op=ast.Not()):
                return self.truth(node, scope)
            case ast.Tuple() | ast.List() | ast.Set():
                raise self._wrong(node, "a list may only stand after in")
        raise self._wrong(node, f"not part of the language: {self._source.written(node)}")

    def _number(self, node: ast.expr, scope: Scope) -> Node:
        found = self._operand(node, scope)
        if isinstance(found, Constant) and not is_number(found):
            raise self._wrong(node, f"expected a number, found {self._source.written(node)}")
        if isinstance(found, Aggregate) and found.function == "days_since":
            self._check_days_since(node, found, "", Constant(None))
        return found

    def _arithmetic(self, node: ast.expr, left: Node, sign: Literal["+", "-", "*", "/"], right: Node) -> Node:
        if not (isinstance(left, Constant) and isinstance(right, Constant)):
            return Arithmetic(left, sign, right)
        one: Any = left.value
        other: Any = right.value
        if sign == "/" and other == 0:
            raise self._wrong(node, "division by zero")
        result = (
            one + other if sign == "+" else one - other if sign == "-" else one * other if sign == "*" else one / other
        )
        return Constant(self._bounded(node, result))

    def _constant(self, node: ast.expr, where: str) -> Scalar:
        found = self._value(node, "condition") if isinstance(node, (ast.Constant, ast.UnaryOp)) else None
        if isinstance(node, ast.Name) and node.id in CONSTANTS:
            found = Constant(CONSTANTS[node.id])
        if not isinstance(found, Constant):
            raise self._wrong(
                node, f"expected text, a number, True or False {where}, found {self._source.written(node)}"
            )
        if found.value is None and where == "in a list":
            raise self._wrong(node, "None cannot stand in a list; ask for it apart with == None")
        return found.value

    def _scalar(self, node: ast.Constant) -> Scalar:
        value = node.value
        if value is None or isinstance(value, bool):
            return value
        if isinstance(value, str):
            if len(value) > TEXT_CONSTANT_MAX:
                raise self._wrong(
                    node, f"the text has {len(value):,} characters; at most {TEXT_CONSTANT_MAX} are taken"
                )
            if any("\ud800" <= character <= "\udfff" for character in value):
                raise self._wrong(node, "the text holds half a character (a lone surrogate)")
            return value
        if isinstance(value, (int, float)):
            return self._bounded(node, value)
        raise self._wrong(node, f"expected text, a number, True, False or None, found {self._source.written(node)}")

    def _bounded(self, node: ast.expr, value: int | float) -> int | float:
        if not math.isfinite(value) or abs(value) > NUMBER_MAX:
            raise self._wrong(node, f"numbers go up to {NUMBER_MAX:,}")
        return value

    # --- calls ---

    def _call(self, node: ast.Call, scope: Scope) -> Node:
        if not isinstance(node.func, ast.Name):
            raise self._wrong(node, f"expected a function's name, found {self._source.written(node.func)}")
        name = node.func.id
        if name not in CALLS:
            raise self._wrong(node, unknown("function", name, CALLS))
        if scope != "condition":
            raise self._wrong(
                node,
                f"{name}(…) speaks of the customer, but a filter looks at one event's properties; "
                "ask it in a condition beside the filter",
            )
        for argument in node.args:
            if isinstance(argument, ast.Starred):
                raise self._wrong(argument, "* is not part of the language")
        if name == "segment":
            return self._segment(node)
        if name == "affinity":
            return self._affinity(node)
        return self._aggregate(node, next(function for function in FUNCTIONS if function == name))

    def _segment(self, node: ast.Call) -> Node:
        if len(node.args) != 1 or node.keywords:
            raise self._wrong(node, 'segment takes one name in quotes, as in segment("regulars")')
        name = self._text(node.args[0], 'a segment\'s name in quotes, as in segment("regulars")')
        known = self._names.segments
        if known is not None and name not in known:
            raise self._wrong(node.args[0], unknown("segment", name, known))
        return InSegment(name)

    def _affinity(self, node: ast.Call) -> Node:
        example = 'affinity("category", "mugs") >= 0.3'
        if not 1 <= len(node.args) <= 2 or node.keywords:
            raise self._wrong(node, f'affinity takes "category" or "brand", and then which, as in {example}')
        of = self._text(node.args[0], '"category" or "brand"')
        if of not in AFFINITIES:
            raise self._wrong(node.args[0], unknown("affinity", of, AFFINITIES))
        if len(node.args) == 1:
            return Affinity(of)
        value = self._operand(node.args[1], "condition")
        if not (isinstance(value, (EntryProperty, Trait)) or isinstance(getattr(value, "value", None), str)):
            raise self._wrong(node.args[1], f"expected a {of} in quotes, or a name such as event.{of}, as in {example}")
        return Affinity(of, value)

    def _aggregate(self, node: ast.Call, function: Function) -> Node:
        if not node.args:
            raise self._wrong(node, f"{function} needs an event's name, as in {_example(function)}")
        event = self._event(node.args[0], function)
        value: Path = ()
        filters = node.args[1:]
        if function in _OF_A_VALUE:
            if not filters or not isinstance(filters[0], (ast.Name, ast.Attribute)):
                place = filters[0] if filters else node
                raise self._wrong(
                    place, f"{function} needs the name of a property after the event, as in {_example(function)}"
                )
            value = self._paths.path(filters[0])
            filters = filters[1:]
        conditions = [self.truth(argument, "counter") for argument in filters]
        windows: dict[str, ast.keyword] = {}
        for keyword in node.keywords:
            if keyword.arg in ("within", "since"):
                windows[keyword.arg] = keyword
            else:
                conditions.append(self._equality(keyword))
        within, since = self._window(function, windows)
        where = conjunction(conditions) if conditions else None
        return Aggregate(function, event, value, where, within, since)

    def _event(self, node: ast.expr, function: str) -> str:
        name = self._text(node, f"an event's name in quotes, as in {_example(function)}")
        if not name.strip():
            raise self._wrong(node, "the event's name is empty")
        meant = slip_for(name, self._names.events)
        if meant is not None:
            raise self._wrong(node, f'unknown event "{name}". Did you mean "{meant}"?')
        return name

    def _text(self, node: ast.expr, expected: str) -> str:
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            value = self._scalar(node)
            assert isinstance(value, str)
            return value
        raise self._wrong(node, f"expected {expected}; found {self._source.written(node)}")

    def _equality(self, keyword: ast.keyword) -> Node:
        if keyword.arg is None:
            raise self._wrong(keyword, "** is not part of the language")
        if isinstance(keyword.value, (ast.Tuple, ast.List, ast.Set)):
            written = self._source.written(keyword.value)
            raise self._wrong(
                keyword.value, f"a list stands after in: write {keyword.arg} in {written}, before the arguments with ="
            )
        meant = difflib.get_close_matches(keyword.arg, ("within", "since"), n=1, cutoff=0.8)
        if meant:
            raise self._wrong(keyword, f'unknown argument "{keyword.arg}". Did you mean "{meant[0]}"?')
        return Compare(Property((keyword.arg,)), "==", Constant(self._constant(keyword.value, f"after {keyword.arg}=")))

    def _window(self, function: Function, windows: dict[str, ast.keyword]) -> tuple[int | None, int | None]:
        if windows and function == "days_since":
            keyword = next(iter(windows.values()))
            raise self._wrong(keyword, f"days_since takes no {keyword.arg}; it looks at the latest event, however old")
        if len(windows) == 2:
            raise self._wrong(windows["since"], "within and since exclude each other; keep one")
        try:
            if "within" in windows:
                return read_within(
                    self._text(windows["within"].value, 'a length of time in quotes, as in within="7d"')
                ), None
            if "since" in windows:
                return None, read_since(
                    self._text(windows["since"].value, 'a date in quotes, as in since="2026-01-31"')
                )
        except ValueError as error:
            raise self._wrong(next(iter(windows.values())).value, str(error)) from None
        return None, None

    def _wrong(self, node: ast.expr | ast.keyword, message: str) -> ConditionError:
        return self._source.wrong(node, message)


def _example(function: str) -> str:
    if function in _OF_A_VALUE:
        return f'{function}("Order Completed", total, within="30d")'
    return (
        f'{function}("Order Completed")' if function == "days_since" else f'{function}("Product Viewed", within="7d")'
    )
