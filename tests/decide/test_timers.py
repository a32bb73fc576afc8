"""Timers fire to the microsecond, in order, and before whatever comes later."""

from __future__ import annotations

from tests.decide.world import NOON, World

from habitue.model.instant import DAY, HOUR, MINUTE

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
