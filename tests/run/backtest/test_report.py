"""What a backtest reports: who would have got what, what stopped the rest, and what came after."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from tests.decide.world import NOON, NOTE, PLAYBOOK, World

from habitue.errors import HabitueError
from habitue.model.customer import Customer, customer_id
from habitue.model.event import IDENTIFIED
from habitue.model.instant import DAY, HOUR, MINUTE, to_datetime
from habitue.playbook.load import load
from habitue.playbook.playbook import Playbook
from habitue.run.backtest import Report, backtest, backtest_both
from habitue.run.backtest import lives as lives_module

LOOKED = (
    "journey: looked\ntitle: Looked\nentry: {event: Product Viewed}\nreentry: after 1d\n"
    "goal: Order Completed\nsteps: [{wait: 20m}, {send: note}]"
)
ADDED = "journey: added\ntitle: Added\nentry: {event: Product Added}\nreentry: always\nsteps: [{send: note}]"
FILES = {"journeys/looked.yaml": LOOKED}
PRICED = PLAYBOOK.replace("{consent: required, from", "{cost: 0.0125, consent: required, from")


def draft(cap: int = 9, **files: str) -> Playbook:
    """Nobody gets more than `cap` e-mails in 30 days; further journeys by name."""
    guard = f"guard: {{caps: [{{channel: email, limit: {cap}, within: 30d}}]}}\n"
    journeys = {f"journeys/{name}.yaml": text for name, text in files.items()}
    return load({"playbook.yaml": PRICED + guard, "messages/note.yaml": NOTE, **FILES, **journeys})


def known(*who: str, days: int = 40) -> World:
    """A shop where these may be written to since so many days."""
    world = World()
    for one in who:
        world.happens("Consent Granted", one, channel="email", ago=days * DAY)
        world.happens(IDENTIFIED, one, traits={"email": f"{one}@example.com"}, ago=days * DAY)
    return world


def reported(world: World, playbook: Playbook, days: int = 60, **more: Any) -> Report:
    return backtest(world.log.scan(), playbook, since=NOON - days * DAY, until=NOON, **more)


def test_a_backtest_sends_what_the_live_system_sent_at_the_same_moments() -> None:
    world = World(FILES)
    for who in ("ana", "ben"):
        world.meet(who)
    for step in range(6):
        world.happens("Product Viewed", "ana" if step % 2 else "ben", product_id="P1")
        world.passes(7 * HOUR + step * MINUTE)
    playbook = load({"playbook.yaml": PLAYBOOK, "messages/note.yaml": NOTE, **FILES})
    report = backtest(world.log.scan(), playbook, journey="looked", since=NOON, until=world.clock.now())
    live = sorted((effect.at, effect.customer) for effect in world.effects())
    assert [(one["at"], one["customer"]) for one in report.examples] == [
        (to_datetime(at).isoformat(), who) for at, who in live
    ]
    assert report.sent == len(live) > 2
    assert report.entered == report.sent
    assert sum(report.per_person.values()) == 2


def test_history_imported_in_one_go_is_lived_through_at_the_times_it_happened() -> None:
    world = known("ana")
    for days in (30, 20, 10):
        world.happens("Product Viewed", product_id="P1", ago=days * DAY)
    report = reported(world, draft(2), journey="looked")
    assert (report.entered, report.sent, report.dropped) == (3, 2, 1)
    assert report.by_reason == {"cap_channel": 1}
    assert list(report.by_day) == ["2026-04-28", "2026-05-08", "2026-05-18"]
    assert report.by_day_channel == {"2026-04-28": {"email": 1}, "2026-05-08": {"email": 1}}
    assert report.per_person == {2: 1}


def test_the_period_limits_what_is_reported_but_not_what_is_remembered() -> None:
    world = known("ana")
    for days in (30, 20, 10):
        world.happens("Product Viewed", product_id="P1", ago=days * DAY)
    report = reported(world, draft(2), days=15)
    assert (report.entered, report.sent, report.dropped) == (1, 0, 1)
    assert (report.events, report.lived) == (1, 5)


def test_what_the_guard_stopped_is_told_by_message_and_channel() -> None:
    world = known("ana", "ben")
    world.happens("Unsubscribed", "ben", channel="email", ago=35 * DAY)
    for who in ("ana", "ben"):
        world.happens("Product Viewed", who, ago=10 * DAY)
    [stopped] = reported(world, draft()).stopped
    assert (stopped.message, stopped.channel, stopped.outcome) == ("note", "email", "dropped")
    assert (stopped.reason, stopped.count) == ("consent_denied", 1)


def test_each_journey_has_its_row_with_people_counted_once() -> None:
    world = known("ana", "ben")
    for days in (9, 6, 3):
        world.happens("Product Viewed", "ana", ago=days * DAY)
    world.happens("Product Viewed", "ben", ago=2 * DAY)
    looked, added = reported(world, draft(added=ADDED)).by_journey[::-1]
    assert (looked.journey, looked.entered, looked.people, looked.by_channel) == ("looked", 4, 2, {"email": 4})
    assert (added.journey, added.entered, added.people, added.by_channel) == ("added", 0, 0, {})


def test_journeys_that_reach_the_same_people_are_told() -> None:
    world = known("ana", "ben")
    for who in ("ana", "ben"):
        world.happens("Product Viewed", who, ago=9 * DAY)
    world.happens("Product Added", "ana", ago=9 * DAY - HOUR)
    world.happens("Product Added", "ana", ago=5 * DAY)
    [overlap] = reported(world, draft(added=ADDED)).overlap
    assert (overlap.one, overlap.other, overlap.people, overlap.close) == ("added", "looked", 1, 1)
    assert reported(world, draft(added=ADDED), journey="added").overlap == [overlap]


def test_orders_that_followed_are_counted_by_group_without_a_claim() -> None:
    world = known("ana", "ben", "cleo", "dan")
    world.happens("Unsubscribed", "ben", channel="email", ago=35 * DAY)
    for who in ("ana", "ben"):
        world.happens("Product Viewed", who, ago=20 * DAY)
        world.happens("Order Completed", who, order_id=f"{who}-1", total=10, ago=18 * DAY)
    world.happens("Order Completed", "ana", order_id="ana-1", total=10, ago=18 * DAY - MINUTE)  # Told twice.
    world.happens("Order Completed", "ana", order_id="ana-2", total=5, ago=2 * DAY)  # Long after.
    world.happens("Order Completed", "cleo", order_id="cleo-1", total=7, ago=39 * DAY)
    messaged, entered, others = reported(world, draft()).followed
    assert (messaged.people, messaged.buyers, messaged.orders, messaged.revenue) == (1, 1, 1, 10_000_000)
    assert (entered.people, entered.buyers, entered.orders) == (1, 1, 1)
    assert (others.people, others.buyers, others.revenue, others.rate) == (2, 1, 7_000_000, 0.5)
    [longer, _, _] = reported(world, draft(), follows=30 * DAY).followed
    assert longer.orders == 2


def test_what_the_messages_would_have_cost_is_added_up_by_channel() -> None:
    world = known("ana")
    for days in (30, 20, 10):
        world.happens("Product Viewed", ago=days * DAY)
    report = reported(world, draft())
    assert (report.cost, report.currency) == ({"email": 37_500}, "EUR")
    assert report.cost_in_all == 37_500


def test_whoever_was_two_is_counted_as_the_one_she_turned_out_to_be() -> None:
    world = known("ana")
    world.happens("Product Viewed", "ana", ago=20 * DAY)
    world.happens("Product Viewed", None, "phone", ago=15 * DAY)
    world.happens("Product Viewed", "ana", "phone", ago=14 * DAY)
    report = reported(world, draft())
    assert report.people == 1
    assert sum(report.per_person.values()) == 1


def test_who_makes_the_playbook_fail_is_told_and_the_others_go_on(monkeypatch: pytest.MonkeyPatch) -> None:
    world = known("ana", "ben")
    for days in (20, 10):
        for who in ("ana", "ben"):
            world.happens("Product Viewed", who, ago=days * DAY)
    real = lives_module.step

    def step(plan: object, customer: Customer, occurrence: object, now: int) -> object:
        if customer.user_id == "ben" and now > NOON - 15 * DAY:
            raise ZeroDivisionError("the step failed")
        return real(plan, customer, occurrence, now)  # type: ignore[arg-type]

    monkeypatch.setattr(lives_module, "step", step)
    report = reported(world, draft())
    assert report.failed == 1
    assert report.failure == f"{customer_id('user', 'ben')}: ZeroDivisionError: the step failed"
    assert report.per_person == {1: 1, 2: 1}


def test_a_report_can_be_kept_as_json() -> None:
    world = known("ana")
    world.happens("Product Viewed", ago=10 * DAY)
    report = reported(world, draft())
    assert msgspec.json.decode(msgspec.json.encode(report), type=Report) == report


def test_an_unknown_journey_is_refused_with_those_there_are() -> None:
    with pytest.raises(HabitueError, match="the playbook has: looked"):
        backtest([], draft(), journey="loked", since=0, until=1)


def test_an_empty_period_is_refused() -> None:
    with pytest.raises(HabitueError, match="--to must be later"):
        backtest([], draft(), since=5, until=5)


def test_two_playbooks_are_held_against_each_other_person_by_person() -> None:
    world = known("ana", "ben", "cleo")
    for days in (20, 10):
        world.happens("Product Viewed", "ana", ago=days * DAY)
    world.happens("Product Viewed", "ben", ago=20 * DAY)
    world.happens("Product Added", "cleo", ago=10 * DAY)
    found = backtest_both(world.log.scan(), draft(), draft(1, added=ADDED), since=NOON - 60 * DAY, until=NOON)
    assert (found.totals["sent"].one, found.totals["sent"].other) == (3, 3)
    assert found.totals["dropped"].change == 1
    people = found.people
    assert (people.more, people.first, people.fewer, people.none, people.same) == (1, 1, 1, 0, 1)
    [more], [fewer] = people.examples_more, people.examples_fewer
    assert (more.customer, more.one, more.other) == (customer_id("user", "cleo"), 0, 1)
    assert (fewer.customer, fewer.one, fewer.other) == (customer_id("user", "ana"), 2, 1)
    assert set(found.by_journey) == {"looked", "added"}
    assert found.by_day == {}  # One fewer and one more on the same day.
    assert found.by_reason["cap_channel"].other == 1
