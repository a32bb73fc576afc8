"""A rehearsal decides what the live program decides, and does not keep what nobody asks for."""

from __future__ import annotations

from typing import Any

import msgspec
from tests.decide.test_replayed import SHOP
from tests.decide.world import NOON, NOTE, PLAYBOOK

from habitue.decide.plan import Plan, Program
from habitue.decide.rehearsal import Rehearsal
from habitue.decide.step import TICK, step
from habitue.model.customer import Customer
from habitue.model.decision import Decision
from habitue.model.event import IDENTIFIED, Event, Record
from habitue.model.instant import DAY, HOUR, MINUTE, Span
from habitue.playbook.load import load

STARTING = {
    "journeys/keen.yaml": "journey: keen\ntitle: Keen\nentry: {segment: keen, on: enter}\nreentry: always\n"
    "when: not cart.is_empty\nsteps: [{send: note}]\n",
}
ANA: tuple[tuple[Span, str, dict[str, Any]], ...] = (
    (0, IDENTIFIED, {"traits": {"email": "ana@example.com"}}),
    (MINUTE, "Consent Granted", {"channel": "email"}),
    (2 * MINUTE, "Product Added", {"product_id": "P1", "price": 5, "cart_id": "c"}),
    (3 * MINUTE, "Page Viewed", {"path": "/"}),
    (4 * MINUTE, "Product Viewed", {"product_id": "P1", "category": "mugs"}),
    (2 * HOUR, "Product Viewed", {"product_id": "P2", "category": "mugs"}),
    (3 * DAY, "Order Completed", {"order_id": "o", "total": 5}),
)


def lived(program: Program) -> tuple[Customer, list[Decision], int]:
    """Ana, what was decided on her way through the journeys, and how many letters were written."""
    plan, ana, decisions, letters = Plan(program), Customer(id="ana"), [], 0
    for position, (after, name, said) in enumerate(ANA):
        event = Event(
            id=str(position),
            source="web",
            type="track",
            name=name,
            occurred_at=NOON + after,
            traits=said.get("traits", {}),
            properties={key: value for key, value in said.items() if key != "traits"},
        )
        outcome = step(plan, ana, Record(position, event.occurred_at, event), event.occurred_at)
        decisions += outcome.decisions
        letters += len(outcome.effects)
    outcome = step(plan, ana, TICK, NOON + 30 * DAY)
    decisions += outcome.decisions
    return ana, [one for one in decisions if one.journey is not None], letters + len(outcome.effects)


def test_a_rehearsal_decides_the_same_and_keeps_only_what_its_journeys_ask() -> None:
    playbook = load({"playbook.yaml": PLAYBOOK, "messages/note.yaml": NOTE, **SHOP, **STARTING}, version=1)
    ana, decisions, letters = lived(Program(playbook))
    tried, rehearsed, none = lived(Rehearsal(playbook))
    assert [_bare(one) for one in rehearsed] == [_bare(one) for one in decisions]
    assert letters >= 3
    assert none == 0
    assert ana.visit is not None
    assert ana.viewed
    assert tried.viewed == []
    assert set(Rehearsal(playbook).segments) == {"keen"}


def test_a_rehearsal_says_which_events_it_can_do_without() -> None:
    playbook = load({"playbook.yaml": PLAYBOOK, "messages/note.yaml": NOTE, **SHOP}, version=1)
    heeds = Rehearsal(playbook).heeds
    assert {"Product Added", "Order Completed", "Consent Withdrawn", "Email Bounced", IDENTIFIED} <= heeds
    assert heeds.isdisjoint({"Page Viewed", "Product Viewed", "Cart Viewed"})
    keen = load({"playbook.yaml": PLAYBOOK, "messages/note.yaml": NOTE, **SHOP, **STARTING})
    assert "Product Viewed" in Rehearsal(keen).heeds


def test_a_rehearsal_knows_what_only_starts_a_watch_anew() -> None:
    left = (
        "journey: left\ntitle: Left\nsteps: [{send: note}]\n"
        "entry: {inaction: {after: Product Added, within: 30m, without: [Order Completed]}}\n"
    )
    base = {"playbook.yaml": PLAYBOOK, "messages/note.yaml": NOTE, "journeys/left.yaml": left}
    assert Rehearsal(load(base)).restarts == {"Product Added": 30 * MINUTE}
    soon = left.replace("left", "soon").replace("30m", "10m")
    assert Rehearsal(load(base | {"journeys/soon.yaml": soon})).restarts == {"Product Added": 10 * MINUTE}
    keyed = f"{left}key: event.cart_id\n"
    asked = f"{left}when: not cart.is_empty\n"
    for other in (
        keyed,
        asked,
        left.replace("after: Product Added", "after: {event: Product Added, where: price > 5}"),
    ):
        assert Rehearsal(load(base | {"journeys/left.yaml": other})).restarts == {}


def _bare(decision: Decision) -> Decision:
    """Without the ids, which count what was decided of segments too."""
    return msgspec.structs.replace(decision, id="", run=None)
