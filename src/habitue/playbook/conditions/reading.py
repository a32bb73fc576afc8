"""Reads Python's syntax tree as a condition: a closed list of forms, everything else is refused with a suggestion."""

from __future__ import annotations

import ast
import math
from typing import Any, Literal

from .calls import Calls
from .error import ConditionError, unknown
from .facts import STAGES
from .limits import AGE_DAYS_MAX, KEPT_MAX, NUMBER_MAX, TEXT_CONSTANT_MAX
from .names import Names
from .paths import CONSTANTS, Paths, Scope
from .shapes import (
    conjunction,
    disjunction,
    is_each,
    is_list,
    is_number,
    is_stage,
    is_truth,
    is_word_of_table,
    never_null,
)
from .source import Source
from .tree import (
    Aggregate,
    Arithmetic,
    Choices,
    Compare,
    Comparison,
    Constant,
    Lifecycle,
    Node,
    Not,
    Rfm,
    Scalar,
)

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


class Reader:
    """One text being read. Recursion is safe: `Source` has bounded the depth."""

    def __init__(self, source: Source, names: Names, entry_event: bool) -> None:
        self._source = source
        self._names = names
        self._paths = Paths(source, entry_event)
        self._calls = Calls(source, names, self._paths, self)

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
        found = self.value(node, scope)
        if isinstance(found, Constant) and not isinstance(found.value, bool):
            raise self._wrong(node, f"expected a comparison, found {self._source.written(node)}")
        if is_number(found):
            raise self._number_alone(node, found)
        if is_list(found):
            raise self._list_alone(node)
        if isinstance(found, (Rfm, Lifecycle)):
            written = self._source.written(node)
            raise self._wrong(node, f'{written} is a word; compare it, as in {written} == "…"')
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
        one = self.operand(left, scope)
        other: Node = self.container(right, scope) if sign in ("in", "not in") else self.operand(right, scope)
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
        self._check_table(left, one, sign, right, other)
        self._check_table(right, other, sign, left, one)
        if is_each(one) and is_each(other):
            raise self._wrong(left, "the elements of a list can stand on one side of a comparison only")
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
        assert isinstance(against, Constant)
        if abs(against.value) > AGE_DAYS_MAX:  # type: ignore[arg-type]  # It is a number.
            raise self._wrong(node, f"{written} is compared with at most {AGE_DAYS_MAX:,} days, a hundred years")

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

    def _check_table(self, node: ast.expr, found: Node, sign: str, other: ast.expr, against: Node) -> None:
        """What the playbook's tables say of her is only compared with constants: it is read as counts and sums."""
        if not isinstance(found, (Rfm, Lifecycle)):
            return
        written = self._source.written(node)
        if not isinstance(against, (Constant, Choices)):
            raise self._wrong(other, f"{written} is only compared with constants")
        if not is_word_of_table(found):
            return
        if sign in ("<", "<=", ">", ">="):
            raise self._wrong(node, f'{written} is a word; compare it with ==, != or in, as in {written} == "…"')
        kind, known = self._names.of_table(found)
        for value in against.values if isinstance(against, Choices) else (against.value,):
            if value is not None and known is not None and value not in known:
                raise self._wrong(other, unknown(kind, str(value), known))

    # --- values ---

    def operand(self, node: ast.expr, scope: Scope) -> Node:
        """The node where a value is expected: one side of a comparison or of a sum."""
        if isinstance(node, (ast.BoolOp, ast.Compare)) or (
            isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not)
        ):
            raise self._wrong(node, f"expected a value here, found a yes or no: {self._source.written(node)}")
        found = self.value(node, scope)
        if is_truth(found):
            written = self._source.written(node)
            raise self._wrong(node, f"{written} is yes or no already; write {written} or not {written}")
        if is_list(found):
            raise self._list_alone(node)
        return found

    def _list_alone(self, node: ast.expr) -> ConditionError:
        written = self._source.written(node)
        return self._wrong(node, f'{written} is a list; ask what is in it, as in "P1" in {written}')

    def container(self, node: ast.expr, scope: Scope) -> Node:
        """The right side of `in`: constants in brackets, or something that may hold a list or text."""
        if isinstance(node, (ast.Tuple, ast.List, ast.Set)):
            if not node.elts:
                raise self._wrong(node, 'the list is empty; write one such as ("ES", "PT")')
            return Choices(tuple(self.constant(item, "in a list") for item in node.elts))
        if isinstance(node, ast.Attribute) and is_list(found := self.value(node, scope)):
            return found
        found = self.operand(node, scope)
        if isinstance(found, Constant):
            raise self._wrong(node, f"expected a list after in, such as ({self._source.written(node)},), or a name")
        if is_number(found):
            raise self._wrong(node, f"expected a list after in, found the number {self._source.written(node)}")
        return found

    def value(self, node: ast.expr, scope: Scope) -> Node:
        match node:
            case ast.Constant():
                return Constant(self.scalar(node))
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
                return self._calls.read(node, scope)
            case ast.Attribute(value=ast.Call(func=ast.Name(id="product"))):
                return self._calls.product(node, scope)
            case ast.Name() | ast.Attribute() | ast.Subscript(slice=ast.Slice()):
                return self._paths.read(node, scope)
            case ast.BoolOp() | ast.Compare() | ast.UnaryOp(op=ast.Not()):
                return self.truth(node, scope)
            case ast.Tuple() | ast.List() | ast.Set():
                raise self._wrong(node, "a list may only stand after in")
        raise self._wrong(node, f"not part of the language: {self._source.written(node)}")

    def _number(self, node: ast.expr, scope: Scope) -> Node:
        found = self.operand(node, scope)
        if is_each(found) or isinstance(found, (Rfm, Lifecycle)):
            raise self._wrong(node, f"{self._source.written(node)} cannot be reckoned with; compare it with a constant")
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

    def constant(self, node: ast.expr, where: str) -> Scalar:
        found = self.value(node, "condition") if isinstance(node, (ast.Constant, ast.UnaryOp)) else None
        if isinstance(node, ast.Name) and node.id in CONSTANTS:
            found = Constant(CONSTANTS[node.id])
        if not isinstance(found, Constant):
            raise self._wrong(
                node, f"expected text, a number, True or False {where}, found {self._source.written(node)}"
            )
        if found.value is None and where == "in a list":
            raise self._wrong(node, "None cannot stand in a list; ask for it apart with == None")
        return found.value

    def scalar(self, node: ast.Constant) -> Scalar:
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

    def _wrong(self, node: ast.expr | ast.keyword, message: str) -> ConditionError:
        return self._source.wrong(node, message)
