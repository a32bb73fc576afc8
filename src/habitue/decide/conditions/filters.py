"""Filters: conditions over the properties of one event, made into functions once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from habitue.playbook.conditions.tree import (
    And,
    Arithmetic,
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
)

from .values import MIRRORED, Predicate, among, at_path, calculate, comparer, predicate, truthy, within

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
    read = _operand(node)
    return lambda properties, entry, key: truthy(read(properties, entry, key))


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
    first, second, compare = _operand(node.left), _operand(node.right), comparer(node.operator)
    return lambda properties, entry, key: compare(first(properties, entry, key), second(properties, entry, key))


def constant_test(node: Compare) -> Predicate:
    """The test of the one side that is no constant, when the other is."""
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
            return _property(path)
        case EntryProperty(path=path):
            return lambda properties, entry, key: at_path(entry, path)
        case RunKey():
            return lambda properties, entry, key: key or None
        case Constant(value=value):
            return lambda properties, entry, key: value
        case Arithmetic(left=left, operator=sign, right=right):
            first, second = _operand(left), _operand(right)
            return lambda properties, entry, key: calculate(
                sign, first(properties, entry, key), second(properties, entry, key)
            )
    raise TypeError(f"a filter cannot hold {node!r}")


def _property(path: Path) -> Operand:
    if len(path) == 1:
        name = path[0]
        return lambda properties, entry, key: properties.get(name)
    return lambda properties, entry, key: at_path(properties, path)
