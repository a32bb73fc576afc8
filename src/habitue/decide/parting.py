"""A wrong merge undone: one customer becomes two again, each with what she did herself.

What events tell is told to each half afresh. What events do not tell stays where doubt does least harm: messages sent
count against both halves, and so do bounced addresses; traits set by journeys, and watches for an inaction, stay with
the customer; a run goes to the half that entered it.
"""

from __future__ import annotations

from collections.abc import Sequence

from habitue.decide import identity
from habitue.decide.adopt import adopt
from habitue.decide.outcome import InterestChange, Outcome
from habitue.decide.plan import Plan
from habitue.decide.profile.interests import interests
from habitue.decide.profile.traits import write_traits
from habitue.decide.step import learn
from habitue.model.customer import Customer, moment
from habitue.model.event import Record
from habitue.model.instant import Instant
from habitue.model.reason import Outcome as Came
from habitue.model.reason import Reason

_NOT_TOLD = frozenset(
    {
        "position", "clock", "ordinal", "version", "user_id", "anonymous_ids", "merged_ids", "identifiers", "apart",
        "passed", "refusals", "runs", "entries", "segments", "segment_dues",
    }
)  # fmt: skip
"""What no event tells by itself. Who goes by which id was settled before."""


def part(
    plan: Plan, whole: Customer, piece: Customer, told: tuple[Sequence[Record], Sequence[Record]], order: Record
) -> tuple[Outcome, Outcome]:
    """Make `piece`, a tombstone until now, a person of its own. `told`: the whole's own records, and the piece's.

    `order` is the control event's record. The ids each half goes by were settled before.
    """
    ours, theirs = Outcome(), Outcome()
    now = max(order.received_at, whole.clock, piece.clock)
    before = Customer(**{name: getattr(whole, name) for name in whole.__struct_fields__})
    _part_runs(plan, whole, piece, ours, theirs)
    for half, records in zip((whole, piece), told, strict=True):
        _tell_afresh(plan, half, records, now)
    _keep_traits_nobody_told(before, whole, piece)
    _tell_interests(before, whole, ours)
    _tell_interests(Customer(id=piece.id), piece, theirs)
    for half, other, outcome in ((whole, piece, ours), (piece, whole, theirs)):
        half.position, half.clock = order.position, now
        half.exposures, half.suppressed = list(before.exposures), dict(before.suppressed)
        half.apart[other.id] = now
        identity.keep_newest(half.apart)
        outcome.decide(half, now, Came.CHANGED, Reason.PARTED, detail={"other": other.id, "by": _actor(order)})
    return _after(ours, adopt(plan, whole, now, "parted")), _after(theirs, adopt(plan, piece, now, "parted"))


def _part_runs(plan: Plan, whole: Customer, piece: Customer, ours: Outcome, theirs: Outcome) -> None:
    taken = {piece.id, *piece.merged_ids}
    for run in [run for run in whole.runs if run.id.rsplit(".", 1)[0] in taken]:
        whole.runs.remove(run)
        piece.runs.append(run)
        ours.stands(whole, run, None)
        theirs.stands(piece, run, identity.step_name(plan, run))


def _tell_afresh(plan: Plan, half: Customer, records: Sequence[Record], now: Instant) -> None:
    told = Customer(id=half.id, user_id=half.user_id, runs=half.runs)
    for record in records:
        learn(plan, told, record, now, Outcome())  # What it wrote to ledgers was written when it happened.
    for name in half.__struct_fields__:
        if name not in _NOT_TOLD and name not in ("id", "merged_into"):
            setattr(half, name, getattr(told, name))
    half.merged_into = None


def _keep_traits_nobody_told(before: Customer, whole: Customer, piece: Customer) -> None:
    for name, at in before.trait_times.items():
        told = {whole.trait_times.get(name), piece.trait_times.get(name)}
        if at not in told:
            claimed = name in before.claimed_traits
            write_traits(whole, {name: before.traits.get(name)}, moment(at), claimed=claimed)


def _tell_interests(before: Customer, after: Customer, outcome: Outcome) -> None:
    known, now = interests(before), interests(after)
    for kind, key in known.keys() - now.keys():
        outcome.interests.append(InterestChange(after.id, kind, key, None))
    for (kind, key), since in now.items():
        if (kind, key) not in known:
            outcome.interests.append(InterestChange(after.id, kind, key, since))


def _after(first: Outcome, then: Outcome) -> Outcome:
    first.decisions += then.decisions
    first.effects += then.effects
    first.memberships += then.memberships
    first.runs += then.runs
    first.interests += then.interests
    return first


def _actor(order: Record) -> str:
    actor = order.event.properties.get("actor")
    return actor if isinstance(actor, str) else ""
