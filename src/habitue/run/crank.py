"""The crank: takes records and timers in order, lets `step` decide, and commits each batch whole.

Live, in a backtest, in a test: this is the one way from a log to a state. What it comes to does not depend on how the
records are cut into batches, because every customer lives through her own records and timers in order, alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import NamedTuple

import msgspec
import structlog

from habitue.decide.adopt import adopt
from habitue.decide.due import earliest
from habitue.decide.naming import names
from habitue.decide.plan import Plan, Program
from habitue.decide.profile.consents import Suppression
from habitue.decide.step import TICK, step
from habitue.errors import HabitueError
from habitue.model.customer import Customer
from habitue.model.event import (
    CUSTOMER_ERASED,
    CUSTOMER_RETRIED,
    CUSTOMER_SPLIT,
    LEDGER_PRUNED,
    PLAYBOOK_APPLIED,
    Record,
)
from habitue.model.instant import Instant
from habitue.playbook.playbook import Playbook, Shop
from habitue.run.adoption import Adoption, Adoptions, adopt_parked, fill_name
from habitue.run.batch import Batch
from habitue.run.belonging import Belonging
from habitue.run.erasing import Forgotten, forget, pruning
from habitue.run.parting import CannotPart, Parting
from habitue.run.people import People
from habitue.run.poison import Poison
from habitue.run.ports import NO_FILLS, Fills, Log, Store

log_line = structlog.get_logger("decide")

NOTHING = Playbook(name="nothing", shop=Shop(name="shop"))
"""In force until the first playbook is applied: facts are gathered, nothing is decided."""
TIMERS_PER_COMMIT = 2_000
SWEPT_AT_ONCE = 100
SWEPT_PER_TURN = 400
"""What a sweep does between two turns: customers who adopt a version and records read for them, added up. Not a tenth
of a second, for so long events may have to wait."""
CACHE_MAX = 6_000
"""Customers kept as live objects, some 5 kB each: those on the site now. Reading one again costs about 30 µs."""


class Turned(NamedTuple):
    """What a turn did."""

    records: int
    timers: int
    adopted: int = 0
    """How many customers were looked at who may not have adopted the version in force."""


class Crank:
    """Owns the loop's memory: customers loaded, programs compiled. One per partition; never shared between threads."""

    def __init__(
        self,
        store: Store,
        log: Log,
        load_playbook: Callable[[Mapping[str, str]], Playbook],
        cache_max: int = CACHE_MAX,
        note_forgotten: Callable[[Forgotten], None] = lambda _: None,
        note_suppressed: Callable[[Sequence[Suppression]], None] = lambda _: None,
        fills: Fills = NO_FILLS,
    ) -> None:
        self.store = store
        self.log = log
        self.position = store.position()
        self._load_playbook = load_playbook
        self._note_forgotten = note_forgotten
        self._note_suppressed = note_suppressed
        self._programs: dict[int, Program | None] = {}
        self._people = People(store, cache_max)
        self._parked = store.parked_ids()
        self.plan = self._plan(store.version())
        self._fills = fills
        self._adoptions = Adoptions(store, self._people)
        for standing in store.adopting():
            [record] = log.at([standing.position])
            before = self._plan(standing.before) if standing.before else None
            self._adoptions.add(self._adoption(record, self._plan(standing.version), before))

    # --- turning ---------------------------------------------------------------------------------------------------

    def turn(self, batch_max: int, now: Instant | None = None) -> Turned:
        """Absorb what the log has, up to `batch_max` records; then fire what is due.

        Timers fire up to the last record's reception, which no later record precedes. Only when the log is read to its
        end and `now` says that something is due does the fence tell exactly how far time has come. Last of all, some
        more customers adopt the version in force.
        """
        turned = self._turn(batch_max, now)
        return turned._replace(adopted=self._sweep(SWEPT_PER_TURN)) if self._adoptions else turned

    def finish_adopting(self) -> None:
        """Have everybody adopt the version in force."""
        while self._adoptions:
            self._sweep(SWEPT_AT_ONCE)

    def _turn(self, batch_max: int, now: Instant | None) -> Turned:
        records = self.log.read(self.position, batch_max)
        if records:
            self.absorb(records)
        timers = self.fire(records[-1].received_at) if records else 0
        if now is None or len(records) == batch_max or not self._is_due(now):
            return Turned(len(records), timers)
        until, end = self.log.fence()
        count = len(records)
        while self.position < end:
            rest = [record for record in self.log.read(self.position, batch_max) if record.position <= end]
            self.absorb(rest)
            count += len(rest)
        return Turned(count, timers + self.fire(until))

    def _is_due(self, now: Instant) -> bool:
        due = self.store.next_due()
        return due is not None and due <= now

    def absorb(self, records: Sequence[Record]) -> None:
        """Absorb records in order; each run between two control events is one commit."""
        start = 0
        for index, record in enumerate(records):
            if record.event.type == "control":
                self._absorb_plain(records[start:index])
                self._control(record)
                start = index + 1
        self._absorb_plain(records[start:])

    def fire(self, until: Instant) -> int:
        """Fire every timer due at or before `until`; returns for how many customers."""
        fired = 0
        while ids := self.store.due(until, TIMERS_PER_COMMIT):
            fired += len(ids)
            self._commit_decided(partial(self._tick, ids=ids, until=until), self.position, until)
        return fired

    # --- one batch -------------------------------------------------------------------------------------------------

    def _absorb_plain(self, records: Sequence[Record]) -> None:
        if records:
            last = records[-1]
            self._commit_decided(lambda batch: self._decide(batch, records), last.position, last.received_at)

    def _commit_decided(self, decide: Callable[[Batch], None], position: int, now: Instant) -> None:
        """Decide and commit. Where steps fail, decide again from what is stored, with those customers parked.

        A pass finds all who fail by themselves, so that a playbook that fails for everybody costs two passes, not one
        for each.
        """
        poisoned: dict[str, Poison] = {}
        while True:
            known = len(poisoned)
            batch = Batch(position, now, self.plan.current.version, poisoned)
            decide(batch)
            if len(poisoned) == known:
                if position == self.position and not (batch.touched or poisoned):
                    return
                for poison in poisoned.values():
                    self._park(batch, poison)
                try:
                    self._commit(batch)
                    return
                except (TypeError, ValueError, OverflowError, RecursionError):
                    if not self._find_unwritable(batch, poisoned):
                        raise
            self._people.clear()

    def _commit(self, batch: Batch) -> None:
        if batch.suppressed:
            self._note_suppressed(batch.suppressed)  # Before the commit: decided again after a crash, noted again.
        try:
            self.store.commit(batch.commit())
        except BaseException:
            self._people.clear()  # What is in memory is ahead of what is stored.
            raise
        self.position = batch.position
        self._parked |= {parked.customer for parked in batch.parked}
        if not batch.passing:
            self._people.trim(batch.touched)

    def _find_unwritable(self, batch: Batch, poisoned: dict[str, Poison]) -> bool:
        """Whoever's state, effects or decisions no store can keep is parked like one whose step failed."""
        known = len(poisoned)
        for customer, error in batch.unwritable():
            if customer not in poisoned:
                touched = batch.touched.get(customer)
                position = touched.position if touched is not None else batch.position
                self._poison(poisoned, Poison(customer, position, error))
        return len(poisoned) > known

    def _poison(self, poisoned: dict[str, Poison], found: Poison) -> None:
        log_line.error("customer_parked", customer=found.customer, error=found.error)
        poisoned[found.customer] = found

    def _park(self, batch: Batch, poison: Poison) -> None:
        """Her state stays as it was, without a timer; her records queue."""
        adopted = batch.adopted.get(poison.customer)
        stored = self._people.stored(poison.customer) if adopted is None else self._people.decode(adopted)
        customer = stored or Customer(id=poison.customer)
        batch.park(customer, poison.position, poison.error)
        if poison.position > customer.position:
            batch.skip(customer.id, poison.position)

    def _decide(self, batch: Batch, records: Sequence[Record]) -> None:
        rules = self.plan.current.playbook.identity
        named = [names(record.event, rules) for record in records]
        self._bring(batch, {one for said in named for one in said.ids()})
        belonging = Belonging(self._people, self.plan, self._parked, batch)
        for record, said in zip(records, named, strict=True):
            try:
                self._live(batch, record, belonging.whose(record, said))
            except Poison as found:
                self._poison(batch.poisoned, found)

    def _live(self, batch: Batch, record: Record, customer: Customer | None) -> None:
        if customer is None:
            return
        is_new = customer.position < 0
        try:
            outcome = step(self.plan, customer, record, record.received_at)
        except Exception as error:  # Whatever a playbook breaks must not stop the others.
            raise Poison(customer.id, record.position, error) from error
        batch.add(customer, outcome, record)
        if is_new:
            batch.meet(customer, record)

    def _tick(self, batch: Batch, ids: Sequence[str], until: Instant) -> None:
        self._bring(batch, ids)
        for one in ids:
            customer = self._people.row(one)
            if customer is None or one in batch.poisoned:
                continue
            try:
                outcome = step(self.plan, customer, TICK, until)
            except Exception as error:  # noqa: BLE001  # As above.
                self._poison(batch.poisoned, Poison(one, customer.position, error))
                continue
            batch.add(customer, outcome, None)

    # --- adopting a version --------------------------------------------------------------------------------------

    def _bring(self, batch: Batch, ids: Iterable[str]) -> None:
        """Whoever is brought has adopted the version in force before anything happens to her."""
        if not self._adoptions:
            self._people.bring(ids)
            return
        ids = list(ids)
        self._people.bring(ids)
        living = {known.id: known for one in ids if (known := self._people.living(one)) is not None}
        self._adopt(batch, living.values())

    def _adopt(self, batch: Batch, customers: Iterable[Customer]) -> None:
        exempt = self._parked | batch.woken if batch.woken else self._parked
        self._adoptions.bring_round(batch, customers, exempt, partial(self._poison, batch.poisoned))

    def _adopt_first(self, ids: Sequence[str]) -> None:
        """For what changes a customer otherwise than by a step."""
        if self._adoptions and ids:
            self._commit_decided(lambda batch: self._bring(batch, ids), self.position, self._adoptions.now)

    def _sweep(self, work_max: int) -> int:
        """Have some more customers adopt the version in force; returns how many were looked at."""
        read, looked_at = self._adoptions.read, 0
        while looked_at + self._adoptions.read - read < work_max:
            ids = self._adoptions.next_ids(SWEPT_AT_ONCE)
            if not ids:
                self._end_sweep()
                break
            looked_at += len(ids)
            try:
                self._commit_decided(partial(self._adopt_apart, ids=ids), self.position, self._adoptions.now)
            except BaseException:
                self._adoptions.begin_again()  # They were not brought round.
                raise
        return looked_at

    def _adopt_apart(self, batch: Batch, ids: Sequence[str]) -> None:
        """Those in memory stay there; others are not kept for having come by."""
        batch.passing = True
        states = self.store.load([one for one in ids if self._people.row(one) is None])
        here = [known for one in ids if (known := self._people.row(one)) is not None]
        self._adopt(batch, [*here, *map(self._people.decode, states.values())])
        for one, customer in batch.touched.items():
            if self._people.row(one) is not None:
                self._people.put(customer)

    def _end_sweep(self) -> None:
        batch = Batch(self.position, self._adoptions.now, self.plan.current.version, {})
        batch.adopting, batch.passing = [], True
        self._commit(batch)
        for name in self._adoptions.end():
            self._fills.drop(name)

    def _adoption(self, record: Record, plan: Plan, before: Plan | None) -> Adoption:
        name = fill_name(record.event)
        return Adoption(self.store, self.log, plan, before, record, self._fills.open(name) if name else None)

    # --- control ---------------------------------------------------------------------------------------------------

    def _control(self, record: Record) -> None:
        properties = record.event.properties
        if record.event.name == PLAYBOOK_APPLIED and isinstance(properties.get("version"), int):
            self._apply(record, properties["version"])
        elif record.event.name == CUSTOMER_RETRIED and isinstance(properties.get("customer"), str):
            self._retry(record, properties["customer"])
        elif record.event.name == CUSTOMER_ERASED:
            self._forget(record)
        elif record.event.name == LEDGER_PRUNED:
            self._prune(record)
        elif record.event.name == CUSTOMER_SPLIT:
            self._part(record)
        else:
            self._commit(Batch(record.position, record.received_at, self.plan.current.version, {}))

    def _part(self, record: Record) -> None:
        """Undo a wrong merge. An order that cannot be carried out is passed over, and said so."""
        named = [record.event.properties.get(name) for name in ("customer", "part")]
        self._adopt_first([one for one in named if isinstance(one, str)])
        parting = Parting(self.store, self.log, self._people, self.plan, record)

        def decide(batch: Batch) -> None:
            try:
                parting.decide(batch, self._parked | set(batch.poisoned))
            except CannotPart as error:
                log_line.error("customer_not_split", position=record.position, error=str(error))

        self._commit_decided(decide, record.position, record.received_at)

    def _forget(self, record: Record) -> None:
        asked = record.event.properties.get("customer")
        self._adopt_first([asked] if isinstance(asked, str) else [])
        forgotten, commit = forget(self.store, self._people, record, self.plan.current.version)
        self._note_forgotten(forgotten)
        self._fills.forget(commit.forgotten)
        self.store.commit(commit)
        self.position = record.position
        self._parked.difference_update(commit.forgotten)
        self._people.ordinal = max(self._people.ordinal, commit.ordinal)
        for one in commit.forgotten:
            self._people.forget(one)

    def _prune(self, record: Record) -> None:
        self.store.commit(pruning(record, self.plan.current.version))
        self.position = record.position

    def _apply(self, record: Record, version: int) -> None:
        """Put a version in force. Customers adopt it as of here, in their turn.

        One that is not there, or that this Habitue cannot read, is passed over: the version before stays in force.
        """
        try:
            program = self._program(version)
        except Exception as error:  # noqa: BLE001  # Whatever it is that the loader stumbles over.
            log_line.error("playbook_refused", version=version, error=str(error), do="correct it and apply it again")
            program = None
        else:
            if program is None:
                log_line.error("playbook_missing", version=version, do="apply the playbook again")
        if program is None:
            self._commit(Batch(record.position, record.received_at, self.plan.current.version, {}))
            return
        if self._adoptions.knows(version):
            self.finish_adopting()
        self._people.clear()
        plan = Plan(program, self._program)
        adoption = self._adoption(record, plan, self.plan if self.plan.current.version else None)
        batch = Batch(record.position, record.received_at, version, {})
        adopt_parked(batch, adoption, self.store.load(sorted(self._parked)).values(), self._people)
        batch.adopting = [*self._adoptions.rows, adoption.row]
        self._commit(batch)
        self._people.clear()
        self.plan = plan  # Only now: whoever tries again after a failed commit must find the version before.
        self._adoptions.add(adoption)

    def _retry(self, record: Record, one: str) -> None:
        """Let a parked customer go on: her queued records, in order, as if nothing had happened."""
        records = self.log.at(self.store.skipped(one))
        # What makes her part of someone else comes after all she did herself.
        rules = self.plan.current.playbook.identity
        records.sort(key=lambda queued: names(queued.event, rules).known not in (None, one))
        self._parked.discard(one)
        self._people.forget(one)

        def decide(batch: Batch) -> None:
            batch.unparked = [] if one in batch.poisoned else [one]
            batch.woken.add(one)
            self._people.bring([one])
            if one not in batch.poisoned:
                self._wake(batch, one, record.received_at)
            self._decide(batch, records)
            if one not in batch.poisoned:
                self._tick(batch, [one], record.received_at)

        self._commit_decided(decide, record.position, record.received_at)

    def _wake(self, batch: Batch, one: str, now: Instant) -> None:
        """Her timers run again; and should her trouble have been with a new playbook, she adopts it now."""
        customer = self._people.row(one)
        if customer is None or customer.merged_into is not None:
            return
        if customer.version not in (0, self.plan.current.version):
            try:
                batch.add(customer, adopt(self.plan, customer, now), None)
            except Exception as error:  # noqa: BLE001  # She stays parked, with the new error.
                self._poison(batch.poisoned, Poison(one, customer.position, error))
        customer.due = earliest(customer)

    def _plan(self, version: int) -> Plan:
        """Raises HabitueError when the version in force cannot be read: to go on without it would end every run."""
        try:
            program = self._program(version)
        except Exception as error:
            raise HabitueError(
                f"playbook version {version}, which is in force, cannot be read any more: {error}; nothing is decided "
                "until it can, and nothing is lost meanwhile. Go back to the Habitue you had, apply a playbook that "
                "this one can read, then upgrade"
            ) from error
        return Plan(program if program is not None else Program(NOTHING), self._program)

    def _program(self, version: int) -> Program | None:
        if version not in self._programs:
            files = self.store.playbook(version) if version else None
            self._programs[version] = (
                Program(msgspec.structs.replace(self._load_playbook(files), version=version))
                if files is not None
                else None
            )
        return self._programs[version]
