"""Plan: what the draft changes, in definitions and in people, and the two ways it ends: put in force, or discarded."""

from __future__ import annotations

from http import HTTPStatus

from starlette.responses import Response

from habitue.console import addresses
from habitue.console.drafts import Draft
from habitue.console.plan.rebase import rebase
from habitue.console.roles import WITH_FIGURES, WITH_PLAYBOOK
from habitue.console.visit import Door, Visit
from habitue.errors import HabitueError
from habitue.playbook.diff import diff
from habitue.run.planning import digest_of, plan_id

NOTE_MAX = 300
NOT_RECKONED = "What it does to people is not reckoned yet: put it in force all the same? Then tick it, or wait."
STILL_RECKONING = "What it does to people is being reckoned. Wait until it stands here, or tick that it may come now."
NOT_WHAT_YOU_SAW = "The draft or the playbook in force changed since you looked. Look it over again."


def show(visit: Visit) -> Response:
    return _page(visit)


def show_impact(visit: Visit) -> Response:
    """What the change does to people: reckoned beside the page, asked after until it is there."""
    draft = visit.draft
    if draft is None:
        return visit.page("plan/impact.html", job=None)
    files, planning = draft.files, visit.services.planning
    job = visit.services.jobs.start(_key(visit, draft), lambda _job: planning.plan(files))
    return visit.page("plan/impact.html", job=job, names=visit.name)


def put_in_force(visit: Visit) -> Response:
    draft = visit.draft
    if draft is None:
        return visit.redirect(addresses.to("plan"))
    if visit.form.get("plan") != _id(visit, draft):
        return _page(visit, problem=NOT_WHAT_YOU_SAW)
    job = visit.services.jobs.get(_key(visit, draft))
    if (job is None or not job.is_done) and visit.form.get("unreckoned") != "yes":
        return _page(visit, problem=STILL_RECKONING if job is not None else NOT_RECKONED, asks_unreckoned=True)
    note = visit.form.get("note", "").strip()[:NOTE_MAX]
    try:
        visit.services.planning.apply(draft.files, _author(visit), note, draft.base)
    except HabitueError as error:
        return _page(visit, problem=str(error))
    visit.services.drafts.discard(draft.files)
    return visit.redirect(addresses.to("versions", done="1"))


def discard(visit: Visit) -> Response:
    draft = visit.draft
    if draft is not None and visit.form.get("plan") != _id(visit, draft):
        return _page(visit, problem=NOT_WHAT_YOU_SAW)
    visit.services.drafts.discard(draft.files if draft is not None else None)
    return visit.redirect(addresses.to("plan"))


def move(visit: Visit) -> Response:
    """Upon the version that came into force meanwhile."""
    draft = visit.draft
    if draft is None or visit.playbook is None or draft.base == visit.book.version:
        return visit.redirect(addresses.to("plan"))
    try:
        files, clashes = rebase(
            visit.services.load_playbook(draft.base), visit.services.drafts.playbook(draft), visit.book
        )
        if clashes:
            way_out = "Discard the draft, or put the change into the files by hand."
            return _page(visit, problem=f"Both changed {', '.join(clashes)}. {way_out}")
        visit.services.planning.check(files)
        visit.services.drafts.rebase(draft, visit.book.version, files)
    except HabitueError as error:
        return _page(visit, problem=str(error))
    return visit.redirect(addresses.to("plan"))


def _page(visit: Visit, problem: str = "", *, asks_unreckoned: bool = False) -> Response:
    draft = visit.draft
    if draft is not None:
        # Whoever comes again wants it of today's people, and what failed tried again.
        visit.services.jobs.forget_done(_key(visit, draft))
    changes = diff(visit.playbook, visit.edited) if draft is not None else None
    force = next(iter(visit.services.playbooks.playbooks()), None)
    return visit.page(
        "plan/plan.html",
        status=HTTPStatus.UNPROCESSABLE_ENTITY if problem else HTTPStatus.OK,
        place="plan",
        draft=draft,
        changes=changes,
        has_moved=draft is not None and draft.base != visit.book.version,
        force=force,
        plan_id=_id(visit, draft) if draft is not None else "",
        problem=problem,
        asks_unreckoned=asks_unreckoned,
        note_max=NOTE_MAX,
    )


def _id(visit: Visit, draft: Draft) -> str:
    return plan_id(visit.book.version, digest_of(draft.files))


def _key(visit: Visit, draft: Draft) -> str:
    return f"plan {_id(visit, draft)}"


def _author(visit: Visit) -> str:
    return visit.user.email if visit.user else ""


DOORS = (
    Door("/plan", show, WITH_FIGURES),
    Door("/plan/impact", show_impact, WITH_FIGURES),
    Door("/plan/put-in-force", put_in_force, WITH_PLAYBOOK, "POST"),
    Door("/plan/discard", discard, WITH_PLAYBOOK, "POST"),
    Door("/plan/move", move, WITH_PLAYBOOK, "POST"),
)
