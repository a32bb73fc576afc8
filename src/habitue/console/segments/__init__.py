"""Segments: who is in, what puts people in, and how the size moved."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from starlette.responses import Response

from habitue.console import addresses, coming, sparkline
from habitue.console.ports import Superseded
from habitue.console.roles import EVERYONE, WITH_FIGURES, WITH_PLAYBOOK
from habitue.console.segments import builder, preview, sizes
from habitue.console.visit import Door, NotThere, Visit
from habitue.errors import HabitueError
from habitue.playbook.playbook import Segment

MEMBERS_A_PAGE = 30
SHARED_MAX = 12
SPARK_DAYS = 14
SPREADS = {"7d": ("7 days", 7), "30d": ("30 days", 30), "90d": ("90 days", 90)}


def list_segments(visit: Visit) -> Response:
    counts = visit.services.view.segment_sizes()
    rows = [_row(visit, segment, counts.get(name, 0)) for name, segment in visit.book.segments.items()]
    return visit.page(
        "segments/list.html",
        place="segments",
        rows=rows,
        people=visit.services.view.people_count(),
        filling=coming.filling(visit),
    )


def _row(visit: Visit, segment: Segment, size: int) -> dict[str, Any]:
    whole = sizes.course(visit, segment.name, size, SPARK_DAYS)
    course = sizes.after_flood(whole)
    return {
        "flood": course[0] if course is not whole else None,
        "segment": segment,
        "plain": visit.services.plain(segment.condition),
        "size": size,
        "change": visit.figures.size(size) - course[0].size,
        "spark": sparkline.points([point.size for point in course]),
    }


def show_segment(visit: Visit) -> Response:
    segment = _segment(visit, visit.part("segment"))
    spread = visit.query("range") if visit.query("range") in SPREADS else "30d"
    after = visit.query("after")
    size = visit.services.view.segment_sizes().get(segment.name, 0)
    course = sizes.course(visit, segment.name, size, SPREADS[spread][1])
    members = visit.services.view.members(segment.name, MEMBERS_A_PAGE + 1, after or None) if visit.may_know else []
    shown = members[:MEMBERS_A_PAGE]
    return visit.page(
        "segments/segment.html",
        place="segments",
        segment=segment,
        is_filling=segment.name in coming.filling(visit),
        plain=visit.services.plain(segment.condition),
        size=size,
        people=visit.services.view.people_count(),
        joined=sum(point.joined for point in course),
        left=sum(point.left for point in course),
        spread=spread,
        spreads=[
            (name, title, addresses.to("segments", segment.name, range=name if name != "30d" else ""))
            for name, (title, _) in SPREADS.items()
        ],
        chart=sizes.chart(visit, course),
        # Of an imported history, or a segment that is new, it is no growth of the shop's.
        counted_since=next((point.at for point in course if point.size), None) if not course[0].size else None,
        members=[(one, visit.name(one), visit.person(one), since) for one, since in shown],
        older=addresses.to("segments", segment.name, after=shown[-1][0], range=visit.query("range"))
        if len(members) > MEMBERS_A_PAGE
        else None,
        after=after,
        journeys=[
            journey
            for journey in visit.book.journeys.values()
            if getattr(journey.entry, "segment", None) == segment.name
        ],
    )


def show_filling(visit: Visit) -> Response:
    """Asked again and again by the page of a segment that fills; once it is full, the whole page is asked anew."""
    segment = _segment(visit, visit.part("segment"))
    if segment.name not in coming.filling(visit):
        return Response(status_code=HTTPStatus.NO_CONTENT, headers={"HX-Refresh": "true"})
    size = visit.services.view.segment_sizes().get(segment.name, 0)
    return visit.page("segments/filling.html", segment=segment, size=size)


def show_shared(visit: Visit) -> Response:
    """Who is in two segments at once, asked of history: a row and a column for each segment that has anybody."""
    sizes = visit.services.view.segment_sizes()
    names = sorted((name for name in visit.book.segments if sizes.get(name)), key=lambda name: -sizes[name])
    names = names[:SHARED_MAX]
    try:
        pairs = visit.past.shared(visit.book, f"shared {visit.form_token}")
    except Superseded:
        raise  # The page says so in the part's place.
    except HabitueError as error:
        return visit.page("segments/preview_problem.html", problem=str(error))
    both = {frozenset(pair): people for *pair, people in pairs}
    return visit.page(
        "segments/shared.html",
        names=names,
        sizes=sizes,
        shared=[[both.get(frozenset((row, column)), 0) for column in names] for row in names],
    )


def _segment(visit: Visit, name: str) -> Segment:
    try:
        return visit.book.segments[name]
    except KeyError:
        raise NotThere(f'There is no segment "{name}" in the playbook in force. It may have been renamed.') from None


DOORS = (
    Door("/segments", list_segments, EVERYONE),
    # No segment bears a name with a hyphen.
    Door("/segments/new-segment", builder.show_new, WITH_FIGURES),
    Door("/segments/in-both", show_shared, WITH_FIGURES),
    Door("/segments/read", builder.read, WITH_FIGURES, "POST"),
    Door("/segments/count", preview.show_count, WITH_FIGURES, "POST"),
    Door("/segments/seen", preview.show_seen, WITH_FIGURES, "POST"),
    Door("/segments/course", preview.show_course, WITH_FIGURES, "POST"),
    Door("/segments/save", builder.save, WITH_PLAYBOOK, "POST"),
    Door("/segments/{segment}", show_segment, EVERYONE),
    Door("/segments/{segment}/filling", show_filling, EVERYONE),
    Door("/segments/{segment}/edit", builder.show_edit, WITH_FIGURES),
    Door("/segments/{segment}/remove", builder.remove, WITH_PLAYBOOK, "POST"),
)
