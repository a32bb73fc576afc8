"""A backtest over an archive: a month of the bench's sessions, lived through with its playbook, by one core and two."""

from __future__ import annotations

import random
import tempfile
import time
from itertools import chain, groupby, islice
from pathlib import Path

import msgspec

from bench import workload
from habitue.model.event import Event, Record
from habitue.model.instant import DAY, SECOND
from habitue.run.backtest import backtest
from habitue.store.archive.archive import day_of
from habitue.store.archive.columns import write_rows
from habitue.store.archive.recording import ArchiveRecording

EVENTS, CUSTOMERS = 1_000_000, 70_000
DAYS = 30
SINCE = workload.START
UNTIL = workload.START + DAYS * DAY


def measure(events: int = EVENTS, customers: int = CUSTOMERS) -> dict[str, float]:
    """Events per second by one process and by two, from the archive, and by one over records in memory."""
    records = history(events, customers)
    with tempfile.TemporaryDirectory() as name:
        write_archive(Path(name), records)
        found = {"memory": _rate(records[: events // 5], 1)}
        del records
        recording = ArchiveRecording(Path(name))
        return found | {"one": _rate(recording, 1), "two": _rate(recording, 2)}


def _rate(source: ArchiveRecording | list[Record], workers: int) -> float:
    started = time.perf_counter()
    report = backtest(source, workload.playbook(), since=SINCE, until=UNTIL, workers=workers)
    if not report.sent:
        raise RuntimeError("nobody would have got anything: that was no backtest")
    return report.lived / (time.perf_counter() - started)


def history(events: int, customers: int, seed: int = 5) -> list[Record]:
    """Sessions spread over a month, their events some seconds apart, in the order they happened."""
    chance = random.Random(seed)
    spread = (_spread(session, chance) for session in workload.sessions(customers, seed))
    happened = sorted(islice(chain.from_iterable(spread), events), key=lambda event: (event.occurred_at, event.id))
    return [Record(position, event.occurred_at, event) for position, event in enumerate(happened)]


def _spread(session: list[Event], chance: random.Random) -> list[Event]:
    at = SINCE + chance.randrange((DAYS - 1) * DAY)
    moved = []
    for event in session:
        at += chance.randrange(5 * SECOND, 90 * SECOND)
        moved.append(msgspec.structs.replace(event, occurred_at=at))
    return moved


def write_archive(folder: Path, records: list[Record]) -> None:
    """One part a day, as the archive is once its days are over."""
    for day, of_day in groupby(records, key=lambda record: day_of(record.received_at)):
        found = list(of_day)
        path = folder / "events" / f"date={day}" / f"{found[0].position:015d}-{found[-1].position:015d}.parquet"
        path.parent.mkdir(parents=True)
        write_rows(path, "events", [(record, None) for record in found])


if __name__ == "__main__":
    print(measure())
