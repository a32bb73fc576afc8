"""Simulations: invented visitors, always the same for the same seed."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import msgspec
from tests.decide.world import NOON
from tests.run.backtest.test_report import draft

from habitue.model.event import PAGE_VIEWED
from habitue.model.instant import DAY, to_datetime
from habitue.run.simulate import BUSY_HOURS, ZONES, lives, simulate


def test_the_same_seed_gives_the_same_simulation() -> None:
    reports = [simulate(draft(3), seed=seed, days=20, people=40, start=NOON) for seed in (7, 7, 8)]
    first, again, other = (msgspec.json.encode(report) for report in reports)
    assert first == again != other
    assert reports[0].sent > 10


def test_invented_visitors_come_within_the_period_and_at_hours_of_their_own_day() -> None:
    arrivals = [event for event in lives(7, 60, 20, NOON) if event.name == PAGE_VIEWED]
    zones = {event.context["timezone"] for event in arrivals}
    assert zones == set(ZONES)
    for event in arrivals:
        assert NOON <= event.occurred_at < NOON + 20 * DAY
        assert BUSY_HOURS[to_datetime(event.occurred_at).astimezone(ZoneInfo(event.context["timezone"])).hour] > 0
