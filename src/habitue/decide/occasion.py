"""On what occasion a customer would get a message: for whoever wants to see it before it is sent. Sends nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Literal, NamedTuple, TypeAlias

from habitue.decide.journeys.compile import CompiledJourney
from habitue.decide.journeys.enter import key_of
from habitue.decide.plan import Program
from habitue.model.customer import Customer, Run
from habitue.model.event import Event
from habitue.model.instant import Instant
from habitue.model.trust import PUBLIC
from habitue.playbook.journey import OnRequest, OnSegment, SendStep

PREVIEW = "preview"
"""The id of a run that nobody is in."""

How: TypeAlias = Literal["under_way", "event", "unmet", "moment"]
"""`under_way`: they are in that journey now. `event`: their latest event that starts it; `unmet`: the same, but the
journey's condition is not met now. `moment`: no event starts it, so it would begin now."""


class Occasion(NamedTuple):
    """The run that a message would be of, and how it was found."""

    run: Run
    how: How


def occasion(
    program: Program, message: str, customer: Customer, events: Iterable[Event], now: Instant
) -> Occasion | None:
    """By the journeys that send this message alone; None where nothing of theirs starts one. `events`: newest first."""
    journeys = [journey for journey in program.journeys.values() if _sends(journey, message)]
    names = {journey.name for journey in journeys}
    under_way = [run for run in customer.runs if run.journey in names]
    if under_way:
        return Occasion(max(under_way, key=lambda run: run.entered_at), "under_way")
    unmet: Occasion | None = None
    for journey, run in _started(program, journeys, events, now):
        if journey.when is None or journey.when.evaluate(customer, now, run.event, run.key)[0]:
            return Occasion(run, "event")
        unmet = unmet or Occasion(run, "unmet")
    return unmet or next(
        (
            Occasion(_run(program, journey, _moment(journey), {}, "", now, now), "moment")
            for journey in journeys
            if not journey.entry_signals
        ),
        None,
    )


def _started(
    program: Program, journeys: list[CompiledJourney], events: Iterable[Event], now: Instant
) -> Iterator[tuple[CompiledJourney, Run]]:
    """The runs that each event would begin."""
    heard = {signal.event for journey in journeys for signal in journey.entry_signals}
    if not heard:
        return
    for event in events:
        if event.name not in heard:
            continue
        for journey in journeys:
            key = key_of(journey, event.properties)
            if key is not None and _starts(journey, event):
                begun = _run(program, journey, event.name, event.properties, key, event.occurred_at, now)
                begun.trusted = event.level not in PUBLIC
                yield journey, begun


def _starts(journey: CompiledJourney, event: Event) -> bool:
    if isinstance(journey.entry, OnRequest) and event.properties.get("journey") != journey.name:
        return False
    return any(signal.hears(event.name, event.properties, None, "") for signal in journey.entry_signals)


def _sends(journey: CompiledJourney, message: str) -> bool:
    return any(isinstance(one.step, SendStep) and one.step.message == message for one in journey.program)


def _moment(journey: CompiledJourney) -> str:
    """What `event.name` says where no event began the run."""
    entry = journey.entry
    return f"segment {entry.segment} {entry.change}" if isinstance(entry, OnSegment) else "schedule"


def _run(
    program: Program,
    journey: CompiledJourney,
    name: str,
    event: dict[str, object],
    key: str,
    began_at: Instant,
    now: Instant,
) -> Run:
    return Run(
        id=PREVIEW,
        journey=journey.name,
        version=program.version,
        key=key,
        entered_at=now,
        step=journey.start,
        due=None,
        since=now,
        event=event,
        event_name=name,
        began_at=began_at,
    )
