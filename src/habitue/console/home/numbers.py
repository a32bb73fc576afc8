"""Home's numbers, each from one question to the store's minute counts."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from habitue.console.figures import to_minute
from habitue.console.visit import Visit
from habitue.model.instant import MINUTE, Instant
from habitue.model.reason import Outcome, Reason
from habitue.run.receipts import EMAIL_SENT, MESSAGE_DISPLAYED

SPREADS = {"hour": ("Last hour", 60, 1), "day": ("24 hours", 24 * 60, 15), "week": ("7 days", 7 * 24 * 60, 120)}
"""Name → title, minutes shown, minutes a column stands for."""
REVENUE_DAYS = 14
BUCKET_MINUTES = 15
"""Days begin at the shop's midnight, which in every zone lies on a quarter of an hour."""


@dataclass(frozen=True, slots=True)
class Came:
    """What happened since a moment. `revenue` is in millionths, refunds taken off.

    A message that the guard let through is queued; `emailed` were taken by the mail server, `shown` stood on a page.
    """

    outcomes: dict[Outcome, int]
    emailed: int
    shown: int
    orders: int
    revenue: int


def since(visit: Visit, start: Instant) -> Came:
    view, minute = visit.services.view, to_minute(start)
    outcomes: Counter[Outcome] = Counter()
    for tally in view.totals("journey", minute):
        if tally.outcome == Outcome.ENTERED:
            outcomes[Outcome.ENTERED] += tally.count
    for tally in view.totals("message", minute):
        outcomes[Outcome(tally.outcome)] += tally.count
    orders = view.totals("orders", minute)
    events = Counter({tally.name: tally.count for tally in view.totals("event", minute)})
    return Came(
        outcomes={outcome: outcomes[outcome] for outcome in Outcome},
        emailed=events[EMAIL_SENT],
        shown=events[MESSAGE_DISPLAYED],
        orders=sum(tally.count for tally in orders if tally.name == "Order Completed"),
        revenue=sum(tally.amount for tally in orders),
    )


def events_over_time(visit: Visit, spread: str) -> dict[str, Any]:
    """A chart of events received, and how many there were in all."""
    _, minutes, bucket = SPREADS[spread]
    end = to_minute(visit.now) + 1
    start = (end - minutes) // bucket * bucket
    counts: Counter[int] = Counter()
    for tally in visit.services.view.tallies("event", start, end, bucket):
        counts[tally.minute] += tally.count
    at = range(start, end, bucket)
    return {
        "chart": {
            "kind": "bar",
            "x": [_moment(visit, minute, spread) for minute in at],
            "series": [{"name": "Events", "data": [counts[minute] for minute in at]}],
        },
        "total": sum(counts.values()),
        "latest": counts[at[-2]] if len(at) > 1 else 0,
    }


def _moment(visit: Visit, minute: int, spread: str) -> str:
    local = visit.figures.local(minute * MINUTE)
    return f"{local:%a %H:%M}" if spread == "week" else f"{local:%H:%M}"


def revenue_by_day(visit: Visit) -> dict[str, Any]:
    """A chart of the last days' revenue, today included."""
    figures = visit.figures
    start = figures.day_start(REVENUE_DAYS - 1)
    sums: Counter[str] = Counter()
    for tally in visit.services.view.tallies("orders", to_minute(start), to_minute(visit.now) + 1, BUCKET_MINUTES):
        sums[f"{figures.local(tally.minute * MINUTE):%Y-%m-%d}"] += tally.amount
    # Counting back from noon: a day of 23 or 25 hours must not be met twice or missed.
    noon = figures.local(figures.day_start()).replace(hour=12)
    days = [noon - timedelta(days=back) for back in range(REVENUE_DAYS - 1, -1, -1)]
    micros = [sums[f"{day:%Y-%m-%d}"] for day in days]
    return {
        "chart": {
            "kind": "bar",
            "whole": False,
            "x": [f"{day.day} {day:%b}" for day in days],
            "series": [{"name": "Revenue", "data": [round(sum_ / 1_000_000, 2) for sum_ in micros]}],
            "labels": [[figures.money(sum_) for sum_ in micros]],
        },
        "total": sum(micros),
    }


def refusals(visit: Visit, start: Instant) -> list[tuple[Reason, int]]:
    """Why messages were held or dropped, most frequent first."""
    counts: Counter[Reason] = Counter()
    for tally in visit.services.view.totals("message", to_minute(start)):
        if tally.outcome in (Outcome.DROPPED, Outcome.HELD):
            counts[Reason(tally.reason)] += tally.count
    return counts.most_common(6)
