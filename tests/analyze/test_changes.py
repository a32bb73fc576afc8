"""What another playbook would change of who is where: the same as putting it in force, and looking."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tests.decide.world import NOTE, PLAYBOOK, World

from habitue.analyze.changes import compare
from habitue.analyze.history import History
from habitue.model.customer import customer_id
from habitue.model.instant import DAY, HOUR
from habitue.playbook.load import load
from habitue.playbook.playbook import Playbook

OLD = """
lookers: {title: Lookers, condition: 'count("Product Viewed", within="7d") >= 2'}
buyers: {title: Buyers, condition: did("Order Completed")}
calm: {title: Calm, condition: not segment("lookers")}
"""
NEW = """
lookers: {title: Lookers, condition: 'count("Product Viewed", within="3d") >= 1'}
customers: {title: Customers, condition: did("Order Completed")}
calm: {title: Calm, condition: not segment("lookers") and not segment("customers")}
"""


def playbook(segments: str) -> Playbook:
    return load({"playbook.yaml": PLAYBOOK, "messages/note.yaml": NOTE, "segments.yaml": segments})


@pytest.fixture
def world() -> World:
    """Ana looked often but days ago, Ben once today, Cleo ordered, Dan did something else."""
    world = World({"segments.yaml": OLD})
    for _ in range(3):
        world.happens("Product Viewed", "ana")
    world.happens("Order Completed", "cleo")
    world.passes(5 * DAY)
    world.happens("Product Viewed", "ben")
    world.happens("Page Viewed", "dan")
    world.passes(HOUR)
    return world


@pytest.fixture
def history(world: World) -> Iterator[History]:
    records = [
        (customer_id("user", record.event.user_id) if record.event.user_id else None, record)
        for record in world.log.scan()
    ]
    with History.of_records(records) as history:
        yield history


def members(world: World) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for customer in world.people():
        for segment in customer.segments:
            found.setdefault(segment, set()).add(customer.id)
    return found


def test_it_says_what_putting_it_in_force_does(world: World, history: History) -> None:
    asked = [("lookers", "lookers"), ("buyers", "customers"), ("calm", "calm")]
    said = compare(history, playbook(OLD), playbook(NEW), asked, world.clock.now())
    before = members(world)
    world.apply({"segments.yaml": NEW})
    after = members(world)
    for (old, new), change in zip(asked, said, strict=True):
        was, will = before.get(old, set()), after.get(new, set())
        assert (change.gained, change.lost, change.stayed) == (len(will - was), len(was - will), len(will & was))
        assert set(change.gained_examples) == will - was
        assert set(change.lost_examples) == was - will


def test_a_segment_that_comes_gains_and_one_that_goes_loses_everybody(world: World, history: History) -> None:
    came, went = compare(
        history, playbook(OLD), playbook(NEW), [(None, "customers"), ("buyers", None)], world.clock.now()
    )
    cleo = customer_id("user", "cleo")
    assert (came.gained, came.gained_examples, came.lost) == (1, [cleo], 0)
    assert (went.lost, went.lost_examples, went.gained) == (1, [cleo], 0)


def test_over_no_playbook_at_all_everybody_is_gained(world: World, history: History) -> None:
    (calm,) = compare(history, None, playbook(OLD), [(None, "calm")], world.clock.now(), examples=2)
    assert (calm.gained, calm.lost, len(calm.gained_examples)) == (3, 0, 2)


def test_nobody_is_there_before_anything_happened() -> None:
    with History.of_records([]) as history:
        (calm,) = compare(history, playbook(OLD), playbook(NEW), [("calm", "calm")], DAY)
    assert (calm.gained, calm.lost, calm.stayed) == (0, 0, 0)
