"""The bare store: how fast batches like the decide loop's are loaded and committed, how fast questions are answered.

Run as `python -m bench.store`. Nothing is decided here; states are random bytes of a believable size.
"""

from __future__ import annotations

import os
import random
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from habitue.model.customer import customer_id
from habitue.model.decision import Decision
from habitue.model.event import Event
from habitue.model.instant import MINUTE, SECOND
from habitue.model.reason import Outcome, Reason
from habitue.run.ports import Commit, CustomerRow, Membership, Place, Tally
from habitue.store.sqlite import SqliteLog, SqliteStore, SqliteView

CUSTOMERS = 200_000
EVENTS, TOUCHED, DECISIONS, MEMBERSHIPS, PLACES = 5_000, 2_000, 1_500, 400, 400
START = 1_780_000_000 * SECOND
SEGMENTS = [f"segment_{number}" for number in range(10)]
JOURNEYS = ["browse", "cart", "second_order", "win_back"]


class Traffic:
    """Seeded batches over customers hit at random, which is the worst a store can meet."""

    def __init__(self) -> None:
        self._chance = random.Random(1)
        self._noise = os.urandom(4_096)
        self.ids = [customer_id("user", str(number)) for number in range(CUSTOMERS)]
        self._position = -1
        self._now = START

    def filling(self, first: int, count: int) -> Commit:
        """Customers who were not there before."""
        ids = self.ids[first : first + count]
        self._position += count
        rows = [self._row(one, f"{one[:9]}@example.com {one[9:15]}") for one in ids]
        return Commit(position=self._position, now=self._now, customers=rows)

    def batch(self) -> Commit:
        """About half a second of full load."""
        chance = self._chance
        touched = chance.sample(self.ids, TOUCHED)
        self._now += SECOND // 2
        first, self._position = self._position + 1, self._position + EVENTS
        minute = self._now // MINUTE
        return Commit(
            position=self._position,
            now=self._now,
            customers=[self._row(one, f"{one[:9]}@example.com {one[9:15]}") for one in touched],
            decisions=[self._decision(touched[number], number) for number in range(DECISIONS)],
            memberships=[
                Membership(one, chance.choice(SEGMENTS), self._now if chance.random() < 0.6 else None, self._now)
                for one in touched[:MEMBERSHIPS]
            ],
            places=[self._place(one) for one in touched[:PLACES]],
            tallies=[
                Tally(minute, "event", f"name {number % 30}", "", str(number // 30), EVENTS // 60)
                for number in range(60)
            ],
            tail=[(touched[number % TOUCHED], first + number, self._now) for number in range(EVENTS)],
        )

    def _row(self, one: str, search: str) -> CustomerRow:
        size = self._chance.randint(600, 1_000)
        due = self._now + self._chance.randrange(30 * 1_440) * MINUTE
        return CustomerRow(one, self._noise[:size], due, search, self._now)

    def _decision(self, one: str, number: int) -> Decision:
        return Decision(
            id=f"{one[:12]}-{self._position}-{number}",
            customer=one,
            at=self._now,
            outcome=self._chance.choice(list(Outcome)),
            reason=self._chance.choice(list(Reason)[:8]),
            journey=self._chance.choice(JOURNEYS),
            run=f"{one[:12]}-{number}",
            step="wait",
            detail={"until": self._now},
        )

    def _place(self, one: str) -> Place:
        step = "wait" if self._chance.random() < 0.6 else None
        return Place(one, f"{one}-run", self._chance.choice(JOURNEYS), 1, "", step, self._now, self._now + MINUTE)


def measure(batches: int = 40) -> dict[str, float]:
    """Seconds and rates; see the names."""
    with tempfile.TemporaryDirectory() as folder:
        data, traffic = Path(folder), Traffic()
        figures = _log(data)
        store = SqliteStore(data)
        for first in range(0, CUSTOMERS, 10_000):
            store.commit(traffic.filling(first, 10_000))
        figures |= _batches(store, traffic, batches)
        figures["state megabytes"] = (data / "state.db").stat().st_size / 1e6
        figures |= _questions(SqliteView(data), traffic.ids)
        store.close()
    return figures


def _log(data: Path) -> dict[str, float]:
    class Clock:
        def now(self) -> int:
            return time.time_ns() // 1_000

    log = SqliteLog(data / "log.db", Clock())
    properties = {"product_id": "84879", "name": "Assorted colour bird ornament", "price": 1.69, "category": "garden"}
    events = [
        Event(
            id=f"api-{number:032x}",
            source="web",
            type="track",
            name="Product Viewed",
            occurred_at=START + number,
            user_id=f"user-{number % 999}",
            properties=properties,
            context={"page": {"url": "https://shop.example/p/84879", "referrer": ""}, "ip": "203.0.113.9"},
        )
        for number in range(50_000)
    ]
    begin = time.perf_counter()
    for first in range(0, len(events), 100):
        log.append(events[first : first + 100])
    appended = time.perf_counter()
    read = sum(1 for _ in log.scan())
    scanned = time.perf_counter()
    for _ in range(2_000):
        log.fence()
    fenced = time.perf_counter()
    log.close()
    return {
        "log: events/s appended in hundreds": len(events) / (appended - begin),
        "log: events/s read": read / (scanned - appended),
        "log: fences/s": 2_000 / (fenced - scanned),
    }


def _batches(store: SqliteStore, traffic: Traffic, batches: int) -> dict[str, float]:
    loads, commits = [], []
    for _ in range(batches):
        commit = traffic.batch()
        begin = time.perf_counter()
        store.load([row.id for row in commit.customers])
        loaded = time.perf_counter()
        store.commit(commit)
        loads.append(loaded - begin)
        commits.append(time.perf_counter() - loaded)
    commits.sort()
    return {
        "state: events/s loaded and committed": EVENTS * batches / (sum(loads) + sum(commits)),
        "state: ms to load a batch": 1_000 * sum(loads) / batches,
        "state: ms to commit a batch, mean": 1_000 * sum(commits) / batches,
        "state: ms to commit a batch, median": 1_000 * commits[batches // 2],
        "state: ms to commit a batch, worst": 1_000 * commits[-1],
    }


def _questions(view: SqliteView, ids: list[str]) -> dict[str, float]:
    questions: dict[str, Callable[[], object]] = {
        "people, newest": lambda: view.people(),
        "people, few found": lambda: view.people(ids[77][:8]),
        "people, many found": lambda: view.people("example"),
        "people, none found": lambda: view.people("nobody at all"),
        "people count": view.people_count,
        "a timeline": lambda: view.timeline(ids[5:7]),
        "her decisions": lambda: view.decisions(customers=ids[5:7]),
        "decisions, newest": lambda: view.decisions(),
        "decisions of a journey and a reason": lambda: view.decisions(journey="cart", reason="reentry"),
        "segment sizes": view.segment_sizes,
        "members": lambda: view.members("segment_1"),
        "places": lambda: view.places("cart"),
        "place counts": lambda: view.place_counts("cart"),
        "tallies of a day": lambda: view.tallies("event", START // MINUTE - 1_440, START // MINUTE + 60, 1),
        "totals": lambda: view.totals("event"),
    }
    figures = {}
    for name, ask in questions.items():
        ask()
        begin = time.perf_counter()
        for _ in range(3):
            ask()
        figures[f"view: ms for {name}"] = 1_000 * (time.perf_counter() - begin) / 3
    view.close()
    return figures


if __name__ == "__main__":
    for name, figure in measure(int(sys.argv[1]) if len(sys.argv) > 1 else 40).items():
        print(f"{name:<48} {figure:>12,.1f}")
