"""What one change sets off: crossing a segment starts journeys, journeys write traits, traits move segments."""

from __future__ import annotations

from collections.abc import Iterable

from habitue.decide import segments
from habitue.decide.journeys.enter import enter, refuse
from habitue.decide.journeys.travel import Traveller
from habitue.decide.journeys.watch import schedule, stop_watch
from habitue.decide.plan import Plan, Program
from habitue.decide.segments import Crossing
from habitue.errors import HabitueError
from habitue.model.customer import Run
from habitue.model.event import Event
from habitue.model.instant import Instant
from habitue.model.reason import Reason

CASCADE_MAX = 100


class RunawayPlaybook(HabitueError):
    """Journeys and segments of this playbook keep setting each other off without any wait between them."""


def listen(plan: Plan, traveller: Traveller, event: Event, now: Instant) -> None:
    """Let every run hear the event; each with the version it is pinned to."""
    name = event.name
    for run in list(traveller.customer.runs):
        program = plan.program(run.version)
        if program is None or run.journey not in program.journeys:
            traveller.leave(run, Reason.WITHDRAWN, now)
        elif name in program.journeys[run.journey].hears:
            traveller.hear(program, run, event, now)


def begin(program: Program, traveller: Traveller, run: Run, now: Instant) -> None:
    """Send a new run on its way, and follow what it sets off."""
    traveller.go_on(program, run, now)
    follow_traits(program, traveller, now)


def follow_crossings(
    program: Program,
    traveller: Traveller,
    crossings: Iterable[Crossing],
    now: Instant,
    *,
    starts: bool,
    late: bool = False,
) -> None:
    """Start what crossing a segment starts. `starts` False: history, or a new playbook; schedules are still set.

    `late`: it would have started, had the event come in time; the ledger says so.

    What follows is taken in the order it is set off, and is bounded: a playbook that runs in circles is an error
    that parks the customer, not a loop that never ends.
    """
    customer, outcome = traveller.customer, traveller.outcome
    waiting = list(crossings)
    for _ in range(len(waiting) + CASCADE_MAX):  # Many segments may be crossed at one moment; that is no circle.
        if not waiting:
            return
        crossing = waiting.pop(0)
        _reschedule(program, traveller, crossing, now)
        for journey in program.entries_by_segment.get((crossing.segment, crossing.change), ()):
            if not starts:
                if late:
                    refuse(customer, journey, Reason.HISTORY, now, outcome)
                continue
            name = _entry_name(crossing)
            run = enter(program, journey, customer, name, {}, now, outcome, began_at=traveller.moment)
            if run is not None:
                traveller.go_on(program, run, now)
        waiting.extend(_read_again(program, traveller, now))
    raise RunawayPlaybook(
        f"journeys and segments set each other off more than {CASCADE_MAX} times at one moment, the last {crossing!r}; "
        "put a wait between the journeys that set each other off, or a condition that ends it"
    )


def follow_traits(program: Program, traveller: Traveller, now: Instant) -> None:
    """Read the segments again that depend on traits a journey just wrote."""
    crossings = _read_again(program, traveller, now)
    if crossings:
        follow_crossings(program, traveller, crossings, now, starts=True)


def _read_again(program: Program, traveller: Traveller, now: Instant) -> list[Crossing]:
    if not traveller.written:
        return []
    affected = segments.affected_by_traits(program, sorted(traveller.written))
    traveller.written.clear()
    return segments.read(traveller.customer, affected, now, traveller.outcome)


def _reschedule(program: Program, traveller: Traveller, crossing: Crossing, now: Instant) -> None:
    for journey in program.schedules_by_segment.get(crossing.segment, ()):
        if crossing.change == "enter":
            schedule(program, journey, traveller.customer, now)
        else:
            stop_watch(traveller.customer, journey.name, "")


def _entry_name(crossing: Crossing) -> str:
    return f"segment {crossing.segment} {crossing.change}"
