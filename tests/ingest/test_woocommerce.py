"""WooCommerce's webhooks: the ping, the signature, and orders whose states become events once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from habitue.ingest.woocommerce import TOPICS
from habitue.model.event import Event
from habitue.model.instant import to_iso

from .shop import FailingLog, Shop
from .webhooks import WOOCOMMERCE_KEY, from_woocommerce, open_for_webhooks, signature, woo_order

ADDRESS = f"/webhooks/woocommerce/{WOOCOMMERCE_KEY}"
ANA = "woocommerce:gifts.example:25"


@pytest.fixture
def shop() -> Iterator[Shop]:
    with open_for_webhooks() as opened:
        yield opened


def told(shop: Shop, topic: str, content: Any) -> list[Event]:
    before = len(shop.events())
    assert from_woocommerce(shop, topic, content).status_code == 200
    assert shop.dead() == []
    return shop.events()[before:]


def names(events: list[Event]) -> list[str]:
    return [event.name for event in events]


def test_the_unsigned_ping_is_answered_exactly_200_and_says_nothing(shop: Shop) -> None:
    form = {"Content-Type": "application/x-www-form-urlencoded", "User-Agent": "WooCommerce/10.4 Hookshot"}
    assert shop.post(ADDRESS, "webhook_id=7", form).status_code == 200
    assert shop.post(ADDRESS + "/", "webhook_id=7", form).status_code == 200
    assert (shop.events(), shop.dead()) == ([], [])


@pytest.mark.parametrize("body", ["webhook_id=7&x=1", '{"id":1}', "", "webhook_id=", "webhook_id=x"])
def test_nothing_else_goes_in_unsigned(shop: Shop, body: str) -> None:
    assert shop.post(ADDRESS, body, {"X-WC-Webhook-Topic": "order.created"}).status_code == 401
    assert shop.post("/webhooks/woocommerce/NOKEY", "webhook_id=7", {}).status_code == 401
    assert shop.events() == []


def test_a_wrong_signature_is_answered_401(shop: Shop) -> None:
    assert from_woocommerce(shop, "order.created", woo_order(), secret="another").status_code == 401
    headers = {"X-WC-Webhook-Topic": "order.created", "X-WC-Webhook-Signature": signature(b"[]")}
    assert shop.post(ADDRESS, b"{}", headers).status_code == 401
    assert shop.events() == []


def test_a_full_disk_is_a_passing_failure() -> None:
    with open_for_webhooks(FailingLog()) as shop:
        assert from_woocommerce(shop, "order.created", woo_order()).status_code == 503


def test_an_order_is_told_in_the_vocabularys_words(shop: Shop) -> None:
    completed, updated = told(shop, "order.created", woo_order())
    assert (completed.name, updated.name) == ("Order Completed", "Order Updated")
    assert completed.properties == {
        "order_id": "727", "order_number": "727", "affiliation": "checkout", "status": "processing", "total": 29.35,
        "revenue": 18.0, "shipping": 10.0, "tax": 1.35, "discount": 1.0, "coupon": "tea10", "currency": "EUR",
        "payment_method": "stripe", "order_names": ["wc_order_58d2d042d1d"], "refunded": 0.0,
        "updated_at": "2026-11-22T11:28:08",
        "products": [{"product_id": "93", "sku": "CUP", "name": "Tea cup", "price": 9.0, "quantity": 2.0}],
    }  # fmt: skip
    assert completed.identifiers == {"shop": ANA, "email": "ana@example.com", "phone": "+34912345678"}
    assert to_iso(completed.occurred_at) == "2026-11-22T11:28:08.000000Z"


def test_an_order_is_completed_once_on_its_way_through_its_states(shop: Shop) -> None:
    waiting = woo_order(status="on-hold", date_paid_gmt=None, date_modified_gmt="2026-11-22T11:00:00")
    assert names(told(shop, "order.created", waiting)) == ["Order Updated"]
    assert names(told(shop, "order.updated", woo_order())) == ["Order Completed", "Order Updated"]
    assert told(shop, "order.updated", woo_order()) == []
    done = woo_order(status="completed", date_modified_gmt="2026-11-22T11:50:00")
    assert names(told(shop, "order.updated", done)) == ["Order Updated"]


def test_a_cancellation_and_a_refund_are_told_once(shop: Shop) -> None:
    cancelled = woo_order(status="cancelled")
    assert names(told(shop, "order.updated", cancelled)) == ["Order Updated", "Order Cancelled"]
    later = woo_order(status="cancelled", date_modified_gmt="2026-11-22T11:59:00")
    assert names(told(shop, "order.updated", later)) == ["Order Updated"]
    refunded = woo_order(id=728, status="refunded")
    _, refund = told(shop, "order.updated", refunded)
    assert (refund.name, refund.properties["total"], len(refund.properties["products"])) == ("Order Refunded", 29.35, 1)


def test_parts_of_an_order_that_come_back_are_told_each_once(shop: Shop) -> None:
    first = woo_order(refunds=[{"id": 1, "reason": "chipped", "total": "-9.00"}])
    both = woo_order(
        status="refunded", date_modified_gmt="2026-11-22T11:59:00",
        refunds=[{"id": 1, "reason": "chipped", "total": "-9.00"}, {"id": 2, "reason": "", "total": "-20.35"}],
    )  # fmt: skip
    (refund,) = [event for event in told(shop, "order.updated", first) if event.name == "Order Refunded"]
    assert (refund.properties["total"], refund.properties["reason"]) == (9.0, "chipped")
    assert "products" not in refund.properties
    (rest,) = [event for event in told(shop, "order.updated", both) if event.name == "Order Refunded"]
    assert rest.properties["total"] == 20.35


def test_each_telling_says_what_was_given_back_so_far(shop: Shop) -> None:
    listed = [{"id": 1, "total": "-9,00"}, {"id": 2, "total": "-0.35"}]
    for refunds, status, refunded in (
        (listed, "processing", 9.35),
        (listed[1:], "processing", 0.35),
        ([], "refunded", 29.35),
    ):
        order = woo_order(status=status, refunds=refunds, date_modified_gmt=f"2026-11-22T11:4{len(refunds)}:00")
        (updated,) = [one for one in told(shop, "order.updated", order) if one.name == "Order Updated"]
        assert updated.properties["refunded"] == refunded


def test_a_guest_is_known_by_her_address_alone(shop: Shop) -> None:
    order = told(shop, "order.created", woo_order(customer_id=0))[0]
    assert order.identifiers == {"email": "ana@example.com", "phone": "+34912345678"}


def test_a_customer_is_described(shop: Shop) -> None:
    body = {
        "id": 25, "date_created_gmt": "2026-01-01T00:00:00", "date_modified_gmt": "2026-11-22T11:00:00",
        "email": "ana@example.com", "first_name": "Ana", "last_name": "", "username": "ana", "role": "customer",
        "billing": {"phone": "912 34 56 78", "country": "ES", "city": "Madrid", "postcode": "28001"}, "meta_data": [],
    }  # fmt: skip
    (event,) = told(shop, "customer.updated", body)
    assert event.type == "identify"
    assert event.identifiers == {"shop": ANA, "email": "ana@example.com", "phone": "+34912345678"}
    assert event.traits["firstName"] == "Ana"
    assert event.traits["address"] == {"city": "Madrid", "postalCode": "28001", "country": "ES"}


def test_of_what_is_deleted_only_the_number_is_told(shop: Shop) -> None:
    for topic in ("order.deleted", "product.deleted", "coupon.deleted"):
        (event,) = told(shop, topic, {"id": 25})
        assert list(event.properties.values()) == ["25"]
        assert event.identifiers == {}
    assert told(shop, "customer.deleted", {"id": 25})[0].identifiers == {"shop": ANA}


@pytest.mark.parametrize("topic", list(TOPICS))
@pytest.mark.parametrize("body", [{}, {"id": None, "billing": []}, {"id": 1, "line_items": {"0": 1}, "refunds": 7}])
def test_no_topic_stumbles_over_an_empty_or_odd_body(shop: Shop, topic: str, body: dict[str, Any]) -> None:
    assert from_woocommerce(shop, topic, body).status_code == 200
    assert shop.dead() == []


def test_an_unknown_topic_never_blocks_the_webhook(shop: Shop) -> None:
    assert from_woocommerce(shop, "action.woocommerce_add_to_cart", {"action": "x", "arg": "y"}).status_code == 200
    assert [letter.reason for letter in shop.dead()] == ["unknown_topic"]
