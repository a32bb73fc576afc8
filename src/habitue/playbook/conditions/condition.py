"""A condition: an expression over a customer, or a filter over an event, as text and as a tree."""

from __future__ import annotations

from typing import Literal, TypeAlias

import msgspec

from .tree import (
    Affinity,
    Aggregate,
    Consents,
    Fact,
    InSegment,
    Node,
    Occasion,
    Product,
    Reachable,
    Step,
    Trait,
    walk,
)

Kind: TypeAlias = Literal["condition", "filter"]
_HOME = frozenset({"address", "country", "phone"})
"""Traits that tell where she lives."""


class Condition(msgspec.Struct, frozen=True):
    """Built by `parse`. A `condition` speaks of a customer, a `filter` of the properties of one event."""

    text: str
    tree: Node
    kind: Kind = "condition"

    @property
    def segments(self) -> frozenset[str]:
        """The segments it names itself; those may name others."""
        return frozenset(node.name for node in walk(self.tree) if isinstance(node, InSegment))

    @property
    def events(self) -> frozenset[str]:
        """The events it counts; those of its segments are not among them."""
        return frozenset(node.event for node in walk(self.tree) if isinstance(node, (Aggregate, Step)))

    @property
    def traits(self) -> frozenset[str]:
        """The traits it reads, by the first name of their path."""
        return frozenset(name for node in walk(self.tree) for name in _traits(node))

    @property
    def facts(self) -> frozenset[str]:
        """What it reads of her besides: `cart`, `visit`, `affinity` and so on."""
        return frozenset(name for node in walk(self.tree) for name in _facts(node))


def _traits(node: Node) -> frozenset[str]:
    match node:
        case Trait(path=path):
            return frozenset({path[0]})
        case Reachable():
            return _HOME | {"email"}
        case Consents(channel="email") | Fact(of="consent", field="email"):
            return frozenset({"email"})
        case Occasion():
            return _HOME
    return frozenset()


def _facts(node: Node) -> frozenset[str]:
    match node:
        case Consents(channel="email") | Fact(of="consent", field="email"):
            return frozenset({"consent", "address", "identifier"})  # It belongs to the address they have.
        case Fact(of=of):
            return frozenset({of})
        case Affinity():
            return frozenset({"affinity"})
        case Reachable(channel="onsite"):
            return frozenset({"consent", "pause", "reach", "device"})
        case Reachable():
            return frozenset({"consent", "pause", "reach", "address", "identifier"})
        case Consents():
            return frozenset({"consent"})
        case Product():
            return frozenset({"cart", "wishlist"})
        case Occasion():
            return frozenset({"identifier", "clock"})
    return frozenset()
