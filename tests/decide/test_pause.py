"""A pause: until the day she chose, whatever is told twice, late or by another half of her."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.decide.world import NOON, PLAYBOOK, World

from habitue.decide.profile.pausing import PAUSED, RESUMED, join_pauses, paused_until, put_paused, put_resumed
from habitue.model.customer import PAUSE_MAX, Customer
from habitue.model.event import IDENTIFIED, Event
from habitue.model.instant import DAY, HOUR, Instant

PUT = {PAUSED: put_paused, RESUMED: put_resumed}


def told(name: str, at: Instant, **properties: Any) -> Event:
    return Event(id=f"{name}{at}", source="web", type="track", name=name, occurred_at=at, properties=properties)


def paused(**properties: Any) -> Customer:
    customer = Customer(id="ana")
    put_paused(customer, told(PAUSED, NOON, **properties), 0)
    return customer


words = st.lists(
    st.builds(
        told,
        st.sampled_from([PAUSED, RESUMED]),
        st.integers(NOON, NOON + 5),
        days=st.sampled_from([1, 30, 90]),
    ),
    min_size=1,
    max_size=5,
)


@given(words)
def test_her_words_come_to_the_same_in_any_order_and_on_whichever_half(said: list[Event]) -> None:
    found = set()
    for order in itertools.permutations(enumerate(said)):
        halves = Customer(id="ana"), Customer(id="anonymous")
        for place, (position, event) in enumerate(order):
            PUT[event.name](halves[place % 2], event, position)
        join_pauses(*halves)
        found.add(halves[0].pause)
    assert len(found) == 1


def test_of_two_words_of_one_instant_the_later_in_the_log_counts() -> None:
    customer = paused(days=30)
    put_resumed(customer, told(RESUMED, NOON), 1)
    assert paused_until(customer, NOON) is None
    put_paused(customer, told(PAUSED, NOON, days=1), 2)
    assert paused_until(customer, NOON) == NOON + DAY


@pytest.mark.parametrize(
    ("days", "length"),
    [
        (30, 30 * DAY),
        (0.5, 12 * HOUR),
        (366, PAUSE_MAX),
        (1e300, PAUSE_MAX),
        (float("inf"), PAUSE_MAX),
        *((odd, 90 * DAY) for odd in (None, 0, -1, True, "30", [30], float("nan"))),
    ],
)
def test_however_odd_its_length_is_told_a_pause_has_an_end(days: Any, length: int) -> None:
    customer = paused(days=days)
    assert paused_until(customer, NOON) == NOON + length
    assert paused_until(customer, NOON + length - 1) == NOON + length
    assert paused_until(customer, NOON + length) is None


def shop(condition: str) -> World:
    return World({"playbook.yaml": PLAYBOOK, "segments.yaml": f"these:\n  title: These\n  condition: {condition!r}\n"})


def test_the_segment_is_left_to_the_microsecond_without_anything_happening() -> None:
    world = shop("pause.is_on")
    world.happens(PAUSED, days=2)
    assert "these" in world.customer().segments
    world.passes(2 * DAY - 1)
    assert "these" in world.customer().segments
    world.passes(1)
    assert "these" not in world.customer().segments


def test_who_pauses_cannot_be_reached_until_the_pause_is_over() -> None:
    world = shop('reachable("email")')
    world.happens(IDENTIFIED, traits={"email": "ana@example.com"})
    world.happens("Consent Granted", channel="email")
    assert "these" in world.customer().segments
    world.happens(PAUSED, days=2)
    assert "these" not in world.customer().segments
    world.passes(2 * DAY)
    assert "these" in world.customer().segments
    world.happens(PAUSED, days=2)
    world.passes(1)
    world.happens(RESUMED)
    assert "these" in world.customer().segments
