"""A new version of the playbook comes to one customer after the other, while the loop goes on.

It is in force from one position of the log on. Each adopts it as of that instant, with what she did before that
position, and before anything that comes after it: whoever an event, a timer or an order touches, right then; everybody
else in a sweep between two turns. So nothing that is decided depends on when her turn comes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, NamedTuple

import msgspec

from habitue.decide.adopt import adopt, horizon, new_leaves
from habitue.decide.conditions import Leaf
from habitue.decide.counters import absorb
from habitue.decide.outcome import Outcome
from habitue.decide.plan import Plan
from habitue.decide.profile.joining import MERGED_MAX
from habitue.decide.step import TICK, step
from habitue.model.customer import Customer
from habitue.model.event import Event, Record
from habitue.model.instant import Instant
from habitue.run.batch import Batch
from habitue.run.people import People
from habitue.run.poison import Poison
from habitue.run.ports import Adopting, Fill, Log, Store

RECORDS_PER_READ = 2_000

Counters = dict[int, Any]

_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Customer).decode


class _Fresh(NamedTuple):
    """A leaf that history has to fill, and the instant up to which nothing counts for it any more."""

    leaf: Leaf
    horizon: Instant | None

    def absorb(self, counters: Counters, record: Record) -> None:
        if self.horizon is None or record.event.occurred_at > self.horizon:
            absorb((self.leaf,), counters, record.event, record.position)


class Adoption:
    """One version. `record` is the control event: history is everything before it. `before` is None for the first.

    `fill`: what is counted already. Where there is none, or it is not of just these leaves, her records are read.
    """

    def __init__(
        self, store: Store, log: Log, plan: Plan, before: Plan | None, record: Record, fill: Fill | None = None
    ) -> None:
        self._store, self._log, self._plan, self._before = store, log, plan, before
        self._record = record
        leaves = plan.current.leaves
        self._fresh = new_leaves(plan, before.current if before is not None else None)
        self._needs = {leaf: leaves[leaf].need for leaf in self._fresh}
        # Told by the control event, not by the clock: a replay must leave out the same.
        began = min(record.event.occurred_at, record.received_at)
        self._by_event: dict[str, list[_Fresh]] = {}
        for leaf in sorted(self._fresh):
            for event in leaves[leaf].events:
                self._by_event.setdefault(event, []).append(_Fresh(leaves[leaf], horizon(leaves[leaf], began)))
        fits = fill is not None and fill.began == began and self._needs.items() <= fill.leaves.items()
        self._fill = fill if fits and fill is not None and fill.position < record.position else None
        self.read = 0
        """How many records were read for it."""

    @property
    def row(self) -> Adopting:
        before = self._before.current.version if self._before is not None else 0
        return Adopting(self._record.position, self._plan.current.version, before)

    @property
    def fill_name(self) -> str:
        return fill_name(self._record.event)

    @property
    def version(self) -> int:
        return self._plan.current.version

    @property
    def now(self) -> Instant:
        return self._record.received_at

    def is_ahead_of(self, customer: Customer) -> bool:
        """Whether she was there before it and has lived through nothing since. Whoever came later began with it."""
        return customer.merged_into is None and 0 <= customer.position < self._record.position

    def come_to(self, customer: Customer, found: Counters, *, parked: bool = False) -> list[Outcome]:
        """Have her adopt it, with `found` in the counters it adds. What was due before happens under the old version.

        Raises what a broken playbook raises; she is then half changed.
        """
        outcomes = []
        if self._before is not None and not parked:
            outcomes.append(step(self._before, customer, TICK, self.now))
        self.refill(customer, found)
        outcomes.append(adopt(self._plan, customer, self.now))
        if parked:
            customer.due = None
        return outcomes

    def refill(self, customer: Customer, found: Counters) -> None:
        """A leaf that a run's older version has kept all along, and kept as much of, is left as it is."""
        pinned = self._plan.leaves(frozenset(run.version for run in customer.runs))
        for leaf in self._fresh:
            if pinned[leaf].need > self._needs[leaf]:
                continue
            customer.counters.pop(leaf, None)
            if leaf in found:
                customer.counters[leaf] = found[leaf]

    # --- what they did before ----------------------------------------------------------------------------------------

    def found(self, customers: Sequence[Customer], people: People) -> dict[str, Counters]:
        """What the counters it adds would hold, had they been kept from the beginning, by customer id.

        Hers is what was absorbed as hers, or as a half's that was joined into her before.
        """
        if not self._fresh:
            return {}
        ids = {customer.id: self._ids(customer) for customer in customers}
        counters: dict[str, Counters] = {customer.id: {} for customer in customers}
        known = self._load(customers, ids, counters)
        after = self._fill.position if self._fill is not None else -1
        positions = self._positions([one for one in customers if one.id in known], ids, after)
        positions |= self._positions([one for one in customers if one.id not in known], ids, -1)
        for customer in customers:
            if customer.apart:
                positions[customer.id] = self._own(customer, ids[customer.id], people)
        self._absorb(positions, counters)
        return counters

    def _ids(self, customer: Customer) -> list[str]:
        joined = customer.merged_ids
        if len(joined) >= MERGED_MAX:
            joined = self._store.leading_to(customer.id)
        return [customer.id, *joined]

    def _load(
        self, customers: Sequence[Customer], ids: dict[str, list[str]], counters: dict[str, Counters]
    ) -> set[str]:
        """What was counted beforehand; returns for whom. Which events of somebody taken apart are whose, is not known
        there."""
        if self._fill is None:
            return set()
        leaves = self._plan.current.leaves
        whole = [customer for customer in customers if not customer.apart]
        rows = self._fill.load([one for customer in whole for one in ids[customer.id]])
        known = set()
        for customer in whole:
            halves = [rows[one] for one in ids[customer.id] if one in rows]
            if None in halves:
                continue
            known.add(customer.id)
            kept = counters[customer.id]
            for half in halves:
                for leaf, state in (half or {}).items():
                    if leaf in self._fresh:
                        kept[leaf] = leaves[leaf].join(kept[leaf], state) if leaf in kept else state
        return known

    def _positions(self, customers: Sequence[Customer], ids: dict[str, list[str]], after: int) -> dict[str, list[int]]:
        trails = self._store.trails([one for customer in customers for one in ids[customer.id]], after)
        return {
            customer.id: list({position for one in ids[customer.id] for position in trails.get(one, ())})
            for customer in customers
        }

    def _own(self, customer: Customer, ids: list[str], people: People) -> list[int]:
        """Of what was absorbed while two were taken for one, the part that is hers since they are two again."""
        people.bring(customer.apart)
        others = {other.id: other for one in customer.apart if (other := people.living(one)) is not None}
        others.pop(customer.id, None)
        hers = _latest(self._store.trails(ids, -1))
        theirs = _latest(self._store.trails([one for other in others.values() for one in self._ids(other)], -1))
        return [position for position, chunk in hers.items() if chunk >= theirs.get(position, 0)]

    def _absorb(self, positions: dict[str, list[int]], counters: dict[str, Counters]) -> None:
        whose: dict[int, list[str]] = {}
        for customer, found in positions.items():
            for position in found:
                if position < self._record.position:
                    whose.setdefault(position, []).append(customer)
        for some in _chunks(sorted(whose), RECORDS_PER_READ):
            self.read += len(some)
            for record in self._log.at(some):
                for fresh in self._by_event.get(record.event.name, ()):
                    for customer in whose[record.position]:
                        fresh.absorb(counters[customer], record)


class Adoptions:
    """The versions that not everybody has adopted, oldest first: a customer may be behind by several."""

    def __init__(self, store: Store, people: People) -> None:
        self._store = store
        self._people = people
        self._waiting: list[Adoption] = []
        self._ids: Iterator[str] = iter(())

    def __bool__(self) -> bool:
        return bool(self._waiting)

    @property
    def rows(self) -> list[Adopting]:
        return [adoption.row for adoption in self._waiting]

    @property
    def now(self) -> Instant:
        """The instant of the latest."""
        return self._waiting[-1].now

    @property
    def read(self) -> int:
        return sum(adoption.read for adoption in self._waiting)

    def knows(self, version: int) -> bool:
        """Whether a customer's version could not tell any more how far she has come, were this one to follow."""
        return any(version in (row.version, row.before) for row in self.rows)

    def add(self, adoption: Adoption) -> None:
        self._waiting.append(adoption)
        self.begin_again()  # Those whom the sweep has passed are behind again.

    def begin_again(self) -> None:
        """Have the sweep start with the first customer: those who are not behind cost it next to nothing."""
        self._ids = self._store.customer_ids()

    def end(self) -> list[str]:
        """Everybody is round; returns the names of fills that nobody needs any more."""
        names = [adoption.fill_name for adoption in self._waiting if adoption.fill_name]
        self._waiting = []
        return names

    def next_ids(self, count: int) -> list[str]:
        """Whom the sweep comes to next; nobody when it is through."""
        return list(islice(self._ids, count))

    def bring_round(
        self, batch: Batch, customers: Iterable[Customer], parked: set[str], poison: Callable[[Poison], None]
    ) -> None:
        """Have those who are behind adopt what they have not. Parked ones did when it came into force, or could not.

        Where one fails, `poison` is told, and the batch is decided again; then her counters are filled, for the day
        she goes on, and the rest of her stays as it was.
        """
        waiting = [customer for customer in customers if customer.id not in parked]
        for number, adoption in enumerate(self._waiting):
            known = {later.version for later in self._waiting[number:]}
            behind = [one for one in waiting if one.version not in known and adoption.is_ahead_of(one)]
            found = adoption.found(behind, self._people) if behind else {}
            for customer in behind:
                hers = found.get(customer.id, {})
                if customer.id in batch.poisoned:
                    self._try(batch, adoption, customer, hers)
                    continue
                try:
                    outcomes = adoption.come_to(customer, hers)
                except Exception as error:  # noqa: BLE001  # One customer's trouble must not keep a version from coming.
                    poison(Poison(customer.id, customer.position, error))
                    continue
                for outcome in outcomes:
                    batch.add(customer, outcome, None)

    def _try(self, batch: Batch, adoption: Adoption, customer: Customer, found: Counters) -> None:
        """For one who fails in this batch, here or later: what she is parked with."""
        adopt_or_refill(batch, adoption, customer, found, parked=customer.id in batch.unadopted)
        batch.adopted[customer.id] = _encode(customer)


def adopt_parked(batch: Batch, adoption: Adoption, states: Iterable[bytes], people: People) -> None:
    """At once, not in the sweep: from there on nobody could tell who was parked when the version came."""
    parked = [_decode(state) for state in states]
    behind = [one for one in parked if one.version != adoption.version and one.merged_into is None]
    found = adoption.found(behind, people)
    for customer in behind:
        error = adopt_or_refill(batch, adoption, customer, found.get(customer.id, {}), parked=True)
        if error is not None:
            batch.park(customer, batch.position, error)


def adopt_or_refill(
    batch: Batch, adoption: Adoption, customer: Customer, found: Counters, *, parked: bool
) -> Exception | None:
    """Have somebody adopt a version who may fail in it; returns why she did. Nothing half done is left of it."""
    before = _encode(customer)
    try:
        outcomes = adoption.come_to(customer, found, parked=parked)
        _encode(customer)  # What no store can keep fails here.
    except Exception as error:  # noqa: BLE001  # As above.
        kept = _decode(before)
        for field in kept.__struct_fields__:
            setattr(customer, field, getattr(kept, field))
        adoption.refill(customer, found)
        batch.unadopted.add(customer.id)
        return error
    for outcome in outcomes:
        batch.add(customer, outcome, None)
    return None


def fill_name(event: Event) -> str:
    """What is counted for this control event already, by name; empty for nothing."""
    name = event.properties.get("fill")
    return name if isinstance(name, str) else ""


def _latest(trails: dict[str, dict[int, int]]) -> dict[int, int]:
    found: dict[int, int] = {}
    for trail in trails.values():
        for position, chunk in trail.items():
            found[position] = max(chunk, found.get(position, 0))
    return found


def _chunks(positions: list[int], size: int) -> Iterator[list[int]]:
    for start in range(0, len(positions), size):
        yield positions[start : start + size]
