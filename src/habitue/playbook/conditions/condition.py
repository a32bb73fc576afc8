"""A condition: an expression over a customer, or a filter over an event, as text and as a tree."""

from __future__ import annotations

from typing import Literal, TypeAlias

import msgspec

from .tree import Affinity, Aggregate, EntryProperty, Fact, InSegment, Node, RunKey, Step, Trait, walk

Kind: TypeAlias = Literal["condition", "filter"]


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
        return frozenset(node.path[0] for node in walk(self.tree) if isinstance(node, Trait))

    @property
    def facts(self) -> frozenset[str]:
        """What it reads of her besides: `cart`, `visit`, `affinity` and so on."""
        nodes = list(walk(self.tree))
        named = frozenset(node.of for node in nodes if isinstance(node, Fact))
        return named | {"affinity"} if any(isinstance(node, Affinity) for node in nodes) else named

    @property
    def uses_entry_event(self) -> bool:
        return any(isinstance(node, EntryProperty) for node in walk(self.tree))

    @property
    def uses_run_key(self) -> bool:
        return any(isinstance(node, RunKey) for node in walk(self.tree))
