"""The decide loop on SQLite: records from the log, customers loaded, decided, committed durably."""

from __future__ import annotations

import gc
import tempfile
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import msgspec

from bench import workload
from habitue.model.customer import Customer
from habitue.model.event import Event
from habitue.model.instant import SECOND, Instant
from habitue.playbook.load import load
from habitue.run.crank import Crank
from habitue.run.ports import Commit
from habitue.store.sqlite import SqliteLog, SqliteStore

BATCH = 8_000


class SteppedClock:
    """Time runs with the events: 1,000 a second."""

    def __init__(self) -> None:
        self.instant: Instant = workload.START

    def now(self) -> Instant:
        return self.instant


def fill(log: SqliteLog, clock: SteppedClock, stream: Iterator[list[Event]], events: int) -> None:
    """Append sessions, fifty of them under way at a time so that customers interleave as they do in life."""
    block: list[Event] = []
    written = 0
    while written < events and (under_way := list(islice(stream, 50))):
        for index in range(max(map(len, under_way))):
            block += [session[index] for session in under_way if index < len(session)]
        if len(block) >= 5_000:
            clock.instant += len(block) * SECOND // 1_000
            block = [msgspec.structs.replace(event, occurred_at=clock.instant - SECOND) for event in block]
            log.append(block)
            written += len(block)
            block = []
    log.append(block)


class Recording:
    """Keeps the commits that go by, so that the bare store can be given the very same writes."""

    def __init__(self, store: SqliteStore) -> None:
        self.store = store
        self.commits: list[Commit] = []

    def commit(self, commit: Commit) -> None:
        self.commits.append(commit)
        self.store.commit(commit)

    def __getattr__(self, name: str) -> object:
        return getattr(self.store, name)


def measure(events: int = 200_000, customers: int = 200_000) -> dict[str, float]:
    """events/s of the loop after everybody's first visit, and of the bare store."""
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        clock = SteppedClock()
        log, store = SqliteLog(directory / "log.db", clock), SqliteStore(directory)
        version = store.save_playbook("bench", workload.files(), workload.START, "bench")
        log.append([workload.applied(version)])
        fill(log, clock, workload.arrivals(customers), 3 * customers)
        crank = Crank(store, log, load)
        turn_through(crank)
        fill(log, clock, workload.sessions(customers, 2, 10_000_000), events)
        gc.collect()
        gc.freeze()
        gc.disable()
        start, started = crank.position, time.perf_counter()
        turn_through(crank)
        took = time.perf_counter() - started
        decided = crank.position - start

        recording = Recording(store)
        crank = Crank(recording, log, load)  # type: ignore[arg-type]
        fill(log, clock, workload.sessions(customers, 3, 20_000_000), events)
        turn_through(crank)
        bare = _bare(log, store, recording.commits)
        gc.enable()
        people = sum(1 for _ in store.customer_ids())
        sizes = (directory / "state.db").stat().st_size
    return {
        "events_per_second": decided / took,
        "bare_events_per_second": events / bare,
        "customers": people,
        "took_seconds": took,
        "state_megabytes": sizes / 1e6,
    }


def turn_through(crank: Crank) -> None:
    while crank.turn(BATCH).records:
        pass


def _bare(log: SqliteLog, store: SqliteStore, commits: list[Commit]) -> float:
    """Seconds the same loop takes when nothing is decided: records read, states loaded, decoded, encoded, written.

    Positions are moved on, and ids changed, so that the store takes everything as new.
    """
    base = store.position() + 1 - commits[0].position
    moved = [
        msgspec.structs.replace(
            commit,
            position=commit.position + base,
            decisions=[msgspec.structs.replace(one, id=one.id + "x") for one in commit.decisions],
            effects=[msgspec.structs.replace(one, id=one.id + "x") for one in commit.effects],
        )
        for commit in commits
    ]
    encode, decode = msgspec.msgpack.Encoder().encode, msgspec.msgpack.Decoder(Customer).decode
    started = time.perf_counter()
    position = commits[0].position - BATCH
    for commit in moved:
        position = max([position, *(record.position for record in log.read(position, BATCH)[-1:])])
        loaded = store.load([row.id for row in commit.customers])
        for state in loaded.values():
            encode(decode(state))
        store.commit(commit)
    return time.perf_counter() - started


if __name__ == "__main__":
    print(measure())
