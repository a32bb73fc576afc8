"""Group commit: requests that arrive together share one append, and each is answered when it is on disk."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol

import msgspec
import structlog

from habitue.model.event import Event
from habitue.run.ports import Appended, DeadLetter

from .settings import IngestSettings

_APPEND_EVENTS_MAX = 4_000
"""One transaction's worth: larger ones only make the requests behind them wait longer."""

_log = structlog.get_logger(__name__)


class Overloaded(Exception):
    """More events wait for the disk than memory should hold; the sender should come back later."""


class NotWritten(Exception):
    """The log could not keep the events. They are not in it; the sender still has them and should come back later."""


class _Submission(msgspec.Struct, eq=False):
    events: Sequence[Event]
    dead: Sequence[DeadLetter]
    size: int
    written: asyncio.Future[None]


class Appendable(Protocol):
    """What the writer needs of the log."""

    def append(self, events: Sequence[Event], dead: Sequence[DeadLetter] = ()) -> Appended: ...


class LogWriter:
    """Takes events from many requests and appends them in one thread, so that the event loop never waits for a disk.

    While one append is under way, the next group gathers: the busier it gets, the larger the groups and the fewer the
    waits for the disk. One thread, because a log's connection belongs to the thread that uses it.
    """

    def __init__(self, log: Appendable, settings: IngestSettings | None = None) -> None:
        self._log = log
        self._settings = settings or IngestSettings()
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="log-writer")
        self._waiting: list[_Submission] = []
        self._waiting_events = 0
        self._waiting_bytes = 0
        self._task: asyncio.Task[None] | None = None
        self._closed = False

    @property
    def waiting_events(self) -> int:
        """How many events are received and not on disk yet."""
        return self._waiting_events

    async def append(self, events: Sequence[Event], dead: Sequence[DeadLetter] = (), size_bytes: int = 0) -> None:
        """Return when all are durable. Raises Overloaded at once, or NotWritten when the disk would not take them."""
        if not events and not dead:
            return
        self._make_room_for(len(events) + len(dead), size_bytes)
        written = asyncio.get_running_loop().create_future()
        self._waiting.append(_Submission(events, dead, size_bytes, written))
        if self._task is None:
            self._task = asyncio.create_task(self._write_all())
        # Shielded: a client that hangs up must not undo what others wait for in the same group.
        await asyncio.shield(written)

    async def close(self) -> None:
        """Write what waits, then stop. Later appends are refused as overload."""
        self._closed = True
        if self._task is not None:
            await self._task
        self._thread.shutdown()

    def _make_room_for(self, count: int, size_bytes: int) -> None:
        settings = self._settings
        if self._closed:
            raise Overloaded("the server is stopping")
        # An idle writer takes anything that passed the limits of one request.
        if self._waiting_events and (
            self._waiting_events + count > settings.waiting_events_max
            or self._waiting_bytes + size_bytes > settings.waiting_bytes_max
        ):
            raise Overloaded(f"{self._waiting_events} events wait for the disk")
        self._waiting_events += count
        self._waiting_bytes += size_bytes

    async def _write_all(self) -> None:
        loop = asyncio.get_running_loop()
        while self._waiting:
            group = self._take_group()
            error: Exception | None = None
            try:
                await loop.run_in_executor(self._thread, self._append, group)
            except Exception as failure:  # noqa: BLE001 - whatever went wrong, nobody may wait for ever or be told 200
                error = failure
                _log.error("events_not_written", error=repr(failure), requests=len(group))
            self._answer(group, error)
        self._task = None

    def _take_group(self) -> list[_Submission]:
        count, end = 0, 0
        for submission in self._waiting:
            count += len(submission.events) + len(submission.dead)
            if end and count > _APPEND_EVENTS_MAX:
                break
            end += 1
        group, self._waiting = self._waiting[:end], self._waiting[end:]
        return group

    def _append(self, group: list[_Submission]) -> None:
        self._log.append(
            [event for submission in group for event in submission.events],
            [letter for submission in group for letter in submission.dead],
        )

    def _answer(self, group: list[_Submission], error: Exception | None) -> None:
        for submission in group:
            self._waiting_events -= len(submission.events) + len(submission.dead)
            self._waiting_bytes -= submission.size
            if submission.written.done():
                continue
            if error is None:
                submission.written.set_result(None)
            else:
                failure = NotWritten(f"the log could not keep the events: {error!r}")
                failure.__cause__ = error
                submission.written.set_exception(failure)
