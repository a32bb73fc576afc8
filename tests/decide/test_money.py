"""Money has a unit: sums are in the shop's currency, and what has no rate is in none of them."""

from __future__ import annotations

from typing import Any

import pytest
from tests.decide.world import PLAYBOOK, World

from habitue.model.instant import DAY

RATES = PLAYBOOK.replace(
    "currency: EUR}",
    "currency: EUR, rates: [{currency: JPY, from: 2026-01-01, rate: 0.0061}, "
    "{currency: USD, from: 2026-01-01, rate: 0.9}, {currency: USD, from: 2026-05-29, rate: 0.8}]}",
)
"""The world begins at noon of 2026-05-28."""


def kept(*orders: dict[str, Any], name: str = "Order Completed", playbook: str = RATES) -> tuple[int, float]:
    world = World({"playbook.yaml": playbook})
    world.meet()
    for number, order in enumerate(orders):
        world.happens(name, **{"order_id": f"o{number}", **order})
    ana = world.customer()
    return ana.orders, ana.revenue / 1_000_000


def test_amounts_of_two_currencies_are_not_added_up_as_they_stand() -> None:
    assert kept({"total": 10_000, "currency": "JPY"}, {"total": 50, "currency": "EUR"}) == (2, 61 + 50)


@pytest.mark.parametrize("currency", [None, "", "EUR", "eur", "florins"])
def test_an_amount_without_another_currency_is_in_the_shops(currency: str | None) -> None:
    assert kept({"total": 50, "currency": currency}) == (1, 50)


def test_an_order_in_a_currency_without_a_rate_counts_and_its_amount_is_in_no_sum() -> None:
    assert kept({"total": 10_000, "currency": "KRW"}, {"total": 50}) == (2, 50)
    assert kept({"products": [{"price": 9, "quantity": 2}], "currency": "KRW"}) == (1, 0)


def test_before_its_first_day_a_rate_does_not_hold() -> None:
    world = World({"playbook.yaml": RATES.replace("JPY, from: 2026-01-01", "JPY, from: 2026-05-29")})
    world.meet()
    world.happens("Order Completed", order_id="o1", total=10_000, currency="JPY")
    world.passes(DAY)
    world.happens("Order Completed", order_id="o2", total=10_000, currency="JPY")
    assert (world.customer().orders, world.customer().revenue) == (2, 61_000_000)


def test_the_rate_of_the_day_holds() -> None:
    world = World({"playbook.yaml": RATES})
    world.meet()
    world.happens("Order Completed", order_id="o1", total=100, currency="USD")
    world.passes(DAY)
    world.happens("Order Completed", order_id="o2", total=100, currency="USD")
    assert world.customer().revenue == (90 + 80) * 1_000_000


def test_a_refund_in_a_currency_without_a_rate_does_not_take_off_the_whole_order() -> None:
    world = World({"playbook.yaml": RATES})
    world.meet()
    world.happens("Order Completed", order_id="o1", total=50)
    world.happens("Order Refunded", order_id="o1", total=1_000, currency="KRW")
    assert world.customer().revenue == 50_000_000


def test_lines_of_a_cart_are_worth_what_they_are_in_the_shops_currency() -> None:
    world = World({"playbook.yaml": RATES})
    world.meet()
    world.happens("Product Added", product_id="p1", price=1_000, quantity=2, currency="JPY")
    world.happens("Product Added", product_id="p2", price=1_000, currency="KRW")
    lines = world.customer().cart.lines
    assert (lines["p1"].price, lines["p2"].price) == (6.1, 0)


def test_currencies_without_a_rate_are_counted_for_the_operator() -> None:
    world = World({"playbook.yaml": RATES})
    world.meet()
    world.happens("Order Completed", order_id="o1", total=1_000, currency="KRW")
    assert [(tally.name, tally.count) for tally in world.store.totals("unrated")] == [("KRW", 1)]


def test_a_playbook_that_names_no_currency_takes_amounts_as_they_are_told() -> None:
    assert kept({"total": 100, "currency": "GBP"}, playbook=PLAYBOOK.replace(", currency: EUR", "")) == (1, 100)
