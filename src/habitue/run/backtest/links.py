"""Who could ever be joined with whom: the ids that events name together, in groups that have nothing in common.

A group is lived through by itself, in whatever process, and comes to what it comes to among all the others: customers
touch each other through the ids they share, and through nothing else.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from habitue.decide.naming import names
from habitue.model.event import Event
from habitue.playbook.playbook import IdentityRules


class Links:
    """Groups of ids, by union and find."""

    def __init__(self) -> None:
        self._above: dict[str, str] = {}

    def tie(self, ids: Iterable[str]) -> str | None:
        """All of these belong together; returns one of them, None when there are none."""
        first: str | None = None
        for one in ids:
            root = self.root(one)
            if first is None:
                first = root
            elif root != first:
                self._above[root] = first
        return first

    def root(self, one: str) -> str:
        """The id that stands for the group. It may be another one after the next tie."""
        above = self._above
        parent = above.setdefault(one, one)
        while parent != one:
            above[one] = above[parent]
            one, parent = parent, above[parent]
        return one


def ids(event: Event, rules: Sequence[IdentityRules]) -> list[str]:
    """Every customer id the event speaks of, under any of these rules."""
    return [one for each in rules for one in names(event, each).ids()]
