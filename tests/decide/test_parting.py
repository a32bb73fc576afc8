"""A wrong merge is undone: each half has again what it did itself."""

from __future__ import annotations

import msgspec
from tests.decide.world import World

from habitue.model.customer import customer_id
from habitue.model.event import IDENTIFIED
from habitue.model.instant import DAY, MINUTE
from habitue.playbook.load import load
from habitue.run.proof import prove
from habitue.store.memory import MemoryStore

SHOP = {
    "segments.yaml": """
keen: {title: Keen, condition: 'count("Product Viewed", within="7d") >= 2'}
buyers: {title: Buyers, condition: 'count("Order Completed") >= 1'}
""",
    "journeys/basket.yaml": """
journey: basket
title: Basket
entry: {event: Product Added}
key: event.cart_id
steps: [{wait: 1d}, {send: note}]
""",
}
ANA, TABLET = customer_id("user", "ana"), customer_id("anonymous", "tablet")


def _wrongly_joined() -> World:
    """Ben, a guest on the tablet, is taken for Ana because she signs in there."""
    world = World(SHOP)
    world.meet("ana", "phone")
    world.happens("Order Completed", "ana", total=20)
    world.happens("Product Viewed", None, "tablet", product_id="B1")
    world.happens("Product Added", None, "tablet", product_id="B1", price=5, cart_id="b")
    world.happens("Product Viewed", "ana", "tablet", product_id="A1")
    world.happens("Product Viewed", None, "tablet", product_id="B2")
    return world


def test_each_half_has_again_what_it_did() -> None:
    world = _wrongly_joined()
    assert {"keen", "buyers"} == set(world.customer("ana").segments)
    world.split(ANA, TABLET)
    ana, ben = world.customer("ana"), world.customer("tablet", "anonymous")
    assert ben.merged_into is None
    assert [view.product for view in ana.viewed] == ["A1"]
    assert sorted(view.product for view in ben.viewed) == ["B1", "B2"]
    assert (list(ana.cart.lines), list(ben.cart.lines)) == ([], ["B1"])
    assert (ana.orders, ben.orders) == (1, 0)
    assert (set(ana.segments), set(ben.segments)) == ({"buyers"}, {"keen"})
    assert [run.key for run in ben.runs] == ["b"] and ana.runs == []
    assert (ana.anonymous_ids, ben.anonymous_ids) == (["phone"], ["tablet"])
    assert ana.traits["email"] == "ana@example.com" and ben.traits == {}
    assert "changed parted" in world.told("ana")


def test_what_was_parted_is_not_joined_again() -> None:
    world = _wrongly_joined()
    world.split(ANA, TABLET)
    world.happens("Product Viewed", "ana", "tablet", product_id="A2")
    world.happens("Product Viewed", None, "tablet", product_id="B3")
    assert world.customer("ana").viewed[0].product == "A2"
    assert world.customer("tablet", "anonymous").viewed[0].product == "B3"
    assert "refused kept_apart" in world.told("ana")


def test_a_split_order_for_people_who_are_not_one_changes_nothing() -> None:
    world = _wrongly_joined()
    before = world.store.person(ANA)
    world.split(ANA, customer_id("user", "nobody"))
    assert world.store.person(ANA) == before


def test_a_visitor_that_had_joined_the_part_goes_with_it() -> None:
    world = World(SHOP)
    guest = {"email": "ben@example.com"}
    world.happens("Order Completed", None, total=5, identifiers=guest)
    ben = world.people()[0].id
    world.happens("Product Viewed", None, "laptop", product_id="B1")
    world.happens("Product Viewed", None, "laptop", product_id="B2", identifiers=guest)
    world.happens(IDENTIFIED, "ana", identifiers=guest)
    assert len(world.people()) == 1
    world.split(ANA, ben)
    assert sorted((one.user_id, one.orders, len(one.viewed)) for one in world.people() if one.id != ANA) == [
        (None, 1, 2)
    ]
    assert world.customer("ana").viewed == []


def test_a_new_condition_counts_for_each_half_what_it_did() -> None:
    world = _wrongly_joined()
    world.split(ANA, TABLET)
    rule = {"segments.yaml": "looked: {title: Looked, condition: 'count(\"Product Viewed\") >= 2'}"}
    world.apply(rule)
    assert "looked" not in world.customer("ana").segments
    assert "looked" in world.customer("tablet", "anonymous").segments


def test_a_history_with_a_split_replays_to_the_same_state() -> None:
    world = _wrongly_joined()
    world.passes(MINUTE)
    world.split(ANA, TABLET)
    world.happens("Product Viewed", "ana", "tablet", product_id="A2")
    world.passes(2 * DAY)
    versions = [("corner", world.store.playbook(1) or {})]
    proof = prove(world.log, world.store, world.store, MemoryStore(), versions, load)
    assert proof.holds, msgspec.json.encode(proof)
