"""A new playbook on old history: fill the counters that nothing has kept yet, then let everyone adopt the version.

Filled from nothing each time, and a customer who has adopted the version is passed over: a crash in the middle costs
the time it took, and changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from habitue.decide.adopt import adopt, new_leaves
from habitue.decide.naming import names
from habitue.decide.outcome import Outcome
from habitue.decide.plan import Plan, Program
from habitue.decide.step import TICK, step
from habitue.model.customer import Customer
from habitue.model.event import Event, Record
from habitue.playbook.playbook import IdentityRules
from habitue.run.batch import Batch
from habitue.run.belonging import home
from habitue.run.people import People
from habitue.run.ports import Log, Store

CUSTOMERS_PER_BATCH = 5_000
RECORDS_PER_READ = 5_000
PEOPLE_MAX = 50_000


class Backfill:
    """`record` is the control event: history is everything before it."""

    def __init__(self, store: Store, log: Log, plan: Plan, before: Program | None, record: Record) -> None:
        self._store = store
        self._log = log
        self._plan = plan
        self._old_plan = Plan(before, plan.program) if before is not None else None
        self._record = record
        self._fresh = new_leaves(plan, before)

    def batches(self, decode: Callable[[bytes], Customer], parked: set[str]) -> Iterator[Batch]:
        """One batch for so many customers, all standing before the control event."""
        filled = self._fill(parked) if self._fresh else {}
        ids: list[str] = []
        for one in self._store.customer_ids():
            ids.append(one)
            if len(ids) == CUSTOMERS_PER_BATCH:
                yield self._adopt(ids, filled, decode, parked)
                ids = []
        if ids:
            yield self._adopt(ids, filled, decode, parked)

    def _adopt(
        self, ids: list[str], filled: dict[str, dict[int, Any]], decode: Callable[[bytes], Customer], parked: set[str]
    ) -> Batch:
        now, version = self._record.received_at, self._plan.current.version
        old_version = self._old_plan.current.version if self._old_plan is not None else 0
        batch = Batch(self._record.position - 1, now, old_version, {})
        for state in self._store.load(ids).values():
            customer = decode(state)
            if customer.version == version or customer.merged_into is not None:
                continue
            outcomes: list[Outcome] = []
            try:
                if self._old_plan is not None and customer.id not in parked:
                    # What was due under the old version happens under the old version.
                    outcomes.append(step(self._old_plan, customer, TICK, now))
                self._refill(customer, filled)
                outcomes.append(adopt(self._plan, customer, now))
            except Exception as error:  # noqa: BLE001  # One customer's trouble must not keep a version from coming.
                customer, outcomes = decode(state), []
                self._refill(customer, filled)
                batch.park(customer, self._record.position, error)
            if customer.id in parked:
                customer.due = None
            batch.touch(customer)
            for outcome in outcomes:
                batch.add(customer, outcome, None)
        return batch

    def _refill(self, customer: Customer, filled: dict[str, dict[int, Any]]) -> None:
        """A leaf that a run's older version has kept all along, and kept as much of, is left as it is."""
        pinned = self._plan.leaves(frozenset(run.version for run in customer.runs))
        found = filled.get(customer.id, {})
        for leaf in self._fresh:
            if pinned[leaf].need > self._plan.current.leaves[leaf].need:
                continue
            customer.counters.pop(leaf, None)
            if leaf in found:
                customer.counters[leaf] = found[leaf]

    def _fill(self, parked: set[str]) -> dict[str, dict[int, Any]]:
        """Read the log once, letting only the fresh leaves count; anonymous halves count for who they became.

        What is queued behind a parked customer is left out: it counts when she goes on.
        """
        leaves = {
            event: tuple(leaf for leaf in kept if leaf.id in self._fresh)
            for event, kept in self._plan.current.leaves_by_event.items()
        }
        homes = Homes(People(self._store, PEOPLE_MAX), self._plan.current.playbook.identity)
        queued = {(one, position) for one in parked for position in self._store.skipped(one)}
        counters: dict[str, dict[int, Any]] = {}
        block: list[Record] = []
        for record in self._log.scan(until=self._record.position - 1):
            if leaves.get(record.event.name):
                block.append(record)
            if len(block) == RECORDS_PER_READ:
                _count(block, leaves, homes, queued, counters)
                block = []
        _count(block, leaves, homes, queued, counters)
        return counters


class Homes:
    """Where an event belongs today: its customer, or whoever that half of a person was joined into."""

    def __init__(self, people: People, rules: IdentityRules) -> None:
        self._people = people
        self._rules = rules

    def of(self, events: list[Event]) -> list[str | None]:
        named = [names(event, self._rules) for event in events]
        self._people.trim({})
        self._people.bring({one for said in named for one in said.ids()})
        homes = (home(self._people, said) for said in named)
        return [customer.id if customer is not None else None for customer in homes]


def _count(
    records: list[Record],
    leaves: dict[str, tuple[Any, ...]],
    homes: Homes,
    queued: set[tuple[str, int]],
    counters: dict[str, dict[int, Any]],
) -> None:
    for record, customer in zip(records, homes.of([record.event for record in records]), strict=True):
        if customer is None or (customer, record.position) in queued:
            continue
        kept = counters.setdefault(customer, {})
        for leaf in leaves[record.event.name]:
            leaf.absorb(kept, record.event)
