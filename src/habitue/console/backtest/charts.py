"""The charts of a report: day by day without gaps, and how many got how many messages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Any

from habitue.console.visit import Visit
from habitue.console.wording import CHANNEL_TITLES
from habitue.model.instant import Instant, to_datetime
from habitue.run.backtest import Comparison, Report

MESSAGES_SHOWN_MAX = 20


def messages(visit: Visit, report: Report) -> dict[str, Any]:
    days = _days(report.since, report.until)
    return {
        "kind": "bar",
        "x": [_said(day) for day in days],
        "series": [
            {
                "name": CHANNEL_TITLES.get(channel, channel),
                "data": [report.by_day_channel.get(day.isoformat(), {}).get(channel, 0) for day in days],
            }
            for channel in report.by_channel
        ],
    }


def entrants(visit: Visit, report: Report) -> dict[str, Any]:
    days = _days(report.since, report.until)
    entered = [report.by_day.get(day.isoformat(), {}).get("entered", 0) for day in days]
    return {"kind": "bar", "x": [_said(day) for day in days], "series": [{"name": "Entered", "data": entered}]}


def per_person(visit: Visit, counts: Mapping[int, int]) -> dict[str, Any]:
    """People by number of messages; the few who got very many stand together in the last column."""
    most = min(max(counts, default=0), MESSAGES_SHOWN_MAX)
    data = [counts.get(number, 0) for number in range(most + 1)]
    data[-1] += sum(people for number, people in counts.items() if number > most)
    names = [str(number) for number in range(most + 1)]
    if max(counts, default=0) > most:
        names[-1] += " or more"
    return {"kind": "bar", "x": names, "series": [{"name": "People", "data": data}]}


def side_by_side(visit: Visit, comparison: Comparison, before: str, after: str) -> dict[str, Any]:
    days = _days(comparison.one.since, comparison.one.until)
    sides = ((before, comparison.one), (after, comparison.other))
    return {
        "kind": "line",
        "x": [_said(day) for day in days],
        "series": [
            {"name": name, "data": [sum(report.by_day_channel.get(day.isoformat(), {}).values()) for day in days]}
            for name, report in sides
        ],
    }


def _days(since: Instant, until: Instant) -> list[date]:
    first, last = to_datetime(since).date(), to_datetime(until - 1).date()
    return [first + timedelta(days=count) for count in range((last - first).days + 1)]


def period(since: Instant, until: Instant) -> str:
    """The days of it, as reports count them: in UTC."""
    first, last = to_datetime(since).date(), to_datetime(until - 1).date()
    return f"{_said(first)}{f' {first.year}' if first.year != last.year else ''} to {_said(last)} {last.year}"


def _said(day: date) -> str:
    return f"{day.day} {day:%b}"


def overlap(journeys: Iterable[str], report: Report) -> list[list[tuple[int, int, int]]]:
    """A row for each journey: (people in both, messages close to each other, shade from 0 to 5)."""
    names = list(journeys)
    both = {(one.one, one.other): one for one in report.overlap} | {(one.other, one.one): one for one in report.overlap}
    most = max((one.people for one in report.overlap), default=0)

    def cell(row: str, column: str) -> tuple[int, int, int]:
        found = both.get((row, column))
        if found is None or row == column:
            return 0, 0, 0
        return found.people, found.close, max(1, round(5 * found.people / most)) if found.people else 0

    return [[cell(row, column) for column in names] for row in names]
