"""Proof by replay: decide on the whole log again from nothing, and hold the result to what is stored, byte for byte.

Equal: every decision in the ledger is what the playbooks say of the events in the log, nothing was lost, nothing came
from elsewhere. It needs memory for all customers, and about the time of a backtest over everything.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

import msgspec

from habitue.model.customer import Customer
from habitue.model.decision import Decision
from habitue.model.instant import Instant
from habitue.playbook.playbook import Playbook
from habitue.run.crank import Crank
from habitue.run.ports import Commit, Log, Store, View

BATCH = 4_000
IDS_PER_READ = 2_000
LEDGER_PAGE = 10_000
FOREVER = 1 << 62

_encode = msgspec.json.Encoder().encode
_decode = msgspec.msgpack.Decoder(Customer).decode
_decode_decision = msgspec.json.Decoder(Decision).decode


class Gaps(msgspec.Struct, frozen=True, kw_only=True):
    """What the log cannot tell any more, because it was erased or grew older than it is kept."""

    events_before: Instant = 0
    """Events received earlier are not kept: nothing can be said of who was met before."""
    decisions_before: Instant = 0
    others: frozenset[str] = frozenset()
    """People whose records named somebody who was erased."""


NO_GAPS = Gaps()


class Proof(msgspec.Struct, frozen=True, kw_only=True):
    """What was compared, and the ids that differ. Parked customers are left out: their failing step has no result."""

    left_out: int
    """People of whom the log does not tell all any more; see `Gaps`."""

    records: int
    customers: int
    decisions: int
    states_differing: list[str]
    decisions_differing: list[str]

    @property
    def holds(self) -> bool:
        return not self.states_differing and not self.decisions_differing


class _Cut:
    """The log up to where the state stands, so that what comes in meanwhile is not compared."""

    def __init__(self, log: Log, last: int) -> None:
        self._log = log
        self._last = last

    def read(self, after: int, limit: int) -> list[object]:
        return [record for record in self._log.read(after, limit) if record.position <= self._last]

    def __getattr__(self, name: str) -> object:
        return getattr(self._log, name)


class _Ledger:
    """Passes commits on to a store and keeps their decisions."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.decisions: dict[str, bytes] = {}

    def commit(self, commit: Commit) -> None:
        gone = set(commit.forgotten)
        if gone:
            self.decisions = {one: line for one, line in self.decisions.items() if _customer(one) not in gone}
        self.decisions.update({decision.id: _encode(decision) for decision in commit.decisions})
        self._store.commit(commit)

    def __getattr__(self, name: str) -> object:
        return getattr(self._store, name)


def prove(
    log: Log,
    stored: Store,
    view: View,
    fresh: Store,
    versions: Iterable[tuple[str, Mapping[str, str]]],
    load_playbook: Callable[[Mapping[str, str]], Playbook],
    progress: Callable[[int, int], None] = lambda done, total: None,
    gaps: Gaps = NO_GAPS,
) -> Proof:
    """Replay into `fresh`, an empty store; `versions` are the playbooks (name, files), oldest first.

    The decide loop must be at rest: a state that changes while it is compared seems to differ.
    """
    last, due = stored.position(), stored.next_due()
    for name, files in versions:
        fresh.save_playbook(name, files, 0, "proof")
    ledger = _Ledger(fresh)
    crank = Crank(ledger, _Cut(log, last), load_playbook)  # type: ignore[arg-type]
    while crank.turn(BATCH).records:
        progress(crank.position + 1, last + 1)
    crank.finish_adopting()
    # Everything due before the earliest timer that is left has fired, and nothing from there on has.
    crank.fire(FOREVER if due is None else due - 1)
    parked = stored.parked_ids()
    people = ({*stored.customer_ids()} | {*fresh.customer_ids()}) - parked
    unknown = _unknown(people, stored, gaps)
    ids = sorted(people - unknown)
    kept = dict(_ledger_of(view))
    silent = parked | unknown
    decided = [
        one
        for one in {*kept, *ledger.decisions}
        if _customer(one) not in silent and _at(kept.get(one) or ledger.decisions[one]) >= gaps.decisions_before
    ]
    return Proof(
        records=last + 1,
        customers=len(ids),
        left_out=len(people & unknown),
        decisions=len(decided),
        states_differing=_differing(ids, stored, fresh),
        decisions_differing=sorted(one for one in decided if kept.get(one) != ledger.decisions.get(one)),
    )


def _unknown(people: set[str], stored: Store, gaps: Gaps) -> set[str]:
    """Those of whom the log does not tell all. Whoever was seen first after a moment has no events from before it."""
    found = set(gaps.others)
    if not gaps.events_before and not found:
        return found
    # A record named them by whatever id it had of them.
    others = found | {living.id for one in found if (living := _living(stored, one)) is not None}
    ids = sorted(people)
    for start in range(0, len(ids), IDS_PER_READ):
        for one, state in stored.load(ids[start : start + IDS_PER_READ]).items():
            # A half whose joining is forgotten looks like somebody new: it goes by whom it was joined into.
            customer = _decode(state)
            if customer.merged_into is not None:
                customer = _living(stored, customer.merged_into) or customer
            # Who was split off took along what counts against both.
            named = customer.id in others or not others.isdisjoint(customer.apart)
            if customer.first_seen_at < gaps.events_before or named:
                found |= {one, customer.id, *customer.merged_ids}
    return found


def _living(stored: Store, one: str) -> Customer | None:
    """Whom an id leads to."""
    state = stored.load([one]).get(one)
    customer = None if state is None else _decode(state)
    return _living(stored, customer.merged_into) if customer is not None and customer.merged_into else customer


def _at(decision: bytes) -> Instant:
    return _decode_decision(decision).at


def _differing(ids: list[str], stored: Store, fresh: Store) -> list[str]:
    found = []
    for start in range(0, len(ids), IDS_PER_READ):
        some = ids[start : start + IDS_PER_READ]
        one, other = stored.load(some), fresh.load(some)
        found += [identity for identity in some if one.get(identity) != other.get(identity)]
    return found


def _ledger_of(view: View) -> Iterator[tuple[str, bytes]]:
    after = 0
    while page := view.decisions_after(after, LEDGER_PAGE):
        after = page[-1][0]
        yield from ((decision.id, _encode(decision)) for _, decision in page)


def _customer(decision: str) -> str:
    return decision.rsplit(".", 1)[0]
