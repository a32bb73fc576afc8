"""A leaf: one counter of a customer, shared by every condition that asks the same of the same events."""

from __future__ import annotations

from abc import ABC, abstractmethod
from hashlib import blake2b
from typing import Any, ClassVar, Literal, TypeAlias

import msgspec

from habitue.decide.conditions.filters import Filter, compile_filter
from habitue.model.event import Event
from habitue.model.instant import Instant, Span
from habitue.playbook.conditions.money import is_money, reads_money
from habitue.playbook.conditions.periods import Unit
from habitue.playbook.conditions.tree import And, Node, Not, Or, Path, Step
from habitue.playbook.playbook import Shop

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
    before: Instant | None = None
    unit: Unit | Literal[""] = ""
    """Of the calendar: `day`, `month`; in the `zone`, and for each such unit what a leaf of the kind `each` keeps."""
    zone: str = ""
    each: str = ""
    steps: tuple[Step, ...] = ()
    without: tuple[Step, ...] = ()
    rates: str = ""
    """By which table its amounts were brought into the shop's currency: by another they are other amounts."""

    @property
    def reads_money(self) -> bool:
        filters = (self.where, *(step.where for step in (*self.steps, *self.without)))
        return is_money(self.value) or any(map(reads_money, filters))

    @property
    def events(self) -> tuple[str, ...]:
        """The names of the events it is about."""
        names = [step.event for step in (*self.steps, *self.without)] or [self.event]
        return tuple(dict.fromkeys(names))

    @property
    def canonical(self) -> str:
        """Equal for filters that differ only in the order of what `and` and `or` join."""
        ordered = msgspec.structs.replace(
            self, where=_sorted(self.where), steps=_sorted_steps(self.steps), without=_sorted_steps(self.without)
        )
        said = msgspec.to_builtins(ordered)
        # What a spec does not need is left out of its name, so that leaves of old keep theirs.
        return msgspec.json.encode(
            {name: said[name] for name in said if name in _ALWAYS or said[name] not in (None, "", (), [])}
        ).decode()


_ALWAYS = frozenset({"kind", "event", "where", "value", "within", "since"})


class Leaf(ABC):
    """Keeps one counter up to date. Its state is plain lists, mappings and numbers in `customer.counters[leaf.id]`.

    Events may be absorbed in any order, each once; the state comes out the same, and `join` of two states is the state
    of all their events together. Times later than the one asked about must not have been absorbed.
    """

    kind: ClassVar[str]
    __slots__ = ("canonical", "dated", "events", "id", "matches", "need", "shop", "spec")

    def __init__(self, spec: Spec) -> None:
        self.spec = spec
        self.events: tuple[str, ...] = spec.events
        self.dated: bool = spec.since is not None or spec.before is not None
        self.canonical = spec.canonical
        self.id: int = int.from_bytes(blake2b(self.canonical.encode(), digest_size=6).digest(), "big")
        self.matches: Filter | None = None if spec.where is None else compile_filter(spec.where)
        self.need: int = 1
        """How many entries the conditions seen so far need. Only leaves of times keep no more than that."""
        self.shop: Shop | None = None
        """In whose currency it is told amounts; None where it reads none, or nobody has said a currency."""

    @property
    def signature(self) -> str:
        """Changes whenever a state that was kept so far no longer serves; then the leaf must be filled from the log."""
        return f"{VERSION}:{self.need}:{self.canonical}"

    @property
    def currency(self) -> str:
        return "" if self.shop is None else self.shop.currency

    def keeps_more_than(self, other: Leaf) -> bool:
        """Whether this one, of the same id, serves conditions the other does not."""
        return self.need > other.need

    def absorb(self, counters: Counters, event: Event, position: int) -> None:
        """Take in an event that bears one of this leaf's names; `position` is its place in the log.

        Its amounts are in the currency of the leaf's shop: see `decide/counters`.
        """
        if self.dated and not self._lies_in(event.occurred_at):
            return
        if self.matches is None or self.matches(event.properties, None, ""):
            self.put(counters, event, position)

    def _lies_in(self, at: Instant) -> bool:
        since, before = self.spec.since, self.spec.before
        return (since is None or since <= at) and (before is None or at < before)

    @abstractmethod
    def put(self, counters: Counters, event: Event, position: int) -> None:
        """Take in an event that the dates and the filter let through."""

    @abstractmethod
    def join(self, one: Any, other: Any) -> Any:
        """The state of two halves of a person who share no event."""


def _sorted_steps(steps: tuple[Step, ...]) -> tuple[Step, ...]:
    return tuple(Step(step.event, _sorted(step.where)) for step in steps)


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
