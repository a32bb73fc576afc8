"""One event after the other: what counts as a sequence, for how long, and what is kept to tell."""

from __future__ import annotations

from itertools import product
from typing import Any

import msgspec
import pytest
from tests.decide.conditions.histories import absorb, edges
from tests.decide.conditions.oracle import Person

from habitue.decide.conditions import Check, Compiler
from habitue.model.customer import Customer
from habitue.model.event import Event
from habitue.model.instant import DAY, HOUR
from habitue.playbook.conditions import parse
from habitue.playbook.conditions.limits import KEPT_LONG_MAX

NOON = 20_000 * DAY + 12 * HOUR


def event(name: str, at: int, identity: str = "", **properties: Any) -> Event:
    identity = identity or f"{name}{at}"
    return Event(id=identity, source="test", type="track", name=name, occurred_at=at, properties=properties)


def compiled(text: str) -> tuple[Compiler, Check]:
    compiler = Compiler()
    return compiler, compiler.condition(parse(text))


def lived(compiler: Compiler, *events: Event) -> Customer:
    ana = Customer(id="ana")
    for position, one in enumerate(events):
        absorb(compiler.leaves_by_event, ana.counters, one, position)
    return ana


def holds(text: str, *events: Event, now: int = 0) -> bool:
    compiler, check = compiled(text)
    return check.evaluate(lived(compiler, *events), now or max(one.occurred_at for one in events))[0]


def test_order_is_what_counts() -> None:
    text = 'sequence("Looked", "Took")'
    assert holds(text, event("Looked", NOON), event("Took", NOON + 1))
    assert holds(text, event("Took", NOON + 1), event("Looked", NOON))  # As they happened, not as they came.
    assert not holds(text, event("Took", NOON), event("Looked", NOON + 1))


def test_two_events_of_one_instant_stand_in_the_order_of_the_log() -> None:
    text = 'sequence("Looked", "Took")'
    assert holds(text, event("Looked", NOON, "b"), event("Took", NOON, "a"))
    assert not holds(text, event("Took", NOON, "b"), event("Looked", NOON, "a"))


def test_one_event_is_one_step_only() -> None:
    text = 'sequence("Looked", "Looked")'
    assert not holds(text, event("Looked", NOON))
    assert holds(text, event("Looked", NOON), event("Looked", NOON + 1))


def test_an_event_can_be_either_of_two_steps() -> None:
    text = 'sequence(did("Looked", price > 5), did("Looked", kind="mug"))'
    both = {"price": 9, "kind": "mug"}
    assert holds(text, event("Looked", NOON, **both), event("Looked", NOON + 1, kind="mug"))
    assert holds(text, event("Looked", NOON, price=9), event("Looked", NOON + 1, **both))
    assert not holds(text, event("Looked", NOON, kind="mug"), event("Looked", NOON + 1, price=9))


def test_nothing_of_without_comes_between_the_first_and_the_last() -> None:
    text = 'sequence("Looked", "Took", without="Paid")'
    looked, took = event("Looked", NOON), event("Took", NOON + 2)
    assert not holds(text, looked, event("Paid", NOON + 1), took)
    assert holds(text, looked, took, event("Paid", NOON + 3))
    assert holds(text, event("Paid", NOON - 1), looked, took)
    assert holds(text, looked, event("Paid", NOON + 1), event("Looked", NOON + 1, "z"), took)


def test_a_sequence_that_is_too_long_may_hold_one_that_is_not() -> None:
    text = 'sequence("Looked", "Took", apart="1h")'
    assert not holds(text, event("Looked", NOON), event("Took", NOON + HOUR + 1))
    assert holds(text, event("Looked", NOON), event("Took", NOON + HOUR))
    assert holds(text, event("Looked", NOON), event("Looked", NOON + 2), event("Took", NOON + HOUR + 1))


def test_a_later_sequence_that_is_too_long_does_not_hide_an_earlier_one() -> None:
    text = 'sequence("Looked", "Took", "Paid", apart="1h", within="1d")'
    events = [
        event("Looked", NOON),
        event("Took", NOON + 1),
        event("Paid", NOON + 2),
        event("Looked", NOON + HOUR),
        event("Took", NOON + HOUR + 1),
        event("Paid", NOON + 3 * HOUR),
    ]
    compiler, check = compiled(text)
    assert check.evaluate(lived(compiler, *events), NOON + 3 * HOUR) == (True, NOON + DAY)


def test_it_lasts_until_the_latest_sequence_begins_to_leave_the_window() -> None:
    compiler, check = compiled('sequence("Looked", "Took", within="7d")')
    ana = lived(compiler, event("Looked", NOON), event("Looked", NOON + HOUR), event("Took", NOON + 2 * HOUR))
    leaves = NOON + HOUR + 7 * DAY
    assert check.evaluate(ana, NOON + 2 * HOUR) == (True, leaves)
    assert check.evaluate(ana, leaves - 1) == (True, leaves)
    assert check.evaluate(ana, leaves) == (False, None)


def test_a_first_step_in_the_window_of_another_week_is_none_of_this_week() -> None:
    monday = 19_814 * DAY  # 1 April 2024.
    text = 'sequence("Looked", "Took", within="this week")'
    assert not holds(text, event("Looked", monday - 1), event("Took", monday))
    assert holds(text, event("Looked", monday), event("Took", monday + 1))


def test_an_event_reaches_the_leaf_once_however_many_steps_bear_its_name() -> None:
    compiler, _ = compiled('sequence("Looked", "Took", "Looked", without=("Paid", "Left"), within="7d")')
    assert {name: len(leaves) for name, leaves in compiler.leaves_by_event.items()} == {
        "Looked": 1,
        "Took": 1,
        "Paid": 1,
        "Left": 1,
    }
    assert parse('sequence("Looked", "Took", without="Paid")').events == {"Looked", "Took", "Paid"}


def test_sequences_of_the_same_events_share_what_is_kept_of_them() -> None:
    compiler, _ = compiled(
        'sequence("Looked", "Took", within="7d") or sequence("Looked", "Took", within="7d", apart="1h")'
    )
    assert len(compiler.leaves) == 1


def test_the_newest_thousand_events_are_kept_however_they_came() -> None:
    compiler, check = compiled('sequence("Looked", "Took", within="7d")')
    [leaf] = compiler.leaves.values()
    looks = [event("Looked", NOON + number, f"{number:04}") for number in range(KEPT_LONG_MAX + 200)]

    def kept(some: list[Event]) -> dict[int, Any]:
        counters: dict[int, Any] = {}
        for one in some:
            absorb(compiler.leaves_by_event, counters, one, looks.index(one))
        return counters

    forwards, backwards = kept(looks), kept(looks[::-1])
    halves = [kept(looks[side::2])[leaf.id] for side in (0, 1)]
    assert forwards == backwards == {leaf.id: leaf.join(*halves)}
    assert len(forwards[leaf.id]) == KEPT_LONG_MAX
    ana = Customer(id="ana", counters=forwards)
    absorb(compiler.leaves_by_event, ana.counters, event("Took", NOON + HOUR))
    assert check.evaluate(ana, NOON + HOUR)[0]


SHAPES = (
    'sequence("A", "B")',
    'sequence("A", "A", within="3h")',
    'sequence("A", "B", "A", within="4h")',
    'sequence("A", "B", apart="1h")',
    'sequence("A", "A", "B", apart="2h", within="4h")',
    'sequence("A", "B", without="C", within="3h")',
    'sequence("A", "B", "A", without="C", apart="2h", within="5h")',
    'sequence("A", "B", "C", within="2h")',
    'sequence("A", "A", without=("B", "C"), within="3h")',
    'sequence("A", "B", since="2024-10-04T13:00")',
    'sequence("A", "B", without="C", before="2024-10-04T15:00")',
    'sequence("A", "B", without="C", between=("2024-10-04T13:00", "2024-10-04T16:00"))',
    'sequence("A", "B", within="today", tz="Asia/Kathmandu")',
    'sequence("A", "B", without="C", within="yesterday", tz="Asia/Kathmandu")',
)


@pytest.mark.parametrize("text", SHAPES)
def test_every_history_of_five_events_says_what_trying_all_choices_says(text: str) -> None:
    """Over three hours, two at one instant, two a microsecond apart. In Kathmandu midnight falls among them."""
    condition = parse(text)
    compiler, check = compiled(text)
    start = 20_000 * DAY + 16 * HOUR + HOUR // 4
    if "2024" in text:
        start = 20_000 * DAY + 12 * HOUR
    moments = [start, start + 1, start + 2 * HOUR, start + 2 * HOUR, start + 3 * HOUR]
    for names in product("ABC", repeat=5):
        history = [
            event(name, at, identity)
            for name, at, identity in zip(names, moments, ("e4", "e0", "e3", "e1", "e2"), strict=True)
        ]
        ana = lived(compiler, *history[2:], *history[:2])
        ana = msgspec.msgpack.decode(msgspec.msgpack.encode(ana), type=Customer)
        person, now = Person(history), moments[-1]
        truths = {at: person.holds(condition.tree, at) for at in (now, *edges([condition.tree], history)) if at >= now}
        for instant in truths:
            truth, until = check.evaluate(ana, instant)
            quiet = [later for later in truths if later >= instant and (until is None or later < until)]
            assert {truths[later] for later in quiet} == {truth}, (names, instant)
            assert until is None or person.holds(condition.tree, until - 1) == truth != person.holds(
                condition.tree, until
            )
