"""The tree of a condition: the one truth that live evaluation, SQL and plain language are read from."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, TypeAlias

import msgspec

from habitue.model.instant import Instant, Span

Scalar: TypeAlias = str | int | float | bool | None
Path: TypeAlias = tuple[str, ...]
"""Names, the outermost first. `EACH` after a name means every element of that list: `products[].category`."""
EACH = "[]"
Comparison: TypeAlias = Literal["==", "!=", "<", "<=", ">", ">=", "in", "not in"]
Function: TypeAlias = Literal["count", "did", "sum", "min", "max", "avg", "first", "last", "distinct", "days_since"]
Period: TypeAlias = Literal[
    "", "today", "yesterday", "this week", "last week", "this month", "last month", "this quarter", "last quarter",
    "this year", "last year",
]  # fmt: skip
"""A stretch of the calendar around now, in a time zone. Weeks begin on Monday. Empty: none."""
TextTest: TypeAlias = Literal["starts_with", "ends_with", "has_any", "has_all"]
TextChange: TypeAlias = Literal["lower", "size"]


class Constant(msgspec.Struct, frozen=True, tag="constant"):
    value: Scalar


class Choices(msgspec.Struct, frozen=True, tag="choices"):
    """The constants on the right of `in`."""

    values: tuple[Scalar, ...]


class And(msgspec.Struct, frozen=True, tag="and"):
    """Two or more; never holds another And directly, so that equal meanings have equal trees."""

    items: tuple[Node, ...]


class Or(msgspec.Struct, frozen=True, tag="or"):
    """Two or more; never holds another Or directly."""

    items: tuple[Node, ...]


class Not(msgspec.Struct, frozen=True, tag="not"):
    item: Node


class Compare(msgspec.Struct, frozen=True, tag="compare"):
    left: Node
    operator: Comparison
    right: Node


class Arithmetic(msgspec.Struct, frozen=True, tag="arithmetic"):
    left: Node
    operator: Literal["+", "-", "*", "/"]
    right: Node


class Aggregate(msgspec.Struct, frozen=True, tag="aggregate"):
    """What a customer's events of one name come to. `where` speaks of the event's own properties.

    The window is one of: all time; `within`, rolling, (now - within, now]; `since` (from it on), `before` (up to it,
    exclusive) or both; a `period` of the calendar in `zone`, which is the shop's when it is empty.
    """

    function: Function
    event: str
    value: Path = ()
    where: Node | None = None
    within: Span | None = None
    since: Instant | None = None
    before: Instant | None = None
    period: Period = ""
    zone: str = ""


class Step(msgspec.Struct, frozen=True, tag="step"):
    """Events of one name that a filter lets through: a part of a sequence."""

    event: str
    where: Node | None = None


class Sequence(msgspec.Struct, frozen=True, tag="sequence"):
    """Events one after the other, with none of `without` between the first and the last of them.

    Order is that of (occurred_at, event id), strictly. `apart`: the last comes at most so long after the first. The
    window is as in `Aggregate`, and every event of the sequence lies in it. No name of `without` is a step's.
    """

    steps: tuple[Step, ...]
    without: tuple[Step, ...] = ()
    apart: Span | None = None
    within: Span | None = None
    since: Instant | None = None
    before: Instant | None = None
    period: Period = ""
    zone: str = ""


class Test(msgspec.Struct, frozen=True, tag="test"):
    """A yes or no about text (`starts_with`, `ends_with`) or a list (`has_any`, `has_all` of the choices)."""

    __test__ = False  # Not one of pytest's.

    function: TextTest
    value: Node
    against: Node


class Change(msgspec.Struct, frozen=True, tag="change"):
    """`lower`: the text in small letters, each by Unicode's simple mapping. `size`: of a list or a text."""

    function: TextChange
    value: Node


class Trait(msgspec.Struct, frozen=True, tag="trait"):
    path: Path


class Property(msgspec.Struct, frozen=True, tag="property"):
    """A property of the event that a filter looks at."""

    path: Path


class EntryProperty(msgspec.Struct, frozen=True, tag="entry"):
    """A property of the event that the run was entered with."""

    path: Path


class RunKey(msgspec.Struct, frozen=True, tag="run_key"):
    pass


class Fact(msgspec.Struct, frozen=True, tag="fact"):
    """A field of what is kept of her: `cart.value`, `visit.stage`. The fields are in `facts.FACTS`."""

    of: str
    field: str


class Affinity(msgspec.Struct, frozen=True, tag="affinity"):
    """Her favourite category or brand; with a `value`, that one's share of her interest, from 0 to 1."""

    of: str
    value: Node | None = None


class Reachable(msgspec.Struct, frozen=True, tag="reachable"):
    """Whether a marketing message could go to her on the channel: an address, consent as the channel asks for it, no
    suppression and no pause."""

    channel: str


class Consents(msgspec.Struct, frozen=True, tag="consents"):
    """Whether she said yes to the channel, and, with a topic, not no to the topic."""

    channel: str
    topic: str = ""


class Product(msgspec.Struct, frozen=True, tag="product"):
    """A field of a product as she was last told of it: by the entry event, in her cart, on her wish list."""

    id: Node
    field: str


class Bucket(msgspec.Struct, frozen=True, tag="bucket"):
    """Whether a hash of her id and the salt falls into [low, high) of 100. The same for ever."""

    salt: str
    low: float
    high: float


class Score(msgspec.Struct, frozen=True, tag="score"):
    """The latest value that was told of a score, by a `Score Updated` event with `score` and `value`."""

    name: str


class Rfm(msgspec.Struct, frozen=True, tag="rfm"):
    """`recency`, `frequency`, `monetary` (1 to 5), `code` ("555") or `group` ("champions"), by the playbook's bands."""

    field: str


class Lifecycle(msgspec.Struct, frozen=True, tag="lifecycle"):
    """The stage of her life with the shop, by the playbook's table."""


class Occasion(msgspec.Struct, frozen=True, tag="occasion"):
    """Whether an occasion of her country is today, or at most `within` ahead."""

    name: str
    within: Span = 0


class InSegment(msgspec.Struct, frozen=True, tag="segment"):
    name: str


Node: TypeAlias = (
    Constant
    | Choices
    | And
    | Or
    | Not
    | Compare
    | Arithmetic
    | Aggregate
    | Step
    | Sequence
    | Test
    | Change
    | Reachable
    | Consents
    | Product
    | Bucket
    | Score
    | Rfm
    | Lifecycle
    | Occasion
    | Trait
    | Property
    | EntryProperty
    | RunKey
    | Fact
    | Affinity
    | InSegment
)


def children(node: Node) -> tuple[Node, ...]:
    match node:
        case And(items=items) | Or(items=items):
            return items
        case Not(item=item):
            return (item,)
        case Compare(left=left, right=right) | Arithmetic(left=left, right=right):
            return (left, right)
        case Aggregate(where=where) | Step(where=where) if where is not None:
            return (where,)
        case Sequence(steps=steps, without=without):
            return (*steps, *without)
        case Test(value=value, against=against):
            return (value, against)
        case Change(value=value):
            return (value,)
        case Product(id=value):
            return (value,)
        case Affinity(value=value) if value is not None:
            return (value,)
    return ()


def walk(node: Node) -> Iterator[Node]:
    """The node and everything below it. Without recursion: a tree may come from outside."""
    waiting = [node]
    while waiting:
        found = waiting.pop()
        yield found
        waiting.extend(children(found))


def names_in(node: Node) -> Path:
    """The names that the node itself is written with, without quotes."""
    match node:
        case Trait(path=path) | Property(path=path) | EntryProperty(path=path) | Aggregate(value=path):
            return path
        case Fact(of=of, field=field):
            return (of, field)
    return ()
