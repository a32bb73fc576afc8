"""The measurements and their targets, one function for each group that shares a set-up."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from bench import (
    backtest,
    catalog,
    decide,
    dialects,
    history,
    imports,
    ingest,
    letters,
    merge,
    plan,
    reader,
    step,
    system,
    timers,
)

CUSTOMERS, WAITING = 200_000, 50_000
IDLE_SECONDS = 20


class Figure(NamedTuple):
    name: str
    value: str
    target: str
    met: bool


def measure_step() -> list[Figure]:
    found = step.measure()
    rate = found["events_per_second"]
    return [
        Figure("step alone, in memory", f"{rate:,.0f} events/s", "≥ 50,000", rate >= 50_000),
        Figure("size of a state", f"{found['state_bytes']:,.0f} bytes", "", True),
    ]


def measure_merge() -> list[Figure]:
    return [Figure("merge of two customers", f"{merge.measure()['microseconds']:,.0f} µs", "", True)]


def measure_decide() -> list[Figure]:
    found = decide.measure(customers=CUSTOMERS)
    rate, bare = found["events_per_second"], found["bare_events_per_second"]
    return [
        Figure("decide loop, SQLite, durable", f"{rate:,.0f} events/s", "≥ 10,000", rate >= 10_000),
        Figure("the same loop, deciding nothing", f"{bare:,.0f} events/s", "≤ twice the loop", bare <= 2 * rate),
    ]


def measure_system() -> list[Figure]:
    with tempfile.TemporaryDirectory() as name:
        data = Path(name)
        key = system.fill(data, CUSTOMERS, WAITING)
        with system.served(data) as (address, pids):
            time.sleep(5)  # The archive takes in what was filled; that is not idleness.
            _rest(pids)
            used = system.cpu_seconds(pids)
            time.sleep(IDLE_SECONDS)
            idle = (system.cpu_seconds(pids) - used) / IDLE_SECONDS
            delays = sorted(ingest.decision_delay(data, address, key))
            single = ingest.throughput(address, key, 15_000, 1, 32, 5)
            batch = ingest.throughput(address, key, 200_000, 100, 8, 6)
            memory = system.resident_megabytes(pids)
    p50, p99 = delays[len(delays) // 2], delays[int(len(delays) * 0.99)]
    return [
        Figure("HTTP ingest, batches of 100, durable", f"{batch:,.0f} events/s", "≥ 10,000", batch >= 10_000),
        Figure("HTTP ingest, single events, durable", f"{single:,.0f} requests/s", "≥ 1,500", single >= 1_500),
        Figure("accepted → decided, 500 events/s, p50", f"{p50 * 1000:.0f} ms", "", True),
        Figure("accepted → decided, 500 events/s, p99", f"{p99 * 1000:.0f} ms", "< 250 ms", p99 < 0.25),
        Figure("idle, 200,000 customers, 50,000 waiting", f"{idle:.2%} of a core", "< 1 %", idle < 0.01),
        Figure("resident memory, all processes, after load", f"{memory:,.0f} MB", "< 600 MB", memory < 600),
    ]


def _rest(pids: list[int]) -> None:
    """Wait until the processes have nothing left to do, two minutes at most."""
    for _ in range(60):
        used = system.cpu_seconds(pids)
        time.sleep(2)
        if system.cpu_seconds(pids) - used < 0.06:
            return


def measure_dialects() -> list[Figure]:
    found = {name: f"{rate:,.0f} events/s" for name, rate in dialects.measure().items()}
    return [
        Figure("reading Segment's dialect, in memory", found["segment"], "", True),
        Figure("… PostHog's", found["posthog"], "", True),
        Figure("… CleverTap's", found["clevertap"], "", True),
        Figure("… GA4's", found["ga4"], "", True),
        Figure("… Shopify's, orders of three lines", found["shopify"], "", True),
        Figure("… WooCommerce's, the same", found["woocommerce"], "", True),
    ]


def measure_timers() -> list[Figure]:
    found = timers.measure()
    return [
        Figure("100,000 timers due in one minute: early", f"{found['early']:.0f}", "0", found["early"] == 0),
        Figure("… lost", f"{found['lost']:.0f}", "0", found["lost"] == 0),
        Figure("… late, p50", f"{found['p50_seconds'] * 1000:.0f} ms", "", True),
        Figure("… late, p99", f"{found['p99_seconds'] * 1000:.0f} ms", "< 2 s", found["p99_seconds"] < 2),
    ]


def measure_catalog() -> list[Figure]:
    found = catalog.measure()
    seconds = found["seconds"]
    met = seconds < 2 and found["events"] == catalog.INTERESTED
    return [Figure("price drop: 5,000 of 1,000,000 customers found and queued", f"{seconds:.2f} s", "< 2 s", met)]


def measure_letters() -> list[Figure]:
    found = letters.measure()
    made, sent = found["made_per_second"], found["sent_per_second"]
    return [
        Figure("an email made and serialised, per second, one core", f"{made:,.0f}", "≥ 400", made >= 400),
        Figure("… with the outbox, its files and SMTP", f"{sent:,.0f}", "", True),
    ]


def measure_imports() -> list[Figure]:
    found = imports.measure()
    rate, peak = found["rows_per_second"], found["peak_megabytes"]
    return [
        Figure("import of 1,000,000 orders, CSV, durable", f"{rate:,.0f} rows/s", "", True),
        Figure("… most memory it ever had", f"{peak:,.0f} MB", "< 500 MB", peak < 500),
    ]


def measure_backtest() -> list[Figure]:
    found = backtest.measure()
    one, two = found["one"], found["two"]
    return [
        Figure("backtest from the archive, one process", f"{one:,.0f} events/s", "", True),
        Figure("… two processes", f"{two:,.0f} events/s", "≥ 100,000", two >= 100_000),
        Figure("… one process, events in memory", f"{found['memory']:,.0f} events/s", "", True),
    ]


def measure_plan() -> list[Figure]:
    found = plan.measure()
    assert found["people"], "a plan that moves nobody has not looked"
    return [Figure("plan, the demo's playbook and history", f"{found['seconds']:.1f} s", "", True)]


def measure_reader() -> list[Figure]:
    found = reader.measure()
    assert found["members"], "a condition that is true of nobody has not been counted"
    return [
        Figure("preview of a condition, 20,000,000 events, the first", f"{found['first']:.2f} s", "", True),
        Figure("… the next", f"{found['again']:.2f} s", "< 1 s", found["again"] < 1),
    ]


def measure_history() -> list[Figure]:
    found, adopting = history.measure(), history.adopt()
    seconds, peak = found["seconds"], found["peak_megabytes"]
    late = adopting["p99_seconds"]
    met = late < 0.25 and bool(adopting["under_way"])
    return [
        Figure("new condition, 1,000,000 customers, 100,000,000 events", f"{seconds:.0f} s", "< 60 s", seconds < 60),
        Figure("… most memory it took", f"{peak:,.0f} MB", "< 4,000 MB", peak < 4_000),
        Figure(
            "customers who adopt a version, under load", f"{adopting['customers_per_second']:,.0f} a second", "", True
        ),
        Figure("accepted → decided meanwhile, 500 events/s, p99", f"{late * 1000:.0f} ms", "< 250 ms", met),
    ]


MEASUREMENTS: dict[str, Callable[[], list[Figure]]] = {
    "step": measure_step,
    "merge": measure_merge,
    "decide": measure_decide,
    "system": measure_system,
    "dialects": measure_dialects,
    "timers": measure_timers,
    "catalog": measure_catalog,
    "letters": measure_letters,
    "imports": measure_imports,
    "backtest": measure_backtest,
    "plan": measure_plan,
    "reader": measure_reader,
    "history": measure_history,
}
LONG = frozenset({"history", "reader"})
"""Measured only when asked for: a year of a large shop takes a quarter of an hour to make up, and 4 GB of disk."""
