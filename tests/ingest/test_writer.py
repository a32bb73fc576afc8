"""Group commit: many requests, few appends, and nobody told yes too early."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Sequence

import pytest

from habitue.ingest.settings import IngestSettings
from habitue.ingest.writer import LogWriter, NotWritten, Overloaded
from habitue.model.event import Event
from habitue.run.clock import ManualClock
from habitue.run.ports import Appended, DeadLetter
from habitue.store.memory.log import MemoryLog

from .shop import NOON


def event(number: int) -> Event:
    return Event(id=f"m{number}", source="shop", type="track", name="Product Viewed", occurred_at=NOON, user_id="ana")


class SlowLog(MemoryLog):
    """Waits for the gate before each append, and remembers how much came at once and in which thread."""

    def __init__(self) -> None:
        super().__init__(ManualClock(NOON))
        self.gate = threading.Event()
        self.groups: list[int] = []
        self.threads: set[str] = set()
        self.failure: Exception | None = None

    def append(self, events: Sequence[Event], dead: Sequence[DeadLetter] = ()) -> Appended:
        self.gate.wait(10)
        self.groups.append(len(events))
        self.threads.add(threading.current_thread().name)
        if self.failure is not None:
            raise self.failure
        return super().append(events, dead)


async def settled() -> None:
    """Let everything that can run without the disk run."""
    for _ in range(5):
        await asyncio.sleep(0)


def test_requests_that_come_while_one_is_written_share_the_next_append() -> None:
    async def story() -> SlowLog:
        log = SlowLog()
        writer = LogWriter(log)
        waiting = [asyncio.create_task(writer.append([event(number)])) for number in range(100)]
        await settled()
        assert not any(task.done() for task in waiting)
        log.gate.set()
        await asyncio.gather(*waiting)
        await writer.close()
        return log

    log = asyncio.run(story())
    assert sum(log.groups) == 100
    assert len(log.groups) <= 2
    assert [record.event.id for record in log.scan()] == [f"m{number}" for number in range(100)]


def test_the_event_loop_never_waits_for_the_disk() -> None:
    async def story() -> SlowLog:
        log = SlowLog()
        writer = LogWriter(log)
        task = asyncio.create_task(writer.append([event(1)]))
        await settled()
        # The append stands still, and we are here all the same.
        log.gate.set()
        await task
        await writer.close()
        return log

    assert asyncio.run(story()).threads == {"log-writer_0"}


def test_beyond_the_bound_new_requests_are_put_off_and_old_ones_kept() -> None:
    async def story() -> None:
        log = SlowLog()
        writer = LogWriter(log, IngestSettings(waiting_events_max=10))
        waiting = [asyncio.create_task(writer.append([event(number)])) for number in range(10)]
        await settled()
        with pytest.raises(Overloaded):
            await writer.append([event(11)])
        log.gate.set()
        await asyncio.gather(*waiting)
        assert writer.waiting_events == 0
        await writer.append([event(11)])
        assert len(list(log.scan())) == 11

    asyncio.run(story())


def test_the_bound_counts_bytes_too() -> None:
    async def story() -> None:
        log = SlowLog()
        writer = LogWriter(log, IngestSettings(waiting_bytes_max=1_000))
        first = asyncio.create_task(writer.append([event(1)], size_bytes=900))
        await settled()
        with pytest.raises(Overloaded):
            await writer.append([event(2)], size_bytes=200)
        log.gate.set()
        await first

    asyncio.run(story())


def test_an_idle_writer_takes_one_request_of_any_size() -> None:
    async def story() -> None:
        log = SlowLog()
        log.gate.set()
        writer = LogWriter(log, IngestSettings(waiting_events_max=10, waiting_bytes_max=10))
        await writer.append([event(number) for number in range(50)], size_bytes=5_000)
        assert len(list(log.scan())) == 50

    asyncio.run(story())


@pytest.mark.parametrize("failure", [OSError(28, "No space left"), RuntimeError("locked"), ValueError("odd")])
def test_when_the_disk_fails_everyone_hears_it_and_the_writer_lives_on(failure: Exception) -> None:
    async def story() -> None:
        log = SlowLog()
        log.failure = failure
        writer = LogWriter(log)
        waiting = [asyncio.create_task(writer.append([event(number)])) for number in range(3)]
        log.gate.set()
        results = await asyncio.gather(*waiting, return_exceptions=True)
        assert all(isinstance(result, NotWritten) for result in results)
        log.failure = None
        await writer.append([event(1)])
        assert writer.waiting_events == 0
        assert len(list(log.scan())) == 1

    asyncio.run(story())


def test_a_client_that_hangs_up_does_not_disturb_the_others() -> None:
    async def story() -> None:
        log = SlowLog()
        writer = LogWriter(log)
        impatient = asyncio.create_task(writer.append([event(1)]))
        patient = asyncio.create_task(writer.append([event(2)]))
        await settled()
        impatient.cancel()
        await settled()
        log.gate.set()
        await patient
        await writer.close()
        assert {record.event.id for record in log.scan()} == {"m1", "m2"}

    asyncio.run(story())


def test_stopping_writes_what_waits_and_takes_nothing_more() -> None:
    async def story() -> None:
        log = SlowLog()
        writer = LogWriter(log)
        waiting = asyncio.create_task(writer.append([event(1)]))
        await settled()
        log.gate.set()
        await writer.close()
        await waiting
        with pytest.raises(Overloaded):
            await writer.append([event(2)])
        assert len(list(log.scan())) == 1

    asyncio.run(story())
