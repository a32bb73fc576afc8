"""How many a condition means and who, how that moved, and which segments they are in too: asked while it is written."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from starlette.responses import Response

from habitue.console.ports import Superseded
from habitue.console.segments import reading
from habitue.console.segments.rows import RowError
from habitue.console.visit import Visit
from habitue.errors import HabitueError
from habitue.playbook.conditions import KNOWN_EVENTS, Condition, ConditionError

COURSE_DAYS = 90


def show_count(visit: Visit) -> Response:
    found = _condition(visit)
    if found is None:
        return Response(status_code=HTTPStatus.NO_CONTENT)
    try:
        count = visit.past.count(visit.edited, found, _asker(visit, "count"))
    except Superseded:
        return Response(status_code=HTTPStatus.NO_CONTENT)
    except HabitueError as error:
        return visit.page("segments/preview_problem.html", problem=str(error))
    sample = [(one, visit.name(one), visit.person(one)) for one in count.sample]
    return visit.page("segments/preview.html", count=count, sample=sample, unseen=_unseen(visit, found))


def show_course(visit: Visit) -> Response:
    """What takes longer: asked for once the count stands there."""
    found = _condition(visit)
    if found is None:
        return Response(status_code=HTTPStatus.NO_CONTENT)
    try:
        past = visit.past
        course = past.course(visit.edited, found, COURSE_DAYS, _asker(visit, "course"))
        overlaps = past.overlaps(visit.edited, found, _asker(visit, "course"))
    except Superseded:
        return Response(status_code=HTTPStatus.NO_CONTENT)
    except HabitueError as error:
        return visit.page("segments/preview_problem.html", problem=str(error))
    editing = visit.form.get("name", "")
    return visit.page(
        "segments/preview_course.html",
        chart=_chart(visit, course),
        days=COURSE_DAYS,
        members=course[-1][1] if course else 0,
        overlaps=sorted((one for one in overlaps if one.segment != editing), key=lambda one: -one.both),
    )


def show_seen(visit: Visit) -> Response:
    """What was really seen, for the lists of the fields; nothing where history cannot be asked just now."""
    try:
        found = visit.past.seen(_asker(visit, "seen"))
    except HabitueError:
        return Response(status_code=HTTPStatus.NO_CONTENT)
    events = [[name, f"seen {visit.figures.number(times)} times"] for name, times in found.events.items()]
    unseen = [[name, "never seen"] for name in sorted(KNOWN_EVENTS - found.events.keys())]
    traits = {f"trait.{name}": values for name, values in found.traits.items()}
    return visit.data({"events": [*events, *unseen], "properties": found.properties, "values": traits})


def _unseen(visit: Visit, condition: Condition) -> list[str]:
    """What it asks for that never came. The count stands without it too."""
    try:
        return visit.past.unseen(condition, _asker(visit, "unseen"))
    except HabitueError:
        return []


def _condition(visit: Visit) -> Condition | None:
    """What is to be counted; None while it cannot be read, which the editor says itself."""
    try:
        return reading.condition(visit, visit.form.get("name", ""))
    except (ConditionError, RowError):
        return None


def _asker(visit: Visit, what: str) -> str:
    """One question of a kind at a time for each page that is open."""
    return f"{what} {visit.form_token} {visit.form.get('page', '')[:40]}"


def _chart(visit: Visit, course: list[tuple[int, int]]) -> dict[str, Any]:
    return {
        "kind": "line",
        "x": [visit.figures.date(moment) for moment, _ in course],
        "series": [{"name": "People", "data": [size for _, size in course]}],
        "labels": [[visit.figures.number(size) for _, size in course]],
    }
