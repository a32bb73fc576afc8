"""A condition counted out of history before it is anybody's segment: what the console does while somebody types."""

from __future__ import annotations

import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

from bench.history import write_days
from habitue.analyze.history import History
from habitue.analyze.members import Reader
from habitue.playbook.conditions import parse
from habitue.playbook.playbook import Playbook, Shop

CUSTOMERS, EVENTS = 500_000, 20_000_000
CONDITION = (
    'count("Product Viewed", category="watches", within="30d") >= 3 and not did("Order Completed", within="30d")'
)


def count(archive: Path) -> dict[str, float]:
    """Seconds to open the history and count for the first time, and to count another condition in it."""
    playbook = Playbook(name="bench", shop=Shop(name="Bench"))
    begin = time.perf_counter()
    with History.of_folder(archive) as history:
        reader = Reader(history, playbook)
        members = reader.count({"": parse(CONDITION)})[""]
        first = time.perf_counter() - begin
        again = time.perf_counter()
        reader.count({"": parse(CONDITION.replace("30d", "29d"))})
        return {"first": first, "again": time.perf_counter() - again, "members": members}


def measure(customers: int = CUSTOMERS, events: int = EVENTS) -> dict[str, float]:
    with tempfile.TemporaryDirectory() as name:
        archive = Path(name) / "archive"
        with ProcessPoolExecutor(1, get_context("spawn")) as apart:
            apart.submit(write_days, archive, customers, events).result()
        with ProcessPoolExecutor(1, get_context("spawn")) as alone:
            return alone.submit(count, archive).result()
