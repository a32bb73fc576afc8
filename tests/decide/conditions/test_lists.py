"""Paths through lists: what is asked of a list of elements, and what an event adds to a counter for each of them."""

from __future__ import annotations

from typing import Any

import pytest
from tests.decide.conditions.histories import absorb
from tests.decide.conditions.test_leaves import NOON, event

from habitue.decide.conditions import Compiler
from habitue.decide.conditions.values import at_path
from habitue.model.customer import Customer
from habitue.playbook.conditions import parse
from habitue.playbook.conditions.limits import ELEMENTS_MAX

BASKET = [
    {"category": "mugs", "price": 5, "tags": ["new", "blue"]},
    {"category": "watches", "price": "120", "tags": "old"},
    {"price": 2.5},
    "no product",
]


def lets_through(text: str, **properties: Any) -> bool:
    return Compiler().filter(parse(text, kind="filter"))(properties, None, "")


@pytest.mark.parametrize(
    ("text", "truth"),
    [
        ('products[].category == "mugs"', True),
        ('products[].category == "pens"', False),
        ('products[].category != "mugs"', False),
        ('products[].category != "pens"', True),
        ('products[].category in ("pens", "watches")', True),
        ('products[].category not in ("pens", "watches")', False),
        ('"watches" in products[].category', True),
        ('"pens" not in products[].category', True),
        ("products[].price > 100", True),
        ("3 > products[].price", True),
        ("products[].price > 120", False),
        ("products[].category == None", True),
        ("products[].tags[] == 'blue'", True),
        ("products[].tags[] == 'old'", False),
        ("products[].tags == 'old'", True),
        ("products[].tags[] == None", False),
        ("products[].category", True),
        ("products[].colour", False),
        ('"no product" in products[]', True),
        ("products[].category == wanted", True),
        ("products[].category != wanted", False),
        ("wanted != products[].category", False),
        ("products[].category != price", True),
        ("wanted in products[].category", True),
        ("wanted not in products[].category", False),
        ("products[].category in wanted", True),
        ("products[].category not in wanted", False),
        ("price < products[].price", True),
    ],
)
def test_one_element_is_enough(text: str, truth: bool) -> None:
    assert lets_through(text, products=BASKET, wanted="mugs", price=119) is truth


@pytest.mark.parametrize("products", [None, "mugs", 3, {}, {"[]": {"category": "mugs"}}, {"category": "mugs"}, []])
def test_what_is_no_list_has_no_elements(products: Any) -> None:
    assert not lets_through('products[].category == "mugs"', products=products)
    assert not lets_through("products[].category == None", products=products)
    assert not lets_through("products[].category", products=products)
    assert lets_through('products[].category != "mugs"', products=products)
    assert at_path({"products": products}, ("products", "[]", "category")) == []


def test_traits_and_the_entry_event_have_lists_too() -> None:
    compiler = Compiler()
    trait = compiler.condition(parse('trait.pets[].name == "Rex"'))
    entry = compiler.condition(parse('"mugs" in event.products[].category', entry_event=True))
    ana = Customer(id="ana", traits={"pets": [{"name": "Tom"}, {"name": "Rex"}]})
    assert trait.evaluate(ana, NOON) == (True, None)
    assert entry.evaluate(ana, NOON, {"products": BASKET}) == (True, None)
    assert entry.evaluate(ana, NOON, None) == (False, None)


@pytest.mark.parametrize("window", ["", ', within="1d"', ', within="this year"', ', since="2000-01-01"'])
def test_every_element_counts_for_itself(window: str) -> None:
    compiler = Compiler()
    checks = [
        compiler.condition(parse(text.replace("@", window)))
        for text in (
            'sum("Order Completed", products[].price@) == 135',
            'min("Order Completed", products[].price@) == 2.5',
            'max("Order Completed", products[].price@) == 120',
            'avg("Order Completed", products[].price@) == 33.75',
            'distinct("Order Completed", products[].price@) == 4',
            'distinct("Order Completed", products[].tags[]@) == 2',
            'count("Order Completed", products[].price > 100@) == 1',
        )
    ]
    ana = Customer(id="ana")
    for at, products in ((NOON, BASKET), (NOON + 1, [{"price": 7.5}]), (NOON + 2, "none")):
        absorb(compiler.leaves_by_event, ana.counters, event(at, name="Order Completed", products=products))
    assert [check.evaluate(ana, NOON + 2)[0] for check in checks] == [True] * len(checks)


def test_the_first_thousand_elements_are_looked_at() -> None:
    products = [{"price": 1}] * ELEMENTS_MAX + [{"price": 1_000}]
    compiler = Compiler()
    check = compiler.condition(parse(f'sum("Order Completed", products[].price) == {ELEMENTS_MAX}'))
    ana = Customer(id="ana")
    absorb(compiler.leaves_by_event, ana.counters, event(NOON, name="Order Completed", products=products))
    assert check.evaluate(ana, NOON)[0]
    assert not lets_through("products[].price > 1", products=products)
