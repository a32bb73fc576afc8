"""The processes among which a backtest is shared out."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from multiprocessing.sharedctypes import Synchronized
from multiprocessing.synchronize import Event as Flag
from types import TracebackType
from typing import Any, Protocol, TypeVar

from habitue.errors import HabitueError

from .shards import Shards, Task
from .stopping import Stop, heed

LOOK_EVERY_SECONDS = 0.2
T = TypeVar("T")
Watch = Callable[[int], None]
"""Called now and then with how many events have been lived through."""


class WorkerLost(HabitueError):
    """A process of the backtest was ended from outside, most likely because memory ran short."""


class Crew(Protocol):
    """Does pieces of work, in whatever order they get done."""

    def each(self, work: Callable[..., T], calls: Sequence[tuple[Any, ...]]) -> Iterator[T]:
        """`work` is a method of `Shards`, and `calls` what it is called with."""
        ...


class Alone:
    """All in this process."""

    def __init__(self, task: Task, watch: Watch, stop: Stop) -> None:
        self._shards = Shards(task, self._told)
        self._watch, self._stop, self._done = watch, stop, 0

    def each(self, work: Callable[..., T], calls: Sequence[tuple[Any, ...]]) -> Iterator[T]:
        for call in calls:
            heed(self._stop)
            yield work(self._shards, *call)

    def _told(self, events: int) -> None:
        self._done += events
        self._watch(self._done)
        heed(self._stop)


class Processes:
    """Several, begun afresh: what is open here (DuckDB, Arrow, threads) does not bear to be forked.

    They end with this one, whatever it ends of.
    """

    def __init__(self, task: Task, workers: int, watch: Watch, stop: Stop) -> None:
        context = multiprocessing.get_context("spawn")
        self._done: Synchronized[int] = context.Value("q", 0)
        self._ending = context.Event()
        self._watch, self._stop = watch, stop
        self._pool = ProcessPoolExecutor(workers, context, _begin, (task, self._done, self._ending))

    def each(self, work: Callable[..., T], calls: Sequence[tuple[Any, ...]]) -> Iterator[T]:
        waiting = {self._pool.submit(_do, work, call) for call in calls}
        while waiting:
            done, waiting = wait(waiting, LOOK_EVERY_SECONDS, FIRST_COMPLETED)
            self._watch(self._done.value)
            heed(self._stop)
            for one in done:
                try:
                    yield one.result()
                except BrokenProcessPool:
                    raise WorkerLost(
                        "a process of the backtest was ended from outside, most likely because memory ran short; "
                        "fewer of them need less: --workers 1"
                    ) from None

    def __enter__(self) -> Processes:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._ending.set()
        self._pool.shutdown(cancel_futures=True)


# --- in a worker ---------------------------------------------------------------------------------------------------

_mine: list[Shards] = []
"""The one there is, made when the process begins."""


def _begin(task: Task, done: Synchronized[int], ending: Flag) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the first process's, which ends the others.
    threading.Thread(target=_end_with_parent, daemon=True).start()

    def told(events: int) -> None:
        with done.get_lock():
            done.value += events
        heed(ending.is_set)

    _mine.append(Shards(task, told))


def _do(work: Callable[..., T], call: tuple[Any, ...]) -> T:
    return work(_mine[0], *call)


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
