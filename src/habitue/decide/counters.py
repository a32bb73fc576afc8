"""Counters take in what happened, with its amounts in the currency they count in."""

from __future__ import annotations

from collections.abc import Iterable

from habitue.decide.conditions import Leaf
from habitue.decide.conditions.leaves import Counters
from habitue.decide.profile.exchange import event_in
from habitue.model.event import Event
from habitue.playbook.playbook import Shop


def absorb(leaves: Iterable[Leaf], counters: Counters, event: Event, position: int) -> None:
    """An older version that a run holds on to may count in another currency than the current one, or by other rates."""
    told = event
    shop: Shop | None = None
    for leaf in leaves:
        if leaf.shop is None:
            leaf.absorb(counters, event, position)
            continue
        if leaf.shop is not shop:
            shop, told = leaf.shop, event_in(leaf.shop, event)
        leaf.absorb(counters, told, position)
