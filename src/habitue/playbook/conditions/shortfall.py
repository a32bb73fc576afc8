"""Says in plain English what of a condition was missing, and what there was instead.

`the number of pieces in the cart is 2; at least 3 is needed`. What is read here was kept with a decision; see
`decide/conditions/unmet.py`. A part that cannot be read any more is said as it was written.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

from habitue.model.instant import to_datetime

from .condition import Condition
from .error import ConditionError
from .names import Names
from .plain import OPPOSITE, counted, plain, scalar, value_words
from .reading import Reader
from .shapes import MIRRORED
from .source import Source
from .tree import Aggregate, Choices, Compare, Comparison, Constant, Node, Not
from .vocabulary import phrase

Part: TypeAlias = Mapping[str, Any]
_ASIDE = re.compile(r" \((?:also|not) true of people who [^()]*\)")
_UNITS = {"count": " times", "days_since": " days ago"}
_NEEDED: dict[Comparison, str] = {
    "<": "less than {}", "<=": "at most {}", ">": "more than {}", ">=": "at least {}", "==": "{}",
    "!=": "anything but {}", "in": "{}", "not in": "anything but {}",
}  # fmt: skip


def unmet(parts: Sequence[Part]) -> list[str]:
    """A clause for each part that was missing, without a subject where the customer is the subject."""
    return [_either(part["one_of"]) if "one_of" in part else _clause(part, met=False) for part in parts]


def met(parts: Sequence[Part]) -> list[str]:
    """A clause for each part that was so."""
    return [_clause(part, met=True) for part in parts]


def _either(choices: Sequence[Sequence[Part]]) -> str:
    said = [" and ".join(unmet(parts)) for parts in choices]
    return f"none of these was so: {' — '.join(said)}"


def _clause(part: Part, *, met: bool) -> str:
    text = str(part.get("part", ""))
    try:
        node = _read(text)
    except (ConditionError, RecursionError):
        return f"{text} ({_value(part['is'])})" if "is" in part else text
    wanted = True
    while isinstance(node, Not):
        node, wanted = node.item, not wanted
    said = _met(node, wanted, part) if met else _unmet(node, wanted, part)
    return _ASIDE.sub("", said)


def _read(text: str) -> Node:
    source = Source(text, 1, 1)
    return Reader(source, Names(), True).truth(source.expression(), "condition")


def _met(node: Node, holds: bool, part: Part) -> str:
    return _plain(node, holds) + _aside(node, part)


def _unmet(node: Node, wanted: bool, part: Part) -> str:
    if isinstance(node, Compare) and "is" in part:
        return _compared(node, wanted, part)
    return _plain(node, not wanted) + _aside(node, part)


def _plain(node: Node, holds: bool) -> str:
    return plain(Condition("", node if holds else Not(node)))


def _aside(node: Node, part: Part) -> str:
    if part.get("last") is not None:
        return f" (the last time on {_day(part['last'])})"
    if "is" in part and not _says_itself(node):
        return f" (it is {_value(part['is'])})"
    return ""


def _says_itself(node: Node) -> bool:
    return isinstance(node, Compare) and node.operator == "==" and isinstance(node.right, Constant)


def _compared(node: Compare, wanted: bool, part: Part) -> str:
    left, operator, right = node.left, node.operator, node.right
    if isinstance(left, Constant) and operator in MIRRORED:
        left, operator, right = right, MIRRORED[operator], left
    operator = operator if wanted else OPPOSITE[operator]
    if not isinstance(right, (Constant, Choices)):
        other = f", {value_words(right)} is {_value(part.get('than'))}" if "than" in part else ""
        there = f"{value_words(left)} is {_value(part['is'])}{other}"
        return f"{there}; needed is that {plain(Condition('', Compare(left, operator, right)))}"
    unit = _UNITS.get(left.function, "") if isinstance(left, Aggregate) else ""
    return f"{_there(left, part)}; {_NEEDED[operator].format(_bound(right))}{unit} is needed"


def _there(left: Node, part: Part) -> str:
    found = part["is"]
    if isinstance(left, Aggregate) and left.function == "count":
        return f"{counted(left)} {_times(found, bool(part.get('or_more')))}"
    if isinstance(left, Aggregate) and left.function == "days_since":
        words = phrase(left.event)
        if found is None:
            return " ".join(part for part in ("has never", words.participle, words.one, words.tail) if part)
        said = " ".join(part for part in ("last", words.past, words.one, words.tail) if part)
        return f"{said} {_value(round(found, 1))} days ago"
    return f"{value_words(left)} is {_value(found)}"


def _times(count: Any, or_more: bool) -> str:
    return f"{_value(count)} {'time' if count == 1 else 'times'}{' or more' if or_more else ''}"


def _bound(right: Node) -> str:
    if isinstance(right, Choices):
        values = [_value(value) for value in right.values]
        return values[0] if len(values) == 1 else f"{', '.join(values[:-1])} or {values[-1]}"
    assert isinstance(right, Constant)
    return _value(right.value)


def _value(value: Any) -> str:
    if isinstance(value, (list, tuple)):
        return ", ".join(_value(one) for one in value) or "empty"
    if isinstance(value, float):
        value = round(value, 2)
    return scalar(value) if value is None or isinstance(value, (str, bool, int, float)) else str(value)


def _day(instant: Any) -> str:
    moment = to_datetime(int(instant))
    return f"{moment.day} {moment:%B %Y, %H:%M} UTC"
