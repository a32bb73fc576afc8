"""Whatever is joined, refused, passed on and split while timers run: a replay of the log comes to the same."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.decide.world import World

from habitue.model.event import IDENTIFIED
from habitue.model.instant import DAY, HOUR, MINUTE
from habitue.model.trust import Level
from habitue.playbook.load import load
from habitue.run.proof import prove
from habitue.store.memory import MemoryStore

SHOP = {
    "segments.yaml": """
keen: {title: Keen, condition: 'count("Product Viewed", within="7d") >= 2'}
filled: {title: Filled, condition: not cart.is_empty}
""",
    "journeys/basket.yaml": """
journey: basket
title: Basket
entry: {event: Product Added}
key: event.cart_id
reentry: always
steps: [{wait: 1h}, {send: note}]
""",
    "journeys/left.yaml": """
journey: left
title: Left
entry: {inaction: {after: Product Added, within: 30m, without: [Order Completed]}}
key: event.cart_id
goal: Order Completed
steps: [{send: note}, {wait: 1d}]
""",
}
IDENTIFIERS = st.fixed_dictionaries(
    {},
    optional={
        "email": st.sampled_from(["a@shop.example", "b@shop.example"]),
        "shop": st.sampled_from(["shopify:s:1", "shopify:s:2"]),
        "push": st.sampled_from(["ios:1", "ios:2"]),
        "device": st.sampled_from(["x1"]),
    },
)
EVENTS = st.tuples(
    st.sampled_from(["Product Viewed", "Product Added", "Order Completed", IDENTIFIED, "Consent Granted"]),
    st.sampled_from([None, None, "ana", "ben"]),
    st.sampled_from([None, "d1", "d2"]),
    IDENTIFIERS,
    st.sampled_from([0, 0, HOUR]),
    st.booleans(),
)
PAUSES = st.sampled_from([MINUTE, 2 * HOUR, DAY])
SPLITS = st.integers(0, 5).map(lambda number: ("split", number))


def _live(world: World, act: tuple | int) -> None:  # type: ignore[type-arg]
    if isinstance(act, int):
        world.passes(act)
    elif act[0] == "split":
        merges = [(one.id, part) for one in world.people() for part in one.merged_ids]
        if merges:
            world.passes(MINUTE)
            world.split(*merges[act[1] % len(merges)])
    elif any(act[1:4]):
        name, who, device, identifiers, ago, public = act
        more = {"traits": {"email": identifiers.get("email")}} if name == IDENTIFIED else {"channel": "email"}
        what = {"product_id": "P1", "price": 5, "cart_id": "c", "order_id": "o", "total": 5}
        if public:  # Said by a page: whom it names is a claim.
            claims = {"user": who} if who else {}
            claims |= {kind: value for kind, value in identifiers.items() if kind in ("email", "shop")}
            weak = {kind: value for kind, value in identifiers.items() if kind not in claims}
            more |= {"level": Level.BROWSER, "claims": claims}
            world.happens(name, None, device, identifiers=weak, ago=ago, **more, **what)
            return
        world.happens(name, who, device, identifiers=identifiers, ago=ago, **more, **what)


@settings(max_examples=80)
@given(st.lists(st.one_of(EVENTS, EVENTS, EVENTS, PAUSES, SPLITS), min_size=12, max_size=40))
def test_any_history_of_joining_and_splitting_replays_to_the_same_state(acts: list[tuple | int]) -> None:  # type: ignore[type-arg]
    world = World(SHOP)
    for act in acts:
        _live(world, act)
    versions = [("corner", world.store.playbook(1) or {})]
    proof = prove(world.log, world.store, world.store, MemoryStore(), versions, load)
    assert proof.holds, proof
