"""Writes a tree as text: what the console builds by clicking becomes what a marketer could have typed."""

from __future__ import annotations

from habitue.model.instant import DAY, span_text, to_datetime

from .tree import (
    Affinity,
    Aggregate,
    And,
    Arithmetic,
    Choices,
    Compare,
    Constant,
    EntryProperty,
    Fact,
    InSegment,
    Node,
    Not,
    Or,
    Property,
    RunKey,
    Scalar,
    Trait,
)


def write(node: Node) -> str:
    """The text that `parse` reads as this tree."""
    match node:
        case And(items=items):
            return " and ".join(_within_logic(item) for item in items)
        case Or(items=items):
            return " or ".join(_within_logic(item) for item in items)
        case Not(item=item):
            return f"not {_within_logic(item)}"
        case Compare(left=left, operator=operator, right=right):
            return f"{write(left)} {operator} {write(right)}"
        case Arithmetic(left=left, operator=sign, right=right):
            return f"{_operand(left)} {sign} {_operand(right)}"
        case Constant(value=value):
            return _scalar(value)
        case Choices(values=values):
            return f"[{', '.join(_scalar(value) for value in values)}]"
        case Aggregate():
            return _aggregate(node)
        case Trait(path=path):
            return ".".join(("trait", *path))
        case Property(path=path):
            return ".".join(path)
        case EntryProperty(path=path):
            return ".".join(("event", *path))
        case RunKey():
            return "run.key"
        case Fact(of=of, field=field):
            return f"{of}.{field}"
        case Affinity(of=of, value=value):
            return f"affinity({_scalar(of)}{'' if value is None else f', {write(value)}'})"
        case InSegment(name=name):
            return f"segment({_scalar(name)})"


def _within_logic(node: Node) -> str:
    return f"({write(node)})" if isinstance(node, (And, Or)) else write(node)


def _operand(node: Node) -> str:
    return f"({write(node)})" if isinstance(node, Arithmetic) else write(node)


def _aggregate(node: Aggregate) -> str:
    parts = [_scalar(node.event)]
    if node.value:
        parts.append(".".join(node.value))
    if node.where is not None:
        parts.append(write(node.where))
    if node.within is not None:
        parts.append(f'within="{span_text(node.within)}"')
    if node.since is not None:
        moment = to_datetime(node.since)
        text = moment.date().isoformat() if node.since % DAY == 0 else moment.isoformat()
        parts.append(f'since="{text}"')
    return f"{node.function}({', '.join(parts)})"


def _scalar(value: Scalar) -> str:
    if isinstance(value, str):
        escaped = value.replace("\\", "\\\\").replace('"', '\\"')
        return '"' + "".join(_printable(character) for character in escaped) + '"'
    return repr(value)


def _printable(character: str) -> str:
    return character if character.isprintable() else f"\\U{ord(character):08x}"
