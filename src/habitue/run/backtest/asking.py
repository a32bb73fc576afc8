"""A backtest from the question to the report: one playbook, or two to be compared."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TypeAlias

from habitue.errors import HabitueError
from habitue.model.event import Record
from habitue.model.instant import Instant, Span
from habitue.playbook.playbook import Playbook
from habitue.run.ports import Recording

from .comparison import Comparison, compare
from .living import Counted, live_records, lives_of
from .report import Report, report_of
from .stopping import Stop, heed
from .tally import FOLLOWS, Asked

Source: TypeAlias = Recording | Iterable[Record]
"""A recording, or records in memory, which are lived through in this process."""
Progress: TypeAlias = Callable[[int, int], None]
"""Called with (events lived through, events in all)."""


def backtest(
    source: Source,
    playbook: Playbook,
    *,
    since: Instant,
    until: Instant,
    journey: str | None = None,
    follows: Span = FOLLOWS,
    workers: int | None = None,
    progress: Progress = lambda done, total: None,
    stop: Stop = lambda: False,
) -> Report:
    """Live through what is recorded with the whole playbook; report on the journey from `since` up to before `until`.

    Everything before `since` is lived through too: caps, re-entry rules and segments need their past. The other
    journeys run as well, because caps count their messages. An order `follows` when it comes within so long.
    `workers` is one for each core when it is left out; what comes out does not depend on it.
    Raises HabitueError for a journey nobody defined, BacktestStopped once `stop` says so.
    """
    asked = checked([playbook], Asked(since, until, journey, follows))
    counted = _live(source, [playbook], asked, workers, progress, stop)
    return report_of(counted.tallies[0], playbook, asked)


def backtest_both(
    source: Source,
    one: Playbook,
    other: Playbook,
    *,
    since: Instant,
    until: Instant,
    journey: str | None = None,
    follows: Span = FOLLOWS,
    workers: int | None = None,
    progress: Progress = lambda done, total: None,
    stop: Stop = lambda: False,
) -> Comparison:
    """The same with two playbooks over one reading of the history, person by person. See `backtest`."""
    asked = checked([one, other], Asked(since, until, journey, follows))
    counted = _live(source, [one, other], asked, workers, progress, stop)
    first, second = (report_of(tally, book, asked) for tally, book in zip(counted.tallies, (one, other), strict=True))
    return compare(first, second, counted.people)


def checked(playbooks: Sequence[Playbook], asked: Asked) -> Asked:
    """The question, if it can be answered; raises HabitueError for a journey nobody defined, or an empty period."""
    known = list(dict.fromkeys(name for playbook in playbooks for name in playbook.journeys))
    if asked.journey is not None and asked.journey not in known:
        raise HabitueError(
            f'there is no journey "{asked.journey}"; the playbook has: {", ".join(sorted(known)) or "none"}'
        )
    if asked.until <= asked.since:
        raise HabitueError("the period is empty: --to must be later than --from")
    return asked


def _live(
    source: Source, playbooks: Sequence[Playbook], asked: Asked, workers: int | None, progress: Progress, stop: Stop
) -> Counted:
    if isinstance(source, Recording):
        from .sharing import of_recording  # Arrow is for those who read a recording; every process imports this room.

        return of_recording(source, playbooks, asked, workers, progress, stop)
    return _of_records(source, playbooks, asked, progress, stop)


def _of_records(
    source: Iterable[Record], playbooks: Sequence[Playbook], asked: Asked, progress: Progress, stop: Stop
) -> Counted:
    records, done = list(source), 0

    def told(events: int) -> None:
        nonlocal done
        done += events
        progress(done, len(records))
        heed(stop)

    return live_records(records, lives_of(playbooks, asked), asked, told)
