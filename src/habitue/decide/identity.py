"""Who an event is about, and what becomes of two halves of a person.

An anonymous visitor joins the known customer at the first event that names both; what she did before comes with her.
Two known users are never joined, whatever device they share. The joined half leaves a tombstone under its id, so that
its later events, and those still on their way, find the person.
"""

from __future__ import annotations

from typing import NamedTuple

import msgspec

from habitue.decide import segments
from habitue.decide.due import earliest, fire_due
from habitue.decide.journeys.travel import Traveller
from habitue.decide.journeys.watch import bounded
from habitue.decide.move import follow_crossings
from habitue.decide.outcome import MembershipChange, Outcome
from habitue.decide.plan import Plan
from habitue.decide.profile.joining import IDS_MAX, join_facts
from habitue.model.customer import Customer, Entry, Run, customer_id
from habitue.model.event import Event
from habitue.model.instant import DAY, Instant
from habitue.model.reason import Outcome as Came
from habitue.model.reason import Reason

ALIAS_REFUSED = f"alias:{Reason.TWO_KNOWN_USERS.value}"


class Names(NamedTuple):
    """The customer ids an event speaks of; each may be absent."""

    known: str | None
    anonymous: str | None
    previous_known: str | None
    previous_anonymous: str | None
    named: str | None
    """Our own events name the customer outright."""


def names(event: Event) -> Names:
    previous = event.previous_id
    named = event.context.get("customer_id") if event.source == "habitue" else None
    return Names(
        customer_id("user", event.user_id) if event.user_id else None,
        customer_id("anonymous", event.anonymous_id) if event.anonymous_id else None,
        customer_id("user", previous) if previous else None,
        customer_id("anonymous", previous) if previous else None,
        named if isinstance(named, str) else None,
    )


def join(plan: Plan, into: Customer, other: Customer, now: Instant) -> Outcome:
    """Put `other` into `into`, and make `other` its tombstone. Both have lived to `now` first.

    Field by field the result does not depend on which of several visitors is joined first; see each `join_…`.
    """
    outcome = Outcome()
    fire_due(plan, into, now, outcome)
    fire_due(plan, other, now, outcome)
    now = into.clock = max(into.clock, other.clock, now)
    join_facts(into, other)
    _join_counters(plan, into, other)
    _join_runs(plan, into, other, now, outcome)
    outcome.decide(into, now, Came.CHANGED, Reason.MERGED, detail={"anonymous": other.id})
    _join_segments(plan, into, other, now, outcome)
    _bury(other, into)
    into.due = earliest(into)
    return outcome


def tombstone(anonymous: str, into: str) -> Customer:
    return Customer(id=anonymous, merged_into=into)


def link(into: Customer, anonymous_id: str | None) -> None:
    """Remember a device she was seen on; the list is bounded, the tombstones are not."""
    if anonymous_id and anonymous_id not in into.anonymous_ids:
        into.anonymous_ids = sorted({*into.anonymous_ids, anonymous_id})[:IDS_MAX]


def refuse_two_known(customer: Customer, other: str, now: Instant, outcome: Outcome) -> None:
    """Say in the ledger, once a day, that an alias asked to join two known users, and that it was not done."""
    written = customer.refusals.get(ALIAS_REFUSED)
    if written is not None and now - written < DAY:
        return
    customer.refusals[ALIAS_REFUSED] = now
    outcome.decide(customer, now, Came.REFUSED, Reason.TWO_KNOWN_USERS, detail={"other": other})


def _join_counters(plan: Plan, into: Customer, other: Customer) -> None:
    pinned = frozenset(run.version for run in (*into.runs, *other.runs) if run.version != plan.current.version)
    leaves = plan.leaves(pinned)
    for leaf_id, state in other.counters.items():
        leaf = leaves.get(leaf_id)
        if leaf is not None:
            mine = into.counters.get(leaf_id)
            into.counters[leaf_id] = state if mine is None else leaf.join(mine, state)


def _join_runs(plan: Plan, into: Customer, other: Customer, now: Instant, outcome: Outcome) -> None:
    """Both halves' runs go on; where that is more than the journey allows, for a key or at once, the older ones do."""
    oldest: dict[str, dict[str, Run]] = {}
    ordered = sorted((*into.runs, *other.runs), key=lambda run: (run.entered_at, run.id))
    for run in ordered:
        same = oldest.setdefault(run.journey, {})
        if len(same) < _runs_max(plan, run):
            same.setdefault(run.key, run)
    moved = {run.id for run in other.runs}
    kept = {run.id for same in oldest.values() for run in same.values()}
    for run in other.runs:
        outcome.stands(other, run, None)  # It stands under her new name from here on, or no longer.
    into.runs = ordered
    traveller = Traveller(plan.current, into, outcome, now)
    for run in list(ordered):
        if run.id not in kept:
            traveller.leave(run, Reason.MERGED_AWAY, now)
        elif run.id in moved:
            outcome.stands(into, run, _step_name(plan, run))
    entries: dict[tuple[str, str], Entry] = {}
    for entry in sorted((*into.entries, *other.entries), key=_age):
        entries[(entry.journey, entry.key)] = entry
    into.entries = bounded([entries[key] for key in sorted(entries)])


def _runs_max(plan: Plan, run: Run) -> int:
    program = plan.program(run.version)
    journey = program.journeys.get(run.journey) if program is not None else None
    return journey.journey.runs_max if journey is not None else 1


def _step_name(plan: Plan, run: Run) -> str | None:
    program = plan.program(run.version)
    journey = program.journeys.get(run.journey) if program is not None else None
    return journey.step_name(run.step) if journey is not None else None


def _join_segments(plan: Plan, into: Customer, other: Customer, now: Instant, outcome: Outcome) -> None:
    """She is a member since the first half was; then everything is read again with what both halves did."""
    for name, since in other.segments.items():
        outcome.memberships.append(MembershipChange(other.id, name, None, now))
        if name not in into.segments:
            outcome.memberships.append(MembershipChange(into.id, name, since, now))
        into.segments[name] = min(since, into.segments.get(name, since))
    program = plan.current
    into.version = program.version
    crossings = segments.read(into, program.segments.values(), now, outcome, "merged")
    # What she did in the moments before she was joined may still be on its way, and is heard.
    traveller = Traveller(program, into, outcome, now - program.playbook.history_after)
    follow_crossings(program, traveller, crossings, now, starts=True)


def _bury(other: Customer, into: Customer) -> None:
    empty = tombstone(other.id, into.id)
    for field in other.__struct_fields__:
        if field not in ("position", "clock", "ordinal"):
            setattr(other, field, getattr(empty, field))


def _age(entry: Entry) -> tuple[Instant, Instant, str, bytes]:
    """Watches begun in the same moment still have one order, whichever half of the person they come from."""
    return entry.since, entry.due, entry.event_name, msgspec.msgpack.encode(entry.event, order="deterministic")
