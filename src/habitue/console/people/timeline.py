"""One person's timeline: what she did and what was decided about her, newest first, in pages."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from habitue.console.visit import Visit
from habitue.model.customer import Customer
from habitue.model.decision import Decision
from habitue.model.delivery import Delivery
from habitue.model.event import Event
from habitue.model.instant import Instant
from habitue.model.reason import Outcome

MOMENTS_A_PAGE = 40
MOMENTS_LIVE_MAX = 250
IDS_MAX = 200
"""A person of more ids than this is a shared device or a mistake; the newest ids are looked at."""


class Place(NamedTuple):
    """Where a page ends: the log position and the decision number to read on below. None: nothing was read yet."""

    event: int | None
    decision: int | None


class Moment(NamedTuple):
    """One line: an event or a decision. A decision to send carries what became of the delivery."""

    at: Instant
    number: int
    event: Event | None = None
    decision: Decision | None = None
    delivery: Delivery | None = None


class Line(NamedTuple):
    """A page of the timeline; `end` is where the next, older one begins, None when there is none."""

    moments: list[Moment]
    end: Place | None


def newest(visit: Visit, customer: Customer) -> Line:
    return older(visit, customer, Place(None, None))


def older(visit: Visit, customer: Customer, before: Place, limit: int = MOMENTS_A_PAGE) -> Line:
    """The next page below a place. Both streams are read in their own order and merged by time."""
    events = _events(visit, customer, before.event, limit + 1)
    decisions = _decisions(visit, customer, before.decision, limit + 1)
    moments = _merged(events, decisions)
    shown = moments[:limit]
    if len(moments) == len(shown):
        return Line([_with_delivery(visit, moment) for moment in shown], None)
    end = Place(
        min((moment.number for moment in shown if moment.event), default=before.event),
        min((moment.number for moment in shown if moment.decision), default=before.decision),
    )
    return Line([_with_delivery(visit, moment) for moment in shown], end)


def down_to(visit: Visit, customer: Customer, floor: Place) -> list[Moment]:
    """Everything from the newest moment down to the end of the page that was first shown."""
    moments = _merged(
        _events(visit, customer, None, MOMENTS_LIVE_MAX), _decisions(visit, customer, None, MOMENTS_LIVE_MAX)
    )
    kept = [moment for moment in moments if moment.number >= ((floor.event if moment.event else floor.decision) or 0)]
    return [_with_delivery(visit, moment) for moment in kept[:MOMENTS_LIVE_MAX]]


def _events(visit: Visit, customer: Customer, before: int | None, limit: int) -> list[Moment]:
    tail = visit.services.view.timeline(_ids(customer), limit, before)
    records = {record.position: record for record in visit.services.log.at([position for position, _ in tail])}
    return [
        Moment(occurred_at, position, event=records[position].event)
        for position, occurred_at in tail
        if position in records
    ]


def _decisions(visit: Visit, customer: Customer, before: int | None, limit: int) -> list[Moment]:
    found = visit.services.view.decisions(customers=_ids(customer), limit=limit, before=before)
    return [Moment(decision.at, number, decision=decision) for number, decision in found]


def _ids(customer: Customer) -> list[str]:
    return [customer.id, *customer.merged_ids][:IDS_MAX]


def _merged(events: Sequence[Moment], decisions: Sequence[Moment]) -> list[Moment]:
    """Newest first by time, neither stream's own order disturbed: else paging would lose what came late.

    A decision stands above the event that caused it, which bears the same moment or an earlier one.
    """
    merged: list[Moment] = []
    left, right = 0, 0
    while left < len(events) or right < len(decisions):
        if right == len(decisions) or (left < len(events) and events[left].at > decisions[right].at):
            merged.append(events[left])
            left += 1
        else:
            merged.append(decisions[right])
            right += 1
    return merged


def _with_delivery(visit: Visit, moment: Moment) -> Moment:
    """What became of a message: the delivery bears the id of the decision to send it."""
    if moment.decision is None or moment.decision.outcome is not Outcome.SENT:
        return moment
    return moment._replace(delivery=visit.services.deliveries.get(moment.decision.id))
