"""Some people's history lived through in memory: no store, no commits, nobody else.

Whoever may be joined with one another is lived through together, record by record; a customer's timers fire before her
next record, and at the end. The crank comes to the same however it cuts its batches: that is the law of the step.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast

import msgspec

from habitue.decide.naming import names
from habitue.decide.outcome import Outcome
from habitue.decide.plan import Plan
from habitue.decide.profile.traits import put_context
from habitue.decide.rehearsal import Rehearsal
from habitue.decide.step import TICK, Tick, step
from habitue.model.customer import Customer
from habitue.model.decision import Decision
from habitue.model.event import Event, Record
from habitue.model.instant import Instant
from habitue.playbook.playbook import Playbook
from habitue.run.batch import Batch
from habitue.run.belonging import Belonging
from habitue.run.people import People
from habitue.run.poison import Poison
from habitue.run.ports import Store

ORDERED = "Order Completed"
OWN_RECEIPTS = frozenset(
    {
        "Email Sent",
        "Email Opened",
        "Email Link Clicked",
        "Email Opened by Machine",
        "Email Link Followed by Machine",
        "Message Displayed",
        "Message Clicked",
        "Message Dismissed",
        "Message Failed",
        "Message Expired",
        "Message Unknown",
    }
)
"""What became of the messages that were really sent says nothing of those a draft would have sent."""

_AT_THE_END = 1 << 62
_Failed = dict[int, dict[str, str]]
"""Position → customers whose step fails there, each with its error."""


def counts(event: Event) -> bool:
    """Whether it is part of the history that a draft would have met."""
    return event.type != "control" and not (event.source == "habitue" and event.name in OWN_RECEIPTS)


def is_plain(event: Event) -> bool:
    """Whether it names nobody but a user and a device: said again right after, it can join nobody."""
    return not event.identifiers and not event.claims and event.previous_id is None and event.source != "habitue"


class Lives:
    """One playbook's way of living through people, up to before `until`. The period of interest begins with `since`."""

    def __init__(self, playbook: Playbook, since: Instant, until: Instant) -> None:
        self.playbook = msgspec.structs.replace(playbook, version=1)
        program = Rehearsal(self.playbook)
        self.plan = Plan(program)
        self.heeds, self.restarts = program.heeds, program.restarts
        self.since, self.until = since, until

    def live(self, records: Sequence[Record]) -> Lived:
        """Records of people who share no id with anybody else, in order; positions rise, and none is of `until`.

        Whose step fails is parked from that record on, as the crank parks her: all is lived through again without her.
        """
        failed: _Failed = {}
        while True:
            known = sum(map(len, failed.values()))
            lived = Lived(self, failed)
            lived.go(records)
            if sum(map(len, failed.values())) == known:
                return lived


class Lived:
    """What some people's history came to: `decisions`; `sold`, each an order's customer, time and millionths;
    `seen`, since when each was there in the period; `failed`, the errors of those who were parked."""

    def __init__(self, lives: Lives, failed: _Failed) -> None:
        self.decisions: list[Decision] = []
        self.sold: list[tuple[str, Instant, int]] = []
        self.seen: dict[str, Instant] = {}
        self._plan, self._heeds = lives.plan, lives.heeds
        self._since, self._until = lives.since, lives.until
        self._rules = lives.playbook.identity
        self._failed = failed
        self._parked: set[str] = set()
        self._people = People(cast(Store, _NOBODY_STORED), _AT_THE_END)
        self._belonging = Belonging(self._people, lives.plan, self._parked, _Notes(self.decisions))
        self._customer: Customer | None = None
        self._said: tuple[str | None, str | None] = (None, None)

    @property
    def failed(self) -> dict[str, str]:
        return {customer: error for found in self._failed.values() for customer, error in found.items()}

    def who(self, one: str) -> str:
        """Who she is in the end: whoever was joined into somebody is that person."""
        living = self._people.living(one)
        return one if living is None else living.id

    def go(self, records: Sequence[Record]) -> None:
        for record in records:
            mark = len(self.decisions)
            try:
                self._take(record)
            except Poison as found:
                self._park(found, record.position, mark)
        for one in self._failed.get(_AT_THE_END, ()):
            self._live_to_failure(one, self._until - 1)
        for customer in self._people.everyone():
            if customer.due is not None and customer.due < self._until and customer.id not in self._parked:
                mark = len(self.decisions)
                try:
                    self._step(customer, TICK, self._until - 1, _AT_THE_END)
                except Poison as found:
                    self._park(found, _AT_THE_END, mark)

    def _take(self, record: Record) -> None:
        event, customer = record.event, self._customer
        now = record.received_at
        if self._failed and record.position in self._failed:
            for one in self._failed[record.position]:
                self._live_to_failure(one, now)
            customer = None
        if customer is None or (event.user_id, event.anonymous_id) != self._said or not is_plain(event):
            customer = self._whose(record)
            if customer is None:
                return
            heard = True
        else:
            heard = event.name in self._heeds or _tells_more(event.context, customer)
        if now >= self._since and customer.id not in self.seen:
            self.seen[customer.id] = now
        if not heard:
            put_context(customer, event, record.position)
            return
        outcome = self._step(customer, record, now, record.position)
        if outcome.sold is not None and event.name == ORDERED and outcome.sold[0] > 0:
            self.sold.append((customer.id, now, outcome.sold[1]))

    def _whose(self, record: Record) -> Customer | None:
        """Remembers who it was, where the same names said again can come to nobody else."""
        event = record.event
        self._customer = None
        said = names(event, self._rules)
        customer = self._belonging.whose(record, said)
        if customer is None or not is_plain(event):
            return customer
        if said.anonymous is None or self._people.living(said.anonymous) is customer:
            self._customer, self._said = customer, (event.user_id, event.anonymous_id)
        return customer

    def _step(self, customer: Customer, occurrence: Record | Tick, now: Instant, position: int) -> Outcome:
        try:
            outcome = step(self._plan, customer, occurrence, now)
        except Exception as error:
            raise Poison(customer.id, position, error) from error
        self.decisions += outcome.decisions
        return outcome

    def _live_to_failure(self, one: str, now: Instant) -> None:
        """Her timers up to now, one by one until one fails; then she is parked."""
        customer = self._people.row(one)
        while customer is not None and customer.due is not None and customer.due <= now:
            mark = len(self.decisions)
            try:
                self._step(customer, TICK, customer.due, _AT_THE_END)
            except Poison:
                del self.decisions[mark:]
                break
        self._parked.add(one)

    def _park(self, found: Poison, position: int, mark: int) -> None:
        """What was decided since the mark was not, after all."""
        del self.decisions[mark:]
        self._failed.setdefault(position, {})[found.customer] = found.error
        self._parked.add(found.customer)
        self._customer = None


def _tells_more(context: Mapping[str, Any], customer: Customer) -> bool:
    """Whether an event nobody heeds carries a word about consent, or another time zone than hers."""
    zone = customer.timezone
    return "consent" in context or "gpc" in context or context.get("timezone", zone) != zone


class _Notes(Batch):
    """Of what a batch gathers, the decisions: nothing is committed."""

    def __init__(self, decisions: list[Decision]) -> None:
        super().__init__(position=-1, now=0, version=1, poisoned={})
        self._noted = decisions

    def add(self, customer: Customer, outcome: Outcome, record: Record | None) -> None:
        self._noted += outcome.decisions

    def touch(self, customer: Customer) -> None: ...

    def skip(self, customer: str, position: int) -> None: ...


class _NobodyStored:
    """A store as empty as one can be: everybody is in memory."""

    def ordinal(self) -> int:
        return 0

    def load(self, ids: Sequence[str]) -> dict[str, bytes]:
        return {}


_NOBODY_STORED = _NobodyStored()
