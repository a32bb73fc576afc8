"""Why a condition was not met: the part that was false and what there was instead, kept with the decision and said."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from tests.decide.conditions.histories import SHOP, SHOP_ZONE, absorb, conditions, histories, plain_conditions
from tests.decide.conditions.oracle import Person

from habitue.decide.conditions import Compiler
from habitue.decide.conditions.unmet import PARTS_MAX
from habitue.model.customer import Customer
from habitue.model.event import Event
from habitue.model.instant import DAY, HOUR, MINUTE
from habitue.playbook.conditions import Condition, parse
from habitue.playbook.conditions.shortfall import unmet as said
from habitue.playbook.conditions.tree import Node
from habitue.playbook.why import why

from .world import NOON, World

JOURNEY = """
journey: nudge
title: Nudge
entry: {event: Product Viewed}
%s
steps:
  - wait: 1h
"""


def shop(rest: str) -> World:
    return World({"journeys/nudge.yaml": JOURNEY % rest})


def told(world: World, reason: str) -> list[str]:
    return [why(one) for one in world.decisions("ana") if one.reason == reason]


def test_an_entry_that_is_refused_says_what_the_cart_held() -> None:
    world = shop("when: cart.count >= 3 and orders.count == 0")
    world.happens("Product Added", product_id="P1", quantity=2)
    world.happens("Product Viewed", product_id="P1")
    [refused] = [one for one in world.decisions("ana") if one.reason == "entry_condition"]
    assert refused.detail == {"unmet": [{"part": "cart.count >= 3", "is": 2}]}
    assert why(refused) == (
        "The journey's entry condition was not met: the number of pieces in the cart is 2; at least 3 is needed."
    )


def test_a_branch_that_is_not_taken_says_why() -> None:
    world = World(
        {
            "journeys/nudge.yaml": JOURNEY.replace(
                "  - wait: 1h", "  - if: orders.count > 0\n    then: [{wait: 1h}]\n    otherwise: [{wait: 2h}]"
            )
            % ""
        }
    )
    world.happens("Product Viewed", product_id="P1")
    [line] = told(world, "condition_false")
    assert line.endswith("the number of orders is 0; more than 0 is needed.")


def test_an_exit_says_what_became_so() -> None:
    world = shop("exit_when: did('Order Completed', within='1h') or cart.is_empty and trait.vip == True")
    world.happens("Product Viewed", product_id="P1")
    world.passes(MINUTE)
    world.happens("Order Completed", order_id="o1", total=5)
    [left] = [one for one in world.decisions("ana") if one.reason == "exit"]
    assert left.detail["met"] == [
        {"part": 'did("Order Completed", within="1h")', "last": world.clock.instant},
    ]
    assert why(left).startswith(
        "The journey's exit rule became true: ordered in the last hour (the last time on 28 May"
    )


def test_the_same_refusal_is_reckoned_once_a_day(monkeypatch: pytest.MonkeyPatch) -> None:
    from habitue.decide.conditions import Check

    asked = []
    real = Check.unmet
    monkeypatch.setattr(Check, "unmet", lambda self, *about: asked.append(about) or real(self, *about))
    world = shop("when: cart.count >= 3")
    for _ in range(5):
        world.happens("Product Viewed", product_id="P1")
    assert len(asked) == 1


def missing(text: str, *events: tuple[str, int, dict[str, Any]], **traits: Any) -> list[str]:
    compiler = Compiler({"loyal": parse("orders.count > 3")}, SHOP)
    check = compiler.condition(parse(text, entry_event=True))
    ana = Customer(id="ana", traits=traits)
    for place, (name, at, properties) in enumerate(events):
        event = Event(id=f"e{place}", source="s", type="track", name=name, occurred_at=NOON + at, properties=properties)
        absorb(compiler.leaves_by_event, ana.counters, event, place)
    return said(check.unmet(ana, NOON + 2 * DAY, {"price": 5}, ""))


LOOK: dict[str, Any] = {"category": "mugs"}


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (
            'count("Product Viewed", category="mugs", within="7d") >= 3',
            "looked at products where category is mugs in the last 7 days 2 times; at least 3 times is needed",
        ),
        (
            'count("Product Viewed", within="7d") < 2',
            "looked at products in the last 7 days 2 times or more; less than 2 times is needed",
        ),
        ('days_since("Product Viewed") > 3', "last looked at a product 2 days ago; more than 3 days ago is needed"),
        ('days_since("Order Completed") > 3', "has never ordered; more than 3 days ago is needed"),
        ('trait.country in ["ES", "PT"]', "country is FR; ES or PT is needed"),
        ("trait.age >= 18", "age is not known; at least 18 is needed"),
        ('not segment("loyal") and segment("loyal")', 'is not in the segment "loyal"'),
        (
            "event.price > trait.limit",
            "the price of the event that started the journey is 5, limit is not known; needed is that "
            "the price of the event that started the journey is more than limit",
        ),
        ('last("Product Viewed", category) == "bags"', "the category of the last product view is mugs; bags is needed"),
        ('starts_with(trait.country, "E")', "country does not begin with E (it is FR)"),
    ],
)
def test_each_kind_of_part_is_said_in_plain_words(text: str, sentence: str) -> None:
    assert missing(text, ("Product Viewed", 0, LOOK), ("Product Viewed", HOUR, LOOK), country="FR") == [sentence]


def test_of_several_ways_none_of_which_was_open_each_is_said() -> None:
    [line] = missing('trait.age >= 18 or trait.country == "ES"', country="FR")
    assert line == ("none of these was so: age is not known; at least 18 is needed — country is FR; ES is needed")


def test_what_happened_and_should_not_have_says_when() -> None:
    [line] = missing('not did("Product Viewed", within="7d")', ("Product Viewed", 0, LOOK))
    assert line == "looked at a product in the last 7 days (the last time on 28 May 2026, 12:00 UTC)"


def test_what_a_later_version_wrote_is_shown_as_it_is() -> None:
    assert said([{"part": "moon.phase > 3", "is": 2}, {"part": "?"}]) == ["moon.phase > 3 (2)", "?"]


def test_a_ledger_does_not_grow_with_a_trait() -> None:
    world = shop("when: trait.note == 'x' and " + " and ".join(f"trait.t{number} == 1" for number in range(20)))
    world.happens("Identified", traits={"note": "y" * 4_000})
    world.happens("Product Viewed", product_id="P1")
    [refused] = [one for one in world.decisions("ana") if one.reason == "entry_condition"]
    assert len(refused.detail["unmet"]) == PARTS_MAX
    assert len(msgspec.msgpack.encode(refused.detail)) < 500


@settings(deadline=None, max_examples=60)
@given(conditions, plain_conditions, histories())
def test_every_condition_that_is_false_says_something_and_grows_no_counter(
    tree: Node, segment: Node, history: list[Event]
) -> None:
    compiler = Compiler({"lookers": Condition("", segment)}, SHOP)
    check = compiler.condition(Condition("", tree))
    leaves = {leaf.id: leaf.signature for leaf in compiler.leaves.values()}
    ana = Customer(id="ana")
    for position, event in enumerate(history):
        absorb(compiler.leaves_by_event, ana.counters, event, position)
    now = max((event.occurred_at for event in history), default=0)
    holds = check.evaluate(ana, now)[0]
    parts = check.met(ana, now) if holds else check.unmet(ana, now)
    assert parts or Person(history, timezone=SHOP_ZONE, segments={"lookers": segment}).holds(tree, now) is holds
    assert {leaf.id: leaf.signature for leaf in compiler.leaves.values()} == leaves
    msgspec.msgpack.encode(parts)
    assert all(said([part]) for part in parts)
