"""A customer stays small, whatever somebody sends in her name, and however many visitors join her."""

from __future__ import annotations

from typing import Any

from tests.decide.world import World

from habitue.model.customer import customer_id
from habitue.model.event import Event
from habitue.model.instant import DAY, MINUTE, SECOND

STATE_BYTES_MAX = 1024 * 1024
FILES = {
    "segments.yaml": """
keen: {title: Keen, condition: 'count("Product Viewed", within="30d") >= 3'}
rich: {title: Rich, condition: 'sum("Product Viewed", price, within="30d") > 1e9'}
wide: {title: Wide, condition: 'distinct("Product Viewed", product_id, within="30d") >= 10000'}
first: {title: First, condition: 'first("Product Viewed", blob, within="30d") == "none"'}
""",
    "journeys/left.yaml": """
journey: left
title: Left
entry: {inaction: {after: Product Added, within: 30m, without: [Order Completed]}}
key: event.cart_id
steps: [{send: note}]
""",
    "journeys/looked.yaml": """
journey: looked
title: Looked
entry: {event: Product Viewed}
key: event.product_id
reentry: after 1d
steps: [{wait: 20m}, {send: note}]
""",
}


def hostile(world: World, number: int, large: bool) -> Event:
    """Ever new products, carts, keys, traits, topics, addresses and devices, in words as long as they are let in."""
    long = "😀" * 500 if large and number % 7 == 0 else "x"
    who, device = ("ana" if number % 50 in (0, 49) else None), f"device{number // 50}-{'d' * 200}"
    more: dict[str, Any] = {"id": f"{number}-{'i' * 200}"}
    match number % 10:
        case 0 | 1 | 2 | 3:
            more |= {"product_id": f"P{number}", "price": 1, "blob": long + str(number)}
            more |= {"category": f"{number}{long}", "brand": f"{long}{number}", "url": "u" * 3_000}
            name = ("Product Viewed", "Product Added to Wishlist", "Product Removed from Wishlist", "Order Refunded")
            return world.event(name[number // 10 % 4], who, device, order_id=f"{number}{long}", **more)
        case 4 | 5:
            more |= {"product_id": f"Q{number}", "cart_id": f"c{number}", "blob": long * 10, "url": "u" * 1_000}
            return world.event("Product Added", who, device, **more)
        case 6:
            return world.event("Identified", "ana", device, traits={f"trait{number}{'t' * 1_000}": "x"}, **more)
        case 7:
            traits = {f"trait{number}": long * 3 + "t" * 900}
            return world.event("Identified", "ana", device, traits=traits, **more)
        case 8:
            more |= {"channel": "email", "topic": f"t{number}{'z' * 100}"}
            return world.event("Consent Granted", who, device, **more)
    lines = [{"product_id": f"R{number}-{line}", "category": f"C{number}-{line}"} for line in range(20)]
    name = "Order Completed" if number % 1_000 == 9 else "Cart Viewed"
    return world.event(name, who, device, products=lines, permanent=True, email=f"{number}@example.com", **more)


def test_a_hostile_visitor_of_twenty_thousand_events_stays_small() -> None:
    world = World(FILES)
    for number in range(20_000):
        world.clock.instant += SECOND
        world.log.append([hostile(world, number, large=True)])
        if number % 2_000 == 1_999:
            world.turn()
    for one in world.store.customer_ids():
        assert len(world.store.load([one])[one]) < STATE_BYTES_MAX
    assert world.store.parked() == []
    world.passes(40 * DAY)
    assert world.store.parked() == []
    assert len(world.customer().merged_ids) <= 1_000


def test_runs_of_many_visitors_who_join_are_no_more_than_the_journey_allows() -> None:
    world = World(FILES)
    for number in range(12):
        for product in range(5):
            world.happens("Product Viewed", None, f"device{number}", product_id=f"P{number}-{product}")
        world.happens("Cart Viewed", "ana", f"device{number}")
        world.passes(SECOND)
    runs = world.customer().runs
    assert len(runs) == 10
    assert {run.key.split("-")[0] for run in runs} == {"P0", "P1"}
    assert world.told("ana").count("left merged_away looked") == 50
    assert len(world.store.places("looked")) == 10


def test_a_full_cart_takes_what_is_put_in_now() -> None:
    world = World()
    for number in range(150):
        world.happens("Product Added", product_id=f"P{number}")
        world.happens("Product Removed", product_id=f"P{number}")
    world.happens("Product Added", product_id="LAST")
    assert "LAST" in world.customer().cart.lines
    assert len(world.customer().cart.lines) == 100


def test_a_refusal_finds_its_place_among_any_number_of_topics() -> None:
    world = World(FILES)
    world.meet()
    for number in range(150):
        world.happens("Consent Granted", channel="email", topic=f"t{number}")
    world.happens("Unsubscribed", channel="email")
    assert world.customer().consents["email"].granted is False
    for number in range(150):
        world.happens("Consent Withdrawn", "ben", channel="email", topic=f"t{number}")
    world.happens("Identified", "ben", traits={"email": "ben@example.com"})
    world.happens("Product Viewed", "ben", product_id="P1")
    world.passes(20 * MINUTE)
    assert world.effects() == []
    assert world.store.person(customer_id("user", "ben")) is not None
