"""How many passed through journeys and their steps, from the store's minute counts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from habitue.console.visit import Visit
from habitue.model.reached import Reached
from habitue.model.reason import Outcome, Reason


@dataclass(slots=True)
class Passed:
    """What came of the people a journey was for. `goal` left by reaching it; `left` left in whatever way."""

    entered: int = 0
    refused: int = 0
    sent: int = 0
    held: int = 0
    dropped: int = 0
    left: int = 0
    goal: int = 0
    stages: Counter[Reached] = field(default_factory=Counter)
    """How far its messages came; `sent` above is what the guard let through, and so queued."""


@dataclass(slots=True)
class StepCounts:
    """What happened at one step: by outcome, and why messages were not sent."""

    outcomes: Counter[str] = field(default_factory=Counter)
    refusals: Counter[str] = field(default_factory=Counter)


def of_journeys(visit: Visit, since_minute: int) -> dict[str, Passed]:
    found: dict[str, Passed] = {}
    for tally in visit.services.view.totals("journey", since_minute):
        passed = found.setdefault(tally.name, Passed())
        match tally.outcome:
            case Outcome.ENTERED:
                passed.entered += tally.count
            case Outcome.REFUSED:
                passed.refused += tally.count
            case Outcome.SENT:
                passed.sent += tally.count
            case Outcome.HELD:
                passed.held += tally.count
            case Outcome.DROPPED:
                passed.dropped += tally.count
            case Outcome.LEFT:
                passed.left += tally.count
                passed.goal += tally.count if tally.reason == Reason.GOAL else 0
    for tally in visit.services.view.totals("receipt", since_minute):
        found.setdefault(tally.name.partition("/")[0], Passed()).stages[Reached(tally.outcome)] += tally.count
    return found


def of_steps(visit: Visit, journey: str, since_minute: int) -> dict[str, StepCounts]:
    found: dict[str, StepCounts] = {}
    for tally in visit.services.view.totals("step", since_minute):
        name, _, step = tally.name.partition("/")
        if name != journey:
            continue
        counts = found.setdefault(step, StepCounts())
        counts.outcomes[tally.outcome] += tally.count
        if tally.outcome in (Outcome.DROPPED, Outcome.HELD):
            counts.refusals[tally.reason] += tally.count
    return found


def standing_now(standing: Mapping[tuple[int, str], int]) -> Counter[str]:
    """By step, over all versions of the playbook."""
    here: Counter[str] = Counter()
    for (_, step), count in standing.items():
        here[step] += count
    return here
