"""Filters: conditions over the properties of one event, made into functions once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

import msgspec

from habitue.playbook.conditions.shapes import MIRRORED, is_each
from habitue.playbook.conditions.tree import (
    And,
    Arithmetic,
    Change,
    Choices,
    Compare,
    Comparison,
    Constant,
    EntryProperty,
    Node,
    Not,
    Or,
    Property,
    RunKey,
    Test,
)

from .texts import change_of, test_of
from .values import Predicate, among, any_of, calculate, comparer, predicate, reader, truthy, within

Properties: TypeAlias = Mapping[str, Any]
Filter: TypeAlias = Callable[[Properties, Properties | None, str], bool]
"""(the event's properties, the entry event's properties, the run's key) → whether the event is meant."""
Operand: TypeAlias = Callable[[Properties, Properties | None, str], Any]


def compile_filter(node: Node) -> Filter:
    match node:
        case And(items=items):
            return _all(tuple(compile_filter(item) for item in items))
        case Or(items=items):
            return _any(tuple(compile_filter(item) for item in items))
        case Not(item=item):
            inner = compile_filter(item)
            return lambda properties, entry, key: not inner(properties, entry, key)
        case Compare():
            return _comparison(node)
        case Constant(value=value):
            return lambda properties, entry, key: bool(value)
    read, test = _operand(node), truth_test(node)
    return lambda properties, entry, key: test(read(properties, entry, key))


def _all(parts: tuple[Filter, ...]) -> Filter:
    def check(properties: Properties, entry: Properties | None, key: str) -> bool:
        for part in parts:  # noqa: SIM110  # all() over a generator costs three times as much.
            if not part(properties, entry, key):
                return False
        return True

    return check


def _any(parts: tuple[Filter, ...]) -> Filter:
    def check(properties: Properties, entry: Properties | None, key: str) -> bool:
        for part in parts:  # noqa: SIM110  # As above.
            if part(properties, entry, key):
                return True
        return False

    return check


def _comparison(node: Compare) -> Filter:
    if isinstance(node.right, (Constant, Choices)):
        return _about_one(node.left, constant_test(node))
    if isinstance(node.left, Constant):
        return _about_one(node.right, constant_test(node))
    first, second, test = _operand(node.left), _operand(node.right), pair_test(node)
    return lambda properties, entry, key: test(first(properties, entry, key), second(properties, entry, key))


_OPPOSITES: dict[Comparison, Comparison] = {"!=": "==", "not in": "in"}


def truth_test(node: Node) -> Predicate:
    """Whether there is something at a name: of a list's elements, something at one of them."""
    return any_of(truthy) if is_each(node) else truthy


def constant_test(node: Compare) -> Predicate:
    """The test of the one side that is no constant, when the other is. Of a list's elements one has to pass it."""
    if not _looks_at_each(node):
        return _constant_test(node)
    if node.operator in _OPPOSITES:
        passes = constant_test(_opposite(node))
        return lambda value: not passes(value)
    return any_of(_constant_test(node))


def pair_test(node: Compare) -> Callable[[Any, Any], bool]:
    """The test of two sides of which neither is a constant. Of a list's elements one has to pass it."""
    if not _looks_at_each(node):
        return comparer(node.operator)
    if node.operator in _OPPOSITES:
        passes = pair_test(_opposite(node))
        return lambda one, other: not passes(one, other)
    compare = comparer(node.operator)
    if is_each(node.left):
        return lambda one, other: any(compare(element, other) for element in one)
    return lambda one, other: any(compare(one, element) for element in other)


def _looks_at_each(node: Compare) -> bool:
    """What is asked to be in a list is asked of the list as a whole."""
    return is_each(node.left) or (is_each(node.right) and node.operator not in ("in", "not in"))


def _opposite(node: Compare) -> Compare:
    return msgspec.structs.replace(node, operator=_OPPOSITES[node.operator])


def _constant_test(node: Compare) -> Predicate:
    left, operator, right = node.left, node.operator, node.right
    if isinstance(right, Choices):
        chosen = among(right.values)
        return chosen if operator == "in" else lambda value: not chosen(value)
    if isinstance(right, Constant):
        return predicate(operator, right.value)
    assert isinstance(left, Constant)
    item = left.value
    if operator == "in":
        return lambda value: within(item, value)
    if operator == "not in":
        return lambda value: not within(item, value)
    return predicate(MIRRORED[operator], item)


def _about_one(node: Node, test: Predicate) -> Filter:
    if isinstance(node, Property) and len(node.path) == 1:
        name = node.path[0]
        return lambda properties, entry, key: test(properties.get(name))
    read = _operand(node)
    return lambda properties, entry, key: test(read(properties, entry, key))


def _operand(node: Node) -> Operand:
    match node:
        case Property(path=path):
            of_event = reader(path)
            return lambda properties, entry, key: of_event(properties)
        case EntryProperty(path=path):
            of_entry = reader(path)
            return lambda properties, entry, key: of_entry(entry)
        case RunKey():
            return lambda properties, entry, key: key or None
        case Constant(value=value):
            return lambda properties, entry, key: value
        case Arithmetic(left=left, operator=sign, right=right):
            first, second = _operand(left), _operand(right)
            return lambda properties, entry, key: calculate(
                sign, first(properties, entry, key), second(properties, entry, key)
            )
        case Test(value=value):
            return _of_one(_operand(value), test_of(node))
        case Change(value=value):
            return _of_one(_operand(value), change_of(node))
    raise TypeError(f"a filter cannot hold {node!r}")


def _of_one(read: Operand, what: Callable[[Any], Any]) -> Operand:
    return lambda properties, entry, key: what(read(properties, entry, key))
