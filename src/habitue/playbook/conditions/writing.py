"""Writes a tree as text: what the console builds by clicking becomes what a marketer could have typed."""

from __future__ import annotations

from habitue.model.instant import DAY, Instant, span_text, to_datetime

from .tree import (
    EACH,
    Affinity,
    Aggregate,
    And,
    Arithmetic,
    Bucket,
    Change,
    Choices,
    Compare,
    Consents,
    Constant,
    EntryProperty,
    Fact,
    InSegment,
    Lifecycle,
    Node,
    Not,
    Occasion,
    Or,
    Path,
    Product,
    Property,
    Reachable,
    Rfm,
    RunKey,
    Scalar,
    Score,
    Sequence,
    Step,
    Test,
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
        case Step():
            return _step(node)
        case Sequence():
            return _sequence(node)
        case Test(function=function, value=value, against=against):
            return f"{function}({write(value)}, {write(against)})"
        case Change(function=change, value=value):
            return f"{change}({write(value)})"
        case _:
            return _name(node)


def _name(node: Node) -> str:
    """What is named, with or without brackets, and holds no yes or no."""
    match node:
        case Trait(path=path):
            return path_text(("trait", *path))
        case Property(path=path):
            return path_text(path)
        case EntryProperty(path=path):
            return path_text(("event", *path))
        case RunKey():
            return "run.key"
        case Fact(of=of, field=field):
            return f"{of}.{field}"
        case Affinity(of=of, value=value):
            return f"affinity({_scalar(of)}{'' if value is None else f', {write(value)}'})"
        case Product(id=product, field=field):
            return f"product({write(product)}).{field}"
        case Reachable(channel=channel):
            return f"reachable({_scalar(channel)})"
        case Consents(channel=channel, topic=topic):
            return f"consents({_scalar(channel)}{f', topic={_scalar(topic)}' if topic else ''})"
        case Bucket(salt=salt, low=low, high=high):
            return f"bucket({_scalar(salt)}, {_scalar(low)}, {_scalar(high)})"
        case Score(name=name) | InSegment(name=name):
            return f"{'score' if isinstance(node, Score) else 'segment'}({_scalar(name)})"
        case Rfm(field=field):
            return f"rfm.{field}"
        case Lifecycle():
            return "lifecycle"
        case Occasion(name=name, within=within):
            return f"occasion({_scalar(name)}{f', within={_scalar(span_text(within))}' if within else ''})"
    raise TypeError(f"no part of a condition: {node!r}")


def path_text(path: Path) -> str:
    """`products[].category`."""
    return ".".join(path).replace(f".{EACH}", EACH)


def _within_logic(node: Node) -> str:
    return f"({write(node)})" if isinstance(node, (And, Or)) else write(node)


def _operand(node: Node) -> str:
    return f"({write(node)})" if isinstance(node, Arithmetic) else write(node)


def _aggregate(node: Aggregate) -> str:
    parts = [_scalar(node.event)]
    if node.value:
        parts.append(path_text(node.value))
    if node.where is not None:
        parts.append(write(node.where))
    return f"{node.function}({', '.join([*parts, *_window(node)])})"


def _step(node: Step) -> str:
    return _scalar(node.event) if node.where is None else f"did({_scalar(node.event)}, {write(node.where)})"


def _sequence(node: Sequence) -> str:
    parts = [_step(step) for step in node.steps]
    if node.without:
        steps = [_step(step) for step in node.without]
        listed = ", ".join(steps)
        parts.append(f"without={listed}" if len(steps) == 1 else f"without=[{listed}]")
    if node.apart is not None:
        parts.append(f'apart="{span_text(node.apart)}"')
    return f"sequence({', '.join([*parts, *_window(node)])})"


def _window(node: Aggregate | Sequence) -> list[str]:
    parts = []
    if node.within is not None:
        parts.append(f'within="{span_text(node.within)}"')
    if node.period:
        parts.append(f"within={_scalar(node.period)}")
    if node.zone:
        parts.append(f"tz={_scalar(node.zone)}")
    if node.since is not None:
        parts.append(f'since="{_date(node.since)}"')
    if node.before is not None:
        parts.append(f'before="{_date(node.before)}"')
    return parts


def _date(instant: Instant) -> str:
    moment = to_datetime(instant)
    return moment.date().isoformat() if instant % DAY == 0 else moment.isoformat()


def _scalar(value: Scalar) -> str:
    if isinstance(value, str):
        escaped = value.replace("\\", "\\\\").replace('"', '\\"')
        return '"' + "".join(_printable(character) for character in escaped) + '"'
    return repr(value)


def _printable(character: str) -> str:
    return character if character.isprintable() else f"\\U{ord(character):08x}"
