"""The tree of a condition: the one truth that live evaluation, SQL and plain language are read from."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, TypeAlias

import msgspec

from habitue.model.instant import Instant, Span

Scalar: TypeAlias = str | int | float | bool | None
Path: TypeAlias = tuple[str, ...]
Comparison: TypeAlias = Literal["==", "!=", "<", "<=", ">", ">=", "in", "not in"]
Function: TypeAlias = Literal["count", "did", "sum", "min", "max", "avg", "first", "last", "distinct", "days_since"]


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
    """What a customer's events of one name come to. `where` speaks of the event's own properties."""

    function: Function
    event: str
    value: Path = ()
    where: Node | None = None
    within: Span | None = None
    since: Instant | None = None


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
        case Aggregate(where=where) if where is not None:
            return (where,)
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
