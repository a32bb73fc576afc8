"""The slow truth: reads a condition's tree over the whole history of a person, as the documentation words it.

Nothing here is shared with the live evaluation but the tree itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import combinations
from math import floor
from typing import Any

import msgspec
from tests.decide.conditions import calendar_oracle, facts_oracle, words_oracle
from tests.decide.conditions.histories import MANY_CURRENCIES, SHOP

from habitue.model.event import Event
from habitue.playbook.conditions.expanding import Definitions
from habitue.playbook.conditions.tree import (
    Affinity,
    Aggregate,
    And,
    Arithmetic,
    Bucket,
    Change,
    Choices,
    Compare,
    Constant,
    EntryProperty,
    Fact,
    InSegment,
    Lifecycle,
    Node,
    Not,
    Or,
    Property,
    Rfm,
    RunKey,
    Score,
    Sequence,
    Step,
    Test,
    Trait,
)

DAY = 86_400_000_000


@dataclass
class Person:
    history: list[Event]
    traits: dict[str, Any] = field(default_factory=dict)
    entry: dict[str, Any] | None = None
    key: str = ""
    segments: dict[str, Node] = field(default_factory=dict)
    timezone: str = "UTC"
    """The shop's: periods of the calendar go by it where they name no other."""
    name: str = "ana"
    definitions: Definitions = SHOP.definitions

    def __post_init__(self) -> None:
        self.history = [msgspec.structs.replace(event, properties=in_euros(event)) for event in self.history]

    def holds(self, node: Node, now: int) -> bool:
        return _Reader(self, now, None).truth(node)


class _Reader:
    def __init__(self, person: Person, now: int, event: Event | None) -> None:
        self.person, self.now, self.event = person, now, event

    def truth(self, node: Node) -> bool:
        if isinstance(node, And):
            return all(self.truth(item) for item in node.items)
        if isinstance(node, Or):
            return any(self.truth(item) for item in node.items)
        if isinstance(node, Not):
            return not self.truth(node.item)
        if isinstance(node, InSegment):
            return self.truth(self.person.segments[node.name])
        if isinstance(node, Aggregate) and node.function == "did":
            return len(self.matching(node)) > 0
        if isinstance(node, Sequence):
            return self.came(node)
        if isinstance(node, Compare):
            return self.compare(node)
        if isinstance(node, Test):
            return self.test(node)
        if isinstance(node, Bucket):
            return words_oracle.in_bucket(node.salt, self.person.name, node.low, node.high)
        value = self.value(node)
        return any(something(one) for one in value) if isinstance(value, Many) else something(value)

    def compare(self, node: Compare) -> bool:
        if isinstance(node.left, Aggregate) and node.left.function == "days_since":
            return self.days(node.left, node.operator, node.right.value)
        if isinstance(node.right, Aggregate) and node.right.function == "days_since":
            turned = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}[node.operator]
            return self.days(node.right, turned, node.left.value)
        if node.operator in ("!=", "not in"):
            turned = {"!=": "==", "not in": "in"}[node.operator]
            return not self.compare(Compare(node.left, turned, node.right))  # type: ignore[arg-type]
        left = self.value(node.left)
        right = None if isinstance(node.right, Choices) else self.value(node.right)
        if isinstance(left, Many):
            return any(self.compares(node, one, right) for one in left)
        if isinstance(right, Many) and node.operator != "in":
            return any(self.compares(node, left, one) for one in right)
        return self.compares(node, left, right)

    def compares(self, node: Compare, left: Any, right: Any) -> bool:
        if node.operator == "in":
            if isinstance(node.right, Choices):
                return any(same(left, choice) for choice in node.right.values)
            if isinstance(right, str):
                return isinstance(left, str) and right.find(left) >= 0
            return isinstance(right, list) and any(same(left, one) for one in right)
        if node.operator == "==":
            asks_for_nothing = Constant(None) in (node.left, node.right)
            return (left is None and right is None) if asks_for_nothing else same(left, right)
        return in_order(node.operator, left, right)

    def test(self, node: Test) -> bool:
        value = self.value(node.value)
        if node.function in ("has_any", "has_all"):
            there = [
                one for one in node.against.values if isinstance(value, list) and any(same(one, has) for has in value)
            ]
            return len(there) == len(node.against.values) if node.function == "has_all" else bool(there)
        affix = node.against.value
        if not isinstance(value, str) or len(value) < len(affix):
            return False
        return (value[: len(affix)] if node.function == "starts_with" else value[len(value) - len(affix) :]) == affix

    def days(self, node: Aggregate, operator: str, days: float) -> bool:
        times = [event.occurred_at for event in self.matching(node)]
        return bool(times) and in_order(operator, self.now - max(times), round(days * DAY))

    def value(self, node: Node) -> Any:
        match node:
            case Constant():
                return node.value
            case Fact():
                return facts_oracle.fact(self.person.history, self.now, node.of, node.field)
            case Affinity():
                return self.affinity(node)
            case Trait():
                return dig(self.person.traits, node.path)
            case EntryProperty():
                return dig(self.person.entry, node.path)
            case Property():
                assert self.event is not None
                return dig(self.event.properties, node.path)
            case RunKey():
                return self.person.key or None
            case Aggregate():
                return self.aggregate(node)
            case Change():
                return words_oracle.changed(node.function, self.value(node.value))
            case Score():
                said = Compare(Property(("score",)), "==", Constant(node.name))
                return self.aggregate(Aggregate("last", "Score Updated", ("value",), said))
            case Rfm():
                return self.rfm(node.field)
            case Lifecycle():
                rules = self.person.definitions.lifecycle
                bought = self.matching(Aggregate("did", rules.event))
                return words_oracle.lifecycle(rules, [event.occurred_at for event in bought], self.now)
            case Arithmetic():
                left, right = numeral(self.value(node.left)), numeral(self.value(node.right))
                if left is None or right is None or (node.operator == "/" and right == 0):
                    return None
                left, right = float(left), float(right)
                return {"+": left + right, "-": left - right, "*": left * right, "/": left / (right or 1)}[
                    node.operator
                ]
        raise AssertionError(node)

    def rfm(self, of: str) -> Any:
        rules = self.person.definitions.rfm
        bought = self.matching(Aggregate("did", rules.event))
        amounts = [(event.occurred_at, numeral(dig(event.properties, rules.value))) for event in bought]
        code = words_oracle.rfm(rules, amounts, self.now)
        if code is None or of == "code":
            return code
        if of == "group":
            return next(name for name, codes in rules.groups.items() if code in codes)
        return int(code[["recency", "frequency", "monetary"].index(of)])

    def affinity(self, node: Affinity) -> Any:
        if node.value is None:
            return facts_oracle.affinity(self.person.history, node.of, None)
        value = self.value(node.value)
        return facts_oracle.affinity(self.person.history, node.of, value) if isinstance(value, str) else 0.0

    def matching(self, node: Aggregate) -> list[Event]:
        step = Step(node.event, node.where)
        return [event for event in self.inside(node) if self.is_step(event, step)]

    def inside(self, node: Aggregate | Sequence) -> list[Event]:
        """Everything in the window, in the order of time; what is of one instant, as it was told."""
        found = []
        for event in self.person.history:
            inside = True
            if node.within is not None:
                inside = inside and self.now - node.within < event.occurred_at <= self.now
            if node.since is not None:
                inside = inside and node.since <= event.occurred_at
            if node.before is not None:
                inside = inside and event.occurred_at < node.before
            if node.period:
                zone = node.zone or self.person.timezone
                start, end = calendar_oracle.stretch(node.period, zone, self.now)
                inside = inside and start <= event.occurred_at < end
            if inside:
                found.append(event)
        return sorted(found, key=lambda event: event.occurred_at)

    def is_step(self, event: Event, step: Step) -> bool:
        if event.name != step.event:
            return False
        return step.where is None or _Reader(self.person, self.now, event).truth(step.where)

    def came(self, node: Sequence) -> bool:
        """Tries every choice of events, each in its order."""
        events = self.inside(node)
        for places in combinations(range(len(events)), len(node.steps)):
            chosen = [events[place] for place in places]
            between = events[places[0] + 1 : places[-1]]
            if (
                all(self.is_step(event, step) for event, step in zip(chosen, node.steps, strict=True))
                and (node.apart is None or chosen[-1].occurred_at - chosen[0].occurred_at <= node.apart)
                and not any(self.is_step(event, step) for event in between for step in node.without)
            ):
                return True
        return False

    def aggregate(self, node: Aggregate) -> Any:
        events = self.matching(node)
        if node.function == "count":
            return len(events)
        values = []
        for event in events:
            value = dig(event.properties, node.value)
            values += value if isinstance(value, Many) else [value]
        scalars = [value for value in values if isinstance(value, (str, bool, int, float))]
        if node.function in ("first", "last"):
            return None if not scalars else scalars[0 if node.function == "first" else -1]
        if node.function == "distinct":
            return len({as_text(value) for value in scalars})
        amounts = [
            Fraction(numeral(value)).limit_denominator(1_000_000) for value in values if numeral(value) is not None
        ]
        if node.function == "sum":
            return float(sum(amounts))
        if not amounts:
            return None
        if node.function == "avg":
            return float(sum(amounts) / len(amounts))
        return float(min(amounts) if node.function == "min" else max(amounts))


def in_euros(event: Event) -> dict[str, Any]:
    said = event.properties.get("currency")
    code = said.upper() if isinstance(said, str) and len(said) == 3 else "EUR"
    if code == "EUR":
        return event.properties
    rates = sorted((rate.since, rate.rate) for rate in MANY_CURRENCIES.rates if rate.currency == code)
    known = [Fraction(rate, 10**12) for since, rate in rates if since <= event.occurred_at]

    def worth(value: Any) -> Any:
        if isinstance(value, bool) or not isinstance(value, (int, float, str)) or numeral(value) is None:
            return value
        return floor(Fraction(str(value)) * known[-1] * 1_000_000) / 1_000_000 if known else "unknown"

    def line(one: Any) -> Any:
        return {**one, "price": worth(one["price"])} if isinstance(one, dict) and "price" in one else one

    told = dict(event.properties)
    if "price" in told:
        told["price"] = worth(told["price"])
    if isinstance(told.get("products"), list):
        told["products"] = [line(one) for one in told["products"]]
    return told


class Many(list[Any]):
    """What the elements of a list have at a path."""


def something(value: Any) -> bool:
    return value not in (None, False, 0, "", [], {})


def each(source: Any, path: tuple[str, ...]) -> Iterator[Any]:
    if not path:
        yield source
    elif path[0] == "[]":
        for one in source if isinstance(source, list) else ():
            yield from each(one, path[1:])
    else:
        yield from each(source.get(path[0]) if isinstance(source, dict) else None, path[1:])


def dig(source: Any, path: tuple[str, ...]) -> Any:
    if "[]" in path:
        return Many(each(source, path))
    for name in path:
        source = source.get(name) if isinstance(source, dict) else None
    return source


def numeral(value: Any) -> Any:
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, (int, float)):
        return value
    if isinstance(value, str):
        try:
            return float(value)
        except ValueError:
            return None
    return None


def same(one: Any, other: Any) -> bool:
    if one is None or other is None or isinstance(one, (list, dict)) or isinstance(other, (list, dict)):
        return False
    if isinstance(one, bool) != isinstance(other, bool):
        return False
    if isinstance(one, str) == isinstance(other, str):
        return one == other
    return numeral(one) is not None and numeral(one) == numeral(other)


def in_order(operator: str, one: Any, other: Any) -> bool:
    if not (isinstance(one, str) and isinstance(other, str)):
        one, other = numeral(one), numeral(other)
        if one is None or other is None:
            return False
    return {"<": one < other, "<=": one <= other, ">": one > other, ">=": one >= other}[operator]


def as_text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return f"{value:.0f}" if isinstance(value, float) and value == int(value) else str(value)
