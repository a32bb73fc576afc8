"""A backtest from the question to the report: one playbook, or two to be compared."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TypeAlias

from habitue.errors import HabitueError
from habitue.model.event import Record
from habitue.model.instant import Instant, Span
from habitue.playbook.playbook import Playbook
from habitue.run.ports import Recording, Stretch

from .comparison import Comparison, compare
from .living import Counted, live_records, lives_of
from .report import Report, report_of
from .shards import Shards, Task
from .tally import FOLLOWS, Asked
from .workers import Alone, Crew, Processes, Stop, heed

Source: TypeAlias = Recording | Iterable[Record]
"""A recording, or records in memory, which are lived through in this process."""
Progress: TypeAlias = Callable[[int, int], None]
"""Called with (events lived through, events in all)."""

FEW_ROWS = 50_000
"""So many are lived through sooner than another process has begun."""
ROWS_PER_PIECE = 200_000
ROWS_PER_SHARD = 50_000
SHARES = 8
"""Of little work, each worker still gets so many shares: none waits long for another."""


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
        return _of_recording(source, playbooks, asked, workers, progress, stop)
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


def _of_recording(
    recording: Recording,
    playbooks: Sequence[Playbook],
    asked: Asked,
    workers: int | None,
    progress: Progress,
    stop: Stop,
) -> Counted:
    counted, total = Counted.nothing(len(playbooks)), 0
    stretches = recording.stretches()
    rows = sum(stretch.rows for stretch in stretches)
    workers = _workers(workers, rows)
    pieces = _pieces(stretches, min(ROWS_PER_PIECE, rows // workers))
    if not pieces:
        return counted
    with tempfile.TemporaryDirectory(prefix="habitue-backtest-") as folder:
        task = Task(tuple(playbooks), asked, Path(folder))

        def watch(done: int) -> None:
            progress(done, total)

        with _crew(task, workers, watch, stop) as crew:
            speaking = list(crew.each(Shards.speakers, [(piece,) for piece in pieces]))
            sizes = Shards(task, lambda events: None).settle(speaking, min(ROWS_PER_SHARD, rows // (workers * SHARES)))
            total = sum(sizes)
            written = crew.each(Shards.share_out, [(number, piece, len(sizes)) for number, piece in enumerate(pieces)])
            paths = [path for path in written if path is not None]
            largest_first = sorted(range(len(sizes)), key=lambda shard: -sizes[shard])
            for found in crew.each(Shards.live, [(paths, shard) for shard in largest_first] if total else []):
                counted.add(found)
    return counted


def _pieces(stretches: Sequence[Stretch], size: int) -> list[list[Stretch]]:
    """Stretches in pieces of about so many rows, as they follow upon each other."""
    pieces: list[list[Stretch]] = []
    rows = size
    for stretch in stretches:
        if rows >= size:
            pieces.append([])
            rows = 0
        pieces[-1].append(stretch)
        rows += stretch.rows
    return pieces


def _workers(asked: int | None, rows: int) -> int:
    if asked is not None and asked < 1:
        raise HabitueError("a backtest needs at least one worker")
    if rows <= FEW_ROWS:
        return 1
    return asked or os.cpu_count() or 1


@contextmanager
def _crew(task: Task, workers: int, watch: Callable[[int], None], stop: Stop) -> Iterator[Crew]:
    if workers == 1:
        yield Alone(task, watch, stop)
        return
    with Processes(task, workers, watch, stop) as crew:
        yield crew
