"""Money has a unit: sums are in the shop's currency, and what has no rate is in none of them."""

from __future__ import annotations

from typing import Any

import pytest
from tests.decide.world import NOTE, PLAYBOOK, World

from habitue.decide.plan import Program
from habitue.model.instant import DAY
from habitue.playbook.load import load

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


# --- counters ---

YEN, WON, EURO = {"currency": "JPY"}, {"currency": "KRW"}, {"currency": "EUR"}
ORDERS = ({"total": 10_000, **YEN}, {"total": 50, **EURO}, {"total": 9_000, **WON}, {"total": 20})


def met(condition: str, *orders: dict[str, Any], playbook: str = RATES) -> bool:
    segment = f"it: {{title: It, condition: '{condition}'}}"
    world = World({"playbook.yaml": playbook, "segments.yaml": segment})
    world.meet()
    for number, order in enumerate(orders):
        world.happens("Order Completed", order_id=f"o{number}", **order)
    return "it" in world.customer().segments


@pytest.mark.parametrize(
    "condition",
    [
        'sum("Order Completed", total) == 131',
        'sum("Order Completed", total, within="7d") == 131',
        'sum("Order Completed", total, within="this month") == 131',
        'max("Order Completed", total) == 61',
        'min("Order Completed", total) == 20',
        'avg("Order Completed", total) > 43.6 and avg("Order Completed", total) < 43.7',
        'first("Order Completed", total) == 61',
        'count("Order Completed") == 4',
        'count("Order Completed", total > 55) == 1',
        'count("Order Completed", total > 55 and currency == "JPY") == 1',
        'sequence(did("Order Completed", total == 61), did("Order Completed", total == 50))',
    ],
)
def test_counters_are_in_the_shops_currency(condition: str) -> None:
    assert met(condition, *ORDERS)


def test_an_amount_without_a_rate_is_neither_small_nor_large() -> None:
    assert met('count("Order Completed", total > 0 or total <= 0) == 0', {"total": 9_000, **WON})


def test_lines_of_an_order_are_counted_in_the_shops_currency() -> None:
    lines = [{"product_id": "p1", "price": 1_000}, {"product_id": "p2", "price": 2_000}]
    assert met('sum("Order Completed", products[].price) == 18.3', {"products": lines, **YEN})


def test_an_amount_of_another_currency_is_read_as_it_is_written() -> None:
    assert met('sum("Order Completed", total) == 61', {"total": "10.000,00 JPY", **YEN})


def test_a_loss_is_rounded_down_like_a_gain() -> None:
    assert met('sum("Order Completed", total) == -0.000001', {"total": -0.000001, **YEN})


def test_the_average_order_of_rfm_is_in_the_shops_currency() -> None:
    bands = "rfm: {bands: {monetary: [10, 20, 30, 40]}}"
    playbook = f"{RATES}\n{bands}"
    assert met("rfm.monetary == 5", {"total": 10_000, **YEN}, {"total": 39, **EURO}, playbook=playbook)
    assert not met("rfm.monetary == 5", {"total": 2_000, **YEN}, {"total": 39, **EURO}, playbook=playbook)


def test_counters_of_a_playbook_that_names_no_currency_take_amounts_as_they_are_told() -> None:
    assert met('sum("Order Completed", total) == 150', {"total": 100, **YEN}, {"total": 50, **EURO}, playbook=NAMELESS)


NAMELESS = PLAYBOOK.replace(", currency: EUR", "")


@pytest.mark.parametrize(
    ("before", "after", "worth"),
    [
        (RATES, RATES.replace("0.0061", "0.007"), 120),
        (PLAYBOOK, RATES, 111),
        (NAMELESS, PLAYBOOK, 50),
        (PLAYBOOK, PLAYBOOK.replace("EUR", "JPY"), 10_000),
    ],
)
def test_a_version_with_other_rates_counts_money_anew(before: str, after: str, worth: int) -> None:
    segment = {"segments.yaml": f"it: {{title: It, condition: 'sum(\"Order Completed\", total) == {worth}'}}"}
    world = World({"playbook.yaml": before, **segment})
    world.meet()
    for number, order in enumerate(ORDERS[:2]):
        world.happens("Order Completed", order_id=f"o{number}", **order)
    assert "it" not in world.customer().segments
    world.apply({"playbook.yaml": after, **segment})
    world.passes(DAY)
    assert "it" in world.customer().segments


def test_a_version_with_other_rates_leaves_what_is_not_money_as_it_is() -> None:
    def leaves(playbook: str) -> dict[int, Any]:
        segment = 'it: {title: It, condition: \'count("Order Completed", coupon == "A") > 1\'}'
        return Program(load({"playbook.yaml": playbook, "messages/note.yaml": NOTE, "segments.yaml": segment})).leaves

    assert leaves(RATES).keys() == leaves(RATES.replace("0.0061", "0.007")).keys() != set()
