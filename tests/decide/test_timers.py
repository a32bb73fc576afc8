"""Timers fire to the microsecond, in order, and before whatever comes later."""

from __future__ import annotations

import msgspec
from tests.decide.world import NOON, PLAYBOOK, World

from habitue.model.customer import customer_id
from habitue.model.instant import DAY, HOUR, MINUTE
from habitue.playbook.conditions.periods import bounds

LAST_WEEK = {"segments.yaml": 'looked: {title: Looked, condition: \'did("Product Viewed", within="7d")\'}'}


def test_a_member_leaves_the_very_microsecond_the_window_closes() -> None:
    world = World(LAST_WEEK)
    world.happens("Product Viewed")
    world.passes(7 * DAY - 1)
    assert "looked" in world.customer().segments
    world.passes(1)
    assert "looked" not in world.customer().segments
    assert world.decisions("ana")[-1].at == NOON + 7 * DAY


def test_a_timer_is_written_with_the_time_it_was_due_however_late_the_runner_wakes() -> None:
    world = World(LAST_WEEK)
    world.happens("Product Viewed")
    world.passes(30 * DAY)
    assert world.decisions("ana")[-1].at == NOON + 7 * DAY


def test_what_was_due_happens_before_the_event_that_comes_after_it() -> None:
    world = World(LAST_WEEK)
    world.happens("Product Viewed")
    world.clock.instant += 7 * DAY + MINUTE
    world.happens("Product Viewed")
    assert world.told("ana") == [
        "joined segment_enter looked",
        "left segment_leave looked",
        "joined segment_enter looked",
    ]


def test_a_late_event_is_put_in_its_place_by_time() -> None:
    world = World(LAST_WEEK)
    world.happens("Product Viewed", ago=6 * DAY)
    world.passes(DAY - 1)
    assert "looked" in world.customer().segments
    world.passes(1)
    assert "looked" not in world.customer().segments


def test_a_member_by_the_calendar_joins_and_leaves_at_midnight() -> None:
    world = World(
        {
            "segments.yaml": "".join(
                f'{name}: {{title: Looked, condition: \'did("Product Viewed", within="{period}", tz="Asia/Tokyo")\'}}\n'
                for name, period in (("today", "today"), ("before", "yesterday"))
            )
        }
    )
    world.happens("Product Viewed")
    assert set(world.customer().segments) == {"today"}
    midnight = bounds("today", "Asia/Tokyo", NOON)[1]
    world.passes(midnight - NOON)
    assert set(world.customer().segments) == {"before"}
    world.passes(DAY)
    assert not world.customer().segments
    assert {line.at for line in world.decisions("ana") if line.segment == "before"} == {midnight, midnight + DAY}


def test_a_member_by_a_sequence_joins_with_its_last_step_and_leaves_a_window_after_its_first() -> None:
    world = World(
        {
            "segments.yaml": "took: {title: Took, "
            'condition: \'sequence("Product Viewed", "Product Added", within="7d", without="Order Completed")\'}'
        }
    )
    world.happens("Product Viewed")
    world.passes(HOUR)
    assert "took" not in world.customer().segments
    world.happens("Product Added")
    assert "took" in world.customer().segments
    world.passes(7 * DAY - HOUR)
    assert "took" not in world.customer().segments
    assert world.decisions("ana")[-1].at == NOON + 7 * DAY


def test_the_second_of_two_timers_sees_what_the_first_one_did() -> None:
    world = World(
        {
            "journeys/one.yaml": "journey: one\ntitle: One\nentry: {event: Product Viewed}\n"
            "steps: [{wait: 1h}, {set: {tried: true}}]",
            "journeys/two.yaml": "journey: two\ntitle: Two\nentry: {event: Product Viewed}\n"
            "steps: [{wait: 2h}, {if: [{when: trait.tried == True, then: [{send: note}]}]}]",
        }
    )
    world.meet()
    world.happens("Product Viewed")
    world.passes(3 * HOUR)
    assert [effect.at for effect in world.effects()] == [NOON + 2 * HOUR]


LEFT = {
    "segments.yaml": "left: {title: Left at the till, condition: 'last_visit.stage == \"checkout\"'}",
    "journeys/left.yaml": """
journey: left
title: Left
entry: {segment: left, on: enter}
steps: [{send: note}]
""",
}


def test_who_left_at_the_till_is_found_the_moment_the_pause_is_too_long() -> None:
    world = World(LEFT)
    world.meet()
    world.happens("Product Added to Wishlist", product_id="P1", price=4.95)
    world.happens("Product Viewed", product_id="P2", category="Mugs", price=3)
    world.happens("Checkout Started")
    world.passes(30 * MINUTE)
    assert world.effects() == []
    world.passes(1)
    [letter] = world.effects()
    assert letter.at == NOON + 30 * MINUTE + 1
    assert letter.data["visit"] == {}
    assert letter.data["last_visit"]["stage"] == "checkout"
    assert letter.data["last_visit"]["products"] == ["P2"]
    assert [(item["product_id"], item["price"]) for item in letter.data["wishlist"]["items"]] == [("P1", 4.95)]
    assert letter.data["affinities"]["categories"] == [{"name": "Mugs", "share": 1.0}]
    assert letter.data["orders"] == {"count": 0, "revenue": 0.0, "refunds": 0.0, "first_at": None, "last_at": None}


def test_a_shop_decides_how_long_a_pause_ends_a_visit() -> None:
    world = World({**LEFT, "playbook.yaml": PLAYBOOK + "session_gap: 5m\n"})
    world.happens("Checkout Started")
    world.passes(5 * MINUTE)
    assert "left" not in world.customer().segments
    world.passes(1)
    assert "left" in world.customer().segments


def test_the_store_leads_from_a_product_to_her_and_follows_her_when_she_is_recognised() -> None:
    world = World()
    world.happens("Product Viewed", None, "phone", product_id="P1", category="Mugs")
    world.happens("Product Added", None, "phone", product_id="P1", category="Mugs")
    phone, ana = world.customer("phone", "anonymous"), customer_id("user", "ana")
    assert _led_to(world, "P1", "Mugs") == [(phone.id, ("cart", "category", "viewed"))]
    world.happens("Product Added to Wishlist", "ana", "phone", product_id="P1")
    assert _led_to(world, "P1", "Mugs") == [(ana, ("cart", "category", "viewed", "wished"))]
    world.happens("Order Completed", "ana", products=[{"product_id": "P1"}])
    assert _led_to(world, "P1") == [(ana, ("viewed", "wished"))]


def _led_to(world: World, *keys: str) -> list[tuple[str, tuple[str, ...]]]:
    found = world.store.interested(("viewed", "wished", "cart", "category"), keys)
    return [msgspec.structs.astuple(one)[:2] for one in found]
