"""Work that takes longer than a page may: begun in a thread, asked after until it is done, its answer kept a while."""

from __future__ import annotations

import threading
from collections import OrderedDict, defaultdict
from collections.abc import Callable
from typing import Any

import structlog

from habitue.errors import HabitueError

KEPT_MAX = 12
_log = structlog.get_logger("habitue.console")


class Job:
    """One piece of work. `progress` is the part that is done, 0 to 1, where it is known.

    `is_done` is set last: whoever sees it first and then reads `problem` and `answer` reads them whole.
    """

    def __init__(self) -> None:
        self.progress = 0.0
        self.answer: Any = None
        self.problem = ""
        self.is_begun = False
        self.is_done = False
        self._stop = threading.Event()

    @property
    def is_stopped(self) -> bool:
        return self._stop.is_set()

    def stop(self) -> None:
        self._stop.set()

    def tell(self, progress: float) -> None:
        self.progress = progress


class Jobs:
    """One of a kind at a time, by the first word of its key; the others wait. The latest answers are kept."""

    def __init__(self) -> None:
        self._jobs: OrderedDict[str, Job] = OrderedDict()
        self._turns: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)
        self._list = threading.Lock()

    def get(self, key: str) -> Job | None:
        with self._list:
            return self._jobs.get(key)

    def start(self, key: str, work: Callable[[Job], Any], ended: Callable[[Job], None] = lambda _job: None) -> Job:
        """The work under this key: begun now, under way, or done. `ended` is told of it whatever came of it."""
        with self._list:
            job = self._jobs.get(key)
            if job is not None:
                return job
            job = self._jobs[key] = Job()
            done = [name for name, one in self._jobs.items() if one.is_done]
            for name in done[: max(0, len(self._jobs) - KEPT_MAX)]:
                del self._jobs[name]
            turn = self._turns[key.partition(" ")[0]]
        threading.Thread(target=_run, args=(turn, job, work, ended), daemon=True).start()
        return job

    def forget_done(self, key: str) -> None:
        """So that the next start begins anew, unless it is under way."""
        with self._list:
            job = self._jobs.get(key)
            if job is not None and job.is_done:
                del self._jobs[key]

    def forget(self, key: str) -> None:
        """So that the next start begins anew; work under way is told to stop."""
        with self._list:
            job = self._jobs.pop(key, None)
        if job is not None:
            job.stop()


def _run(turn: threading.Lock, job: Job, work: Callable[[Job], Any], ended: Callable[[Job], None]) -> None:
    with turn:
        job.is_begun = True
        try:
            if not job.is_stopped:
                job.answer = work(job)
        except HabitueError as error:
            job.problem = str(error)
        except Exception:  # noqa: BLE001 – a thread has nobody above it: the page must hear of it
            _log.exception("console.work_failed")
            job.problem = "It failed; the error is in the server's log."
        try:
            ended(job)
        finally:
            job.is_done = True
