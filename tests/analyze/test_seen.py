"""What was really seen, and what a condition asks for that never came."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from habitue.analyze.history import History
from habitue.analyze.seen import Told, Unseen, seen, unseen
from habitue.model.event import IDENTIFIED, Event, Record
from habitue.model.instant import DAY
from habitue.playbook.conditions import parse

START = 20_000 * DAY


def told(position: int, name: str, traits: dict[str, Any] | None = None, /, **properties: Any) -> tuple[str, Record]:
    event = Event(
        id=f"e{position}", source="shop", type="track", name=name, occurred_at=START, properties=properties,
        traits=traits or {},
    )  # fmt: skip
    return "ana", Record(position, START + position, event)


PAST = [
    *(told(number, "Product Viewed", category="Mugs", price=number) for number in range(3)),
    told(3, "Product Viewed", category="Bags", name="x" * 100),
    told(4, "Order Completed", products=[{"category": "Mugs"}], coupon='it\'s "10"'),
    told(5, IDENTIFIED, {"country": "ES", "address": {"city": "Madrid"}}),
]


@pytest.fixture(scope="module")
def history() -> Iterator[History]:
    with History.of_records(PAST, threads=1) as found:
        yield found


def asked(history: History, text: str) -> list[str]:
    return [str(one) for one in unseen(history, [parse(text)])]


def test_names_are_told_by_how_often_they_came(history: History) -> None:
    assert list(seen(history).names.items()) == [("Product Viewed", 4), ("Identified", 1), ("Order Completed", 1)]


def test_values_to_choose_from_are_short_and_the_most_frequent_come_first(history: History) -> None:
    found = {(one.event, one.name): one.values for one in seen(history).told}
    assert found["Product Viewed", "category"] == ("Mugs", "Bags")
    assert found[IDENTIFIED, "country"] == ("ES",)
    assert ("Product Viewed", "name") not in found
    assert Told("Order Completed", "coupon", ('it\'s "10"',)) in seen(history).told


def test_an_event_that_never_came_is_named(history: History) -> None:
    assert asked(history, 'did("Nothing Ever Happened")') == ['The event "Nothing Ever Happened" was never seen.']


def test_a_value_in_other_letters_is_told_as_it_was_seen(history: History) -> None:
    assert asked(history, 'did("Product Viewed", category="mugs")') == [
        'No "Product Viewed" with category "mugs" was ever seen. Seen were "Mugs" (3).'
    ]


def test_a_value_that_resembles_nothing_is_told_what_there_is(history: History) -> None:
    assert asked(history, 'count("Product Viewed", category in ["Hats", "Mugs"]) > 1') == [
        'No "Product Viewed" with category "Hats" was ever seen. Seen were "Mugs" (3), "Bags" (1).'
    ]


def test_a_trait_that_nobody_has_is_named(history: History) -> None:
    assert asked(history, 'trait.country == "PT" and trait.address.city == "Madrid"') == [
        'Nobody ever had the trait country "PT". Seen were "ES" (1).'
    ]


def test_what_is_within_a_list_is_looked_for(history: History) -> None:
    assert asked(history, 'did("Order Completed", products[].category == "Mugs")') == []
    assert asked(history, 'did("Order Completed", products[].category == "Hats")') == [
        'No "Order Completed" with products[].category "Hats" was ever seen.'
    ]


def test_steps_of_a_sequence_are_looked_for_too(history: History) -> None:
    assert unseen(history, [parse('sequence("Product Viewed", "Left", without="Order Completed")')]) == [Unseen("Left")]


def test_of_an_event_that_never_came_no_values_are_told(history: History) -> None:
    assert asked(history, 'did("Cart Shared", via="mail")') == ['The event "Cart Shared" was never seen.']


def test_what_must_not_be_need_not_have_been_seen(history: History) -> None:
    assert asked(history, 'did("Product Viewed", category != "Hats") and trait.country != "PT"') == []


def test_what_tells_who_somebody_is_is_no_choice_to_offer() -> None:
    past = [told(0, IDENTIFIED, {"email": "ana@example.com", "plan": "gold"})]
    with History.of_records(past, threads=1) as found:
        assert [one.name for one in seen(found).told] == ["plan"]
        assert asked(found, 'trait.email == "ben@example.com"') == [
            'Nobody ever had the trait email "ben@example.com".'
        ]


def test_values_of_few_are_kept_from_who_sees_no_names(history: History) -> None:
    [one] = unseen(history, [parse('did("Product Viewed", category="Hats")')], fewest=2)
    assert one.near == (("Mugs", 3),)


def test_a_quote_in_a_value_is_no_way_into_the_question(history: History) -> None:
    assert asked(history, 'did("Order Completed", coupon=\'it\\\'s "10"\')') == []
    assert len(asked(history, 'did("Order Completed", coupon="x\' OR TRUE --")')) == 1
