"""`habitue backtest`: who would have got what, had a journey run over recorded history."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from habitue import wire
from habitue.cli.options import DATA, Config, Data, Json
from habitue.cli.output import heading, moment, plain, print_json, say, show, show_facts
from habitue.model.instant import from_datetime
from habitue.run.backtest import Report
from habitue.run.backtest import backtest as run_backtest
from habitue.run.playbook_files import read_directory
from habitue.store.memory import MemoryStore
from habitue.wire import Parts

FORMATS = ["%Y-%m-%d", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"]


def backtest(
    journey: Annotated[
        str | None, typer.Argument(help="The journey to report on; all of them when it is left out.")
    ] = None,
    since: Annotated[
        datetime | None,
        typer.Option("--from", formats=FORMATS, help="Where the period begins, in UTC: 30 days before its end."),
    ] = None,
    until: Annotated[
        datetime | None, typer.Option("--to", formats=FORMATS, help="Where the period ends, in UTC: now.")
    ] = None,
    playbook: Annotated[
        Path | None, typer.Option(help="A folder with a draft. Without it, the playbook in force.", exists=True)
    ] = None,
    archive: Annotated[bool, typer.Option("--archive", help="Read the archive instead of the log.")] = False,
    archive_folder: Annotated[
        Path | None,
        typer.Option(help="An archive elsewhere, a copy for instance.", exists=True, file_okay=False),
    ] = None,
    data: Data = DATA,
    config: Config = None,
    as_json: Json = False,
) -> None:
    """Live through recorded history with a playbook, and report what one journey would have done and why.

    Everything before the period is lived through too, so that caps, segments and re-entry rules know their past.
    """
    parts = wire.open_existing(data, config)
    book = wire.checked(read_directory(playbook)) if playbook is not None else parts.current_playbook()
    end = until.replace(tzinfo=UTC) if until is not None else None
    end_at = from_datetime(end) if end is not None else parts.clock.now()
    start_at = (
        from_datetime(since.replace(tzinfo=UTC))
        if since is not None
        else end_at - timedelta(days=30) // timedelta(microseconds=1)
    )
    with living_through("Living through history") as progress:
        report = run_backtest(
            parts.archived(archive_folder) if archive or archive_folder else parts.log.scan(),
            book,
            MemoryStore(),
            journey=journey,
            since=start_at,
            until=end_at,
            progress=progress,
        )
    since_kept = kept_since(parts)
    if as_json:
        print_json(plain(report) | {"events_kept_since": since_kept})
        return
    show_report(report)
    if since_kept is not None:
        say(f"Events from before {since_kept} are not kept: what they would have changed is not in this report.")


def kept_since(parts: Parts) -> str | None:
    """Where the log begins, if `retention.events_days` has taken something out of it."""
    return moment(parts.privacy.retention("events")[0] or None)


@contextmanager
def living_through(what: str) -> Iterator[Callable[[int, int], None]]:
    """A progress bar on standard error; what it yields is called with (events done, events in all)."""
    columns = (TextColumn(what), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def show_report(report: Report) -> None:
    """The report of a backtest or a simulation, for people."""
    heading(f"{report.journey or 'All journeys'}, {moment(report.since)} to {moment(report.until)}")
    show_facts(
        {
            "events in the period": report.events,
            "entered": report.entered,
            "people": report.people,
            "sent": report.sent,
            "held": report.held,
            "dropped": report.dropped,
            "by channel": report.by_channel,
            "messages per person": [
                f"{messages} × {people:,} people" for messages, people in report.per_person.items()
            ],
        }
    )
    heading("By step")
    steps = [
        {"step": step, "outcome": outcome, "reason": reason, "count": count}
        for step, outcome, reason, count in report.by_step
    ]
    show(steps, as_json=False, empty="Nobody came to any step.")
    heading("What stopped it")
    reasons = [{"reason": reason, "count": count} for reason, count in report.by_reason.items()]
    show(reasons, as_json=False, empty="Nothing.")
    heading("By day")
    days = [{"day": day, **counts} for day, counts in report.by_day.items()]
    columns = ["day", "entered", "sent", "held", "dropped"]
    show(days, as_json=False, empty="Nothing happened.", columns=columns)
    _show_examples(report)


def _show_examples(report: Report) -> None:
    """A few messages it would have sent: the check by eye that figures cannot give."""
    if report.examples:
        heading("For example")
        show(report.examples, as_json=False, empty="", columns=["at", "customer", "message", "channel"])
