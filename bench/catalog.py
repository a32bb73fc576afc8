"""How long it takes to find those whom a lower price concerns, among a million customers, and to queue their events."""

from __future__ import annotations

import random
import tempfile
import time
from contextlib import closing
from pathlib import Path

import msgspec

from habitue.model.customer import Customer, customer_id
from habitue.model.product import Product
from habitue.run.clock import ManualClock
from habitue.run.occurrences import Occurrences
from habitue.run.ports import Commit, CustomerRow, Interest
from habitue.store.sqlite import SqliteCatalog, SqliteLog, SqliteStore, SqliteView

CUSTOMERS, INTERESTED = 1_000_000, 5_000
PRODUCTS, LOOKS_EACH, BATCH = 20_000, 3, 20_000
WANTED = "p-wanted"
START = 1_790_000_000_000_000


def measure(customers: int = CUSTOMERS, interested: int = INTERESTED) -> dict[str, float]:
    """`seconds` from the lower price to the last event on disk, of `events` people."""
    with tempfile.TemporaryDirectory() as name:
        data = Path(name)
        clock = ManualClock(START + customers + 1)
        with closing(SqliteStore(data)) as store:
            _fill(store, customers, interested)
            decided = store.position()
        wanted = Product(id=WANTED, name="Watch", price=100.0, currency="EUR", category="Watches", url="/w", stock=9)
        with (
            closing(SqliteCatalog(data / "catalog.db")) as catalog,
            closing(SqliteView(data)) as view,
            closing(SqliteLog(data / "log.db", clock)) as log,
        ):
            catalog.put_products([wanted], source="bench", at=START, tell=False)
            begin = time.perf_counter()
            catalog.put_products([msgspec.structs.replace(wanted, price=80.0)], source="bench", at=clock.now())
            occurrences = Occurrences(catalog, view, log, lambda: decided)
            events = 0
            while (turned := occurrences.turn()).more:
                events += turned.events
            return {"seconds": time.perf_counter() - begin, "events": events}


def _fill(store: SqliteStore, customers: int, interested: int) -> None:
    """Everybody has looked at a few products; some at the one whose price will fall."""
    chance = random.Random(7)
    wanting = set(chance.sample(range(customers), interested))
    for position, first in enumerate(range(0, customers, BATCH)):
        rows, interests = [], []
        for number in range(first, min(first + BATCH, customers)):
            one = customer_id("user", f"user-{number}")
            state = msgspec.msgpack.encode(Customer(id=one, user_id=f"user-{number}"))
            rows.append(CustomerRow(one, state, None, f"user-{number}", START + number))
            looks = {f"p{chance.randrange(PRODUCTS)}" for _ in range(LOOKS_EACH)}
            interests += [Interest(one, "viewed", look, START + number) for look in looks]
            if number in wanting:
                interests.append(Interest(one, chance.choice(("viewed", "wished", "cart")), WANTED, START + number))
        store.commit(Commit(position=position, now=START, customers=rows, interests=interests))


if __name__ == "__main__":
    for name, figure in measure().items():
        print(f"{name:<10} {figure:>10,.3f}")
