"""The state in memory: what a decide loop commits to, and what people may ask of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from heapq import heappop, heappush
from itertools import islice
from typing import Any

import msgspec

from habitue.model.decision import Decision
from habitue.model.effect import Effect
from habitue.model.instant import Instant
from habitue.run.ports import Adopting, Belongings, Commit, CustomerRow
from habitue.store.commits import fingerprint
from habitue.store.failures import out_of_order, version_moved

from .view import MemoryView


class MemoryStore(MemoryView):
    """A `Store` and, by inheritance, the `View` of itself."""

    def __init__(self) -> None:
        super().__init__()
        self._position = -1
        self._version = 0
        self._adopting: list[Adopting] = []
        self._fingerprint = b""
        self._ordinal = 0
        self._numbers: dict[str, int] = {}
        self._met = 0
        self._timers: list[tuple[Instant, int, str]] = []
        """A heap that may hold timers which are no longer true; they are dropped when they come to the top."""
        self._effects: dict[str, Effect] = {}
        self._effect_order: list[Effect | None] = []
        """None where an effect was forgotten: its number is never given again."""
        self._playbooks: list[tuple[dict[str, Any], dict[str, str]]] = []

    def position(self) -> int:
        return self._position

    def version(self) -> int:
        return self._version

    def adopting(self) -> list[Adopting]:
        return list(self._adopting)

    def ordinal(self) -> int:
        return self._ordinal

    def leading_to(self, customer: str) -> list[str]:
        return [one for one, row in self._customers.items() if row.tombstone and customer.encode() in row.state]

    def belongings(self, ids: Sequence[str]) -> Belongings:
        wanted = set(ids)
        positions = {position for one in ids for position, _ in self._tail.get(one, ())}
        positions.update(position for one in ids for position in self._skipped.get(one, ()))
        kept = [one for one in self._decisions if one is not None]
        return Belongings(
            positions=sorted(positions),
            places={
                "customers": len(wanted & self._customers.keys()),
                "decisions": sum(one.customer in wanted for one in kept),
                "effects": sum(one.customer in wanted for one in self._effects.values()),
            },
            others=sorted({one.customer for one in kept if one.customer not in wanted and _names(one, wanted)}),
        )

    def load(self, ids: Sequence[str]) -> dict[str, bytes]:
        customers = self._customers
        return {one: customers[one].state for one in ids if one in customers}

    def commit(self, commit: Commit) -> None:
        if commit.position < self._position:
            raise out_of_order(commit.position, self._position)
        mark = fingerprint(commit)
        if mark == self._fingerprint:
            return

        self._ordinal = max(self._ordinal, commit.ordinal)
        self._forget(set(commit.forgotten))
        self._prune(*commit.pruned)
        for row in commit.customers:
            self._put_customer(row)
        for customer in (*(one for one, _, _ in commit.tail), *(one.customer for one in commit.decisions)):
            self._number(customer)
        for effect in commit.effects:
            self._put_effect(effect)
        for decision in commit.decisions:
            self._put_decision(decision)
        self._put_memberships(commit.memberships)
        self._put_places(commit.places)
        self._put_interests(commit.interests)
        self._put_consents(commit.consents)
        self._put_tallies(commit.tallies)
        self._put_tail(commit.tail, commit.position)
        self._put_met(commit.met, commit.customers)
        self._put_parked(commit)
        if commit.adopting is not None:
            self._adopting = list(commit.adopting)
        self._position, self._version, self._fingerprint = commit.position, commit.version, mark

    def _put_customer(self, row: CustomerRow) -> None:
        number = self._number(row.id)
        known = self._customers.get(row.id)
        self._customers[row.id] = row
        if row.due is not None and (known is None or known.due != row.due):
            heappush(self._timers, (row.due, number, row.id))

    def _forget(self, gone: set[str]) -> None:
        if not gone:
            return
        self._attributions = [one for one in self._attributions if one.customer not in gone]
        for one in gone:
            for kept in (
                self._customers,
                self._numbers,
                self._parked,
                self._skipped,
                self._tail,
                self._attributions_of,
                self._decisions_of,
                self._persons,
            ):
                kept.pop(one, None)
            for by_customer in (*self._members.values(), *self._interests.values()):
                by_customer.pop(one, None)
        for journey, places in self._places.items():
            self._places[journey] = {key: place for key, place in places.items() if place.customer not in gone}
        self._consents = {one: word for one, word in self._consents.items() if word.customer not in gone}
        self._decisions = [_nameless(one, gone) for one in self._decisions]
        self._effect_order = [None if one is None or one.customer in gone else one for one in self._effect_order]
        self._effects = {one.id: one for one in self._effect_order if one is not None}

    def _prune(self, decision: int, effect: int) -> None:
        self._decisions[:decision] = [None] * min(decision, len(self._decisions))
        self._effect_order[:effect] = [None] * min(effect, len(self._effect_order))
        if effect:
            self._effects = {one.id: one for one in self._effect_order if one is not None}

    def _number(self, customer: str) -> int:
        """Her place among all who were ever met; timers due at the same time fire in this order."""
        if customer not in self._numbers:
            self._met += 1
            self._numbers[customer] = self._met
        return self._numbers[customer]

    def _put_effect(self, effect: Effect) -> None:
        if effect.id not in self._effects:
            self._effects[effect.id] = effect
            self._effect_order.append(effect)

    def _put_decision(self, decision: Decision) -> None:
        self._decisions.append(decision)
        self._decisions_of.setdefault(decision.customer, []).append(len(self._decisions))

    def _put_parked(self, commit: Commit) -> None:
        for customer in commit.unparked:
            self._parked.pop(customer, None)
            self._skipped.pop(customer, None)
        for parked in commit.parked:
            self._parked[parked.customer] = parked
        for customer, position in commit.skipped:
            self._skipped.setdefault(customer, set()).add(position)

    def due(self, until: Instant, limit: int) -> list[str]:
        found: list[tuple[Instant, int, str]] = []
        while self._timers and self._timers[0][0] <= until and len(found) < limit:
            timer = heappop(self._timers)
            if self._is_true(timer) and (not found or found[-1] != timer):
                found.append(timer)
        for timer in found:
            heappush(self._timers, timer)
        return [customer for _, _, customer in found]

    def _is_true(self, timer: tuple[Instant, int, str]) -> bool:
        due, number, customer = timer
        known = self._customers.get(customer)
        return known is not None and known.due == due and self._numbers[customer] == number

    def next_due(self) -> Instant | None:
        while self._timers and not self._is_true(self._timers[0]):
            heappop(self._timers)
        return self._timers[0][0] if self._timers else None

    def parked_ids(self) -> set[str]:
        return set(self._parked)

    def skipped(self, customer: str) -> list[int]:
        return sorted(self._skipped.get(customer, ()))

    def effects(self, after: int, limit: int) -> list[tuple[int, Effect]]:
        found = enumerate(self._effect_order[max(after, 0) :], start=max(after, 0) + 1)
        return list(islice(((number, effect) for number, effect in found if effect is not None), limit))

    def trail(self, customers: Sequence[str]) -> list[int]:
        return sorted({position for one in customers for position, _ in self._tail.get(one, ())})

    def trails(self, customers: Sequence[str], after: int) -> dict[str, dict[int, int]]:
        found = {
            customer: {
                at: one.chunk for one in self._attributions_of.get(customer, ()) for at in one.positions if at > after
            }
            for customer in customers
        }
        return {customer: positions for customer, positions in found.items() if positions}

    def customer_ids(self) -> Iterator[str]:
        for customer in list(self._numbers):
            row = self._customers.get(customer)
            if row is not None and not row.tombstone:
                yield customer

    def save_playbook(
        self, name: str, files: Mapping[str, str], at: Instant, author: str, note: str = "", base: int | None = None
    ) -> int:
        latest = len(self._playbooks)
        if base is not None and base != latest:
            raise version_moved(base, latest)
        if latest and self._playbooks[-1][1] == dict(files) and self._playbooks[-1][0]["name"] == name:
            return latest
        about = {"version": latest + 1, "name": name, "applied_at": at, "author": author, "note": note}
        self._playbooks.append((about, dict(files)))
        return latest + 1

    def playbook(self, version: int) -> dict[str, str] | None:
        return dict(self._playbooks[version - 1][1]) if 0 < version <= len(self._playbooks) else None

    def playbooks(self) -> list[dict[str, Any]]:
        return [dict(about) for about, _ in reversed(self._playbooks)]


def _names(decision: Decision, ids: set[str]) -> bool:
    return any(value in ids for value in decision.detail.values() if isinstance(value, str))


def _nameless(decision: Decision | None, gone: set[str]) -> Decision | None:
    if decision is None or decision.customer in gone:
        return None
    if not _names(decision, gone):
        return decision
    detail = {name: "erased" if value in gone else value for name, value in decision.detail.items()}
    return msgspec.structs.replace(decision, detail=detail)
