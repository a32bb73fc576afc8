"""Events that come late: what happened before a journey began is not what the journey waits for."""

from __future__ import annotations

import pytest
from tests.decide.world import NOON, World

from habitue.model.instant import DAY, HOUR, MINUTE, SECOND

FILES = {
    "segments.yaml": 'looking: {title: Looking, condition: \'did("Product Viewed", within="1d")\'}',
    "journeys/added.yaml": """
journey: added
title: Added
entry: {event: Product Added}
goal: Order Completed
exit: Cart Cleared
steps: [{wait_event: Page Viewed, timeout: 1h, otherwise: [{send: note}]}]
""",
    "journeys/left.yaml": """
journey: left
title: Left
entry: {inaction: {after: Cart Viewed, within: 30m, without: [Order Completed]}}
goal: Order Completed
steps: [{wait: 1h}, {send: note}]
""",
    "journeys/looking.yaml": """
journey: looking
title: Looking
entry: {segment: looking, on: enter}
goal: Order Completed
steps: [{wait: 1h}, {send: note}]
""",
}


@pytest.mark.parametrize("late", ["Order Completed", "Cart Cleared", "Page Viewed"])
@pytest.mark.parametrize("ago", [5 * MINUTE, 300 * DAY])
def test_what_happened_before_a_journey_began_does_not_end_it(late: str, ago: int) -> None:
    """An order of last year that is brought in today is not what a reminder of today led to."""
    world = World(FILES)
    world.meet()
    world.happens("Product Added", ago=MINUTE)
    world.happens(late, ago=ago)
    world.passes(HOUR)
    assert [effect.at for effect in world.effects()] == [NOON + HOUR]


def test_what_happened_after_the_event_that_began_it_counts_though_both_came_together() -> None:
    world = World(FILES)
    world.meet()
    world.log.append([world.event("Product Added", ago=10 * SECOND), world.event("Order Completed", ago=5 * SECOND)])
    world.log.append([world.event("Product Viewed", ago=10 * SECOND), world.event("Order Completed", ago=5 * SECOND)])
    world.passes(2 * HOUR)
    assert world.effects() == []
    assert [line for line in world.told("ana") if "goal" in line] == ["left goal added", "left goal looking"]


def test_a_late_order_of_the_time_of_watching_still_ends_what_the_watch_began() -> None:
    world = World(FILES)
    world.meet()
    world.happens("Cart Viewed")
    world.passes(40 * MINUTE)
    world.happens("Order Completed", ago=20 * MINUTE)
    assert "left goal left" in world.told("ana")


def test_a_late_order_from_before_the_watch_ends_nothing() -> None:
    world = World(FILES)
    world.meet()
    world.happens("Cart Viewed")
    world.passes(40 * MINUTE)
    world.happens("Order Completed", ago=50 * MINUTE)
    world.passes(HOUR)
    assert len(world.effects()) == 1
