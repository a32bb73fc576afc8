"""Says a condition in plain English: `looked at products at least 3 times in the last 7 days`."""

from __future__ import annotations

from habitue.model.instant import DAY, Instant, span_words, to_datetime

from .condition import Condition
from .facts import FACTS
from .shapes import is_number
from .tree import (
    Affinity,
    Aggregate,
    And,
    Arithmetic,
    Choices,
    Compare,
    Comparison,
    Constant,
    EntryProperty,
    Fact,
    InSegment,
    Node,
    Not,
    Or,
    Path,
    Property,
    RunKey,
    Scalar,
    Trait,
)
from .vocabulary import Phrase, phrase

_MIRRORED: dict[Comparison, Comparison] = {
    "==": "==", "!=": "!=", "<": ">", "<=": ">=", ">": "<", ">=": "<=",
}  # fmt: skip
_ORDERS: dict[str, str] = {"<": "less than", "<=": "at most", ">": "more than", ">=": "at least"}
_SIGNS = {"+": "plus", "-": "minus", "*": "times", "/": "divided by"}
_OPPOSITE: dict[Comparison, Comparison] = {
    "==": "!=", "!=": "==", "<": ">=", "<=": ">", ">": "<=", ">=": "<", "in": "not in", "not in": "in",
}  # fmt: skip


def plain(condition: Condition) -> str:
    """What is true of the people (or events) the condition means, as one English clause without a subject."""
    return _truth(condition.tree)


def _truth(node: Node) -> str:
    match node:
        case And(items=items):
            return " and ".join(_bracketed(item) for item in items)
        case Or(items=items):
            return " or ".join(_bracketed(item) for item in items)
        case Not(item=item):
            return _denied(item)
        case Compare():
            return _comparison(node)
        case Aggregate(function="did"):
            words = phrase(node.event)
            return _joined(words.past, words.one, words.tail, _where(node), _window(node))
        case InSegment(name=name):
            return f'is in the segment "{name}"'
        case Fact(of=of, field=field) if FACTS[of][field].kind == "truth":
            return FACTS[of][field].said
        case Constant(value=value):
            return "is anybody" if value else "is nobody"
    return f"{_value(node)} is set"


def _bracketed(node: Node) -> str:
    """A clause as part of another: `or` within `and` needs its brackets, the other way round too."""
    return f"({_truth(node)})" if isinstance(node, (And, Or)) else _truth(node)


def _denied(node: Node) -> str:
    match node:
        case Aggregate(function="did"):
            return _did_not(node)
        case InSegment(name=name):
            return f'is not in the segment "{name}"'
        case Fact(of=of, field=field) if FACTS[of][field].kind == "truth":
            return FACTS[of][field].denied
        case Constant(value=value):
            return "is nobody" if value else "is anybody"
        case Not(item=item):
            return _truth(item)
        case And() | Or():
            return f"it is not so that ({_truth(node)})"
        case Compare(left=left, operator=operator, right=right):
            if operator in ("==", "!=", "in", "not in"):
                return _comparison(Compare(left, _OPPOSITE[operator], right))
            if isinstance(left, Aggregate) and left.function == "count":
                return _comparison(Compare(left, _OPPOSITE[operator], right))
            return f"it is not so that ({_comparison(node)})"
    return f"{_value(node)} is not set"


def _did_not(node: Aggregate) -> str:
    words = phrase(node.event)
    said = (words.participle, words.one, words.tail, _where(node))
    if node.within is None and node.since is None:
        return _joined("has never", *said)
    return _joined("has not", *said, _window(node), f"(also true of people who never {_ever(words)})")


def _ever(words: Phrase) -> str:
    """What those people never did, who are many."""
    return _joined("were" if words.past == "was" else words.past, words.one, words.tail)


# --- comparisons ---


def _comparison(node: Compare) -> str:
    left, operator, right = node.left, node.operator, node.right
    if isinstance(left, Constant) and operator in _MIRRORED:
        left, operator, right = right, _MIRRORED[operator], left
    if isinstance(left, Aggregate) and isinstance(right, Constant):
        if left.function == "count":
            return _counted(left, operator, right.value)
        if left.function == "days_since":
            return _ago(left, operator, right.value)
    if operator in ("in", "not in"):
        return _membership(left, operator, right)
    return _compared(left, operator, right)


def _counted(node: Aggregate, operator: Comparison, bound: Scalar) -> str:
    words = phrase(node.event)
    if (operator, bound) in (("==", 0), ("<", 1), ("<=", 0)):
        return _did_not(node)
    how_often = {
        ">=": "at least {}", ">": "more than {}", "<": "fewer than {}", "<=": "at most {}", "==": "exactly {}",
        "!=": "not exactly {}",
    }[operator].format(_times(bound))  # fmt: skip
    objects = words.one if bound == 1 and operator in ("==", ">=", "<=") else words.many
    said = _joined(words.past, objects, words.tail, _where(node), how_often, _window(node))
    if operator in ("<", "<=") or (operator == "!=" and bound != 0):
        return f"{said} (also true of people who never {_ever(words)})"
    return said


def _times(bound: Scalar) -> str:
    return "once" if bound == 1 else "twice" if bound == 2 else f"{_scalar(bound)} times"


def _ago(node: Aggregate, operator: Comparison, days: Scalar) -> str:
    words = phrase(node.event)
    unit = "day" if days == 1 else "days"
    said = _joined(
        "last", words.past, words.one, words.tail, _where(node), f"{_ORDERS[operator]} {_scalar(days)} {unit} ago"
    )
    return f"{said} (not true of people who never {_ever(words)})"


def _membership(left: Node, operator: Comparison, right: Node) -> str:
    if not isinstance(right, Choices):
        return f"{_value(right)} {'contains' if operator == 'in' else 'does not contain'} {_value(left)}"
    values = [_scalar(value) for value in right.values]
    listed = values[0] if len(values) == 1 else f"{', '.join(values[:-1])} or {values[-1]}"
    if operator == "in":
        return f"{_value(left)} is {listed}"
    return f"{_value(left)} is not {listed}{_unknown(left)}"


def _compared(left: Node, operator: Comparison, right: Node) -> str:
    if isinstance(right, Constant) and right.value is None:
        return f"{_value(left)} is {'not known' if operator == '==' else 'known'}"
    if operator == "==":
        return f"{_value(left)} is {_value(right)}"
    if operator == "!=":
        return f"{_value(left)} is not {_value(right)}{_unknown(left)}"
    return f"{_value(left)} is {_ORDERS[operator]} {_value(right)}"


def _unknown(node: Node) -> str:
    """`!=` holds for what is missing, and the reader must know."""
    if is_number(node):
        return ""
    return f" (also true where {_value(node)} is not known)"


# --- values ---


def _value(node: Node) -> str:
    match node:
        case Constant(value=value):
            return _scalar(value)
        case Trait(path=path) | Property(path=path):
            return _path(path)
        case EntryProperty(path=path):
            return f"the {_path(path)} of the event that started the journey"
        case RunKey():
            return "the key of the run"
        case Fact(of=of, field=field):
            return FACTS[of][field].said
        case Affinity(of=of, value=None):
            return f"the favourite {of}"
        case Affinity(of=of, value=value) if value is not None:
            return f"the share of interest that goes to the {of} {_value(value)}"
        case Arithmetic(left=left, operator=sign, right=right):
            return f"{_term(left)} {_SIGNS[sign]} {_term(right)}"
        case Aggregate():
            return _aggregate(node)
    return f"({_truth(node)})"


def _term(node: Node) -> str:
    return f"({_value(node)})" if isinstance(node, Arithmetic) else _value(node)


def _aggregate(node: Aggregate) -> str:
    words = phrase(node.event)
    value = _path(node.value)
    over = _joined(words.plural, _where(node), _window(node))
    match node.function:
        case "count":
            return f"the number of {over}"
        case "sum":
            return f"the sum of {value} over {over}"
        case "avg":
            return f"the average {value} of {over}"
        case "min":
            return f"the smallest {value} of {over}"
        case "max":
            return f"the largest {value} of {over}"
        case "distinct":
            return f"the number of different values of {value} over {over}"
        case "first" | "last":
            return f"the {value} of the {node.function} {_joined(words.noun, _where(node), _window(node))}"
    return f"the days since the last {_joined(words.noun, _where(node))}"


def _where(node: Aggregate) -> str:
    return "" if node.where is None else f"where {_bracketed(node.where)}"


def _window(node: Aggregate) -> str:
    if node.within is not None:
        length = span_words(node.within)
        return f"in the last {length.removeprefix('1 ') if ' and ' not in length and ', ' not in length else length}"
    return "" if node.since is None else f"since {_date(node.since)}"


def _date(instant: Instant) -> str:
    moment = to_datetime(instant)
    day = f"{moment.day} {moment:%B} {moment.year}"
    if instant % DAY == 0:
        return day
    return (
        f"{day}, {moment:%H:%M} UTC" if moment.second == moment.microsecond == 0 else f"{day}, {moment:%H:%M:%S.%f} UTC"
    )


def _path(path: Path) -> str:
    return " ".join(path).replace("_", " ")


def _scalar(value: Scalar) -> str:
    if value is None:
        return "not known"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, (int, float)):
        return f"{value:,}" if not isinstance(value, float) or not value.is_integer() else f"{int(value):,}"
    return value if value and value == value.strip() and all(part.isalnum() for part in value.split()) else f'"{value}"'


def _joined(*parts: str) -> str:
    return " ".join(part for part in parts if part)
