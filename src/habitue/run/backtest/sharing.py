"""A recording in pieces, shared out among processes, and what they found put together."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from habitue.errors import HabitueError
from habitue.playbook.playbook import Playbook
from habitue.run.ports import Recording, Stretch

from .living import Counted
from .shards import Shards, Task
from .stopping import Stop
from .tally import Asked
from .workers import Alone, Crew, Processes

FEW_ROWS = 50_000
"""So many are lived through sooner than another process has begun."""
ROWS_PER_PIECE = 200_000
ROWS_PER_SHARD = 50_000
SHARES = 8
"""Of little work, each worker still gets so many shares: none waits long for another."""


def of_recording(
    recording: Recording,
    playbooks: Sequence[Playbook],
    asked: Asked,
    workers: int | None,
    progress: Callable[[int, int], None],
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
