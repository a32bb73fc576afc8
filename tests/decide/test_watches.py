"""Inactions being watched for and the dates of schedules: late events, crowds of keys, edited playbooks."""

from __future__ import annotations

from tests.decide.world import NOON, World

from habitue.model.instant import DAY, HOUR, MINUTE

BROWSED = {
    "journeys/browsed.yaml": """
journey: browsed
title: Browsed
entry: {inaction: {after: Product Viewed, within: 25m, without: [Order Completed]}}
steps: [{send: note}]
"""
}
LEFT = {
    "journeys/left.yaml": """
journey: left
title: Left
entry: {inaction: {after: Product Added, within: 30m, without: [Order Completed]}}
key: event.cart_id
steps: [{send: note}]
"""
}


def daily(segment: str, at: str = "13:00") -> dict[str, str]:
    return {
        "segments.yaml": "fan: {title: Fan, condition: trait.fan == True}\n"
        "vip: {title: Vip, condition: trait.vip == True}",
        "journeys/daily.yaml": f"journey: daily\ntitle: Daily\nentry: {{schedule: '{at}', segment: {segment}}}\n"
        "steps: [{send: note}]",
    }


def test_a_late_look_does_not_shorten_the_watch_for_the_latest() -> None:
    world = World(BROWSED)
    world.meet()
    world.happens("Product Viewed", product_id="NEW")
    world.happens("Product Viewed", ago=20 * MINUTE, product_id="OLD")
    world.passes(10 * MINUTE)
    assert world.effects() == []
    world.passes(15 * MINUTE)
    [effect] = world.effects()
    assert (effect.at, effect.data["event"]["product_id"]) == (NOON + 25 * MINUTE, "NEW")


def test_a_crowd_of_watched_carts_does_not_push_out_a_schedule() -> None:
    world = World({**daily("fan"), **LEFT})
    world.meet()
    world.happens("Identified", traits={"fan": True})
    for number in range(300):
        world.happens("Product Added", product_id="P", cart_id=f"c{number}")
    assert [entry.journey for entry in world.customer().entries].count("daily") == 1
    assert len(world.customer().entries) <= 201


def test_a_schedule_moved_to_another_segment_leaves_the_first_ones_members_alone() -> None:
    world = World(daily("fan"))
    world.meet("ana")
    world.meet("ben")
    world.happens("Identified", traits={"fan": True})
    world.happens("Identified", "ben", traits={"vip": True})
    world.apply(daily("vip"))
    world.passes(2 * HOUR)
    assert [effect.address for effect in world.effects()] == ["ben@example.com"]


def test_a_schedule_moved_to_another_hour_holds_from_the_next_date_on() -> None:
    world = World(daily("fan"))
    world.meet()
    world.happens("Identified", traits={"fan": True})
    world.apply(daily("fan", "14:00"))
    world.passes(DAY)
    assert [effect.at for effect in world.effects()] == [NOON + 2 * HOUR]


def test_a_watch_begun_before_the_journey_became_a_schedule_is_forgotten() -> None:
    inaction = {"journeys/daily.yaml": LEFT["journeys/left.yaml"].replace("left", "daily").replace("Left", "Daily")}
    world = World(inaction)
    world.meet()
    world.happens("Product Added", product_id="P", cart_id="c1")
    world.apply(daily("fan"))
    world.passes(DAY)
    assert world.effects() == []
    assert world.customer().entries == []


def test_a_member_who_left_and_came_back_has_one_date() -> None:
    world = World(daily("fan"))
    world.meet()
    for fan in (True, False, True):
        world.happens("Identified", traits={"fan": fan})
        world.passes(MINUTE)
    world.passes(DAY)
    assert [effect.at for effect in world.effects()] == [NOON + HOUR]


def test_the_last_day_of_the_month_stands_for_a_day_it_does_not_have() -> None:
    files = daily("fan")
    files["journeys/daily.yaml"] = files["journeys/daily.yaml"].replace("segment: fan", "segment: fan, day: 31")
    world = World(files)
    world.meet()
    world.happens("Identified", traits={"fan": True})
    world.passes(40 * DAY)
    assert [effect.at for effect in world.effects()] == [NOON + 3 * DAY + HOUR, NOON + 33 * DAY + HOUR]


def test_a_playbook_of_many_segments_is_no_playbook_in_circles() -> None:
    segments = "\n".join(
        f's{number}: {{title: S, condition: \'not did("Order Completed", within="{number + 1}d")\'}}'
        for number in range(250)
    )
    world = World({"segments.yaml": segments})
    world.happens("Product Viewed")
    assert world.store.parked_ids() == set()
    assert len(world.customer().segments) == 250
    world.happens("Order Completed", total=1)
    world.passes(300 * DAY)
    assert world.store.parked_ids() == set()
    assert len(world.customer().segments) == 250
