"""A leaf: one counter of a customer, shared by every condition that asks the same of the same events."""

from __future__ import annotations

from abc import ABC, abstractmethod
from hashlib import blake2b
from typing import Any, ClassVar, TypeAlias

import msgspec

from habitue.decide.conditions.filters import Filter, compile_filter
from habitue.model.event import Event
from habitue.model.instant import Instant, Span
from habitue.playbook.conditions.tree import And, Node, Not, Or, Path

Counters: TypeAlias = dict[int, Any]
VERSION = 1
"""Raised when the shape of a leaf's state changes: every leaf then has a new signature and is filled again."""


class Spec(msgspec.Struct, frozen=True):
    """What a leaf keeps, of which events. Equal specs are the same leaf."""

    kind: str
    event: str
    where: Node | None = None
    value: Path = ()
    within: Span | None = None
    since: Instant | None = None

    @property
    def canonical(self) -> str:
        """Equal for filters that differ only in the order of what `and` and `or` join."""
        return msgspec.json.encode(msgspec.structs.replace(self, where=_sorted(self.where))).decode()


class Leaf(ABC):
    """Keeps one counter up to date. Its state is plain lists, mappings and numbers in `customer.counters[leaf.id]`.

    Events may be absorbed in any order, each once; the state comes out the same, and `join` of two states is the state
    of all their events together. Times later than the one asked about must not have been absorbed.
    """

    kind: ClassVar[str]
    __slots__ = ("canonical", "event", "id", "matches", "need", "spec")

    def __init__(self, spec: Spec) -> None:
        self.spec = spec
        self.event = spec.event
        self.canonical = spec.canonical
        self.id: int = int.from_bytes(blake2b(self.canonical.encode(), digest_size=6).digest(), "big")
        self.matches: Filter | None = None if spec.where is None else compile_filter(spec.where)
        self.need: int = 1
        """How many entries the conditions seen so far need. Only leaves of times keep no more than that."""

    @property
    def signature(self) -> str:
        """Changes whenever a state that was kept so far no longer serves; then the leaf must be filled from the log."""
        return f"{VERSION}:{self.need}:{self.canonical}"

    def keeps_more_than(self, other: Leaf) -> bool:
        """Whether this one, of the same id, serves conditions the other does not."""
        return self.need > other.need

    def absorb(self, counters: Counters, event: Event) -> None:
        """Take in an event that bears this leaf's name."""
        if self.matches is None or self.matches(event.properties, None, ""):
            self.put(counters, event)

    @abstractmethod
    def put(self, counters: Counters, event: Event) -> None:
        """Take in an event that the filter let through."""

    @abstractmethod
    def join(self, one: Any, other: Any) -> Any:
        """The state of two halves of a person who share no event."""


def _sorted(node: Node | None) -> Node | None:
    match node:
        case And(items=items):
            return And(tuple(sorted((_sure(item) for item in items), key=msgspec.json.encode)))
        case Or(items=items):
            return Or(tuple(sorted((_sure(item) for item in items), key=msgspec.json.encode)))
        case Not(item=item):
            return Not(_sure(item))
    return node


def _sure(node: Node) -> Node:
    found = _sorted(node)
    assert found is not None
    return found
