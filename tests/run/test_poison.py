"""What no step foresaw: the loop lives, the one customer it concerns is parked, and the error says what to do."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.decide.world import World

from habitue.decide.outcome import Outcome
from habitue.decide.plan import Plan
from habitue.decide.step import Tick, step
from habitue.model.customer import Customer, customer_id
from habitue.model.event import Record
from habitue.run import crank as crank_module
from habitue.run.crank import Crank
from habitue.store.sqlite import SqliteStore

KEEN = {"segments.yaml": "keen: {title: Keen, condition: 'count(\"Product Viewed\") >= 2'}"}
ENORMOUS = [{"price": 1e12, "quantity": 1e12}] * 3


@pytest.mark.parametrize("many", [1, 40])
def test_orders_no_shop_has_ever_seen_do_not_stop_the_loop(tmp_path: Path, many: int) -> None:
    world = World(KEEN)
    world.store = SqliteStore(tmp_path)  # type: ignore[assignment]  # It keeps less than memory does: 64 bits.
    world.store.save_playbook("corner", {}, 0, "ana")
    world.crank = Crank(world.store, world.log, lambda _: crank_module.NOTHING)
    for _ in range(many):
        world.log.append([world.event("Order Completed", products=ENORMOUS)])
        world.log.append([world.event("Order Completed", total=1e12)])
        world.log.append([world.event("Order Refunded", total=9e11)])
    world.happens("Product Viewed", "ben")
    assert world.store.position() == 3 * many + 1
    assert world.store.parked_ids() == set()


def test_a_state_that_cannot_be_written_parks_its_customer_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World(KEEN)

    def spoil(plan: Plan, customer: Customer, occurrence: Record | Tick, now: int) -> Outcome:
        outcome = step(plan, customer, occurrence, now)
        if customer.user_id == "ben":
            customer.revenue = 1 << 80
        return outcome

    monkeypatch.setattr(crank_module, "step", spoil)
    world.log.append([world.event("Product Viewed", who) for who in ("ana", "ben", "ana")])
    world.turn()
    [parked] = world.store.parked()
    assert parked.customer == customer_id("user", "ben")
    assert "OverflowError" in parked.error
    assert "keen" in world.customer("ana").segments
