"""Conditions asked of people: Ana browses, Ben orders, Cleo is new."""

from __future__ import annotations

from typing import Any

import pytest
from tests.decide.conditions.histories import absorb

from habitue.decide.conditions import Compiler
from habitue.model.customer import Cart, CartLine, Customer
from habitue.model.event import Event
from habitue.model.instant import DAY, HOUR
from habitue.playbook.conditions import Condition, ConditionError, parse

NOON = 20_000 * DAY + 12 * HOUR


class Shop:
    """Compiles one condition and tells it what people do."""

    def __init__(self, text: str, **segments: str) -> None:
        self.compiler = Compiler({name: parse(segment) for name, segment in segments.items()})
        self.check = self.compiler.condition(parse(text, entry_event=True))
        self._events = 0

    def tell(self, who: Customer, name: str, at: int, **properties: Any) -> None:
        self._events += 1
        happened = Event(
            id=f"e{self._events}", source="test", type="track", name=name, occurred_at=at, properties=properties
        )
        absorb(self.compiler.leaves_by_event, who.counters, happened, self._events)


def person(name: str, **traits: Any) -> Customer:
    return Customer(id=name, traits=traits)


def test_three_looks_within_a_week_hold_until_the_first_of_them_is_a_week_old() -> None:
    shop, ana = Shop('count("Product Viewed", category="watches", within="7d") >= 3'), person("ana")
    for hours, category in ((0, "watches"), (1, "rings"), (2, "watches")):
        shop.tell(ana, "Product Viewed", NOON + hours * HOUR, category=category)
    assert shop.check.evaluate(ana, NOON + 3 * HOUR) == (False, None)
    shop.tell(ana, "Product Viewed", NOON + 4 * HOUR, category="watches")
    assert shop.check.evaluate(ana, NOON + 4 * HOUR) == (True, NOON + 7 * DAY)
    assert shop.check.evaluate(ana, NOON + 7 * DAY - 1) == (True, NOON + 7 * DAY)
    assert shop.check.evaluate(ana, NOON + 7 * DAY) == (False, None)


def test_a_look_that_arrives_late_counts_at_its_own_time() -> None:
    shop, ana = Shop('count("Product Viewed", within="7d") >= 2'), person("ana")
    shop.tell(ana, "Product Viewed", NOON + DAY)
    shop.tell(ana, "Product Viewed", NOON)
    assert shop.check.evaluate(ana, NOON + DAY) == (True, NOON + 7 * DAY)


def test_not_having_ordered_lately_includes_those_who_never_did() -> None:
    shop, ben, cleo = Shop('not did("Order Completed", within="30d")'), person("ben"), person("cleo")
    shop.tell(ben, "Order Completed", NOON)
    assert shop.check.evaluate(ben, NOON) == (False, NOON + 30 * DAY)
    assert shop.check.evaluate(ben, NOON + 30 * DAY) == (True, None)
    assert shop.check.evaluate(cleo, NOON) == (True, None)


def test_days_since_is_false_for_those_who_never_did() -> None:
    shop, ben, cleo = Shop('days_since("Order Completed") >= 30'), person("ben"), person("cleo")
    shop.tell(ben, "Order Completed", NOON)
    assert shop.check.evaluate(ben, NOON + 30 * DAY - 1) == (False, NOON + 30 * DAY)
    assert shop.check.evaluate(ben, NOON + 30 * DAY) == (True, None)
    assert shop.check.evaluate(cleo, NOON) == (False, None)


@pytest.mark.parametrize(
    ("comparison", "turns"), [(">= 30", 0), ("> 30", 1), ("< 30", 0), ("<= 30", 1), ("> 0.5", 1 - 30 * DAY + DAY // 2)]
)
def test_an_age_turns_to_the_microsecond(comparison: str, turns: int) -> None:
    shop, ben = Shop(f'days_since("Order Completed") {comparison}'), person("ben")
    shop.tell(ben, "Order Completed", NOON)
    before, until = shop.check.evaluate(ben, NOON)
    assert until == NOON + 30 * DAY + turns
    assert shop.check.evaluate(ben, until - 1) == (before, until)
    assert shop.check.evaluate(ben, until) == (not before, None)


def test_of_several_reasons_to_be_false_the_last_one_counts() -> None:
    shop, ana = Shop('not did("Order Completed", within="30d") and not did("Email Sent", within="2d")'), person("ana")
    shop.tell(ana, "Order Completed", NOON)
    shop.tell(ana, "Email Sent", NOON)
    assert shop.check.evaluate(ana, NOON) == (False, NOON + 30 * DAY)


def test_of_several_reasons_to_be_true_the_first_to_go_counts() -> None:
    shop, ana = Shop('did("Product Viewed", within="1d") and did("Cart Viewed", within="2d")'), person("ana")
    shop.tell(ana, "Product Viewed", NOON)
    shop.tell(ana, "Cart Viewed", NOON)
    assert shop.check.evaluate(ana, NOON) == (True, NOON + DAY)


def test_what_only_an_event_can_change_never_changes_by_itself() -> None:
    shop, ana = Shop('trait.country == "ES" and not did("Email Sent", within="2d")'), person("ana", country="PT")
    shop.tell(ana, "Email Sent", NOON)
    assert shop.check.evaluate(ana, NOON) == (False, None)


def test_a_missing_trait_is_unlike_everything_and_in_no_order() -> None:
    cleo = person("cleo")
    for text, holds in {
        'trait.country == "ES"': False,
        'trait.country != "ES"': True,
        'trait.country in ("ES", "PT")': False,
        'trait.country not in ("ES", "PT")': True,
        "trait.age > 1": False,
        "not trait.age > 1": True,
        "trait.age <= 1": False,
        "trait.country == None": True,
        "trait.country != None": False,
        "trait.country == trait.city": False,
        "trait.country": False,
        "trait.age / 0 == None": True,
    }.items():
        assert Shop(text).check.evaluate(cleo, NOON) == (holds, None), text


def test_numbers_and_text_that_is_a_number_are_alike() -> None:
    ana = person("ana", age="42", points=7, vip=True, tags=["new", 7], address={"zip": "08001"}, mail="a@shop.es")
    for text, holds in {
        "trait.age > 40": True,
        "trait.age == 42": True,
        'trait.points == "7"': True,
        "trait.vip == 1": False,
        "trait.vip == True": True,
        'trait.vip == "True"': False,
        '"new" in trait.tags': True,
        '"7" in trait.tags': True,
        '"old" not in trait.tags': True,
        '"@shop" in trait.mail': True,
        'trait.address.zip == "08001"': True,
        "trait.address.zip.first": False,
        'trait.address == "x"': False,
        "trait.age / 0 > 1": False,
        "trait.age - trait.points == 35": True,
    }.items():
        assert Shop(text).check.evaluate(ana, NOON) == (holds, None), text


def test_the_entry_event_and_the_runs_key_are_compared_with_what_is_known() -> None:
    shop = Shop('last("Product Viewed", product_id) == event.product_id and run.key == "cart-1"')
    ana = person("ana")
    shop.tell(ana, "Product Viewed", NOON, product_id="p1")
    assert shop.check.evaluate(ana, NOON, {"product_id": "p1"}, "cart-1") == (True, None)
    assert shop.check.evaluate(ana, NOON, {"product_id": "p2"}, "cart-1") == (False, None)
    assert shop.check.evaluate(ana, NOON) == (False, None)


def test_a_segment_is_read_in_place_and_lends_its_timer() -> None:
    shop = Shop(
        'segment("warm") and trait.country == "ES"',
        warm='segment("lookers") and not did("Order Completed", within="30d")',
        lookers='count("Product Viewed", within="7d") >= 1',
    )
    ana = person("ana", country="ES")
    shop.tell(ana, "Product Viewed", NOON)
    assert shop.check.evaluate(ana, NOON) == (True, NOON + 7 * DAY)
    assert shop.check.segments == {"warm", "lookers"}
    assert shop.check.events == {"Product Viewed", "Order Completed"}
    assert shop.check.traits == {"country"}
    assert shop.check.leaves == frozenset(shop.compiler.leaves)
    assert shop.check.facts == frozenset()


def test_a_condition_tells_the_leaves_of_a_segment_that_was_compiled_before() -> None:
    compiler = Compiler({"lookers": parse('did("Product Viewed")')})
    first = compiler.condition(parse('segment("lookers")'))
    second = compiler.condition(parse('segment("lookers") and did("Cart Viewed")'))
    assert first.leaves < second.leaves


def test_a_circle_of_segments_is_refused_with_its_path() -> None:
    with pytest.raises(ConditionError, match="a → b → a"):
        Compiler({"a": parse('segment("b")'), "b": parse('segment("a")')})


def test_a_segment_that_is_not_there_is_refused() -> None:
    with pytest.raises(ConditionError, match='there is no segment "vip"'):
        Compiler().condition(parse('segment("vip")'))


def test_the_cart_is_read_as_it_stands() -> None:
    ana = Customer(
        id="ana",
        cart=Cart(
            lines={
                "watch": CartLine(changes=[(NOON, "a", 2.0), (NOON + 1, "b", -1.0)], price=99.9),
                "strap": CartLine(changes=[(NOON, "c", 3.0)], price=10.1),
            }
        ),
    )
    for text, holds in {
        "cart.value == 130.2": True,
        "cart.count == 4": True,
        "cart.lines == 2": True,
        "cart.is_empty": False,
        "cart.value > event.price": True,
    }.items():
        shop = Shop(text)
        assert shop.check.facts == {"cart"}
        assert shop.check.evaluate(ana, NOON, {"price": "100.00"}) == (holds, None), text


def filtered(text: str, properties: dict[str, Any], entry: dict[str, Any] | None = None, key: str = "") -> bool:
    condition: Condition = parse(text, kind="filter", entry_event=True)
    return Compiler().filter(condition)(properties, entry, key)


def test_a_filter_looks_at_the_incoming_event() -> None:
    order = {"total": "120.50", "coupon": "", "shipping": {"method": "post"}, "brands": ["Orbis"]}
    for text, holds in {
        "total > 100": True,
        "total == 120.5": True,
        "coupon": False,
        "not coupon": True,
        'shipping.method in ("post", "courier")': True,
        '"Orbis" in brands': True,
        'currency != "EUR"': True,
        "total - 20.5 == 100 and True": True,
        "total > 200 or total < 1": False,
        "100 < total <= 120.5": True,
    }.items():
        assert filtered(text, order) is holds, text


def test_a_filter_compares_with_the_entry_event_and_the_runs_key() -> None:
    assert filtered("cart_id == event.cart_id", {"cart_id": "c1"}, {"cart_id": "c1"})
    assert not filtered("cart_id == event.cart_id", {"cart_id": "c1"}, {"cart_id": "c2"})
    assert not filtered("cart_id == event.cart_id", {}, {})
    assert not filtered("cart_id == event.cart_id", {}, None)
    assert filtered("cart_id == run.key", {"cart_id": "c1"}, None, "c1")
    assert not filtered("cart_id == run.key", {"cart_id": ""}, None, "")
