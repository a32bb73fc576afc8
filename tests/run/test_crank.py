"""The crank: parking, playbook changes, backfill, crash between commits."""

from __future__ import annotations

import msgspec
import pytest
from tests.decide.world import World

from habitue.model.customer import Customer, customer_id
from habitue.model.event import Event
from habitue.model.instant import DAY, HOUR, MINUTE
from habitue.playbook.load import load
from habitue.run import crank as crank_module
from habitue.run.crank import Crank
from habitue.run.ports import Commit

KEEN = {"segments.yaml": "keen: {title: Keen, condition: 'count(\"Product Viewed\") >= 2'}"}
WAITING = {
    "journeys/wait.yaml": "journey: wait\ntitle: Wait\nentry: {event: Product Viewed}\nreentry: always\n"
    "steps: [{wait: 1h}, {send: note}]"
}
GONE = {
    "journeys/other.yaml": "journey: other\ntitle: Other\nentry: {event: Cart Viewed}\nsteps: [{wait: 1h}]",
}


def test_a_customer_whose_step_fails_is_parked_and_the_others_go_on(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World(KEEN)
    broken = {"on": True}
    real = crank_module.step

    def step(plan: object, customer: Customer, occurrence: object, now: int) -> object:
        if broken["on"] and customer.user_id == "ben":
            raise ZeroDivisionError("the step failed")
        return real(plan, customer, occurrence, now)  # type: ignore[arg-type]

    monkeypatch.setattr(crank_module, "step", step)
    world.log.append([world.event("Product Viewed", who) for who in ("ana", "ben", "ana", "ben")])
    world.turn()
    assert "keen" in world.customer("ana").segments
    ben = customer_id("user", "ben")
    [parked] = world.store.parked()
    assert parked.customer == ben
    assert "ZeroDivisionError: the step failed" in parked.error
    assert len(world.store.skipped(ben)) == 2

    broken["on"] = False
    world.retry("ben")
    assert world.store.parked() == []
    assert "keen" in world.customer("ben").segments


def test_a_parked_customers_later_records_wait_for_her(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World(KEEN)
    real = crank_module.step
    monkeypatch.setattr(crank_module, "step", _failing)
    world.happens("Product Viewed", "ben")
    monkeypatch.setattr(crank_module, "step", real)
    world.happens("Product Viewed", "ben")
    assert len(world.store.skipped(customer_id("user", "ben"))) == 2
    world.retry("ben")
    assert "keen" in world.customer("ben").segments


def _failing(*_: object) -> None:
    raise ValueError("no")


def test_a_new_segment_counts_what_happened_before_it_was_written() -> None:
    world = World()
    world.happens("Product Viewed")
    world.happens("Product Viewed", None, "phone")
    world.happens("Aliased", previous="phone")
    world.apply(KEEN)
    assert "keen" in world.customer().segments
    world.apply({})
    assert world.customer().segments == {}
    assert world.customer().counters == {}


def test_backfilled_counters_equal_those_kept_from_the_beginning() -> None:
    early, late = World(KEEN), World()
    for world in (early, late):
        world.happens("Product Viewed", ago=3 * DAY)
        world.happens("Product Viewed", None, "phone")
        world.happens("Product Viewed", "ana", "phone")
        world.happens("Product Viewed", "ben")
    late.apply(KEEN)
    for who in ("ana", "ben"):
        assert late.customer(who).counters == early.customer(who).counters


def test_nobody_enters_a_journey_because_a_segment_was_edited() -> None:
    world = World()
    world.meet()
    world.happens("Product Viewed")
    world.happens("Product Viewed")
    world.apply(
        {**KEEN, "journeys/k.yaml": "journey: k\ntitle: K\nentry: {segment: keen, on: enter}\nsteps: [{send: note}]"}
    )
    assert world.effects() == []


def test_a_run_goes_on_with_the_version_it_entered_with() -> None:
    world = World(WAITING)
    world.meet()
    world.happens("Product Viewed")
    world.apply(GONE)
    world.passes(HOUR)
    assert [effect.version for effect in world.effects()] == [1]


def test_events_too_old_to_act_on_start_nothing_and_say_nothing_was_due() -> None:
    world = World({**WAITING, **KEEN})
    world.meet()
    world.happens("Product Viewed", ago=3 * HOUR)
    world.happens("Product Viewed", ago=3 * HOUR)
    assert world.customer().runs == []
    assert "keen" in world.customer().segments


def test_a_late_event_says_that_it_started_nothing_and_an_imported_one_does_not() -> None:
    world = World({**WAITING, **KEEN})
    world.happens("Product Viewed", "ana", ago=3 * HOUR)
    world.happens("Product Viewed", "ben", ago=3 * DAY)
    assert world.told("ana") == ["refused history wait"]
    assert world.told("ben") == []


def test_a_batch_that_was_not_committed_is_decided_again_with_the_same_ids() -> None:
    world = World(WAITING)
    world.meet()
    commits: list[Commit] = []
    real = world.store.commit

    def fails_once(commit: Commit) -> None:
        commits.append(commit)
        if len(commits) == 1:
            raise OSError("no space left on device")
        real(commit)

    world.store.commit = fails_once  # type: ignore[method-assign]
    with pytest.raises(OSError, match="no space"):
        world.happens("Product Viewed")
    again = Crank(world.store, world.log, load)
    again.turn(100)
    assert [one.id for one in commits[0].decisions] == [one.id for one in commits[1].decisions]


def test_a_playbook_that_runs_in_circles_parks_the_customer_and_says_so() -> None:
    world = World(
        {
            "segments.yaml": "lit: {title: Lit, condition: trait.lamp == True}",
            "journeys/off.yaml": "journey: off\ntitle: Off\nentry: {segment: lit, on: enter}\n"
            "steps: [{set: {lamp: false}}]",
            "journeys/on.yaml": "journey: on\ntitle: On\nentry: {segment: lit, on: leave}\n"
            "steps: [{set: {lamp: true}}]",
        }
    )
    world.happens("Identified", traits={"lamp": True})
    [parked] = world.store.parked()
    assert "put a wait between" in parked.error


def test_a_customer_seen_again_after_being_evicted_from_memory_is_the_same() -> None:
    world = World(KEEN)
    small = Crank(world.store, world.log, load, cache_max=1)
    for index in range(20):
        world.log.append([world.event("Product Viewed", f"user{index % 4}", f"device{index % 4}")])
        small.turn(100)
    for index in range(4):
        state = world.store.person(customer_id("user", f"user{index}"))
        assert state is not None
        assert "keen" in msgspec.msgpack.decode(state, type=Customer).segments


def test_a_record_nobody_can_be_named_for_is_passed_over() -> None:
    world = World(KEEN)
    world.log.append([Event(id="x", source="web", type="track", name="Product Viewed", occurred_at=0)])
    world.passes(MINUTE)
    assert world.store.position() == 1
