"""A hundred thousand timers due within one minute, in the real decide loop with the real clock."""

from __future__ import annotations

import tempfile
import time
from itertools import islice
from pathlib import Path

import msgspec

from bench import workload
from habitue import wire
from habitue.model.event import Event
from habitue.model.instant import MINUTE, SECOND, Instant
from habitue.model.reason import Outcome
from habitue.run.clock import SystemClock
from habitue.run.crank import Crank
from habitue.run.embedded import Watch, decide
from habitue.run.ports import Commit, Store


class Watching:
    """Notes, for each entry that a timer made, how long after it was due it was committed."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.late: list[float] = []

    def commit(self, commit: Commit) -> None:
        self.store.commit(commit)
        now = SystemClock().now()
        self.late += [
            (now - one.at) / SECOND
            for one in commit.decisions
            if one.journey == "browse" and one.outcome is Outcome.ENTERED
        ]

    def __getattr__(self, name: str) -> object:
        return getattr(self.store, name)


class Until:
    """A lifeline that ends at an instant."""

    def __init__(self, end: Instant) -> None:
        self.end = end

    @property
    def stopping(self) -> bool:
        return SystemClock().now() > self.end

    def wait(self, seconds: float) -> bool:
        time.sleep(seconds)
        return self.stopping


def measure(timers: int = 100_000, ahead_seconds: int = 60) -> dict[str, float]:
    """Lateness in seconds: p50, p99, worst; and how many fired early or never."""
    with tempfile.TemporaryDirectory() as name:
        parts = wire.create(Path(name))
        now = SystemClock().now()
        version = parts.playbooks.save_playbook("bench", workload.files(), now, "bench")
        parts.log.append([workload.applied(version, now)])
        first = now + ahead_seconds * SECOND
        looks = (_look(number, first + number * MINUTE // timers) for number in range(timers))
        while block := list(islice(looks, 5_000)):
            parts.log.append(block)
        filling = parts.crank()
        while filling.turn(8_000).records:
            pass
        filled_at = SystemClock().now()
        watching = Watching(parts.store)
        crank = Crank(watching, parts.log, parts.load)  # type: ignore[arg-type]
        written = Watch(Path(name) / "log.db-wal")
        decide(crank, SystemClock(), Until(first + MINUTE + 5 * SECOND), 8_000, written)  # type: ignore[arg-type]
        parts.close()
    late = sorted(watching.late)
    return {
        "filled_before_first_seconds": (first - filled_at) / SECOND,
        "early": sum(one < 0 for one in late),
        "lost": timers - len(late),
        "p50_seconds": late[len(late) // 2],
        "p99_seconds": late[int(len(late) * 0.99)],
        "worst_seconds": late[-1],
    }


def _look(number: int, due: Instant) -> Event:
    """A look at a product whose twenty-five minutes are over at `due`."""
    return Event(
        id=f"look-{number}",
        source="bench",
        type="track",
        name="Product Viewed",
        occurred_at=due - 25 * MINUTE,
        user_id=f"user-{number}",
        properties={"product_id": "P1", "name": "Product 1", "category": "mugs", "price": 4.95},
    )


if __name__ == "__main__":
    print(msgspec.json.encode(measure()).decode())
