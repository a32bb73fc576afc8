"""A new condition on a large past: counted for everybody out of the archive, and adopted while events are decided on.

The archive is made by DuckDB in the archive's own layout, and the customers are committed as the decide loop would:
what is measured is what `habitue apply` does over it, in a process of its own.
"""

from __future__ import annotations

import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from hashlib import md5
from multiprocessing import get_context
from pathlib import Path
from resource import RUSAGE_SELF, getrusage

import duckdb
import msgspec

from bench import ingest, system, workload
from habitue import wire
from habitue.model.customer import Customer
from habitue.model.event import Event
from habitue.model.instant import DAY, SECOND, Instant, to_iso
from habitue.run.clock import ManualClock
from habitue.run.ports import Commit, CustomerRow
from habitue.store.archive.archive import Progress, Stretch
from habitue.store.sqlite import SqliteLog, SqliteStore
from habitue.wire.filling import fill_beforehand

CUSTOMERS, EVENTS, DAYS = 1_000_000, 100_000_000, 365
VISITORS_PERCENT = 30
"""Of the customers, so many were visitors first and did a sixth of what they did then, under another id."""
START: Instant = 1_750_000_000 * SECOND // DAY * DAY
CONDITION = (
    'count("Product Viewed", category == "watches", within="30d") >= 3 and sum("Order Completed", total, '
    'within="365d") > 200 and not did("Order Completed", within="30d")'
)
_SHOP = "shop: {name: Bench, url: 'https://bench.example', timezone: UTC, currency: EUR}"
FILES = {
    "playbook.yaml": f"playbook: bench\n{_SHOP}\n",
    "segments.yaml": f"wanted: {{title: Wanted, condition: '{CONDITION}'}}\n",
}
_DAY = Path(__file__).with_suffix(".sql").read_text(encoding="utf-8")


class Handclock:
    """As long after the last event as an operator's evening."""

    def now(self) -> Instant:
        return START + DAYS * DAY + SECOND


def generate(data: Path, customers: int, events: int) -> None:
    """A data directory of a year: an archive of it, everybody who was met, and the last record of the log."""
    archive = data / "archive"
    last = write_days(archive, customers, events)
    _meet(data, customers, last)
    done, none = Stretch(last, last), Stretch(0, 0)
    chunk = 0  # Their trails are not made: nobody reads them, for all is archived.
    (archive / "progress.json").write_bytes(msgspec.json.encode(Progress(done, none, none, chunk)))


def write_days(archive: Path, customers: int, events: int) -> int:
    """The archive's files of a year; returns the last position."""
    connection = duckdb.connect(config={"preserve_insertion_order": True, "memory_limit": "2GB"})
    connection.execute("SET TimeZone = 'UTC'")
    connection.execute("SET enable_progress_bar = false")
    each = events // DAYS
    for day in range(DAYS):
        first, at = day * each, START + day * DAY
        folder = archive / "events" / f"date={to_iso(at)[:10]}"
        folder.mkdir(parents=True)
        connection.execute(
            _DAY.format(
                first=first,
                at=at,
                step=DAY // each,
                count=each,
                customers=customers,
                visitors=VISITORS_PERCENT,
                file=folder / f"{first:015d}-{first + each - 1:015d}.parquet",
            )
        )
    return DAYS * each - 1


def _meet(data: Path, customers: int, last: int) -> None:
    store, batch = SqliteStore(data), 20_000
    for first in range(0, customers, batch):
        rows: list[CustomerRow] = []
        met: list[tuple[str, Instant]] = []
        for number in range(first, min(first + batch, customers)):
            one = md5(str(number).encode(), usedforsecurity=False).hexdigest()[:20]
            known, visitor = f"u{one}", f"a{one}"
            state = Customer(id=known, position=1, user_id=f"user-{number}", first_seen_at=START, last_seen_at=START)
            met.append((known, START))
            if number % 100 < VISITORS_PERCENT:
                state.merged_ids = [visitor]
                gone = msgspec.msgpack.encode(Customer(id=visitor, merged_into=known))
                rows.append(CustomerRow(visitor, gone, None, "", 0, True, known))
                met.append((visitor, START))
            rows.append(CustomerRow(known, msgspec.msgpack.encode(state), None, f"user-{number}", START))
        store.commit(Commit(position=last, now=START, customers=rows, met=met))
    store.close()
    log = SqliteLog(data / "log.db", ManualClock(START + DAYS * DAY))
    event = Event(id="last", source="web", type="track", name="Page Viewed", occurred_at=START)
    with log._database.write() as connection:
        row = (last, START + DAYS * DAY, b"last", msgspec.json.encode(event))
        connection.execute("INSERT INTO events (position, received_at, dedupe, body) VALUES (?, ?, ?, ?)", row)
    log.close()


def count(data: Path) -> dict[str, float]:
    """What `habitue apply` does before the version is in force."""
    parts = wire.create(data)
    playbook = wire.checked(FILES)
    begin = time.perf_counter()
    name = fill_beforehand(parts, playbook, Handclock().now(), _say)
    seconds = time.perf_counter() - begin
    fill = parts.fills.open(name)
    assert fill is not None
    rows = fill._connection.execute("SELECT count(*) FROM counters").fetchone()[0]
    peak = getrusage(RUSAGE_SELF).ru_maxrss / 1024
    parts.close()
    return {"seconds": seconds, "peak_megabytes": peak, "customers": rows}


def _say(done: int, total: int) -> None:
    if sys.stderr.isatty():
        print(f"{time.perf_counter():.1f} s: {done} of {total}", file=sys.stderr)


def measure(customers: int = CUSTOMERS, events: int = EVENTS) -> dict[str, float]:
    """Seconds, and megabytes at the peak, of counting a new condition for everybody."""
    with tempfile.TemporaryDirectory() as name:
        data = Path(name)
        with ProcessPoolExecutor(1, get_context("spawn")) as apart:
            apart.submit(generate, data, customers, events).result()
        with ProcessPoolExecutor(1, get_context("spawn")) as alone:
            return alone.submit(count, data).result()


def adopt(customers: int = 200_000) -> dict[str, float]:
    """Delays of decisions at 500 events/s while customers adopt a version, and how many do in a second."""
    with tempfile.TemporaryDirectory() as name:
        data = Path(name)
        key = system.fill(data, customers, 0)
        with system.served(data) as (address, _):
            parts = wire.open_existing(data)
            while parts.view.position() < parts.log.position():
                time.sleep(0.5)
            time.sleep(15)  # The archive takes in what was filled.
            files = workload.files()
            files["segments.yaml"] += f"\nwanted: {{title: Wanted, condition: '{CONDITION}'}}\n"
            begin = time.perf_counter()
            wire.apply_playbook(parts, files, "bench")
            while not parts.store.adopting():
                time.sleep(0.01)
            applied = time.perf_counter()
            delays = sorted(ingest.decision_delay(data, address, key, seconds=10))
            under_way = bool(parts.store.adopting())
            while parts.store.adopting():
                time.sleep(0.05)
            seconds = time.perf_counter() - applied
            parts.close()
    return {
        "p50_seconds": delays[len(delays) // 2],
        "p99_seconds": delays[int(len(delays) * 0.99)],
        "worst_seconds": delays[-1],
        "counted_seconds": applied - begin,
        "customers_per_second": customers / seconds,
        "under_way": under_way,
    }


if __name__ == "__main__":
    scale = float(sys.argv[1]) if len(sys.argv) > 1 else 1.0
    for name, figure in measure(int(CUSTOMERS * scale), int(EVENTS * scale)).items():
        print(f"{name:<16} {figure:>12,.1f}")
