"""A new playbook comes into force for a customer: what she is a member of and waits for is read afresh."""

from __future__ import annotations

from habitue.decide import segments
from habitue.decide.conditions import Leaf
from habitue.decide.due import earliest
from habitue.decide.journeys import zones
from habitue.decide.journeys.travel import Traveller
from habitue.decide.journeys.watch import is_date
from habitue.decide.move import follow_crossings
from habitue.decide.outcome import Outcome
from habitue.decide.plan import Plan, Program
from habitue.decide.segments import Crossing
from habitue.model.customer import Customer, Entry
from habitue.model.instant import Instant
from habitue.playbook.conditions.periods import around
from habitue.playbook.journey import OnInaction


def new_leaves(plan: Plan, before: Program | None) -> frozenset[int]:
    """The leaves that the version before did not keep, or kept less of, or in another currency: history has to fill
    them."""
    known = before.leaves if before is not None else {}
    return frozenset(
        leaf_id
        for leaf_id, leaf in plan.current.leaves.items()
        if leaf_id not in known or leaf.keeps_more_than(known[leaf_id]) or leaf.currency != known[leaf_id].currency
    )


def horizon(leaf: Leaf, now: Instant) -> Instant | None:
    """What happened then or before can never count again, at `now` or later; None: everything may."""
    spec = leaf.spec
    if spec.within is not None:
        return now - spec.within
    if spec.unit:  # The present one and the one before it are asked for, and no others.
        return around(spec.unit, spec.zone, now)[0] - 1
    return None if spec.since is None else spec.since - 1


def adopt(plan: Plan, customer: Customer, now: Instant, because: str = "") -> Outcome:
    """Read her segments with the new version. Nobody enters a journey because the marketer edited a segment.

    Runs in flight go on with the version they entered with. Her counters have been filled before this is called.
    """
    program, outcome = plan.current, Outcome()
    now = max(now, customer.clock)
    customer.clock = now
    customer.version = program.version
    kept = plan.leaves(frozenset(run.version for run in customer.runs))
    customer.counters = {leaf: state for leaf, state in customer.counters.items() if leaf in kept}
    dates = {entry.journey: entry for entry in customer.entries if is_date(entry)}
    customer.entries = [entry for entry in customer.entries if _still_watches(program, entry)]
    because = because or f"playbook version {program.version}"
    gone = sorted(name for name in {*customer.segments, *customer.segment_dues} if name not in program.segments)
    segments.forget(customer, gone, now, outcome, because)
    crossings = segments.read(customer, program.segments.values(), now, outcome, because)
    known = {crossing.segment for crossing in crossings}
    stayed = [Crossing(name, "enter") for name in sorted(customer.segments) if name not in known]
    traveller = Traveller(program, customer, outcome, now)
    _follow_schedules(program, traveller, [*crossings, *stayed], now)
    for entry in customer.entries if dates else ():
        if is_date(entry) and entry.journey in dates:
            zones.keep_date(plan, customer, dates[entry.journey], entry, now)
    customer.due = earliest(customer)
    return outcome


def _follow_schedules(program: Program, traveller: Traveller, crossings: list[Crossing], now: Instant) -> None:
    scheduled = [crossing for crossing in crossings if crossing.segment in program.schedules_by_segment]
    follow_crossings(program, traveller, scheduled, now, starts=False)


def _still_watches(program: Program, entry: Entry) -> bool:
    """Dates of schedules are set afresh: the schedule may have moved to another hour, or to another segment."""
    known = program.journeys.get(entry.journey)
    return not is_date(entry) and known is not None and isinstance(known.entry, OnInaction)
