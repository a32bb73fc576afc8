"""A whole system for the figures: a filled data directory, and `habitue serve` over it as real processes."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import chain, islice
from pathlib import Path

import msgspec

from bench import workload
from habitue import wire
from habitue.model.event import Event
from habitue.model.instant import SECOND, Instant
from habitue.run.clock import SystemClock

TICKS = os.sysconf("SC_CLK_TCK")
PAGE = os.sysconf("SC_PAGE_SIZE")


def fill(data: Path, customers: int, waiting: int) -> str:
    """Give everybody a first visit and `waiting` of them an order, which a journey waits upon for two days.

    Returns a write key. The directory holds the bench's playbook.
    """
    parts = wire.create(data)
    now = SystemClock().now()
    version = parts.playbooks.save_playbook("bench", workload.files(), now, "bench")
    parts.log.append([workload.applied(version, now)])
    visits = chain.from_iterable(workload.arrivals(customers))
    orders = (_order(number, now) for number in range(waiting))
    stream: Iterator[Event] = chain(visits, orders)
    while block := [_happens(event, now) for event in islice(stream, 5_000)]:
        parts.log.append(block)
    crank = parts.crank()
    while crank.turn(8_000).records:
        pass
    key: str = parts.keys.create("bench", now).key
    parts.close()
    return key


def _happens(event: Event, now: Instant) -> Event:
    return msgspec.structs.replace(event, occurred_at=now - SECOND)


def _order(number: int, now: Instant) -> Event:
    return Event(
        id=f"first-order-{number}",
        source="bench",
        type="track",
        name="Order Completed",
        occurred_at=now,
        user_id=f"user-{3 * number + 1}",
        properties={"order_id": str(number), "total": 20},
    )


@contextmanager
def served(data: Path) -> Iterator[tuple[str, list[int]]]:
    """(address, process ids of all of it) of a running system."""
    command = [sys.executable, "-m", "habitue", "serve", "--data", str(data), "--port", "0"]
    environment = {**os.environ, "HABITUE_LOG__LEVEL": "warning"}
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)
    assert process.stdout is not None
    try:
        address = None
        for line in process.stdout:
            found = re.search(r"http://[0-9.]+:\d+", line)
            if found:
                address = found[0]
                break
        if address is None:
            raise RuntimeError("habitue serve did not become ready")
        yield address, [process.pid, *_children(process.pid)]
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)


def _children(parent: int) -> list[int]:
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text().rsplit(")", 1)[1].split()
        except OSError:
            continue
        if int(fields[1]) == parent:
            found.append(int(path.parent.name))
    return found


def cpu_seconds(pids: list[int]) -> float:
    """Processor time the processes have used so far."""
    total = 0
    for pid in pids:
        fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
        total += int(fields[11]) + int(fields[12])
    return total / TICKS


def resident_megabytes(pids: list[int]) -> float:
    """Resident sizes added up; pages that processes share are counted once for each, so this errs upwards."""
    return sum(int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * PAGE for pid in pids) / 1e6
