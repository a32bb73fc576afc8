"""Anonymous visitors join the person they turn out to be; known users are never joined."""

from __future__ import annotations

import itertools

import msgspec
from hypothesis import example, given, settings
from hypothesis import strategies as st
from tests.decide.world import World

from habitue.decide import identity
from habitue.model.customer import Customer, customer_id
from habitue.model.instant import DAY, HOUR, MINUTE

SHOP = {
    "segments.yaml": """
keen: {title: Keen, condition: 'count("Product Viewed", within="7d") >= 3'}
filled: {title: Filled, condition: not cart.is_empty}
spender: {title: Spender, condition: 'sum("Order Completed", total) >= 30'}
""",
    "journeys/basket.yaml": """
journey: basket
title: Basket
entry: {inaction: {after: Product Added, within: 30m, without: [Order Completed]}}
key: event.cart_id
goal: Order Completed
steps: [{send: note}, {wait: 1d}]
""",
}


def test_what_a_visitor_did_before_signing_in_counts_for_her() -> None:
    world = World(SHOP)
    for product in ("P1", "P2"):
        world.happens("Product Viewed", None, "phone", product_id=product)
    world.happens("Product Added", None, "phone", product_id="P2", price=5, cart_id="c1")
    world.happens("Product Viewed", "ana", "phone", product_id="P3")
    ana = world.customer()
    assert set(ana.segments) == {"keen", "filled"}
    assert ana.viewed[0].product == "P3"
    assert list(ana.cart.lines) == ["P2"]
    assert [entry.key for entry in ana.entries] == ["c1"]
    assert world.customer("phone", "anonymous").merged_into == ana.id


def test_a_run_begun_on_the_phone_goes_on_for_the_person() -> None:
    world = World(SHOP)
    world.happens("Product Added", None, "phone", product_id="P2", price=5, cart_id="c1")
    world.meet("ana", "phone")
    world.passes(31 * MINUTE)
    assert [effect.address for effect in world.effects()] == ["ana@example.com"]
    world.happens("Order Completed", "ana", total=5)
    assert world.told("ana")[-2:] != [] and "left goal basket" in world.told("ana")


def test_a_joined_visitor_stands_nowhere_under_her_old_name() -> None:
    world = World(SHOP)
    world.meet("ana", "phone")
    world.happens("Product Added", None, "tablet", product_id="P2", price=5, cart_id="c1")
    world.passes(31 * MINUTE)
    world.happens("Product Viewed", "ana", "tablet", product_id="P1")
    [place] = world.store.places("basket")
    assert place.customer == world.customer().id


def test_events_still_on_their_way_find_the_person() -> None:
    world = World(SHOP)
    world.happens("Product Viewed", "ana", "phone")
    world.happens("Product Viewed", None, "phone")
    world.happens("Product Viewed", None, "phone", ago=HOUR)
    assert "keen" in world.customer().segments


def test_two_known_users_on_one_device_stay_two() -> None:
    world = World(SHOP)
    world.happens("Product Viewed", "ana", "tablet")
    world.happens("Product Viewed", "ben", "tablet")
    world.happens("Aliased", "ben", previous="ana")
    assert world.customer("ana").merged_into is None
    assert world.customer("ben").merged_into is None
    assert world.told("ben")[-1] == "refused two_known_users"


def test_an_alias_joins_the_visitor_it_names() -> None:
    world = World(SHOP)
    world.happens("Product Viewed", None, "phone", product_id="P1")
    world.happens("Aliased", "ana", previous="phone")
    assert [view.product for view in world.customer().viewed] == ["P1"]


def test_the_same_sign_in_twice_changes_nothing_more() -> None:
    world = World(SHOP)
    world.happens("Order Completed", None, "phone", total=20)
    world.happens("Aliased", "ana", previous="phone")
    before = world.customer()
    world.happens("Aliased", "ana", previous="phone")
    after = world.customer()
    assert (after.orders, after.revenue) == (before.orders, before.revenue) == (1, 20_000_000)


ACTS = st.sampled_from(
    [
        *("Product Viewed", "Product Added", "Product Removed", "Order Completed", "Order Refunded"),
        *("Product Added to Wishlist", "Wishlist Product Added to Cart", "Consent Granted"),
    ]
)
DEVICES = ("phone", "tablet", "laptop")


@settings(max_examples=60, deadline=None)
@given(
    acts=st.lists(
        st.tuples(ACTS, st.sampled_from(DEVICES), st.integers(0, 3), st.integers(0, 3 * DAY)), min_size=1, max_size=12
    )
)
@example(acts=[("Product Added", "phone", 0, 0), ("Product Added", "tablet", 1, 0)])
def test_the_order_of_joining_devices_does_not_matter(acts: list[tuple[str, str, int, int]]) -> None:
    """Every order of the three sign-ins gives the same person."""
    seen = []
    for order in itertools.permutations(DEVICES):
        world = World(SHOP)
        for index, (name, device, product, ago) in enumerate(acts):
            properties = {"product_id": f"P{product}", "price": 1.5, "total": 3, "cart_id": "c", "channel": "email"}
            properties |= {"order_id": f"O{product}", "category": f"C{product % 2}", "brand": "Orbis"}
            world.happens(name, None, device, id=f"act-{index}", ago=ago, **properties)
        people = {device: customer_id("anonymous", device) for device in DEVICES}
        ana = Customer(id=customer_id("user", "ana"), user_id="ana")
        for device in order:
            state = world.store.person(people[device])
            if state is not None:
                other = msgspec.msgpack.decode(state, type=Customer)
                identity.join(world.crank.plan, ana, other, world.clock.now())
        seen.append(_essence(ana))
    assert all(one == seen[0] for one in seen)


def _essence(customer: Customer) -> object:
    """Everything known of a person, without the running number of the ledger and the mark of when it was written."""
    plain = msgspec.to_builtins(msgspec.structs.replace(customer, ordinal=0))
    fields = dict(zip(Customer.__struct_fields__, plain, strict=True))
    fields["segments"] = dict(sorted(fields["segments"].items()))
    del fields["visit"], fields["last_visit"]  # See `profile/visits`: of older ones, what came first may matter.
    fields["affinities"] = {of: dict(sorted(weights.items())) for of, weights in sorted(fields["affinities"].items())}
    for name in (
        "wishes",
        "ordered",
        "consents",
        "traits",
        "trait_times",
        "bought",
        "counters",
        "segment_dues",
        "refusals",
        "passed",
    ):
        fields[name] = dict(sorted(fields[name].items()))
    return fields


def test_an_alias_of_two_known_users_is_refused_in_the_ledger_once_a_day() -> None:
    world = World(SHOP)
    world.happens("Product Viewed", "ana")
    world.happens("Product Viewed", "ben")
    for _ in range(30):
        world.happens("Aliased", "ben", previous="ana")
        world.passes(MINUTE)
    assert world.told("ben").count("refused two_known_users") == 1


def test_a_known_user_named_by_an_alias_is_not_taken_for_a_device() -> None:
    world = World(SHOP)
    world.happens("Product Viewed", "ana")
    world.happens("Aliased", "ben", previous="ana")
    assert world.customer("ben").anonymous_ids == []


def test_an_alias_may_come_before_the_visitor_it_names_and_name_a_user_id_at_once() -> None:
    """`same` is Ana's user id and a device's id: they are two different things with one spelling."""
    world = World(SHOP)
    world.happens("Product Viewed", None, "same")
    world.happens("Product Viewed", "same")
    world.happens("Aliased", "ben", previous="same")
    assert world.customer("same", "anonymous").merged_into == world.customer("ben").id
    assert world.customer("same").merged_into is None
    assert "refused two_known_users" in world.told("ben")
