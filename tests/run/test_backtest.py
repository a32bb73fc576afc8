"""Backtests and simulations: recorded or invented history lived through with a playbook of one's choice."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import msgspec
import pytest
from tests.decide.world import NOON, NOTE, PLAYBOOK, World

from habitue.errors import HabitueError
from habitue.model.event import PAGE_VIEWED
from habitue.model.instant import DAY, HOUR, MINUTE, to_datetime
from habitue.playbook.load import load
from habitue.playbook.playbook import Playbook
from habitue.run.backtest import backtest
from habitue.run.simulate import BUSY_HOURS, ZONES, lives, simulate
from habitue.store.memory import MemoryStore

FILES = {
    "journeys/looked.yaml": "journey: looked\ntitle: Looked\nentry: {event: Product Viewed}\nreentry: after 1d\n"
    "goal: Order Completed\nsteps: [{wait: 20m}, {send: note}]",
}


def draft(cap: int) -> Playbook:
    guard = f"guard: {{caps: [{{channel: email, limit: {cap}, within: 30d}}]}}\n"
    return load({"playbook.yaml": PLAYBOOK + guard, "messages/note.yaml": NOTE, **FILES})


def test_a_backtest_decides_what_the_live_system_decided_at_the_same_moments() -> None:
    world = World(FILES)
    for who in ("ana", "ben"):
        world.meet(who)
    for step in range(6):
        world.happens("Product Viewed", "ana" if step % 2 else "ben", product_id="P1")
        world.passes(7 * HOUR + step * MINUTE)
    live = [(effect.customer, effect.at) for effect in world.effects()]
    store = MemoryStore()
    playbook = load({"playbook.yaml": PLAYBOOK, "messages/note.yaml": NOTE, **FILES})
    report = backtest(world.log.scan(), playbook, store, journey="looked", since=NOON, until=world.clock.now())
    assert [(effect.customer, effect.at) for _, effect in store.effects(0, 100)] == live
    assert report.sent == len(live) > 2
    assert report.entered == report.sent
    assert sum(report.per_person.values()) == 2


def test_history_imported_in_one_go_is_lived_through_at_the_times_it_happened() -> None:
    world = World()
    world.happens("Consent Granted", channel="email", ago=40 * DAY)
    world.happens("Identified", traits={"email": "ana@example.com"}, ago=40 * DAY)
    for days in (30, 20, 10):
        world.happens("Product Viewed", product_id="P1", ago=days * DAY)
    report = backtest(world.log.scan(), draft(2), MemoryStore(), journey="looked", since=NOON - 60 * DAY, until=NOON)
    assert (report.entered, report.sent, report.dropped) == (3, 2, 1)
    assert report.by_reason == {"cap_channel": 1}
    assert list(report.by_day) == ["2026-04-28", "2026-05-08", "2026-05-18"]
    assert report.per_person == {2: 1}


def test_the_period_limits_what_is_reported_but_not_what_is_remembered() -> None:
    world = World()
    world.happens("Consent Granted", channel="email", ago=40 * DAY)
    world.happens("Identified", traits={"email": "ana@example.com"}, ago=40 * DAY)
    for days in (30, 20, 10):
        world.happens("Product Viewed", product_id="P1", ago=days * DAY)
    report = backtest(world.log.scan(), draft(2), MemoryStore(), journey="looked", since=NOON - 15 * DAY, until=NOON)
    assert (report.entered, report.sent, report.dropped) == (1, 0, 1)


def test_an_unknown_journey_is_refused_with_those_there_are() -> None:
    with pytest.raises(HabitueError, match="the playbook has: looked"):
        backtest([], draft(1), MemoryStore(), journey="loked", since=0, until=1)


def test_the_same_seed_gives_the_same_simulation() -> None:
    reports = [simulate(draft(3), MemoryStore(), seed=seed, days=20, people=40, start=NOON) for seed in (7, 7, 8)]
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
