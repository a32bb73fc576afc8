"""What holds whatever happens: consent, caps, quiet hours, and the same answer to the same history."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.decide.world import PLAYBOOK, World

from habitue.decide.local_time import local, zone
from habitue.model.customer import customer_id
from habitue.model.event import IDENTIFIED, Event
from habitue.model.instant import DAY, HOUR, MINUTE
from habitue.model.reason import Outcome

GUARDED = PLAYBOOK + (
    "guard:\n"
    "  caps: [{channel: email, limit: 2, within: 1d}, {limit: 3, within: 3d}]\n"
    "  quiet_hours: {start: '22:00', end: '08:00', channels: [email]}\n"
)
FILES = {
    "playbook.yaml": GUARDED,
    "segments.yaml": 'keen: {title: Keen, condition: \'count("Product Viewed", within="2h") >= 2\'}',
    "journeys/looked.yaml": """
journey: looked
title: Looked
entry: {event: Product Viewed}
key: event.product_id
goal: Order Completed
steps: [{wait: 20m}, {send: note}]
""",
    "journeys/keen.yaml": """
journey: keen
title: Keen
entry: {segment: keen, on: enter}
steps:
  - split: {a: {weight: 1, then: [{send: note}]}, b: {weight: 1, then: [{wait: 1h}, {send: note}]}}
""",
}

Happening = tuple[str, str | None, str | None, int, int, int]
HAPPENINGS = st.lists(
    st.tuples(
        st.sampled_from(
            ["Product Viewed", "Product Viewed", "Order Completed", "Consent Granted", "Consent Withdrawn", IDENTIFIED]
        ),
        st.sampled_from(["ana", "ben", None]),
        st.sampled_from(["phone", "tablet"]),
        st.integers(0, 5 * HOUR),
        st.integers(0, 90 * MINUTE),
        st.integers(0, 2),
    ),
    min_size=3,
    max_size=40,
)


def lived(happenings: list[Happening], batch: int | None) -> World:
    """A world that lived through it; with a batch size, everything is decided in one go at the end."""
    world = World(FILES)
    for name, who, device, pause, ago, product in happenings:
        world.clock.instant += pause
        zone_name = "America/New_York" if who == "ben" else "Asia/Tokyo"
        properties: dict[str, Any] = {"product_id": f"P{product}", "channel": "email", "total": 10}
        traits = {"email": f"{who or device}@example.com"} if name == IDENTIFIED else {}
        event = world.event(name, who, device, ago=ago, traits=traits, context={"timezone": zone_name}, **properties)
        world.log.append([event])
        if batch is None:
            world.turn()
    world.clock.instant += 4 * DAY
    world.turn(batch or 1_000)
    return world


@settings(max_examples=80, deadline=None)
@given(HAPPENINGS)
def test_nobody_gets_an_email_without_consent_in_force_at_that_moment(happenings: list[Happening]) -> None:
    world = lived(happenings, None)
    for effect in world.effects():
        said = [
            record.event
            for record in world.log.scan()
            if record.received_at <= effect.at
            and record.event.name in ("Consent Granted", "Consent Withdrawn")
            and effect.customer in _homes(world, record.event)
        ]
        # A grant and a withdrawal of the very same moment count as a withdrawal.
        latest = max(said, key=lambda event: (event.occurred_at, event.name == "Consent Withdrawn"))
        assert latest.name == "Consent Granted"


@settings(max_examples=80, deadline=None)
@given(HAPPENINGS)
def test_caps_and_quiet_hours_hold_whatever_happens(happenings: list[Happening]) -> None:
    world = lived(happenings, None)
    for who in {effect.customer for effect in world.effects()}:
        sent = [effect.at for effect in world.effects() if effect.customer == who]
        for at in sent:
            assert sum(at - DAY < other <= at for other in sent) <= 2
            assert sum(at - 3 * DAY < other <= at for other in sent) <= 3
    for effect in world.effects():
        where = zone(effect.data["customer"]["timezone"], "UTC")
        assert 8 <= local(effect.at, where).hour < 22


@settings(max_examples=60, deadline=None)
@given(HAPPENINGS, st.sampled_from([1, 2, 3, 7, 1_000]))
def test_the_same_history_gives_the_same_state_and_ledger_however_it_is_cut(
    happenings: list[Happening], batch: int
) -> None:
    """Byte for byte: decided live, event by event with the clock, or later in batches of any size."""
    live, later = lived(happenings, None), lived(happenings, batch)
    ids = sorted(live.store.customer_ids())
    assert ids == sorted(later.store.customer_ids())
    assert live.store.load(ids) == later.store.load(ids)
    for one in ids:
        assert _ledger(live, one) == _ledger(later, one)


def test_a_capped_message_says_which_cap_and_how_many() -> None:
    world = World(FILES)
    world.meet()
    for product in range(4):
        world.happens("Product Viewed", product_id=f"P{product}")
        world.passes(25 * MINUTE)
    dropped = [one for one in world.decisions("ana") if one.outcome is Outcome.DROPPED]
    assert {one.reason.value for one in dropped} == {"cap_channel"}
    assert dropped[0].detail["limit"] == 2


def _ledger(world: World, one: str) -> list[Any]:
    return [decision for _, decision in world.store.decisions(customers=[one], limit=10_000)]


def _homes(world: World, event: Event) -> set[str]:
    found = set()
    for kind, value in (("user", event.user_id), ("anonymous", event.anonymous_id)):
        if value is None:
            continue
        one = customer_id(kind, value)
        found.add(one)
        customer = world.customer(value, kind)
        if event.user_id is None and customer.merged_into is not None:
            found.add(customer.merged_into)
        if event.user_id is not None:
            break
    return found
