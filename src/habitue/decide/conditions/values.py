"""What two values are to each other: equal, in order, one within the other. Every reader of a condition agrees here.

Nothing (a property that is missing, a division by zero) equals nothing else and stands in no order; only `== None`
finds it. `!=` and `not in` are the exact opposites of `==` and `in`, so they hold for what is missing. A number and a
text that is a number compare as numbers, because shops send prices both ways.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from operator import eq, ge, gt, le, lt
from typing import Any, TypeAlias

from habitue.playbook.conditions.limits import ELEMENTS_MAX
from habitue.playbook.conditions.tree import EACH, Comparison, Path, Scalar

Predicate: TypeAlias = Callable[[Any], bool]
Reader: TypeAlias = Callable[[Mapping[str, Any] | None], Any]

_NUMBER = re.compile(r"[+-]?[0-9]{1,15}(\.[0-9]{1,15})?")
_ORDERS: dict[str, Callable[[Any, Any], bool]] = {"<": lt, "<=": le, ">": gt, ">=": ge}


def number(value: Any) -> int | float | None:
    """The value as a number if it is one, or text that is one. True and False are not numbers."""
    kind = type(value)
    if kind is int or kind is float:
        return value  # type: ignore[no-any-return]  # Its type was just looked at.
    # Python's own reader of numbers knows fewer blanks than strip() does.
    if kind is str and _NUMBER.fullmatch(bare := value.strip()):
        return float(bare)
    return None


def truthy(value: Any) -> bool:
    """Whether something is there: not missing, not False, 0, or empty."""
    return bool(value)


def at_path(source: Mapping[str, Any] | None, path: Path) -> Any:
    """The value at a path of nested mappings, None where the path ends early; with EACH, the list of all of them."""
    if EACH in path:
        return elements(source, path)
    value: Any = source
    for name in path:
        if not isinstance(value, Mapping):
            return None
        value = value.get(name)
    return value


def elements(source: Any, path: Path) -> list[Any]:
    """What every element of the lists on the path has there; None for one that has nothing, and of what is no list
    nothing at all.
    """
    found = [source]
    for name in path:
        if name == EACH:
            found = [one for held in found if isinstance(held, (list, tuple)) for one in held]
        else:
            found = [held.get(name) if isinstance(held, Mapping) else None for held in found]
    return found[:ELEMENTS_MAX]


def reader(path: Path) -> Reader:
    """`at_path` of one path, made ready once."""
    if EACH in path:
        return lambda source: elements(source, path)
    if len(path) == 1:
        name = path[0]
        return lambda source: None if source is None else source.get(name)
    return lambda source: at_path(source, path)


def any_of(test: Predicate) -> Predicate:
    """Whether the test holds of one of the elements."""

    def check(values: Any) -> bool:
        for value in values:  # noqa: SIM110  # any() over a generator costs three times as much.
            if test(value):
                return True
        return False

    return check


def equal(one: Any, other: Any) -> bool:
    if isinstance(one, str) and isinstance(other, str):
        return one == other
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    first, second = number(one), number(other)
    return first is not None and second is not None and first == second


def within(item: Any, container: Any) -> bool:
    """Whether a list holds the item, or a text holds the other text."""
    if isinstance(container, (list, tuple)):
        return any(equal(item, held) for held in container)
    return isinstance(container, str) and isinstance(item, str) and item in container


def comparer(operator: Comparison) -> Callable[[Any, Any], bool]:
    """The comparison of two values of which neither is known beforehand."""
    match operator:
        case "==":
            return equal
        case "!=":
            return lambda one, other: not equal(one, other)
        case "in":
            return within
        case "not in":
            return lambda one, other: not within(one, other)
    order = _ORDERS[operator]
    return lambda one, other: _ordered(order, one, other)


def _ordered(order: Callable[[Any, Any], bool], one: Any, other: Any) -> bool:
    if isinstance(one, str) and isinstance(other, str):
        return order(one, other)
    first, second = number(one), number(other)
    return first is not None and second is not None and order(first, second)


def predicate(operator: Comparison, constant: Scalar) -> Predicate:
    """The comparison of a value with a constant on its right, made ready once."""
    if operator == "!=":
        same = predicate("==", constant)
        return lambda value: not same(value)
    if operator == "==":
        return _equal_to(constant)
    order = _ORDERS[operator]
    if isinstance(constant, str):
        return lambda value: _ordered(order, value, constant)
    bound: Any = constant

    def ordered(value: Any) -> bool:
        kind = type(value)
        if kind is float or kind is int:
            return order(value, bound)
        return _ordered(order, value, bound)

    return ordered


def _equal_to(constant: Scalar) -> Predicate:
    if constant is None:
        return lambda value: value is None
    if isinstance(constant, bool):
        return lambda value: value is constant
    if isinstance(constant, str) and number(constant) is None:
        return lambda value: eq(value, constant)
    return lambda value: equal(value, constant)


def among(constants: Sequence[Scalar]) -> Predicate:
    """Whether a value is one of the constants."""
    if all(isinstance(constant, str) and number(constant) is None for constant in constants):
        words = frozenset(constants)
        return lambda value: type(value) is str and value in words
    return lambda value: any(equal(value, constant) for constant in constants)


def calculate(sign: str, one: Any, other: Any) -> float | None:
    """Arithmetic in floating point; nothing when a side is no number, by zero, or beyond all bounds."""
    first, second = number(one), number(other)
    if first is None or second is None:
        return None
    try:
        left, right = float(first), float(second)
    except OverflowError:
        return None
    if sign == "/":
        if right == 0:
            return None
        result = left / right
    else:
        result = left + right if sign == "+" else left - right if sign == "-" else left * right
    return result if math.isfinite(result) else None
