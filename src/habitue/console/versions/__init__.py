"""Versions: every playbook that was in force, what each changed, and the way back to one."""

from __future__ import annotations

from http import HTTPStatus

from starlette.responses import Response

from habitue.console import addresses
from habitue.console.roles import EVERYONE, WITH_PLAYBOOK
from habitue.console.visit import Door, NotThere, Visit
from habitue.errors import HabitueError
from habitue.playbook.diff import diff
from habitue.playbook.playbook import Playbook

VERSIONS_A_PAGE = 50


def show_list(visit: Visit) -> Response:
    versions = visit.services.playbooks.playbooks()
    before = visit.query_number("before")
    if before is not None:
        versions = [one for one in versions if int(one["version"]) < before]
    shown = versions[:VERSIONS_A_PAGE]
    return visit.page(
        "versions/list.html",
        place="versions",
        versions=shown,
        latest=visit.book.version,
        is_done=bool(visit.query("done")),
        older=addresses.to("versions", before=shown[-1]["version"]) if len(versions) > VERSIONS_A_PAGE else None,
    )


def show_one(visit: Visit) -> Response:
    return _page(visit)


def restore(visit: Visit) -> Response:
    """The version's files as a draft, to be looked over before they are in force again."""
    version = _version(visit)
    files = visit.services.playbooks.playbook(version) or {}
    author = visit.user.email if visit.user else ""
    try:
        visit.services.planning.check(files)
        visit.services.drafts.begin(visit.book.version, files, author, visit.now)
    except HabitueError as error:
        return _page(visit, problem=str(error))
    return visit.redirect(addresses.to("plan"))


def _page(visit: Visit, problem: str = "") -> Response:
    version = _version(visit)
    versions = {int(one["version"]): one for one in visit.services.playbooks.playbooks()}
    earlier = max((one for one in versions if one < version), default=None)
    after, before = _read(visit, version), _read(visit, earlier)
    return visit.page(
        "versions/version.html",
        status=HTTPStatus.UNPROCESSABLE_ENTITY if problem else HTTPStatus.OK,
        place="versions",
        version=versions[version],
        earlier=earlier,
        is_latest=version == visit.book.version,
        changes=diff(before, after) if after is not None else None,
        files=sorted((visit.services.playbooks.playbook(version) or {}).items()),
        problem=problem,
    )


def _read(visit: Visit, version: int | None) -> Playbook | None:
    """The version; None where a later Habitue refuses what was taken then."""
    try:
        return visit.services.load_playbook(version) if version is not None else None
    except HabitueError:
        return None


def _version(visit: Visit) -> int:
    text = visit.part("version")
    known = {str(one["version"]) for one in visit.services.playbooks.playbooks()}
    if text not in known:
        raise NotThere(f"There is no version {text[:20]} of the playbook.")
    return int(text)


DOORS = (
    Door("/versions", show_list, EVERYONE),
    Door("/versions/{version}", show_one, EVERYONE),
    Door("/versions/{version}/restore", restore, WITH_PLAYBOOK, "POST"),
)
