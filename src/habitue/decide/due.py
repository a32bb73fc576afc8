"""Timers: they live in the customer's state, and fire in order, each at the very instant it was due."""

from __future__ import annotations

from habitue.decide import segments
from habitue.decide.journeys.enter import enter
from habitue.decide.journeys.travel import Traveller
from habitue.decide.journeys.watch import is_date, schedule
from habitue.decide.move import RunawayPlaybook, begin, follow_crossings, follow_traits
from habitue.decide.outcome import Outcome
from habitue.decide.plan import Plan
from habitue.model.customer import Customer, Entry, Run
from habitue.model.instant import Instant
from habitue.model.reason import Reason
from habitue.playbook.journey import OnSchedule

FIRINGS_MAX = 20_000
"""More timers than this in one step is a playbook in a circle: a year of daily schedules is a few hundred."""


def earliest(customer: Customer) -> Instant | None:
    """The next instant at which something of hers is due."""
    due: Instant | None = None
    for instant in customer.segment_dues.values():
        if due is None or instant < due:
            due = instant
    for run in customer.runs:
        if run.due is not None and (due is None or run.due < due):
            due = run.due
        if run.ends_at is not None and (due is None or run.ends_at < due):
            due = run.ends_at
    for entry in customer.entries:
        if due is None or entry.due < due:
            due = entry.due
    return due


def fire_due(plan: Plan, customer: Customer, now: Instant, outcome: Outcome) -> None:
    """Fire everything due at or before `now`, earliest first, each at its own time.

    At the same instant: segments first (what waits may ask them), then runs that end, runs that go on, new entries;
    within each, by name.
    """
    if customer.due is None or customer.due > now:
        return
    for _ in range(FIRINGS_MAX):
        due = earliest(customer)
        if due is None or due > now:
            return
        customer.clock = max(customer.clock, due)
        _fire(plan, customer, customer.clock, due, outcome)
    raise RunawayPlaybook(
        f"more than {FIRINGS_MAX} timers fired for one customer in one step; a wait of this playbook never lets go"
    )


def _fire(plan: Plan, customer: Customer, now: Instant, due: Instant, outcome: Outcome) -> None:
    program = plan.current
    names = sorted(name for name, instant in customer.segment_dues.items() if instant == due)
    if names:
        _fire_segments(plan, customer, names, now, outcome)
        return
    traveller = Traveller(program, customer, outcome, now)
    run = _first_run(customer, due)
    if run is not None:
        _fire_run(plan, traveller, run, due, now)
        follow_traits(program, traveller, now)
        return
    entry = min((entry for entry in customer.entries if entry.due == due), key=lambda entry: (entry.journey, entry.key))
    _fire_entry(plan, traveller, entry, now)


def _fire_segments(plan: Plan, customer: Customer, names: list[str], now: Instant, outcome: Outcome) -> None:
    program = plan.current
    for name in names:
        if name not in program.segments:
            del customer.segment_dues[name]
    known = [program.segments[name] for name in names if name in program.segments]
    crossings = segments.read(customer, known, now, outcome)
    if crossings:
        follow_crossings(program, Traveller(program, customer, outcome, now), crossings, now, starts=True)


def _first_run(customer: Customer, due: Instant) -> Run | None:
    runs = [run for run in customer.runs if due in (run.due, run.ends_at)]
    return min(runs, key=lambda run: (run.ends_at != due, run.journey, run.key, run.id)) if runs else None


def _fire_run(plan: Plan, traveller: Traveller, run: Run, due: Instant, now: Instant) -> None:
    program = plan.program(run.version)
    if program is None or run.journey not in program.journeys:
        traveller.leave(run, Reason.WITHDRAWN, now)
    elif run.ends_at == due:
        traveller.leave(run, Reason.TIME_LIMIT, now)
    else:
        traveller.wake(program, run, now)


def _fire_entry(plan: Plan, traveller: Traveller, entry: Entry, now: Instant) -> None:
    program, customer = plan.current, traveller.customer
    customer.entries.remove(entry)
    journey = program.journeys.get(entry.journey)
    if journey is None:
        return
    if isinstance(journey.entry, OnSchedule):
        schedule(program, journey, customer, now)
    name = entry.event_name or "schedule"
    began_at = now if is_date(entry) else entry.since
    run = enter(
        program,
        journey,
        customer,
        name,
        entry.event,
        now,
        traveller.outcome,
        began_at=began_at,
        key=entry.key,
        trusted=entry.trusted,
    )
    if run is not None:
        begin(program, traveller, run, now)
