"""`habitue backtest`: who would have got what, had a playbook run over recorded history."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from habitue import wire
from habitue.cli.options import DATA, FORMATS, Config, Data, Json
from habitue.cli.output import moment, plain, print_json, say
from habitue.cli.reports import show_comparison, show_report
from habitue.errors import HabitueError
from habitue.model.instant import DAY, SECOND, Instant, from_datetime
from habitue.playbook.playbook import Playbook
from habitue.run.backtest import Report
from habitue.run.backtest import backtest as run_backtest
from habitue.run.backtest import backtest_both as run_backtest_both
from habitue.run.playbook_files import read_directory
from habitue.wire import Parts

DAYS = 30


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
        str | None, typer.Option(help="A folder with a draft, or a version's number. Without it, the version in force.")
    ] = None,
    against: Annotated[
        str | None, typer.Option(help="Compare: a folder, or a version's number, that stands for how it was before.")
    ] = None,
    follows: Annotated[
        int, typer.Option("--follows", min=1, max=90, help="Orders count as having followed for so many days.")
    ] = 7,
    workers: Annotated[int | None, typer.Option(min=1, max=256, help="Processes: one for each core.")] = None,
    archive_folder: Annotated[
        Path | None,
        typer.Option(help="Read an archive elsewhere, a copy for instance.", exists=True, file_okay=False),
    ] = None,
    data: Data = DATA,
    config: Config = None,
    as_json: Json = False,
) -> None:
    """Live through recorded history with a playbook, and report what its journeys would have done and why.

    Everything before the period is lived through too, so that caps, segments and re-entry rules know their past.
    """
    parts = wire.open_existing(data, config)
    book = _playbook(parts, playbook)
    before = _playbook(parts, against) if against is not None else None
    end = _instant(until) if until is not None else parts.clock.now()
    start = _instant(since) if since is not None else end - DAYS * DAY
    period = {"journey": journey, "since": start, "until": end, "follows": follows * DAY, "workers": workers}
    started = time.monotonic()
    with living_through("Living through history") as progress:
        source = parts.recording(archive_folder)
        if before is None:
            report = run_backtest(source, book, progress=progress, **period)  # type: ignore[arg-type]
            found = plain(report)
        else:
            comparison = run_backtest_both(source, before, book, progress=progress, **period)  # type: ignore[arg-type]
            report, found = comparison.other, plain(comparison)
    since_kept = kept_since(parts)
    if as_json:
        print_json(found | {"events_kept_since": since_kept})
        return
    if before is None:
        show_report(report)
    else:
        show_comparison(comparison, against or "", playbook or "in force")
    say(_how_fast(report, time.monotonic() - started))
    if since_kept is not None:
        say(f"Events from before {since_kept} are not kept: what they would have changed is not in this report.")


def _playbook(parts: Parts, named: str | None) -> Playbook:
    """The version in force, a version by its number, or a folder with a draft."""
    if named is None:
        return parts.current_playbook()
    if named.isdecimal():
        return parts.required_playbook(int(named))
    folder = Path(named)
    if not folder.is_dir():
        raise HabitueError(f"{named} is neither a folder with a playbook nor the number of a version")
    return wire.checked(read_directory(folder))


def _instant(moment: datetime) -> Instant:
    return from_datetime(moment.replace(tzinfo=UTC))


def _how_fast(report: Report, seconds: float) -> str:
    rate = report.lived / max(seconds, 1 / SECOND)
    return f"\n{report.lived:,} events lived through in {seconds:,.1f} s, {rate:,.0f} a second."


def kept_since(parts: Parts) -> str | None:
    """Where the log begins, if `retention.events_days` has taken something out of it."""
    return moment(parts.privacy.retention("events")[0] or None)


@contextmanager
def living_through(what: str) -> Iterator[Callable[[int, int], None]]:
    """A progress bar on standard error; what it yields is called with (events done, events in all)."""
    columns = (TextColumn(what), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total or None)
