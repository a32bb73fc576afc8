"""A batch being decided: gathers what one commit will hold."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import msgspec

from habitue.decide.outcome import Outcome
from habitue.decide.profile.consents import ENDS_WRITING, Suppression, suppression_for_all
from habitue.decide.profile.money import bounded_sum
from habitue.decide.profile.traits import email
from habitue.model.consent import ConsentWord
from habitue.model.customer import Customer
from habitue.model.decision import Decision
from habitue.model.effect import Effect
from habitue.model.event import Record
from habitue.model.identifier import EMAIL, PHONE
from habitue.model.instant import MINUTE, Instant
from habitue.model.reached import TOLD_BY
from habitue.model.trust import Level
from habitue.run.ports import Adopting, Commit, CustomerRow, Interest, Membership, Parked, Place, Tally

_encode = msgspec.msgpack.Encoder().encode
_encode_json = msgspec.json.Encoder().encode

ORDERED = "Order Completed"
ORDER_CORRECTED = "Order Corrected"


class Batch:
    """Customers are encoded once, however many of the batch's records were theirs."""

    def __init__(self, position: int, now: Instant, version: int, poisoned: dict[str, Any]) -> None:
        self.position = position
        self.now = now
        self.version = version
        self.poisoned = poisoned
        self.touched: dict[str, Customer] = {}
        self.parked: list[Parked] = []
        self.unparked: list[str] = []
        self._effects: list[Effect] = []
        self._decisions: list[Decision] = []
        self._memberships: list[Membership] = []
        self._places: dict[tuple[str, str], Place] = {}
        self._interests: dict[tuple[str, str, str], Instant | None] = {}
        self._consents: list[ConsentWord] = []
        self.suppressed: list[Suppression] = []
        self._tail: list[tuple[str, int, Instant]] = []
        self._met: list[tuple[str, Instant]] = []
        self._skipped: list[tuple[str, int]] = []
        self._tallies: dict[tuple[int, str, str, str, str], list[int]] = {}
        self.adopting: list[Adopting] | None = None
        self.passing = False
        """Of people who are not here for anything they do: they need not stay in memory."""
        self.adopted: dict[str, bytes] = {}
        """Of the poisoned: their states once they have adopted what they had not, which is how they are parked."""
        self.unadopted: set[str] = set()
        """Those who failed in adopting a version; they are parked for the next one."""
        self.woken: set[str] = set()
        """Parked until this batch: they adopt what they have not as of now."""

    def add(self, customer: Customer, outcome: Outcome, record: Record | None) -> None:
        self.touched[customer.id] = customer
        if record is not None:
            event = record.event
            self._tail.append((customer.id, record.position, event.occurred_at))
            self._tally(record.received_at // MINUTE, "event", event.name, "", "")
            if event.name in ENDS_WRITING and (bad := suppression_for_all(customer, event)) is not None:
                self.suppressed.append(bad)
            if event.level is Level.CHANNEL and event.name in TOLD_BY:
                self._tally_receipt(record)
            self._tally(record.received_at // MINUTE, "source", event.source, "", "")
            if outcome.unrated:
                self._tally(record.received_at // MINUTE, "unrated", outcome.unrated, "", "")
            if outcome.sold is not None and any(outcome.sold):
                orders, revenue = outcome.sold
                # An order that is told again is corrected; it is none of those that were placed.
                name = event.name if orders > 0 or event.name != ORDERED else ORDER_CORRECTED
                self._tally(event.occurred_at // MINUTE, "orders", name, "", "", revenue)
        if outcome.decisions:
            self._decisions += outcome.decisions
            for decision in outcome.decisions:
                self._tally_decision(decision)
            self._effects += outcome.effects
        for change in outcome.memberships:
            self._memberships.append(Membership(*change))
        for place in outcome.runs:
            self._places[place.customer, place.run] = Place(*place)
        if outcome.consents:
            self._consents += outcome.consents
        for customer_id, kind, key, since in outcome.interests:
            self._interests[customer_id, kind, key] = since

    def _tally_receipt(self, record: Record) -> None:
        """How far messages came, by journey and message."""
        said, stage = record.event.properties, TOLD_BY[record.event.name].value
        name = f"{said.get('journey') or ''}/{said.get('message') or ''}"
        self._tally(record.received_at // MINUTE, "receipt", name, stage, "")

    def follow(self, customer: Customer, records: Iterable[Record]) -> None:
        """Records that were absorbed as somebody else's are hers: her timeline shows them."""
        self._tail += [(customer.id, record.position, record.event.occurred_at) for record in records]

    def meet(self, customer: Customer, record: Record) -> None:
        """It is the first record that is hers."""
        self._met.append((customer.id, record.received_at))

    def touch(self, customer: Customer) -> None:
        self.touched[customer.id] = customer

    def park(self, customer: Customer, position: int, error: BaseException | str) -> None:
        """Her state stays as it is, without a timer, until someone lets her go on."""
        customer.due = None
        text = error if isinstance(error, str) else f"{type(error).__name__}: {error}"[:2_000]
        self.touch(customer)
        self.parked.append(Parked(customer=customer.id, position=position, error=text, at=self.now))

    def skip(self, customer: str, position: int) -> None:
        self._skipped.append((customer, position))

    def commit(self) -> Commit:
        return Commit(
            position=self.position,
            now=self.now,
            version=self.version,
            customers=[row(customer) for customer in self.touched.values()],
            effects=self._effects,
            decisions=self._decisions,
            memberships=self._memberships,
            places=list(self._places.values()),
            tallies=[Tally(*key, count, amount) for key, (count, amount) in self._tallies.items()],
            parked=self.parked,
            skipped=self._skipped,
            unparked=self.unparked,
            tail=self._tail,
            met=self._met,
            consents=self._consents,
            interests=[Interest(*key, since) for key, since in self._interests.items()],
            adopting=self.adopting,
        )

    def unwritable(self) -> Iterator[tuple[str, Exception]]:
        """(customer, error) of what cannot be encoded. Asked only when a commit failed: it encodes everything again."""
        for customer, state in self.touched.items():
            yield from _refused(_encode, customer, state)
        said: list[Effect | Decision | ConsentWord] = [*self._effects, *self._decisions, *self._consents]
        for one in said:
            yield from _refused(_encode, one.customer, one)
            yield from _refused(_encode_json, one.customer, one)

    def _tally_decision(self, decision: Decision) -> None:
        minute = decision.at // MINUTE
        outcome, reason = decision.outcome.value, decision.reason.value
        if decision.journey is not None:
            self._tally(minute, "journey", decision.journey, outcome, reason)
            if decision.step is not None:
                self._tally(minute, "step", f"{decision.journey}/{decision.step}", outcome, reason)
        if decision.message is not None:
            self._tally(minute, "message", f"{decision.message}/{decision.channel or ''}", outcome, reason)

    def _tally(self, minute: int, subject: str, name: str, outcome: str, reason: str, amount: int = 0) -> None:
        key = (minute, subject, name, outcome, reason)
        sums = self._tallies.get(key)
        if sums is None:
            self._tallies[key] = [1, amount]
        else:
            sums[0] += 1
            sums[1] = bounded_sum(sums[1], amount)


def _refused(encode: Callable[[object], bytes], customer: str, one: object) -> Iterator[tuple[str, Exception]]:
    try:
        encode(one)
    except Exception as error:  # noqa: BLE001  # Whatever an encoder says of what it cannot encode.
        yield customer, error


def row(customer: Customer) -> CustomerRow:
    """A customer as the store keeps her."""
    if customer.merged_into is not None:
        return CustomerRow(customer.id, _encode(customer), None, "", 0, True, customer.merged_into)
    return CustomerRow(customer.id, _encode(customer), customer.due, search_text(customer), customer.last_seen_at)


def search_text(customer: Customer) -> str:
    """What she can be found by: user id, e-mail addresses, phones, name; lower-case."""
    traits = customer.traits
    names = [traits.get(name) for name in ("name", "firstName", "lastName")]
    known = [value for kind in (EMAIL, PHONE) for value in customer.identifiers.get(kind, ())]
    words = [customer.user_id, email(customer), *(name for name in names if isinstance(name, str)), *known]
    return " ".join(dict.fromkeys(word for word in words if word)).lower()[:500]
