"""The history of the shop: what of the file becomes an event, and what does not."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime

import orjson
import pytest

from habitue.demo.online_retail import Counts, Item, events, import_online_retail

TODAY = date(2026, 11, 22)


class Sink:
    """Stands in for ingest: keeps ids, as the log does."""

    def __init__(self) -> None:
        self.ids: set[str] = set()
        self.accepted = 0

    def take(self, batch: dict[str, list[Item]]) -> Sink:
        new = {item["messageId"] for item in batch["batch"]} - self.ids
        self.ids |= new
        self.accepted = len(new)
        return self


@pytest.fixture(scope="module")
def history() -> list[Item]:
    return list(events(TODAY))


def test_the_whole_year_comes_in_one_go() -> None:
    sink, told = Sink(), []
    counts = import_online_retail(sink.take, TODAY, told.append)
    assert counts == Counts(
        orders=19773,
        refunds=3422,
        customers=4362,
        consents=counts.consents,
        anonymous_orders=1371,
        products=3798,
        added=counts.events,
    )
    assert sum(told) == counts.events == len(sink.ids)


def test_importing_twice_adds_nothing_even_on_another_day() -> None:
    sink = Sink()
    import_online_retail(sink.take, TODAY)
    assert import_online_retail(sink.take, date(2027, 1, 5)).added == 0


def test_the_same_day_gives_the_same_history_to_the_byte(history: list[Item]) -> None:
    assert orjson.dumps(history) == orjson.dumps(list(events(TODAY)))


def test_it_ends_yesterday(history: list[Item]) -> None:
    latest = max(datetime.fromisoformat(item["timestamp"]) for item in history)
    assert latest.astimezone(UTC).date() == date(2026, 11, 21)


def test_office_hours_stay_office_hours_across_the_change_of_clocks(history: list[Item]) -> None:
    first = next(item for item in history if item["messageId"] == "online-retail-order-536365")
    assert first["timestamp"] == "2025-11-13T08:26:00.000Z"


def test_an_order_carries_products_money_and_currency(history: list[Item]) -> None:
    order = next(item for item in history if item["messageId"] == "online-retail-order-536365")
    properties = order["properties"]
    assert (order["event"], order["userId"], properties["order_id"]) == ("Order Completed", "17850", "536365")
    assert (properties["revenue"], properties["total"], properties["currency"]) == (139.12, 139.12, "GBP")
    assert {
        "product_id": "85123A",
        "name": "White Hanging Heart T-Light Holder",
        "category": "Candles & Lights",
        "price": 2.55,
        "quantity": 6,
    } in properties["products"]


def test_a_cancellation_is_a_refund_with_its_products(history: list[Item]) -> None:
    refund = next(item for item in history if item["messageId"] == "online-retail-refund-C536383")
    assert refund["event"] == "Order Refunded"
    assert refund["properties"]["revenue"] == 4.65
    assert [line["quantity"] for line in refund["properties"]["products"]] == [1]


def test_postage_is_no_product_but_part_of_the_total(history: list[Item]) -> None:
    orders = [item["properties"] for item in history if item.get("event") == "Order Completed"]
    codes = {line["product_id"] for order in orders for line in order["products"]}
    assert not codes & {"POST", "DOT", "C2", "M", "D", "S", "BANK CHARGES", "AMAZONFEE", "CRUK", "PADS", "B"}
    shipped = [order for order in orders if "shipping" in order]
    assert len(shipped) > 1000
    assert all(order["total"] == pytest.approx(order["revenue"] + order["shipping"]) for order in shipped)


def test_an_invoice_without_a_customer_is_an_anonymous_order(history: list[Item]) -> None:
    order = next(item for item in history if item["messageId"] == "online-retail-order-536544")
    assert order["anonymousId"] == "invoice-536544"
    assert "userId" not in order


def test_each_customer_is_introduced_once_before_her_first_order(history: list[Item]) -> None:
    introduced = Counter(item["userId"] for item in history if item["type"] == "identify")
    assert set(introduced.values()) == {1}
    seen: set[str] = set()
    for item in history:
        if item["type"] == "identify":
            seen.add(item["userId"])
        elif "userId" in item:
            assert item["userId"] in seen


def test_about_seven_in_ten_said_yes_to_email(history: list[Item]) -> None:
    names = Counter(item.get("event", item["type"]) for item in history)
    assert names["Consent Granted"] / names["identify"] == pytest.approx(0.70, abs=0.02)


def test_addresses_can_never_belong_to_anybody(history: list[Item]) -> None:
    addresses = [item["traits"]["email"] for item in history if item["type"] == "identify"]
    assert len(set(addresses)) == len(addresses)
    assert all(address.endswith(("@example.com", "@mail.example")) and address.isascii() for address in addresses)


def test_every_event_is_small_enough_for_a_real_client(history: list[Item]) -> None:
    assert max(len(orjson.dumps(item)) for item in history) < 32 * 1024
