"""Membership: read again what an occurrence can have changed, and say what joined and left."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from habitue.decide.conditions.truth import NEVER
from habitue.decide.outcome import MembershipChange, Outcome
from habitue.decide.plan import CompiledSegment, Program
from habitue.model.customer import Customer
from habitue.model.event import Event
from habitue.model.instant import Instant
from habitue.model.reason import Outcome as Came
from habitue.model.reason import Reason


class Crossing(NamedTuple):
    """A segment she joined (`change` "enter") or left (`change` "leave")."""

    segment: str
    change: str


def read(
    customer: Customer, segments: Iterable[CompiledSegment], now: Instant, outcome: Outcome, because: str = ""
) -> list[Crossing]:
    """Evaluate the segments at `now`; keep the instant at which each can change by the mere passing of time."""
    crossings: list[Crossing] = []
    for segment in segments:
        name = segment.name
        is_true, until = segment.truth(customer, now, None, "")
        if until == NEVER:
            customer.segment_dues.pop(name, None)
        else:
            customer.segment_dues[name] = until
        if is_true is (name in customer.segments):
            continue
        crossings.append(_cross(customer, name, is_true, now, outcome, because))
    return crossings


def affected_by_traits(program: Program, traits: Iterable[str]) -> list[CompiledSegment]:
    found: dict[str, CompiledSegment] = {}
    for trait in traits:
        for segment in program.segments_by_trait.get(trait, ()):
            found[segment.name] = segment
    return list(found.values())


def affected_by(program: Program, event: Event, before: str, customer: Customer) -> tuple[CompiledSegment, ...]:
    """Those that an event can change by what it carries besides its name. `before`: her time zone before it."""
    affected: tuple[CompiledSegment, ...] = ()
    if event.traits:
        affected = tuple(affected_by_traits(program, event.traits))
    if program.segments_by_identifier and event.identifiers:
        affected += program.segments_by_identifier
    if program.segments_by_device and event.anonymous_id is not None:
        affected += program.segments_by_device
    if program.segments_by_clock and customer.timezone != before:
        affected += program.segments_by_clock
    return affected


def forget(customer: Customer, names: Iterable[str], now: Instant, outcome: Outcome, because: str) -> None:
    """Leave segments that are no longer defined."""
    for name in names:
        customer.segment_dues.pop(name, None)
        if name in customer.segments:
            _cross(customer, name, False, now, outcome, because)


def _cross(customer: Customer, name: str, joins: bool, now: Instant, outcome: Outcome, because: str) -> Crossing:
    if joins:
        customer.segments[name] = now
    else:
        del customer.segments[name]
    outcome.memberships.append(MembershipChange(customer.id, name, now if joins else None, now))
    outcome.decide(
        customer,
        now,
        Came.JOINED if joins else Came.LEFT,
        Reason.SEGMENT_ENTER if joins else Reason.SEGMENT_LEAVE,
        segment=name,
        detail={"because": because} if because else None,
    )
    return Crossing(name, "enter" if joins else "leave")
