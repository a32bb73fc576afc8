"""Orders: one on each row, or one line on each row, in whatever order the lines come."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest

from habitue.importing import orders
from habitue.model.event import Event

from .conftest import Importing, Sink, file, reasons

LINES = """
columns:
  no: order_id
  at: time
  who: user_id
  status: status
  sku: line.product_id
  price: line.price
  qty: line.quantity
  ship: shipping
"""
WHOLE = """
columns:
  {no: order_id, at: time, who: user_id, status: status, total: total, back: refunded_total, back_at: refunded_at}
currency: EUR
"""


def lines(*rows: str) -> str:
    return "no,at,who,status,sku,price,qty,ship\n" + "".join(f"{row}\n" for row in rows)


def told(events: list[Event]) -> list[tuple[str, str, float]]:
    return [
        (one.name, one.properties["order_id"], one.properties.get("total", one.properties.get("revenue")))
        for one in events
    ]


def test_lines_of_one_order_come_together_wherever_they_stand(tmp_path: Path, bring: Importing, sink: Sink) -> None:
    path = file(
        tmp_path,
        "a.csv",
        lines(
            "1,2026-05-01,ana,paid,w1,10,2,5",
            "2,2026-05-02,ben,paid,w2,7,1,",
            "1,,,,w3,1.5,1,",
        ),
    )
    bring(path, "orders", LINES)
    first, second = sorted(sink.events, key=lambda event: event.id)
    assert first.properties["products"] == [
        {"product_id": "w1", "price": 10, "quantity": 2},
        {"product_id": "w3", "price": 1.5, "quantity": 1},
    ]
    assert (first.user_id, first.properties["revenue"], first.properties["shipping"]) == ("ana", 21.5, 5)
    assert second.properties["revenue"] == 7


def test_shuffled_lines_make_the_same_orders(tmp_path: Path, bring: Importing, sink: Sink) -> None:
    rows = [f"{number},2026-05-01,ana,paid,w{line},{line},1," for number in range(50) for line in range(1, 5)]
    bring(file(tmp_path, "a.csv", lines(*rows)), "orders", LINES)
    random.Random(3).shuffle(rows)
    counts = bring(file(tmp_path, "b.csv", lines(*rows)), "orders", LINES)
    assert (counts.added, counts.known) == (0, 50)
    assert {event.properties["revenue"] for event in sink.events} == {10}


def test_a_line_that_comes_too_late_is_rejected_and_not_lost_silently(
    tmp_path: Path, bring: Importing, sink: Sink, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(orders.Orders.__init__, "__kwdefaults__", {"window": 3})
    path = file(
        tmp_path,
        "a.csv",
        lines(*(f"{number},2026-05-01,ana,paid,w1,10,1," for number in (1, 2, 3, 4, 5, 1))),
    )
    counts = bring(path, "orders", LINES)
    assert reasons(path) == [(7, "order_closed")]
    assert counts.added == 5


def test_one_bad_line_rejects_its_order_so_that_the_corrected_file_adds_it(
    tmp_path: Path, bring: Importing, sink: Sink
) -> None:
    good, bad = "1,2026-05-01,ana,paid,w1,10,2,", "1,2026-05-01,ana,paid,w2,ten,1,"
    path = file(tmp_path, "a.csv", lines(good, bad, "2,2026-05-02,ben,paid,w2,7,1,"))
    bring(path, "orders", LINES)
    assert sorted(reasons(path)) == [(2, "order_spoilt"), (3, "not_a_number")]
    bring(file(tmp_path, "a.csv", lines(good, bad.replace("ten", "10"))), "orders", LINES)
    assert sorted(told(sink.events)) == [("Order Completed", "1", 30), ("Order Completed", "2", 7)]


def test_a_status_says_what_became_of_an_order(tmp_path: Path, bring: Importing, sink: Sink) -> None:
    rows = (
        "no,at,who,status,total,back,back_at\n"
        "1,2026-05-01,ana,Completed,20,,\n"
        "2,2026-05-01,ana,refunded,20,,2026-05-09\n"
        "3,2026-05-01,ana,partially_refunded,20,5,2026-05-09\n"
        "4,2026-05-01,ana,Cancelled,20,,\n"
        "5,2026-05-01,ana,refund,20,,\n"
        "6,2026-05-01,ana,,-20,,\n"
        "7,2026-05-01,ana,on-hold,20,,\n"
        "8,2026-05-01,ana,partially_refunded,20,,\n"
        "9,2026-05-01,ana,paused,20,,\n"
        ",2026-05-01,ana,paid,20,,\n"
    )
    path = file(tmp_path, "a.csv", rows)
    counts = bring(path, "orders", WHOLE)
    assert told(sink.events) == [
        ("Order Completed", "1", 20),
        ("Order Completed", "2", 20),
        ("Order Refunded", "2", 20),
        ("Order Completed", "3", 20),
        ("Order Refunded", "3", 5),
        ("Order Completed", "4", 20),
        ("Order Cancelled", "4", 20),
        ("Order Refunded", "5", 20),
        ("Order Refunded", "6", 20),
    ]
    assert sink.events[2].occurred_at - sink.events[1].occurred_at == 8 * 86_400_000_000
    assert sum(counts.skipped.values()) == 1
    assert reasons(path) == [(9, "no_refund_amount"), (10, "unknown_status"), (11, "no_order_id")]


def test_a_mapping_says_what_a_shops_own_words_mean(tmp_path: Path, bring: Importing, sink: Sink) -> None:
    path = file(tmp_path, "a.csv", "no,at,who,status,total,back,back_at\n1,2026-05-01,ana,İADE,20,,\n")
    bring(path, "orders", WHOLE + "statuses: {İADE: refunded}")
    assert [event.name for event in sink.events] == ["Order Completed", "Order Refunded"]


def test_returned_pieces_within_an_order_lower_its_worth_and_are_not_bought(
    tmp_path: Path, bring: Importing, sink: Sink
) -> None:
    path = file(tmp_path, "a.csv", lines("1,2026-05-01,ana,paid,w1,10,2,", "1,2026-05-01,ana,paid,w2,4,-1,"))
    bring(path, "orders", LINES)
    assert sink.events[0].properties["revenue"] == 16
    assert [line["product_id"] for line in sink.events[0].properties["products"]] == ["w1"]


def test_of_a_very_long_order_the_largest_lines_are_named_and_all_are_counted(
    tmp_path: Path, bring: Importing, sink: Sink
) -> None:
    rows = [f"1,2026-05-01,ana,paid,{'w' * 60}{line},{line},1," for line in range(1, 1_001)]
    bring(file(tmp_path, "a.csv", lines(*rows)), "orders", LINES)
    (order,) = sink.events
    assert order.properties["revenue"] == 500_500
    assert order.properties["lines"] == 1_000
    assert {line["price"] for line in order.properties["products"]} == set(range(801, 1_001))


def test_lists_of_lines_are_read_under_their_common_names(tmp_path: Path, bring: Importing, sink: Sink) -> None:
    order = {
        "id": 1,
        "created_at": "2026-05-01T10:00:00Z",
        "customer": {"id": 7, "email": "ana@example.com"},
        "total_price": "20.00",
        "line_items": [{"productId": 5, "title": "Watch", "qty": "2", "unitPrice": "10.00"}],
    }
    bring(file(tmp_path, "a.jsonl", json.dumps(order) + "\n"), "orders")
    (event,) = sink.events
    assert (event.user_id, event.identifiers) == ("7", {"email": "ana@example.com"})
    assert event.properties["products"] == [{"product_id": 5, "name": "Watch", "quantity": 2, "price": 10}]
    assert event.properties["total"] == 20


def test_shopifys_export_is_understood_without_a_mapping(tmp_path: Path, bring: Importing, sink: Sink) -> None:
    rows = (
        "Name,Email,Financial Status,Paid at,Currency,Subtotal,Shipping,Taxes,Total,Discount Code,Created at,"
        "Lineitem quantity,Lineitem name,Lineitem price,Lineitem sku,Billing Name,Billing Country,Id,Phone\n"
        "#1001,ana@example.com,paid,2026-05-01 10:00:05 +0300,EUR,30.00,5.00,0.00,35.00,SPRING,"
        "2026-05-01 10:00:00 +0300,1,Watch,20.00,W-1,Ana A,GB,5001,\n"
        "#1001,ana@example.com,,,,,,,,,2026-05-01 10:00:00 +0300,2,Strap,5.00,S-1,,,,\n"
    )
    bring(file(tmp_path, "a.csv", rows), "orders")
    (order,) = sink.events
    assert order.identifiers == {"email": "ana@example.com"}
    assert order.properties["order_id"] == "#1001"
    assert order.properties["total"] == 35
    assert order.properties["coupon"] == "SPRING"
    assert [(one["sku"], one["quantity"]) for one in order.properties["products"]] == [("W-1", 1), ("S-1", 2)]
