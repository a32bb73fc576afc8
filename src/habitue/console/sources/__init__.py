"""Sources: where events come from, with which key, how much of it, and what is coming in right now."""

from __future__ import annotations

import secrets
from http import HTTPStatus

from starlette.responses import Response

from habitue.console import addresses
from habitue.console.roles import OWNERS, WITH_ENGINE
from habitue.console.sources import live, rates
from habitue.console.visit import Door, Visit
from habitue.errors import HabitueError
from habitue.model.claims import EVENTS, FIELDS
from habitue.model.source import KINDS, WriteKey
from habitue.model.trust import RANK, Level


def show(visit: Visit) -> Response:
    return _page(visit)


def show_figures(visit: Visit) -> Response:
    return visit.live("sources/figures.html", rates=rates.read(visit), **_about(visit))


def create(visit: Visit) -> Response:
    """A new key; a secret that we made up is shown this once."""
    source, kind = visit.form.get("source", "").strip(), visit.form.get("kind", "")
    secret: str | None = visit.form.get("secret", "").strip() or None
    is_ours = secret is None and kind in KINDS and KINDS[kind].secret == "either"  # noqa: S105 – a word
    if is_ours:
        secret = secrets.token_urlsafe(32)
    try:
        made = visit.services.keys.create(source, visit.now, kind=kind, secret=secret)
    except HabitueError as problem:
        return _page(visit, problem=str(problem), status=HTTPStatus.UNPROCESSABLE_ENTITY)
    return _page(visit, made=made, secret=secret if is_ours else None)


def withdraw(visit: Visit) -> Response:
    try:
        visit.services.keys.revoke(visit.form.get("key", ""), visit.now)
    except HabitueError as problem:
        return _page(visit, problem=str(problem), status=HTTPStatus.UNPROCESSABLE_ENTITY)
    return visit.redirect(addresses.to("sources"))


def rotate(visit: Visit) -> Response:
    """Another secret for a source that signs; the one before counts for another day."""
    try:
        visit.services.keys.rotate(visit.form.get("key", ""), visit.form.get("secret", "").strip(), visit.now)
    except HabitueError as problem:
        return _page(visit, problem=str(problem), status=HTTPStatus.UNPROCESSABLE_ENTITY)
    return visit.redirect(addresses.to("sources"))


def _page(
    visit: Visit,
    *,
    problem: str = "",
    made: WriteKey | None = None,
    secret: str | None = None,
    status: HTTPStatus = HTTPStatus.OK,
) -> Response:
    return visit.page(
        "sources/sources.html",
        status=status,
        place="sources",
        rates=rates.read(visit),
        problem=problem,
        made=made,
        secret=secret,
        form=visit.form if problem else {},
        **_about(visit),
    )


def _about(visit: Visit) -> dict[str, object]:
    return {
        "KINDS": KINDS,
        "TRUSTED_WITH": TRUSTED_WITH,
        "public_url": visit.services.public_url,
        "is_owner": visit.may(OWNERS),
    }


def _trusted_with(level: Level) -> list[tuple[str, str]]:
    """(what about, what becomes of it) from the table of trust, for one level."""
    told = []
    for claim in EVENTS:
        believed = RANK[level] >= RANK[claim.least]
        weaker = f"is kept as “{claim.weaker}”" if claim.weaker else "is refused"
        told.append((f"{claim.about}: {', '.join(claim.names)}", "believed" if believed else weaker))
    for field in FIELDS:
        believed = RANK[level] >= RANK[field.least]
        told.append((f"{field.about}: {field.what}", "believed" if believed else "not believed without proof"))
    return told


TRUSTED_WITH = {level: _trusted_with(level) for level in Level}


DOORS = (
    Door("/sources", show, WITH_ENGINE),
    Door("/sources/figures", show_figures, WITH_ENGINE),
    Door("/sources/live", live.stream, WITH_ENGINE),
    Door("/sources/create", create, OWNERS, "POST"),
    Door("/sources/withdraw", withdraw, OWNERS, "POST"),
    Door("/sources/rotate", rotate, OWNERS, "POST"),
)
