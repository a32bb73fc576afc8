"""Backtest: what a playbook would have done over the history there is, before anybody gets a message of it."""

from __future__ import annotations

import secrets
from datetime import UTC, date, datetime, timedelta
from http import HTTPStatus
from typing import NamedTuple

from starlette.responses import Response

from habitue.console import addresses
from habitue.console.backtest import charts
from habitue.console.backtests import Kept
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
    identity = secrets.token_hex(6)
    shelf, backtest = visit.services.backtests, visit.services.backtest
    about = {
        "id": identity,
        "at": visit.now,
        "by": visit.user.email if visit.user else "",
        "playbook": _chosen(visit, visit.form.get("playbook", "")),
        "against": _chosen(visit, visit.form.get("against", "")) if asked.against is not None else "",
        "journey": asked.journey,
        "since": asked.since,
        "until": asked.until,
    }

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
        shelf.put(Kept(**about, report=report, comparison=both))  # type: ignore[arg-type]  # Named and typed above.

    visit.services.jobs.start(_key(identity), work)
    return visit.redirect(addresses.to("backtest", identity))


def show_one(visit: Visit) -> Response:
    identity = visit.part("backtest")
    kept = visit.services.backtests.get(identity)
    if kept is not None:
        return _report(visit, kept)
    job = visit.services.jobs.get(_key(identity))
    if job is None:
        raise NotThere(
            "There is no such backtest. It may have been stopped, or the server began anew before it was done."
        )
    if visit.is_fragment:
        return visit.page("backtest/progress.html", job=job, identity=identity)
    return visit.page("backtest/running.html", place="backtest", job=job, identity=identity)


def stop(visit: Visit) -> Response:
    visit.services.jobs.forget(_key(visit.part("backtest")))
    return visit.redirect(addresses.to("backtest"))


def remove(visit: Visit) -> Response:
    visit.services.backtests.remove(visit.part("backtest"))
    return visit.redirect(addresses.to("backtest"))


def _list(visit: Visit, problem: str = "") -> Response:
    today = to_datetime(visit.now).date()
    journeys = {**visit.book.journeys, **visit.edited.journeys}
    return visit.page(
        "backtest/list.html",
        status=HTTPStatus.UNPROCESSABLE_ENTITY if problem else HTTPStatus.OK,
        place="backtest",
        kept=visit.services.backtests.all(),
        period=charts.period,
        choices=_choices(visit),
        journeys=[(name, journey.title or name) for name, journey in journeys.items()],
        since=visit.form.get("since") or (today - timedelta(days=DAYS)).isoformat(),
        until=visit.form.get("until") or today.isoformat(),
        problem=problem,
    )


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
        period=charts.period,
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
    )


def _choices(visit: Visit) -> list[tuple[str, str]]:
    """(value, title) of what may be rehearsed."""
    found = [(IN_FORCE, f"In force (version {visit.book.version})")] if visit.playbook is not None else []
    if visit.draft is not None:
        found.append((DRAFT, "The draft"))
    versions = [int(one["version"]) for one in visit.services.playbooks.playbooks()][1 : VERSIONS_MAX + 1]
    return [*found, *((str(version), f"Version {version}") for version in versions)]


def _chosen(visit: Visit, value: str) -> str:
    return f"version {visit.book.version}" if value == IN_FORCE else dict(_choices(visit))[value].lower()


def _asked(visit: Visit) -> Asked:
    since, until = (_midnight(visit, name) for name in ("since", "until"))
    until = min(until + DAY, visit.now)
    if until <= since:
        raise HabitueError("The period is empty: the last day must not lie before the first.")
    if until - since > DAYS_MAX * DAY:
        raise HabitueError(f"The period is longer than {DAYS_MAX} days. Choose a shorter one.")
    against = visit.form.get("against", "")
    if against and against == visit.form.get("playbook", ""):
        raise HabitueError("Held against itself it shows nothing. Compare it with another one.")
    return Asked(
        playbook=_playbook(visit, visit.form.get("playbook", "")),
        against=_playbook(visit, against) if against else None,
        journey=visit.form.get("journey") or None,
        since=since,
        until=until,
    )


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
