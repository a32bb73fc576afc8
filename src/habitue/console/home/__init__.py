"""Home: what is happening now, and what it came to today and this week."""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from habitue.console.home import numbers
from habitue.console.roles import EVERYONE, WITH_PEOPLE
from habitue.console.visit import Door, Visit
from habitue.model.alarm import kind_of
from habitue.model.instant import DAY

DECISIONS_SHOWN = 14
PARKED_SHOWN = 5
ALARMS_SHOWN = 20


def show(visit: Visit) -> Response:
    return visit.page(
        "home/home.html", place="", **_figures(visit), **_latest(visit), **_alarms(visit), **_parked(visit)
    )


def show_alarms(visit: Visit) -> Response:
    return visit.live("home/alarms.html", **_alarms(visit))


def show_figures(visit: Visit) -> Response:
    return visit.live("home/figures.html", **_figures(visit))


def show_latest(visit: Visit) -> Response:
    return visit.live("home/latest.html", **_latest(visit))


def _figures(visit: Visit) -> dict[str, Any]:
    spread = visit.query("range") if visit.query("range") in numbers.SPREADS else "hour"
    today = numbers.since(visit, visit.figures.day_start())
    week = numbers.since(visit, visit.now - 7 * DAY)
    names = visit.book.journeys
    return {
        "spread": spread,
        "spreads": numbers.SPREADS,
        "today": today,
        "week": week,
        "waiting": sum(sum(visit.services.view.place_counts(name).values()) for name in names),
        "events": numbers.events_over_time(visit, spread),
        "revenue": numbers.revenue_by_day(visit),
        "refusals": numbers.refusals(visit, visit.now - 7 * DAY),
    }


def _latest(visit: Visit) -> dict[str, Any]:
    found = visit.services.view.decisions(limit=DECISIONS_SHOWN)
    return {"decisions": [(seq, decision, visit.name(decision.customer)) for seq, decision in found]}


def _alarms(visit: Visit) -> dict[str, Any]:
    """What it is about, such as a path or an account, is for those who look after the machine."""
    standing = visit.services.alarms.standing()[:ALARMS_SHOWN]
    return {"alarms": [(alarm, kind_of(alarm.kind)) for alarm in standing]}


def _parked(visit: Visit) -> dict[str, Any]:
    parked = visit.services.view.parked()
    return {
        "parked": [(one, visit.name(one.customer)) for one in parked[:PARKED_SHOWN]],
        "parked_count": len(parked),
        "people_count": visit.services.view.people_count(),
    }


DOORS = (
    Door("/", show, EVERYONE),
    Door("/home/alarms", show_alarms, EVERYONE),
    Door("/home/figures", show_figures, EVERYONE),
    Door("/home/latest", show_latest, WITH_PEOPLE),
)
