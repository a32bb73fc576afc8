"""Backtest: what a playbook would have done over the history there is, before anybody gets a message of it."""

from __future__ import annotations

import secrets
from datetime import UTC, date, datetime, timedelta
from http import HTTPStatus
from typing import Any, NamedTuple

import msgspec
from starlette.responses import Response

from habitue.console import addresses
from habitue.console.backtest import charts
from habitue.console.backtests import Heading, Kept, Unfinished
from habitue.console.jobs import Job
from habitue.console.roles import WITH_FIGURES
from habitue.console.visit import Door, NotThere, Visit
from habitue.console.wording import sentence_case
from habitue.errors import HabitueError
from habitue.model.instant import DAY, Instant, from_datetime, to_datetime
from habitue.playbook.playbook import Playbook
from habitue.run.backtest import Comparison

DAYS = 30
DAYS_MAX = 1_100
VERSIONS_MAX = 30
IN_FORCE, DRAFT = "in force", "draft"


class Asked(NamedTuple):
    """What the form says, read."""

    playbook: Playbook
    against: Playbook | None
    journey: str | None
    since: Instant
    until: Instant


def show_list(visit: Visit) -> Response:
    return _list(visit)


def start(visit: Visit) -> Response:
    """Begin one; its own page tells how far it is."""
    try:
        asked = _asked(visit)
    except HabitueError as error:
        return _list(visit, problem=str(error))
    heading = Unfinished(
        id=secrets.token_hex(6),
        at=visit.now,
        by=visit.user.email if visit.user else "",
        playbook=_chosen(visit, "playbook"),
        against=_chosen(visit, "against") if asked.against is not None else "",
        journey=asked.journey,
        since=asked.since,
        until=asked.until,
    )
    again = visit.form.get("again", "")
    _begin(visit, asked, heading)
    if any(one.id == again for one in visit.services.backtests.unfinished()):
        visit.services.backtests.remove(again)  # The new one takes its place.
    return visit.redirect(addresses.to("backtest", heading.id))


def _begin(visit: Visit, asked: Asked, heading: Unfinished) -> None:
    shelf, backtest = visit.services.backtests, visit.services.backtest
    shelf.ask(heading)

    def work(job: Job) -> None:
        found = backtest(
            asked.playbook,
            asked.against,
            since=asked.since,
            until=asked.until,
            journey=asked.journey,
            progress=lambda done, total: job.tell(done / total if total else 0),
            stop=lambda: job.is_stopped,
        )
        both = found if isinstance(found, Comparison) else None
        report = found.other if isinstance(found, Comparison) else found
        about = {field: getattr(heading, field) for field in Heading.__struct_fields__}
        shelf.put(Kept(**about, report=report, comparison=both))

    def ended(job: Job) -> None:
        if job.problem and not job.is_stopped:
            shelf.ask(msgspec.structs.replace(heading, problem=job.problem))

    visit.services.jobs.start(_key(heading.id), work, ended)


def show_one(visit: Visit) -> Response:
    identity, shelf = visit.part("backtest"), visit.services.backtests
    asked = next((one for one in shelf.unfinished() if one.id == identity), None)
    job = visit.services.jobs.get(_key(identity))
    # The report is looked for last: it takes the place of what was asked, and may do so at this very moment.
    kept = shelf.get(identity)
    if kept is not None:
        return _report(visit, kept)
    if asked is None:
        raise NotThere("There is no such backtest. It was stopped or removed, or fifty newer ones took its place.")
    return visit.page(
        "backtest/progress.html" if visit.is_fragment else "backtest/running.html",
        place="backtest",
        job=job,
        asked=asked,
        state=_state(asked, job),
        **_what(asked),
    )


def stop(visit: Visit) -> Response:
    visit.services.jobs.forget(_key(visit.part("backtest")))
    return remove(visit)


def remove(visit: Visit) -> Response:
    visit.services.backtests.remove(visit.part("backtest"))
    return visit.redirect(addresses.to("backtest"))


def _state(asked: Unfinished, job: Job | None) -> str:
    """under way, failed, or cut off: asked for, and nobody works on it any more."""
    if asked.problem:
        return "failed"
    return "cut off" if job is None else "under way"


def _what(one: Heading) -> dict[str, Any]:
    """What the pages of one need to name it, and to ask for the same again."""
    return {
        "period": charts.period,
        "again": {
            "playbook": _value(one.playbook),
            "against": _value(one.against),
            "journey": one.journey or "",
            "since": to_datetime(one.since).date().isoformat(),
            "until": to_datetime(one.until - 1).date().isoformat(),
            "again": one.id,
        },
    }


def _value(said: str) -> str:
    """What the form says of it: "version 3" → 3."""
    return DRAFT if said == "the draft" else said.removeprefix("version ")


def _list(visit: Visit, problem: str = "") -> Response:
    today = to_datetime(visit.now).date()
    journeys = {**visit.book.journeys, **visit.edited.journeys}
    return visit.page(
        "backtest/list.html",
        status=HTTPStatus.UNPROCESSABLE_ENTITY if problem else HTTPStatus.OK,
        place="backtest",
        rows=_rows(visit),
        period=charts.period,
        choices=_choices(visit),
        chosen={name: _wanted(visit, name) for name in ("playbook", "against")},
        journeys=[(name, journey.title or name) for name, journey in journeys.items()],
        since=visit.form.get("since") or (today - timedelta(days=DAYS)).isoformat(),
        until=visit.form.get("until") or today.isoformat(),
        today=today.isoformat(),
        problem=problem,
    )


def _rows(visit: Visit) -> list[tuple[Heading, str, Job | None]]:
    """Every one there is with what became of it, newest first."""
    shelf, jobs = visit.services.backtests, visit.services.jobs
    rows: list[tuple[Heading, str, Job | None]] = []
    for asked in shelf.unfinished():
        job = jobs.get(_key(asked.id))
        rows.append((asked, _state(asked, job), job))
    # Read after those without a report: who gets it meanwhile stands there twice for once, and never not at all.
    rows += [(kept, "done", None) for kept in shelf.all()]
    return sorted(rows, key=lambda row: -row[0].at)


def _report(visit: Visit, kept: Kept) -> Response:
    if visit.is_fragment:
        # The page that waited for it is drawn anew, charts and all.
        return Response(headers={"HX-Redirect": addresses.to("backtest", kept.id)})
    report, comparison = kept.report, kept.comparison
    journeys = [row.journey for row in report.by_journey]
    return visit.page(
        "backtest/report.html",
        place="backtest",
        kept=kept,
        report=report,
        comparison=comparison,
        messages=charts.messages(visit, report),
        entrants=charts.entrants(visit, report),
        per_person=charts.per_person(visit, report.per_person),
        side_by_side=charts.side_by_side(visit, comparison, sentence_case(kept.against), sentence_case(kept.playbook))
        if comparison is not None
        else None,
        matrix=charts.overlap(journeys, report),
        journeys=journeys,
        stopped=report.stopped[:20],
        **_what(kept),
    )


def _choices(visit: Visit) -> list[tuple[str, str]]:
    """(value, title) of what may be rehearsed."""
    found = [(IN_FORCE, f"In force (version {visit.book.version})")] if visit.playbook is not None else []
    if visit.draft is not None:
        found.append((DRAFT, "The draft"))
    versions = [int(one["version"]) for one in visit.services.playbooks.playbooks()][1 : VERSIONS_MAX + 1]
    return [*found, *((str(version), f"Version {version}") for version in versions)]


def _wanted(visit: Visit, name: str) -> str:
    """What the form's field chooses; the version in force may be called by its number too."""
    value = visit.form.get(name, "")
    return IN_FORCE if value == str(visit.book.version) else value


def _chosen(visit: Visit, name: str) -> str:
    value = _wanted(visit, name)
    return f"version {visit.book.version}" if value == IN_FORCE else dict(_choices(visit))[value].lower()


def _asked(visit: Visit) -> Asked:
    since, until = (_midnight(visit, name) for name in ("since", "until"))
    if until < since:
        raise HabitueError("The period is empty: the last day must not lie before the first.")
    if since >= visit.now:
        raise HabitueError("The first day lies in the future. Choose one that history has.")
    until = min(until + DAY, visit.now)
    if until - since > DAYS_MAX * DAY:
        raise HabitueError(f"The period is longer than {DAYS_MAX:,} days. Choose a shorter one.")
    playbook, against = _wanted(visit, "playbook"), _wanted(visit, "against")
    if against == playbook:
        raise HabitueError("Held against itself it shows nothing. Compare it with another one.")
    asked = Asked(
        playbook=_playbook(visit, playbook),
        against=_playbook(visit, against) if against else None,
        journey=visit.form.get("journey") or None,
        since=since,
        until=until,
    )
    known = {*asked.playbook.journeys, *(asked.against.journeys if asked.against is not None else ())}
    if asked.journey is not None and asked.journey not in known:
        raise HabitueError("That journey is not in the playbook you chose. Choose another, or all of them.")
    return asked


def _playbook(visit: Visit, value: str) -> Playbook:
    if value not in dict(_choices(visit)):
        raise HabitueError("That playbook is not there any more. Choose another.")
    if value == DRAFT:
        return visit.edited
    return visit.book if value == IN_FORCE else visit.services.load_playbook(int(value))


def _midnight(visit: Visit, name: str) -> Instant:
    try:
        day = date.fromisoformat(visit.form.get(name, ""))
        return from_datetime(datetime(day.year, day.month, day.day, tzinfo=UTC))
    except (ValueError, OverflowError):
        raise HabitueError("Give both days as dates, such as 2026-01-31.") from None


def _key(identity: str) -> str:
    return f"backtest {identity}"


DOORS = (
    Door("/backtest", show_list, WITH_FIGURES),
    Door("/backtest/start", start, WITH_FIGURES, "POST"),
    Door("/backtest/{backtest}", show_one, WITH_FIGURES),
    Door("/backtest/{backtest}/stop", stop, WITH_FIGURES, "POST"),
    Door("/backtest/{backtest}/remove", remove, WITH_FIGURES, "POST"),
)
