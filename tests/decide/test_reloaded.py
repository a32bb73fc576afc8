"""A customer who was written down and read again goes on exactly as one who stayed in memory."""

from __future__ import annotations

from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.decide.world import PLAYBOOK, World

from habitue.model.customer import Customer
from habitue.model.event import IDENTIFIED
from habitue.model.instant import DAY, HOUR, MINUTE
from habitue.playbook.load import load
from habitue.run.crank import Crank

FILES = {
    "playbook.yaml": PLAYBOOK + "guard:\n"
    "  caps: [{channel: email, limit: 4, within: 1d}]\n"
    "  minimum_gap: {span: 10m}\n"
    "  quiet_hours: {start: '22:00', end: '08:00', channels: [email]}\n",
    "segments.yaml": """
keen: {title: Keen, condition: 'count("Product Viewed", within="2h") >= 2'}
rich: {title: Rich, condition: 'sum("Order Completed", total, within="1d") > 15 or avg("Order Completed", total) > 9.5'}
wide: {title: Wide, condition: 'distinct("Product Viewed", product_id, within="3h") >= 2'}
ends: {title: Ends, condition: 'first("Product Viewed", product_id, within="2h") != last("Product Viewed", product_id)'}
edge: {title: Edge, condition: 'min("Order Completed", total) < max("Order Completed", total, within="1d")'}
full: {title: Full, condition: 'cart.value > 5 and days_since("Product Viewed") < 1'}
here: {title: Here, condition: 'visit.products >= 2 or last_visit.stage == "cart" or visit.price_spread > 1'}
fond: {title: Fond, condition: 'affinity("brand", "B1") > 0.5 or "P1" in wishlist.products or orders.refunds > 3'}
calm: {title: Calm, condition: 'trait.calm == True or trait.number * 2 > 9'}
""",
    "journeys/looked.yaml": """
journey: looked
title: Looked
entry: {event: Product Viewed}
key: event.product_id
reentry: after 1h
goal: Order Completed
steps: [{wait: 20m}, {send: note}, {wait_event: Order Completed, timeout: 2h, otherwise: [{set: {calm: true}}]}]
""",
    "journeys/left.yaml": """
journey: left
title: Left
entry: {inaction: {after: Product Added, within: 30m, without: [Order Completed]}}
key: event.cart_id
exit_when: cart.is_empty
time_limit: 1d
steps: [{wait_until: '09:00'}, {send: note}]
""",
    "journeys/keen.yaml": """
journey: keen
title: Keen
entry: {segment: keen, on: enter}
steps:
  - split: {a: {weight: 1, then: [{send: note}]}, b: {weight: 1, then: [{wait: 1h}, {send: note}]}}
""",
    "journeys/daily.yaml": """
journey: daily
title: Daily
entry: {schedule: '10:00', segment: wide}
steps: [{set: {calm: null}}, {send: note}]
""",
}
NAMES = [
    *("Product Viewed", "Product Viewed", "Product Added", "Product Removed", "Cart Viewed", "Order Completed"),
    *("Product Added to Wishlist", "Wishlist Product Added to Cart", "Page Viewed", "Order Cancelled"),
    *("Order Refunded", "Consent Granted", "Consent Withdrawn", "Email Bounced", IDENTIFIED, "Aliased"),
]
VALUES = st.sampled_from(
    [1, 5, 5.0, 2.5, "7", "x", True, None, [1, 2.0, {"a": 1}], {"deep": {"er": [1.0]}}, 2**60, -0.0]
)
HAPPENINGS = st.lists(
    st.tuples(
        st.sampled_from(NAMES),
        st.sampled_from(["ana", "ben", None]),
        st.sampled_from(["phone", "tablet"]),
        st.integers(0, 3 * HOUR),
        st.sampled_from([0, 0, MINUTE, 90 * MINUTE]),
        st.integers(0, 2),
        VALUES,
        st.sampled_from(["evict", "restart", "stay", "stay"]),
    ),
    min_size=5,
    max_size=30,
)


@settings(max_examples=25, deadline=None)
@given(HAPPENINGS)
def test_a_customer_evicted_or_reloaded_at_random_is_byte_for_byte_the_same(happenings: list[Any]) -> None:
    kept, reloaded = World(FILES), World(FILES)
    for name, who, device, pause, ago, product, value, fate in happenings:
        for world in (kept, reloaded):
            if world is reloaded and fate != "stay":
                world.crank = Crank(world.store, world.log, load, cache_max=0 if fate == "evict" else 10_000)
            world.passes(pause)
            _happens(world, name, who, device, ago, product, value)
    for world in (kept, reloaded):
        world.passes(3 * DAY)
        assert world.store.parked() == []
    ids = sorted(kept.store.customer_ids())
    assert ids == sorted(reloaded.store.customer_ids())
    for one in ids:
        assert kept.store.load([one]) == reloaded.store.load([one])
        assert _same_when_read(kept.store.load([one])[one])
        assert kept.store.decisions(customers=[one], limit=10_000) == reloaded.store.decisions(
            customers=[one], limit=10_000
        )


def _happens(world: World, name: str, who: str | None, device: str, ago: int, product: int, value: object) -> None:
    properties = {
        "product_id": f"P{product}",
        "cart_id": f"c{product}",
        "price": value,
        "quantity": value,
        "total": value,
        "channel": "email",
        "permanent": True,
        "odd": value,
        "category": value,
        "brand": f"B{product}",
        "path": value,
        "order_id": f"o{product}",
    }
    if name == "Cart Viewed":
        properties["products"] = [{"product_id": f"P{product}", "price": 3}, {"sku": "S"}, value]
    traits = {"number": value, "odd": value, "email": f"{who or device}@example.com"} if name == IDENTIFIED else {}
    if name == "Aliased":
        world.happens(name, who or "cleo", None, previous=device, ago=ago)
    else:
        world.happens(name, who, device, ago=ago, traits=traits, context={"timezone": "Asia/Tokyo"}, **properties)


def _same_when_read(state: bytes) -> bool:
    return msgspec.msgpack.encode(msgspec.msgpack.decode(state, type=Customer)) == state
