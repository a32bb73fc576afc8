"""What is asked of a text or a list: how it begins and ends, what it has, its size, its small letters."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from habitue.playbook.conditions.tree import Change, Choices, Constant, Test

from .values import Predicate, equal


def test_of(node: Test) -> Predicate:
    """The test of the node's value. What is no text begins with nothing; what is no list has nothing."""
    against = node.against
    match node.function:
        case "starts_with" | "ends_with" as function:
            assert isinstance(against, Constant)
            affix = str(against.value)
            if function == "starts_with":
                return lambda value: isinstance(value, str) and value.startswith(affix)
            return lambda value: isinstance(value, str) and value.endswith(affix)
        case "has_any" | "has_all" as function:
            assert isinstance(against, Choices)
            joint = any if function == "has_any" else all
            choices = against.values
            return lambda value: isinstance(value, (list, tuple)) and joint(_holds(value, one) for one in choices)


def _holds(values: list[Any] | tuple[Any, ...], choice: Any) -> bool:
    return any(equal(value, choice) for value in values)


def change_of(node: Change) -> Callable[[Any], Any]:
    """What becomes of the node's value; nothing where it is of no such kind."""
    return _lowered if node.function == "lower" else _size


def _lowered(value: Any) -> str | None:
    """Each character by Unicode's simple mapping, as databases have it: Python's own looks at the neighbours of a
    sigma, and makes two characters of a dotted capital I."""
    if not isinstance(value, str):
        return None
    if "Σ" in value or "İ" in value:
        return "".join("i" if character == "İ" else character.lower() for character in value)
    return value.lower()


def _size(value: Any) -> int | None:
    return len(value) if isinstance(value, (str, list, tuple)) else None
