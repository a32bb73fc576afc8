"""What becomes of two halves of a person.

An anonymous visitor joins the known customer at the first event that names both; customers who share an e-mail address,
a phone or another strong identifier are one person. What each did before comes along. Two known users are never joined,
whatever they share. The joined half leaves a tombstone under its id, so that its later events, and those still on their
way, find the person.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from habitue.decide import segments
from habitue.decide.due import earliest, fire_due
from habitue.decide.journeys import zones
from habitue.decide.journeys.travel import Traveller
from habitue.decide.journeys.watch import bounded
from habitue.decide.move import follow_crossings, follow_traits
from habitue.decide.outcome import MembershipChange, Outcome
from habitue.decide.plan import Plan
from habitue.decide.profile.joining import IDS_MAX, join_facts
from habitue.model.customer import Customer, Entry, Run
from habitue.model.identifier import IDENTIFIERS, SHOP, USER
from habitue.model.instant import DAY, Instant
from habitue.model.reason import Outcome as Came
from habitue.model.reason import Reason
from habitue.playbook.playbook import IdentityRules

APART_MAX = 100


def obstacle(rules: IdentityRules, one: Customer, other: Customer) -> Reason | None:
    """Why these two must not be joined, or None."""
    if one.user_id is not None and other.user_id is not None and one.user_id != other.user_id:
        return Reason.TWO_KNOWN_USERS
    if has_two_accounts(one.identifiers.get(SHOP, {}), other.identifiers.get(SHOP, {})):
        return Reason.TWO_KNOWN_USERS
    if _are_apart(one, other) or _are_apart(other, one):
        return Reason.KEPT_APART
    for kind, values in other.identifiers.items():
        mine = one.identifiers.get(kind, {})
        if IDENTIFIERS[kind].strong and len(mine.keys() | values.keys()) > rules.limit(kind):
            return Reason.IDENTIFIER_LIMIT
    return None


def is_known(customer: Customer) -> bool:
    """Whether anything but devices tells who she is."""
    return customer.user_id is not None or any(
        values and IDENTIFIERS[kind].strong for kind, values in customer.identifiers.items()
    )


def speaks_against(customer: Customer, claimed: Iterable[tuple[str, str]]) -> bool:
    """Whether somebody known is claimed to be somebody else: on this device there are two, and it is the known one's.

    The claimed user id decides where the known one has a user id; without, anything claimed that is theirs does.
    """
    claims = dict(claimed)
    if not claims or not is_known(customer):
        return False
    user = claims.pop(USER, None)
    if user is not None and customer.user_id is not None:
        return user != customer.user_id
    return not any(value in customer.identifiers.get(kind, ()) for kind, value in claims.items())


def note(rules: IdentityRules, customer: Customer, kind: str, value: str, at: Instant) -> bool:
    """Remember that she goes by this identifier; False where she has as many as one person may have."""
    known = customer.identifiers.setdefault(kind, {})
    if value in known:
        known[value] = max(at, known[value])
        return True
    if len(known) >= rules.limit(kind):
        if IDENTIFIERS[kind].strong:
            return False
        del known[min(known, key=lambda one: (known[one], one))]
    known[value] = at
    return True


def let_go(customer: Customer, kind: str, value: str) -> None:
    """It is somebody else's now. She is as if it had never been hers, so that a replay without that finds the same."""
    known = customer.identifiers.get(kind, {})
    known.pop(value, None)
    if not known:
        customer.identifiers.pop(kind, None)


def has_two_accounts(one: Iterable[str], other: Iterable[str]) -> bool:
    """A shop's own customer numbers are like user ids: two of one shop are two people."""
    shops = {value.rsplit(":", 1)[0]: value for value in one}
    return any(shops.get(value.rsplit(":", 1)[0], value) != value for value in other)


def _are_apart(one: Customer, other: Customer) -> bool:
    return bool(one.apart) and any(apart in one.apart for apart in (other.id, *other.merged_ids))


def join(plan: Plan, into: Customer, other: Customer, now: Instant, by: str = "anonymous") -> Outcome:
    """Put `other` into `into`, and make `other` its tombstone. Both have lived to `now` first.

    `by` is the kind of identifier they share, for the ledger.

    Field by field the result does not depend on which of several visitors is joined first; see each `join_…`.
    """
    outcome = Outcome()
    fire_due(plan, into, now, outcome)
    fire_due(plan, other, now, outcome)
    now = into.clock = max(into.clock, other.clock, now)
    clocks = [(half, half.timezone) for half in (into, other)]
    join_facts(into, other, plan.current.playbook.session_gap, outcome)
    for half, before in clocks:
        if before != into.timezone:
            zones.move(plan, half, before, into.timezone, now, outcome)
    _join_names(into, other)
    _join_counters(plan, into, other)
    _join_runs(plan, into, other, now, outcome)
    outcome.decide(into, now, Came.CHANGED, Reason.MERGED, detail={"joined": other.id, "by": by})
    _join_segments(plan, into, other, now, outcome)
    if any(before != into.timezone for _, before in clocks):
        _ask_again(plan, into, now, outcome)
    _bury(other, into)
    into.due = earliest(into)
    return outcome


def tombstone(anonymous: str, into: str) -> Customer:
    return Customer(id=anonymous, merged_into=into)


def link(into: Customer, anonymous_id: str | None) -> None:
    """Remember a device she was seen on; the list is bounded, the tombstones are not."""
    if anonymous_id and anonymous_id not in into.anonymous_ids:
        into.anonymous_ids = sorted({*into.anonymous_ids, anonymous_id})[:IDS_MAX]


def refuse(customer: Customer, other: str, why: Reason, now: Instant, outcome: Outcome) -> None:
    """Say in the ledger, once a day for each reason, that two customers were to be joined, and were not."""
    mark = f"join:{why.value}"
    written = customer.refusals.get(mark)
    if written is not None and now - written < DAY:
        return
    customer.refusals[mark] = now
    outcome.decide(customer, now, Came.REFUSED, why, detail={"other": other})


def _join_names(into: Customer, other: Customer) -> None:
    for kind, values in other.identifiers.items():
        known = into.identifiers.setdefault(kind, {})
        for value, at in values.items():
            known[value] = max(at, known.get(value, at))
    for apart, since in other.apart.items():
        into.apart[apart] = min(since, into.apart.get(apart, since))
    keep_newest(into.apart)


def keep_newest(apart: dict[str, Instant]) -> None:
    for one in sorted(apart, key=lambda one: (apart[one], one))[:-APART_MAX]:
        del apart[one]


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
    ordered = sorted((*into.runs, *other.runs), key=_entered)
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
            outcome.stands(into, run, step_name(plan, run))
    entries: dict[tuple[str, str], Entry] = {}
    for entry in sorted((*into.entries, *other.entries), key=_age):
        entries[(entry.journey, entry.key)] = entry
    into.entries = bounded([entries[key] for key in sorted(entries)])


def _entered(run: Run) -> tuple[Instant, str, int]:
    """Runs of one moment stand in the order of their ids, which count up: the tenth after the ninth."""
    customer, _, number = run.id.rpartition(".")
    return run.entered_at, customer, int(number)


def _runs_max(plan: Plan, run: Run) -> int:
    program = plan.program(run.version)
    journey = program.journeys.get(run.journey) if program is not None else None
    return journey.journey.runs_max if journey is not None else 1


def step_name(plan: Plan, run: Run) -> str | None:
    """The name of the step a run stands at, in the version it is pinned to."""
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


def _ask_again(plan: Plan, into: Customer, now: Instant, outcome: Outcome) -> None:
    traveller = Traveller(plan.current, into, outcome, now)
    zones.ask_again(plan, traveller, now)
    follow_traits(plan.current, traveller, now)


def _bury(other: Customer, into: Customer) -> None:
    empty = tombstone(other.id, into.id)
    for field in other.__struct_fields__:
        if field not in ("position", "clock", "ordinal"):
            setattr(other, field, getattr(empty, field))


def _age(entry: Entry) -> tuple[Instant, Instant, str, bytes]:
    """Watches begun in the same moment still have one order, whichever half of the person they come from."""
    return entry.since, entry.due, entry.event_name, msgspec.msgpack.encode(entry.event, order="deterministic")
