"""Parked customers: what happens around one while she stands aside, and what she finds when she goes on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from tests.decide.world import World

from habitue.decide.outcome import Outcome
from habitue.decide.plan import Plan
from habitue.decide.step import Tick, step
from habitue.model.customer import Customer, customer_id
from habitue.model.event import CUSTOMER_RETRIED, Event, Record
from habitue.model.instant import HOUR, MINUTE
from habitue.run import crank as crank_module

KEEN = {"segments.yaml": "keen: {title: Keen, condition: 'count(\"Product Viewed\") >= 3'}"}
WAITING = {
    "journeys/wait.yaml": "journey: wait\ntitle: Wait\nentry: {event: Cart Viewed}\n"
    "steps: [{wait: 10m}, {if: [{when: trait.late != True, then: [{send: note}]}]}]"
}
PHONE = customer_id("anonymous", "phone")


@contextmanager
def failing(*ids: str) -> Iterator[list[str]]:
    """Every step of these customers fails; of all, when none is named. Yields the ids of those who were tried."""
    with pytest.MonkeyPatch.context() as patch:
        steps: list[str] = []

        def fail(plan: Plan, customer: Customer, occurrence: Record | Tick, now: int) -> Outcome:
            steps.append(customer.id)
            if not ids or customer.id in ids:
                raise ValueError("the step failed")
            return step(plan, customer, occurrence, now)

        patch.setattr(crank_module, "step", fail)
        yield steps


def retry(world: World, one: str) -> None:
    event = Event(
        id=f"retry-{world.clock.now()}",
        source="habitue",
        type="control",
        name=CUSTOMER_RETRIED,
        occurred_at=world.clock.now(),
        properties={"customer": one},
    )
    world.log.append([event])
    world.turn()


def test_a_playbook_applied_while_she_is_parked_counts_her_queued_records_once() -> None:
    world = World()
    world.happens("Product Viewed")
    with failing():
        world.happens("Product Viewed")
    world.apply(KEEN)
    world.retry("ana")
    assert list(world.customer().counters.values()) == [2]
    assert world.customer().segments == {}


def test_a_known_customer_who_failed_in_her_first_step_keeps_her_user_id() -> None:
    world = World(KEEN)
    with failing():
        world.happens("Product Viewed")
    world.retry("ana")
    assert world.customer().user_id == "ana"


def test_timers_that_were_due_fire_before_her_queued_records() -> None:
    world = World(WAITING)
    world.meet()
    world.happens("Cart Viewed")
    world.clock.instant += 15 * MINUTE
    with failing():
        world.happens("Identified", traits={"late": True})
    world.retry("ana")
    assert len(world.effects()) == 1


def test_a_visitor_who_was_parked_joins_the_person_when_she_goes_on() -> None:
    world = World(KEEN)
    world.happens("Product Viewed", None, "phone")
    with failing(PHONE):
        world.happens("Product Viewed", None, "phone")
    world.happens("Product Viewed", "ana", "phone")
    world.happens("Product Viewed", None, "phone")
    assert world.customer("phone", "anonymous").merged_into is None
    retry(world, PHONE)
    assert world.customer("phone", "anonymous").merged_into == world.customer().id
    assert list(world.customer().counters.values()) == [4]


def test_a_step_that_fails_for_everybody_is_tried_twice_for_each_and_no_more() -> None:
    world = World(KEEN)
    with failing() as tried:
        world.log.append([world.event("Product Viewed", f"user{number}") for number in range(200)])
        world.turn()
    assert len(world.store.parked_ids()) == 200
    assert len(tried) <= 400


def test_a_parked_customer_who_fails_again_stays_parked_and_loses_nothing() -> None:
    world = World(KEEN)
    with failing():
        world.happens("Product Viewed")
        world.happens("Product Viewed")
        world.retry("ana")
    assert len(world.store.skipped(customer_id("user", "ana"))) == 2
    world.clock.instant += HOUR
    world.happens("Product Viewed")
    world.retry("ana")
    assert "keen" in world.customer().segments
    assert world.store.parked() == []


SCHEDULED = {
    "segments.yaml": "fan: {title: Fan, condition: trait.fan == True}",
    "journeys/daily.yaml": "journey: daily\ntitle: Daily\nentry: {schedule: '12:30', segment: fan}\n"
    "steps: [{send: note}]",
}


def test_one_whose_adoption_of_a_playbook_failed_adopts_it_when_she_goes_on() -> None:
    world = World()
    world.meet()
    world.happens("Identified", traits={"fan": True})
    with pytest.MonkeyPatch.context() as patch:

        def fail(*_: object) -> None:
            raise ValueError("adoption failed")

        patch.setattr("habitue.run.adoption.adopt", fail)
        world.apply(SCHEDULED)
    assert world.store.parked_ids() == {world.customer().id}
    world.retry("ana")
    world.passes(HOUR)
    assert len(world.effects()) == 1
