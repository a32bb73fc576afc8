"""The builder: a segment's condition as rows, as text and in plain words, each following the others."""

from __future__ import annotations

import re
import secrets
import unicodedata
from collections.abc import Callable, Collection, Mapping, Sequence
from functools import partial
from hashlib import blake2b
from http import HTTPStatus
from typing import Any

from starlette.responses import Response

from habitue.console import addresses
from habitue.console.segments import reading, rows
from habitue.console.segments.rows.row import Field
from habitue.console.segments.words import words
from habitue.console.visit import NotThere, Visit
from habitue.console.wording import sentence_case
from habitue.errors import HabitueError
from habitue.playbook.editing import put_segment, remove_segment
from habitue.playbook.load import load
from habitue.playbook.playbook import Segment
from habitue.playbook.uses import Use, uses

TITLE_MAX, DESCRIPTION_MAX = 120, 500
START = 'did("Order Completed", within="30d")'


def show_new(visit: Visit) -> Response:
    """With `condition` in the address, such as a cell of the RFM grid, it begins with that."""
    given = visit.query("condition")
    return page(visit, None, shown=reading.read(visit, given or START, ""))


def show_edit(visit: Visit) -> Response:
    segment = _segment(visit, visit.part("segment"))
    return page(visit, segment, shown=reading.shown(visit, segment.condition))


def read(visit: Visit) -> Response:
    return visit.data(reading.answer(visit, visit.form.get("name", "")))


def save(visit: Visit) -> Response:
    """Into the draft; what is wrong is said with all that was entered still there."""
    name = visit.form.get("name", "")
    segment = visit.edited.segments.get(name)
    title = " ".join(visit.form.get("title", "").split())[:TITLE_MAX]
    description = " ".join(visit.form.get("description", "").split())[:DESCRIPTION_MAX]
    answer = reading.answer(visit, name)
    if answer["error"] is not None:
        return _again(visit, segment, answer, sentence_case(answer["error"]["message"]))
    if not title:
        return _again(visit, segment, answer, "It needs a title, by which people know it.")
    others = (one for one in visit.edited.segments.values() if one.name != name)
    namesake = next((one for one in others if _same(one.title, title)), None)
    if namesake is not None:
        problem = f"“{namesake.title}” is the title of another segment. Give it one of its own."
        return _again(visit, segment, answer, problem)
    if name and segment is None:
        return _again(visit, None, answer, "This segment was removed meanwhile. Save again to add it anew.")
    name = name or _name(title, visit.edited.segments)

    def put(files: Mapping[str, str]) -> Mapping[str, str]:
        if segment is not None:
            _check_seen(load(files).segments.get(name), visit.form.get("seen", ""))
        return put_segment(files, name, title, answer["text"], description)

    try:
        _edit(visit, put)
    except HabitueError as error:
        return _again(visit, segment, answer, str(error))
    return visit.redirect(addresses.to("plan"))


def remove(visit: Visit) -> Response:
    """Out of the draft, unless something names it still."""
    segment = _segment(visit, visit.part("segment"))
    users = uses(visit.edited, segment.name)
    if users:
        shown = reading.shown(visit, segment.condition)
        return page(visit, segment, shown=shown, users=users, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    try:
        _edit(visit, partial(remove_segment, name=segment.name))
    except HabitueError as error:
        return _again(visit, segment, reading.shown(visit, segment.condition), str(error))
    return visit.redirect(addresses.to("plan"))


def _same(title: str, other: str) -> bool:
    return " ".join(title.split()).casefold() == " ".join(other.split()).casefold()


def _check_seen(segment: Segment | None, seen: str) -> None:
    """Nobody's edit is written over unseen. Raises HabitueError."""
    if segment is not None and seen and _digest(segment) != seen:
        raise HabitueError(
            f'This segment was changed meanwhile: it is "{segment.title}" now, for people who fit\n'
            f"{segment.condition.text.strip()}\nWhat you entered stands below. Save again to put it in its place."
        )


def _digest(segment: Segment | None) -> str:
    """Of what the builder edits, as a form can carry it."""
    if segment is None:
        return ""
    said = repr((segment.title, segment.description, segment.condition.text.strip()))
    return blake2b(said.encode(), digest_size=8).hexdigest()


def _edit(visit: Visit, change: Callable[[Mapping[str, str]], Mapping[str, str]]) -> None:
    def checked(files: Mapping[str, str]) -> Mapping[str, str]:
        edited = change(files)
        visit.services.planning.check(edited)
        return edited

    author = visit.user.email if visit.user else ""
    visit.services.drafts.edit(checked, lambda: (visit.book.version, visit.book.files), author, visit.now)


def _again(visit: Visit, segment: Segment | None, answer: dict[str, Any], problem: str) -> Response:
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    return page(visit, segment, shown=answer, problem=problem, status=status)


def _segment(visit: Visit, name: str) -> Segment:
    segment = visit.edited.segments.get(name)
    if segment is None:
        raise NotThere(f'There is no segment "{name[:80]}" in the playbook. It may have been renamed.')
    return segment


def _name(title: str, taken: Collection[str]) -> str:
    """The name that files and conditions know it by, made of the title; of one taken already, the next free."""
    plain = unicodedata.normalize("NFKD", title.lower()).encode("ascii", "ignore").decode()
    name = re.sub(r"[^a-z0-9]+", "_", plain).strip("_")[:50].strip("_")
    name = name if name[:1].isalpha() else f"segment_{name}".strip("_")
    number, free = 2, name
    while free in taken:
        free, number = f"{name}_{number}", number + 1
    return free


def page(
    visit: Visit,
    segment: Segment | None,
    *,
    shown: dict[str, Any],
    problem: str = "",
    users: Sequence[Use] = (),
    status: int = HTTPStatus.OK,
) -> Response:
    back = addresses.to("segments", segment.name) if segment else addresses.to("segments")
    return visit.page(
        "segments/builder.html",
        status=status,
        place="segments",
        segment=segment,
        seen=_digest(segment),
        shown=shown,
        problem=problem,
        users=users,
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
