"""Another time zone: what waits for an hour of the customer's waits for it where they are; once a day stays once."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from tests.decide.world import NOON, PLAYBOOK, World

from habitue.model.event import IDENTIFIED
from habitue.model.instant import HOUR, MINUTE, from_datetime, to_datetime

EVERYBODY = """
everybody:
  title: Everybody
  condition: reachable("email")
"""
DAILY = """
journey: daily
title: Daily
entry: {schedule: "09:00", segment: everybody%s}
reentry: always
steps:
  - send: note
"""
MORNING = """
journey: morning
title: Morning
entry: {event: Product Viewed}
steps:
  - wait_until: "09:00"
  - send: note
"""


def shop(journey: str) -> World:
    world = World({"segments.yaml": EVERYBODY, "journeys/it.yaml": journey})
    world.clock.instant = from_datetime(datetime(2026, 5, 28, 15, 0, tzinfo=UTC))
    return world


def goes_to(world: World, zone: str) -> None:
    world.happens("Page Viewed", context={"timezone": zone})


def sent(world: World) -> list[str]:
    return [f"{to_datetime(one.at):%d %H:%M}" for one in world.decisions("ana") if one.outcome == "sent"]


def passes_to(world: World, day: int, hour: int, minute: int = 0) -> None:
    then = from_datetime(datetime(2026, 5, day, hour, minute, tzinfo=UTC))
    while world.clock.instant < then:
        world.passes(min(HOUR, then - world.clock.instant))


def test_a_daily_message_follows_from_los_angeles_to_tokyo() -> None:
    """Not at 01:00 there, and not twice on one date of theirs."""
    world = shop(DAILY % "")
    world.happens(IDENTIFIED, traits={"email": "ana@example.com"}, context={"timezone": "America/Los_Angeles"})
    world.happens("Consent Granted", channel="email")
    passes_to(world, 28, 17)
    assert sent(world) == ["28 16:00"]  # 09:00 in Los Angeles on the 28th.
    goes_to(world, "Asia/Tokyo")
    passes_to(world, 31, 0, 30)
    assert sent(world) == ["28 16:00", "29 00:00", "30 00:00", "31 00:00"]


def test_a_date_that_was_started_is_not_started_again_further_west() -> None:
    world = shop(DAILY % "")
    world.happens(IDENTIFIED, traits={"email": "ana@example.com"}, context={"timezone": "Asia/Tokyo"})
    world.happens("Consent Granted", channel="email")
    passes_to(world, 29, 1)
    assert sent(world) == ["29 00:00"]  # 09:00 in Tokyo on the 29th; in Los Angeles it is still the 28th.
    goes_to(world, "America/Los_Angeles")
    passes_to(world, 31, 1)
    assert sent(world) == ["29 00:00", "30 16:00"]


def test_a_weekday_stays_that_weekday() -> None:
    world = shop(DAILY % ", weekdays: [fri]")
    world.happens(IDENTIFIED, traits={"email": "ana@example.com"}, context={"timezone": "America/Los_Angeles"})
    world.happens("Consent Granted", channel="email")
    goes_to(world, "Asia/Tokyo")
    passes_to(world, 31, 0)
    assert sent(world) == ["29 00:00"]


def test_a_schedule_on_the_shops_clock_stays_where_it_is() -> None:
    world = shop(DAILY % ", zone: shop")
    world.happens(IDENTIFIED, traits={"email": "ana@example.com"}, context={"timezone": "America/Los_Angeles"})
    world.happens("Consent Granted", channel="email")
    goes_to(world, "Asia/Tokyo")
    passes_to(world, 29, 12)
    assert sent(world) == ["29 09:00"]


def test_a_shop_that_moves_starts_no_date_twice() -> None:
    world = shop(DAILY % ", zone: shop")
    world.happens(IDENTIFIED, traits={"email": "ana@example.com"})
    world.happens("Consent Granted", channel="email")
    passes_to(world, 29, 10)
    assert sent(world) == ["29 09:00"]
    moved = PLAYBOOK.replace("timezone: UTC", "timezone: America/New_York")
    world.apply({"playbook.yaml": moved, "segments.yaml": EVERYBODY, "journeys/it.yaml": DAILY % ", zone: shop"})
    passes_to(world, 30, 14)
    assert sent(world) == ["29 09:00", "30 13:00"]


def test_a_schedule_set_to_another_hour_counts_from_now_on() -> None:
    world = shop(DAILY % "")
    world.happens(IDENTIFIED, traits={"email": "ana@example.com"})
    world.happens("Consent Granted", channel="email")
    passes_to(world, 29, 10)
    world.apply({"segments.yaml": EVERYBODY, "journeys/it.yaml": (DAILY % "").replace("09:00", "11:00")})
    passes_to(world, 29, 12)
    assert sent(world) == ["29 09:00", "29 11:00"]


def test_a_wait_until_an_hour_moves_with_the_zone() -> None:
    world = shop(MORNING)
    world.happens(IDENTIFIED, traits={"email": "ana@example.com"}, context={"timezone": "America/Los_Angeles"})
    world.happens("Consent Granted", channel="email")
    world.passes(2 * HOUR)
    world.happens("Product Viewed", product_id="P1")  # 10:00 in Los Angeles: until nine tomorrow.
    goes_to(world, "Asia/Tokyo")  # Two in the morning.
    passes_to(world, 29, 0, 1)
    assert sent(world) == ["29 00:00"]
    assert [row.due for row in world.store.places("morning")] == []


def test_the_ledger_says_that_a_wait_moved_once_a_day() -> None:
    world = shop(MORNING)
    world.happens(IDENTIFIED, traits={"email": "ana@example.com"}, context={"timezone": "America/Los_Angeles"})
    world.passes(2 * HOUR)
    world.happens("Product Viewed", product_id="P1")
    for zone in ("Asia/Tokyo", "America/Los_Angeles", "Asia/Tokyo"):
        world.passes(MINUTE)
        goes_to(world, zone)
    assert [one.detail.get("zone") for one in world.decisions("ana") if one.reason == "wait"] == [None, "Asia/Tokyo"]
    assert world.customer().runs[0].due == from_datetime(datetime(2026, 5, 29, tzinfo=UTC))


@pytest.mark.parametrize("known_first", [True, False])
def test_a_visitor_who_becomes_known_takes_the_zone_along(known_first: bool) -> None:
    world = shop(MORNING)
    zones = ("America/Los_Angeles", "Asia/Tokyo") if known_first else ("Asia/Tokyo", "America/Los_Angeles")
    world.passes(2 * HOUR)
    world.happens("Product Viewed", "ana", None, product_id="P1", context={"timezone": zones[0]})
    world.passes(MINUTE)
    world.happens("Page Viewed", None, "phone", context={"timezone": zones[1]})
    world.happens(IDENTIFIED, "ana", "phone")
    due = {
        "Asia/Tokyo": datetime(2026, 5, 29, 0, 0, tzinfo=UTC),
        "America/Los_Angeles": datetime(2026, 5, 29, 16, 0, tzinfo=UTC),
    }
    assert world.customer().runs[0].due == from_datetime(due[zones[1]])


def test_a_zone_nobody_knows_moves_nothing() -> None:
    world = shop(MORNING)
    world.happens("Product Viewed", product_id="P1")
    before = world.customer().runs[0].due
    goes_to(world, "Mars/Olympus")
    assert world.customer().runs[0].due == before
    assert before is not None and before > NOON
