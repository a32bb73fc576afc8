"""The builder: a segment's condition as rows, as text and in plain words, each following the others."""

from __future__ import annotations

import secrets
from typing import Any

from starlette.responses import Response

from habitue.console import addresses
from habitue.console.segments import reading, rows
from habitue.console.segments.rows.row import Field
from habitue.console.segments.words import words
from habitue.console.visit import NotThere, Visit
from habitue.playbook.conditions import parse
from habitue.playbook.playbook import Segment

START = 'did("Order Completed", within="30d")'


def show_new(visit: Visit) -> Response:
    return page(visit, None, shown=reading.shown(visit, parse(START)))


def show_edit(visit: Visit) -> Response:
    segment = visit.book.segments.get(visit.part("segment"))
    if segment is None:
        raise NotThere(f'There is no segment "{visit.part("segment")}" in the playbook. It may have been renamed.')
    return page(visit, segment, shown=reading.shown(visit, segment.condition))


def read(visit: Visit) -> Response:
    return visit.data(reading.answer(visit, visit.form.get("name", "")))


def page(visit: Visit, segment: Segment | None, *, shown: dict[str, Any], problem: str = "") -> Response:
    back = addresses.to("segments", segment.name) if segment else addresses.to("segments")
    return visit.page(
        "segments/builder.html",
        place="segments",
        segment=segment,
        shown=shown,
        problem=problem,
        back=back,
        back_title=segment.title if segment else "Segments",
        page_id=secrets.token_urlsafe(9),
        kinds=[_kind(kind) for kind in rows.KINDS],
        blanks={"filter": rows.FILTER_BLANK, "fields": [_field(field) for field in rows.FILTER_FIELDS]},
        words=words(visit),
    )


def _kind(kind: rows.Kind) -> dict[str, Any]:
    return {
        "name": kind.name,
        "title": kind.title,
        "icon": kind.icon,
        "fields": [_field(field) for field in kind.fields],
        "blank": kind.blank,
    }


def _field(field: Field) -> dict[str, Any]:
    return {name: value for name, value in field._asdict().items() if value}
