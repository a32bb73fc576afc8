"""Who a condition is true of, at any instant of the past: how many, which, and what another condition would change."""

# ruff: noqa: S608 - Names are made here, and whatever was written by somebody is quoted by the dialect.

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import TYPE_CHECKING

import msgspec

from habitue.model.instant import Instant
from habitue.playbook.conditions import Condition
from habitue.playbook.conditions.tree import Constant
from habitue.playbook.playbook import Playbook

from .asking import Asked, Asking
from .points import at_points

if TYPE_CHECKING:
    from .history import History

INSTANTS_MAX = 6
"""Of a chart, where events have to be replayed: one replay for so many instants, whose answers are all in memory."""
_NOBODY = Condition("False", Constant(False))


class Comparison(msgspec.Struct, frozen=True):
    """What it means to put one condition in the place of another: whom it gains, loses and keeps, with examples."""

    gained: int
    lost: int
    stayed: int
    gained_examples: list[str]
    lost_examples: list[str]
    stayed_examples: list[str]


class Overlap(msgspec.Struct, frozen=True):
    """How many each condition is true of, and how many each two of them, by their names."""

    each: dict[str, int]
    both: dict[tuple[str, str], int]


class Reader:
    """Asks a history about conditions. Every instant may be asked; without one it is the history's end.

    `as_it_happened`: not by what was known at an instant, but by what had happened by then, whenever it was received.
    What each answer costs is said in docs/conditions.md. Raises ConditionError for a condition that speaks of a run.
    """

    def __init__(self, history: History, playbook: Playbook, *, as_it_happened: bool = False) -> None:
        self._history = history
        self._asking = Asking(history, playbook, as_it_happened=as_it_happened)

    def count(self, conditions: Mapping[str, Condition], at: Instant | None = None) -> dict[str, int]:
        """How many each is true of. As many are counted in one pass as one may hold."""
        then, counts = self._then(at), list[int]()
        for group in self._asking.together(conditions.values()):
            with self._asking.at(group, then) as asked:
                counts += self._counts(asked, asked.truths, asked.nobody, then)
        return dict(zip(conditions, counts, strict=True))

    def sizes(self, conditions: Mapping[str, Condition], instants: Sequence[Instant]) -> list[dict[str, int]]:
        """`count` at each of the instants: a chart's points."""
        asked = tuple(conditions.values())
        if not asked or not self._asking.question(asked, self._asking.moment(None), self._history.at).has_facts:
            return [self.count(conditions, at) for at in instants]
        counts: dict[Instant, Sequence[int]] = {}
        for begin in range(0, len(instants), INSTANTS_MAX):
            counts |= self._counts_at(asked, instants[begin : begin + INSTANTS_MAX])
        nobody = [0] * len(asked)
        return [dict(zip(conditions, counts.get(at, nobody), strict=True)) for at in instants]

    def _counts_at(self, asked: tuple[Condition, ...], instants: Sequence[Instant]) -> dict[Instant, Sequence[int]]:
        """Of everyone there was at each of the instants; those are left out at which nobody was."""
        rows = ", ".join(f"({at})" for at in set(instants))
        points = (
            f"SELECT customer, t FROM {self._asking.people()} JOIN (VALUES {rows}) told(t) ON first_received_at <= t"
        )
        with at_points(self._asking, asked, points) as answered:
            columns = ", ".join(f"count(*) FILTER (WHERE {truth})" for truth in answered.truths)
            found = self._history.ask(f"{answered.tables} SELECT t, {columns} FROM {answered.source} GROUP BY t")
        return {at: counts for at, *counts in found}

    def members(
        self, condition: Condition, at: Instant | None = None, limit: int | None = None, after: str | None = None
    ) -> list[str]:
        """Customer ids in their order; of a long list, those that follow `after`."""
        then = self._then(at)
        more = "" if after is None else f" AND customer > {self._asking.quoted(after)}"
        most = "" if limit is None else f" LIMIT {int(limit)}"
        with self._asking.naming((condition,), then) as asked:
            return self._ids(asked, f"{asked.truths[0]}{more}", f"customer{most}")

    def sample(self, condition: Condition, at: Instant | None = None, size: int = 20) -> list[str]:
        """Some of them, as if drawn by lot; always the same ones."""
        with self._asking.naming((condition,), self._then(at)) as asked:
            return self._ids(asked, asked.truths[0], f"md5(customer), customer LIMIT {int(size)}")

    def compare(
        self, before: Condition | None, after: Condition | None, at: Instant | None = None, examples: int = 5
    ) -> Comparison:
        """None: there is no such condition, and nobody fulfils it."""
        pair = [before or _NOBODY, after or _NOBODY]
        with self._asking.naming(pair, self._then(at)) as asked:
            was, will = asked.truths
            groups = (f"NOT {was} AND {will}", f"{was} AND NOT {will}", f"{was} AND {will}")
            columns = ", ".join(f"count(*) FILTER (WHERE {group})" for group in groups)
            counts = self._history.ask(f"{asked.tables} SELECT {columns} FROM {asked.source}")[0]
            shown = f"md5(customer), customer LIMIT {int(examples)}"
            named = [
                self._ids(asked, group, shown) if count else [] for group, count in zip(groups, counts, strict=True)
            ]
        return Comparison(*counts, *named)

    def overlap(self, conditions: Mapping[str, Condition], at: Instant | None = None) -> Overlap:
        if not conditions:
            return Overlap({}, {})
        then = self._then(at)
        with self._asking.at(list(conditions.values()), then) as asked:
            pairs = list(combinations(range(len(conditions)), 2))
            truths = [*asked.truths, *(f"({asked.truths[one]} AND {asked.truths[other]})" for one, other in pairs)]
            nobody = [
                *asked.nobody,
                *(asked.nobody[one] and asked.nobody[other] for one, other in pairs if asked.nobody),
            ]
            counts = self._counts(asked, truths, nobody, then)
        names = list(conditions)
        both = {(names[one], names[other]): counts[len(names) + place] for place, (one, other) in enumerate(pairs)}
        return Overlap(dict(zip(names, counts, strict=False)), both)

    def _then(self, at: Instant | None) -> Instant:
        return self._history.at if at is None else at

    def _counts(self, asked: Asked, truths: Sequence[str], nobody: Sequence[bool], then: Instant) -> list[int]:
        columns = ", ".join(f"count(*) FILTER (WHERE {truth})" for truth in truths)
        *counts, touched = self._history.ask(f"{asked.tables} SELECT {columns}, count(*) FROM {asked.source}")[0]
        if not any(nobody):
            return counts
        others = self._asking.population(then) - touched
        return [count + others * holds for count, holds in zip(counts, nobody, strict=True)]

    def _ids(self, asked: Asked, condition: str, order: str) -> list[str]:
        rows = self._history.ask(
            f"{asked.tables} SELECT customer FROM {asked.source} WHERE {condition} ORDER BY {order}"
        )
        return [customer for (customer,) in rows]
