"""Journeys: what starts them, how people move through them, and who waits where."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

from habitue.console import addresses, wording
from habitue.console.figures import to_minute
from habitue.console.journeys import counts, tree
from habitue.console.roles import EVERYONE
from habitue.console.visit import Door, NotThere, Visit
from habitue.errors import HabitueError
from habitue.model.instant import DAY
from habitue.playbook.journey import Journey, SendStep
from habitue.playbook.saying import meaning

WAITING_SHOWN = 50
SPREADS = {"7d": ("7 days", 7), "30d": ("30 days", 30), "all": ("All time", None)}


def list_journeys(visit: Visit) -> Response:
    spread, since = _spread(visit)
    passed = counts.of_journeys(visit, since)
    rows = [
        {
            "journey": journey,
            "entry": visit.words.entry(journey.entry),
            "now": sum(visit.services.view.place_counts(name).values()),
            "passed": passed.get(name, counts.Passed()),
        }
        for name, journey in visit.book.journeys.items()
    ]
    return visit.page("journeys/list.html", place="journeys", rows=rows, spread=spread, spreads=_spreads("journeys"))


def show_journey(visit: Visit) -> Response:
    journey = _journey(visit)
    spread, _ = _spread(visit)
    return visit.page(
        "journeys/journey.html",
        place="journeys",
        **(_picture(visit, journey) | _waiting(visit, journey)),
        rules=tree.rules(visit, journey),
        spread=spread,
        spreads=_spreads("journeys", journey.name, step=visit.query("step")),
    )


def show_picture(visit: Visit) -> Response:
    return visit.live("journeys/picture.html", **_picture(visit, _journey(visit)))


def show_waiting(visit: Visit) -> Response:
    return visit.live("journeys/waiting.html", **_waiting(visit, _journey(visit)))


def _picture(visit: Visit, journey: Journey) -> dict[str, Any]:
    spread, since = _spread(visit)
    standing = visit.services.view.place_counts(journey.name)
    here = counts.standing_now(standing)
    known = {step.id for step in wording.all_steps(journey.steps)}
    nodes = tree.nodes(visit, journey)
    return {
        "journey": journey,
        "entry": visit.words.entry(journey.entry),
        "nodes": nodes,
        "columns": tree.columns(nodes),
        "has_end": not tree.ends(nodes),
        "here": here,
        "elsewhere": sum(count for step, count in here.items() if step not in known),
        "older": _in_others(visit, journey, standing),
        "now": sum(standing.values()),
        "passed": counts.of_journeys(visit, since).get(journey.name, counts.Passed()),
        "steps": counts.of_steps(visit, journey.name, since),
        "step": visit.query("step"),
        "spread_query": "" if spread == "30d" else spread,
    }


def _in_others(visit: Visit, journey: Journey, standing: Mapping[tuple[int, str], int]) -> int:
    """How many stand in a version in which this journey, or a message of it, means something else."""
    versions = {version for version, _ in standing} - {visit.book.version}
    others = {version for version in versions if _differs(visit, journey, version)}
    return sum(count for (version, _), count in standing.items() if version in others)


def _differs(visit: Visit, journey: Journey, version: int) -> bool:
    try:
        before = visit.services.load_playbook(version)
    except HabitueError:  # One that cannot be read any more is none of today's.
        return True
    said = {step.message for step in wording.all_steps(journey.steps) if isinstance(step, SendStep)}
    return meaning(before.journeys.get(journey.name)) != meaning(journey) or any(
        meaning(before.messages.get(name)) != meaning(visit.book.messages.get(name)) for name in said
    )


def _waiting(visit: Visit, journey: Journey) -> dict[str, Any]:
    step = visit.query("step")
    places = visit.services.view.places(journey.name, step or None, WAITING_SHOWN)
    return {
        "journey": journey,
        "step": step,
        "step_title": visit.words.step_named(journey.name, step) or step,
        "places": [
            (place, visit.name(place.customer), visit.words.step_named(journey.name, place.step)) for place in places
        ],
        "places_max": WAITING_SHOWN,
    }


def _journey(visit: Visit) -> Journey:
    name = visit.part("journey")
    try:
        return visit.book.journeys[name]
    except KeyError:
        raise NotThere(f'There is no journey "{name}" in the playbook in force. It may have been renamed.') from None


def _spread(visit: Visit) -> tuple[str, int]:
    """The time looked at, by name, and the minute it begins with."""
    name = visit.query("range") if visit.query("range") in SPREADS else "30d"
    days = SPREADS[name][1]
    return name, 0 if days is None else to_minute(visit.now - days * DAY)


def _spreads(*parts: str, step: str = "") -> list[tuple[str, str, str]]:
    return [
        (name, title, addresses.to(*parts, range=name if name != "30d" else "", step=step))
        for name, (title, _) in SPREADS.items()
    ]


DOORS = (
    Door("/journeys", list_journeys, EVERYONE),
    Door("/journeys/{journey}", show_journey, EVERYONE),
    Door("/journeys/{journey}/picture", show_picture, EVERYONE),
    Door("/journeys/{journey}/waiting", show_waiting, EVERYONE),
)
