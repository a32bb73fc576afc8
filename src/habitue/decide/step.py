"""The step: a customer, what just happened, the playbook and the time, in; the customer changed, effects, reasons, out.

Everything Habitue decides is decided here, live, in a backtest, in a test. The same history gives the same answer,
because time only enters as `now` and as the instants timers were due, chance is a hash, and the customer's own timers
that are due before an event fire before it is absorbed.
"""

from __future__ import annotations

from habitue.decide import counters, segments
from habitue.decide.due import earliest, fire_due
from habitue.decide.journeys import zones
from habitue.decide.journeys.compile import CompiledJourney
from habitue.decide.journeys.enter import enter, refuse
from habitue.decide.journeys.travel import Traveller
from habitue.decide.journeys.watch import start_watch, stop_watches
from habitue.decide.move import begin, follow_crossings, follow_traits, listen
from habitue.decide.outcome import Outcome
from habitue.decide.plan import Plan
from habitue.decide.profile import put_facts
from habitue.decide.profile.consent_words import put_consents
from habitue.decide.profile.exchange import in_shop_currency
from habitue.model.customer import Customer
from habitue.model.event import Event, Record
from habitue.model.instant import DAY, Instant, Span
from habitue.model.reason import Reason
from habitue.model.trust import PUBLIC
from habitue.playbook.journey import OnInaction, OnRequest

NOBODY_PINNED: frozenset[int] = frozenset()
LATE_MAX: Span = DAY
"""An event too old to act on, but no older than this, came late: the ledger says that it started nothing. Older ones
are history that was brought in: a year of orders would fill the ledger with lines nobody asked for."""


class Tick:
    """The occurrence of time having passed: nothing happened, but timers may be due."""

    __slots__ = ()


TICK = Tick()


def step(plan: Plan, customer: Customer, occurrence: Record | Tick, now: Instant) -> Outcome:
    """Let the customer live to `now`, then absorb the record, if there is one.

    The customer is changed in place (see `model/customer.py`). A record she has absorbed already changes nothing.
    `now` never runs backwards for a customer: an earlier one counts as the latest she has lived to.
    Raises what a broken playbook or a defect raises; her state is then half changed, and the caller goes back to the
    bytes it loaded.
    """
    outcome = Outcome()
    now = max(now, customer.clock)
    if isinstance(occurrence, Tick):
        fire_due(plan, customer, now, outcome)
    elif occurrence.position > customer.position:
        fire_due(plan, customer, now, outcome)
        customer.position = occurrence.position
        customer.clock = now
        _absorb(plan, customer, occurrence, now, outcome)
    customer.due = earliest(customer)
    return outcome


def _count(plan: Plan, customer: Customer, record: Record, *, is_foreign: bool) -> None:
    """Let the counters take in an event; nothing is decided."""
    pinned = NOBODY_PINNED
    for run in customer.runs:
        if run.version != plan.current.version:
            pinned = pinned | {run.version}
    leaves = plan.leaves_by_event(pinned) if pinned else plan.current.leaves_by_event
    event, position = record.event, record.position
    if is_foreign or pinned:
        counters.absorb(leaves.get(event.name, ()), customer.counters, event, position)
        return
    for leaf in leaves.get(event.name, ()):
        leaf.absorb(customer.counters, event, position)


def learn(plan: Plan, customer: Customer, record: Record, now: Instant, outcome: Outcome) -> None:
    """Take in what an event tells of her, without deciding anything."""
    playbook = plan.current.playbook
    currency = record.event.properties.get("currency")
    is_foreign = currency is not None and currency != playbook.shop.currency
    told = in_shop_currency(record, playbook.shop, outcome) if is_foreign else record
    put_facts(customer, told, playbook.session_gap, outcome, plan.current.facts)
    words = put_consents(customer, record.event, now)
    if words:
        outcome.consents += words
    _count(plan, customer, record, is_foreign=is_foreign)


def _absorb(plan: Plan, customer: Customer, record: Record, now: Instant, outcome: Outcome) -> None:
    program, event = plan.current, record.event
    name, timezone = event.name, customer.timezone
    learn(plan, customer, record, now, outcome)
    if customer.entries and name in program.answers:
        stop_watches(program, customer, event)
    traveller: Traveller | None = None  # Most events move nobody anywhere.
    is_elsewhere = customer.timezone != timezone and bool(customer.runs or customer.entries)
    if is_elsewhere:
        zones.move(plan, customer, timezone, customer.timezone, now, outcome)
    if customer.runs:
        traveller = Traveller(program, customer, outcome, event.occurred_at)
        listen(plan, traveller, event, now)
    age = now - event.occurred_at
    is_history = age > program.playbook.history_after
    is_late = is_history and age <= LATE_MAX

    affected = program.segments_by_event.get(name, ())
    if customer.version != program.version:  # Seen for the first time: every segment is read once.
        customer.version = program.version
        affected = tuple(program.segments.values())
    elif also := segments.affected_by(program, event, timezone, customer):
        affected = tuple({segment.name: segment for segment in (*affected, *also)}.values())
    if outcome.consents and program.segments_by_consent:  # Any event may carry a browser's objection, or a platform's.
        affected = tuple({segment.name: segment for segment in (*affected, *program.segments_by_consent)}.values())
    if affected:
        crossings = segments.read(customer, affected, now, outcome)
        if crossings:
            traveller = traveller or Traveller(program, customer, outcome, event.occurred_at)
            follow_crossings(program, traveller, crossings, now, starts=not is_history, late=is_late)
    if is_elsewhere and customer.runs:
        traveller = traveller or Traveller(program, customer, outcome, event.occurred_at)
        zones.ask_again(plan, traveller, now)
    if traveller is not None and traveller.written:
        follow_traits(program, traveller, now)

    for journey in program.entries_by_event.get(name, ()):
        if not _starts(journey, event):
            continue
        if isinstance(journey.entry, OnRequest) and event.properties.get("journey") != journey.name:
            continue
        if is_history:
            if is_late:
                refuse(customer, journey, Reason.HISTORY, now, outcome)
            continue
        if isinstance(journey.entry, OnInaction):
            start_watch(program, journey, customer, event, now, outcome)
            continue
        at, trusted = event.occurred_at, event.level not in PUBLIC
        run = enter(program, journey, customer, name, event.properties, now, outcome, began_at=at, trusted=trusted)
        if run is not None:
            traveller = traveller or Traveller(program, customer, outcome, event.occurred_at)
            begin(program, traveller, run, now)


def _starts(journey: CompiledJourney, event: Event) -> bool:
    for signal in journey.entry_signals:  # noqa: SIM110  # any() over a generator costs three times as much.
        if signal.hears(event.name, event.properties, None, ""):
            return True
    return False
