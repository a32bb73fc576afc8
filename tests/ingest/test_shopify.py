"""Shopify's webhooks: believed when signed, told once however often they are delivered, and in Segment's words."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from habitue.ingest.shopify import TOPICS
from habitue.model.event import Event
from habitue.model.instant import to_iso

from .shop import FailingLog, Shop
from .webhooks import (
    FORMER_SECRET,
    SECRET,
    SHOP,
    SHOPIFY_KEY,
    from_shopify,
    open_for_webhooks,
    shopify_customer,
    shopify_line,
    shopify_order,
    shopify_product,
    shopify_refund,
    signature,
)

ANA = f"shopify:{SHOP}:207119551"


@pytest.fixture
def shop() -> Iterator[Shop]:
    with open_for_webhooks() as opened:
        yield opened


def told(shop: Shop, topic: str, content: Any, **headers: str) -> list[Event]:
    """What one delivery adds to the log."""
    before = len(shop.events())
    answer = from_shopify(shop, topic, content, **headers)
    assert answer.status_code == 200, answer.text
    assert shop.dead() == []
    return shop.events()[before:]


def names(events: list[Event]) -> list[str]:
    return [event.name for event in events]


# The door.


def test_a_delivery_that_shopify_signed_is_taken(shop: Shop) -> None:
    assert names(told(shop, "orders/create", shopify_order())) == ["Order Completed", "Consent Granted"]


@pytest.mark.parametrize("given", ["", "x", "AAAA", "é", signature(b"another body"), signature(b"{}", "another")])
def test_a_wrong_signature_is_answered_401_and_nothing_is_kept(shop: Shop, given: str) -> None:
    headers = {"X-Shopify-Topic": "orders/create", "X-Shopify-Hmac-Sha256": given.encode()}
    assert shop.post(f"/webhooks/shopify/{SHOPIFY_KEY}", b"{}", headers).status_code == 401
    assert shop.events() == []


def test_the_signature_is_over_the_bytes_as_they_came(shop: Shop) -> None:
    body = b'{"id" : 1,\n "title":"\\u00e9"}'
    assert from_shopify(shop, "products/create", body).status_code == 200
    headers = {"X-Shopify-Topic": "products/create", "X-Shopify-Hmac-Sha256": signature(body)}
    assert shop.post(f"/webhooks/shopify/{SHOPIFY_KEY}", body.replace(b" ", b""), headers).status_code == 401


def test_a_wrong_key_is_answered_as_a_wrong_signature_is(shop: Shop) -> None:
    headers = {"X-Shopify-Topic": "app/uninstalled", "X-Shopify-Hmac-Sha256": signature(b"{}")}
    wrong_key = shop.post("/webhooks/shopify/NOKEY", b"{}", headers)
    wrong_signature = shop.post(f"/webhooks/shopify/{SHOPIFY_KEY}", b"{ }", headers)
    assert wrong_key.status_code == wrong_signature.status_code == 401
    assert wrong_key.content == wrong_signature.content


def test_the_secret_before_the_present_one_still_counts(shop: Shop) -> None:
    assert from_shopify(shop, "orders/create", shopify_order(), secret=FORMER_SECRET).status_code == 200


def test_headers_without_the_x_are_read_too(shop: Shop) -> None:
    told(shop, "orders/create", shopify_order(), prefix="")
    assert shop.events()[0].identifiers["shop"] == ANA


def test_nothing_is_promised_before_it_is_on_disk() -> None:
    log = FailingLog()
    with open_for_webhooks(log) as shop:
        answer = from_shopify(shop, "orders/create", shopify_order())
        assert answer.status_code == 503
        log.mend()
        assert from_shopify(shop, "orders/create", shopify_order()).status_code == 200
        assert names(shop.events()) == ["Order Completed", "Consent Granted"]


def test_a_secret_that_cannot_be_read_is_a_passing_failure() -> None:
    def broken(_key: str, _kind: str) -> None:
        raise OSError("the disk is away")

    with open_for_webhooks(lookup=broken) as shop:
        assert from_shopify(shop, "orders/create", shopify_order()).status_code == 503


def test_the_key_of_a_webhook_opens_no_other_door(shop: Shop) -> None:
    event = {"writeKey": SHOPIFY_KEY, "userId": "ana", "event": "Order Completed"}
    assert shop.post("/v1/track", event, {}).status_code == 400


# Orders.


def test_an_order_is_told_in_the_vocabularys_words_and_its_money_in_numbers(shop: Shop) -> None:
    order = told(shop, "orders/create", shopify_order())[0]
    assert order.properties == {
        "order_id": "450789469", "order_number": "#1001", "checkout_id": "bd5a8aa1ecd019dd3520ff791ee3a24c",
        "cart_id": "68778783ad298f1c80c3bafcddeea02f", "affiliation": "web", "total": 31.5, "subtotal": 25.0,
        "revenue": 25.0, "shipping": 5.0, "tax": 1.5, "discount": 0.0, "coupon": "TEA10", "currency": "GBP",
        "presentment_currency": "EUR", "payment_status": "paid", "landing_site": "/?utm_source=letter",
        "refunded": 0.0, "updated_at": "2026-11-22T06:30:05-05:00",
        "products": [
            {"product_id": "632910392", "variant_id": "39072856", "sku": "CUP-1", "name": "Tea cup", "variant": "Blue",
             "brand": "Potter", "price": 12.5, "quantity": 2, "discount": 0.0},
            {"sku": "CUP-1", "name": "Engraving", "variant": "Blue", "brand": "Potter", "price": 0.0, "quantity": 2,
             "discount": 0.0},
        ],
    }  # fmt: skip
    assert order.identifiers == {
        "shop": ANA, "email": "ana@example.com", "phone": "+442079460018",
        "external": "shopify_cart:68778783ad298f1c80c3bafcddeea02f",
    }  # fmt: skip
    assert to_iso(order.occurred_at) == "2026-11-22T11:30:00.000000Z"


def test_an_order_is_completed_once_however_many_topics_tell_of_it(shop: Shop) -> None:
    for topic in ("orders/paid", "orders/updated", "orders/create", "orders/create", "orders/fulfilled", "orders/paid"):
        told(shop, topic, shopify_order())
    assert sorted(names(shop.events())) == [
        "Consent Granted", "Order Completed", "Order Fulfilled", "Order Paid", "Order Updated",
    ]  # fmt: skip


def test_a_delivery_sent_again_or_by_two_subscriptions_is_told_once(shop: Shop) -> None:
    assert names(told(shop, "orders/updated", shopify_order())) == ["Order Updated"]
    assert told(shop, "orders/updated", shopify_order()) == []
    assert told(shop, "orders/updated", shopify_order(), webhook="another", event="another") == []
    later = shopify_order(updated_at="2026-11-22T06:40:00-05:00")
    assert names(told(shop, "orders/updated", later)) == ["Order Updated"]


def test_deliveries_out_of_order_keep_their_own_times(shop: Shop) -> None:
    told(shop, "orders/updated", shopify_order(updated_at="2026-11-22T06:45:00-05:00", financial_status="refunded"))
    told(shop, "orders/updated", shopify_order(updated_at="2026-11-22T06:35:00-05:00"))
    found = sorted(shop.events(), key=lambda event: event.occurred_at)
    assert [event.properties["payment_status"] for event in found] == ["paid", "refunded"]


def test_protected_data_that_is_withheld_leaves_who_is_known(shop: Shop) -> None:
    order = shopify_order(
        email=None, contact_email=None, phone=None, customer={"id": 207119551}, shipping_address=None,
        billing_address=None, cart_token=None,
    )  # fmt: skip
    assert told(shop, "orders/create", order)[0].identifiers == {"shop": ANA}


def test_an_order_at_the_till_by_nobody_known_is_kept(shop: Shop) -> None:
    order = shopify_order(email="", contact_email="", phone=None, customer=None, cart_token=None)
    (event,) = told(shop, "orders/create", order)
    assert event.identifiers == {}
    assert event.properties["total"] == 31.5


def test_an_order_of_hundreds_of_lines_is_not_too_large(shop: Shop) -> None:
    order = shopify_order(line_items=[shopify_line(title="x" * 150, vendor="y" * 90) for _ in range(500)])
    assert len(told(shop, "orders/create", order)[0].properties["products"]) == 200


def test_a_refund_is_told_with_its_person_once_and_for_the_money_that_went_back(shop: Shop) -> None:
    refunded = shopify_order(refunds=[shopify_refund()], updated_at="2026-11-22T06:50:01-05:00")
    updated, refund = told(shop, "orders/updated", refunded)
    assert updated.name == "Order Updated"
    assert refund.name == "Order Refunded"
    assert refund.identifiers["shop"] == ANA
    assert refund.properties["total"] == 13.25
    assert [(one["product_id"], one["quantity"]) for one in refund.properties["products"]] == [("632910392", 1)]
    again = shopify_order(refunds=[shopify_refund()], updated_at="2026-11-22T06:55:00-05:00")
    assert names(told(shop, "orders/updated", again)) == ["Order Updated"]


@pytest.mark.parametrize(
    ("total", "current", "refunds", "comes_to"),
    [
        ("31.50", "31.50", [], 31.5),
        ("46.50", "46.50", [], 46.5),
        ("31.50", "46.50", [], 46.5),
        ("31.50", "20.00", [], 20.0),
        ("31.50", "18.25", [shopify_refund()], 31.5),
        ("31.50", "31.50", [shopify_refund()], 31.5),
        ("31.50", None, [shopify_refund()], 31.5),
    ],
)
def test_an_order_comes_to_what_it_was_last_edited_to_before_refunds(
    shop: Shop, total: str, current: str | None, refunds: list[Any], comes_to: float
) -> None:
    order = shopify_order(total_price=total, current_total_price=current, refunds=refunds)
    assert told(shop, "orders/updated", order)[0].properties["total"] == comes_to


def test_all_names_of_an_order_are_told(shop: Shop) -> None:
    order = shopify_order(name="UK#1001", order_number=1001, confirmation_number="XPAV284CT")
    properties = told(shop, "orders/create", order)[0].properties
    assert (properties["order_number"], properties["order_names"]) == ("UK#1001", ["1001", "XPAV284CT"])


def test_an_edit_alone_names_no_person_and_changes_nothing(shop: Shop) -> None:
    edit = {"order_edit": {"id": 7, "order_id": 450789469, "committed_at": "2026-11-22T06:50:00-05:00"}}
    (event,) = told(shop, "orders/edited", edit)
    assert (event.name, event.identifiers, event.properties) == ("Order Edit Committed", {}, {"order_id": "450789469"})


def test_the_refund_topic_alone_names_no_person_and_does_not_stand_in_the_way(shop: Shop) -> None:
    (alone,) = told(shop, "refunds/create", shopify_refund())
    assert (alone.name, alone.identifiers, alone.properties["order_id"]) == ("Refund Created", {}, "450789469")
    refunded = shopify_order(refunds=[shopify_refund()])
    assert "Order Refunded" in names(told(shop, "orders/updated", refunded))


def test_goods_put_back_without_money_are_no_refund(shop: Shop) -> None:
    restocked = shopify_order(refunds=[shopify_refund(transactions=[{"kind": "void", "amount": "31.50"}])])
    assert names(told(shop, "orders/updated", restocked)) == ["Order Updated"]


def test_a_cancellation_is_told_once_with_what_was_ordered(shop: Shop) -> None:
    order = shopify_order(cancelled_at="2026-11-22T06:55:00-05:00", cancel_reason="customer")
    (event,) = told(shop, "orders/cancelled", order)
    assert (event.name, event.properties["total"], event.properties["reason"]) == ("Order Cancelled", 31.5, "customer")
    assert told(shop, "orders/cancelled", {**order, "updated_at": "2026-11-22T06:56:00-05:00"}) == []


# Carts and checkouts.


def test_a_cart_is_the_checkouts_and_the_orders_by_its_token(shop: Shop) -> None:
    token = "68778783ad298f1c80c3bafcddeea02f"
    lines = [shopify_line()]
    cart = {"id": token, "token": token, "line_items": lines, "note": None, "updated_at": "2026-11-22T11:00:00Z"}
    (viewed,) = told(shop, "carts/update", cart)
    emptied = {**cart, "line_items": [], "updated_at": "2026-11-22T11:05:00Z"}
    (cleared,) = told(shop, "carts/update", emptied)
    checkout = {**shopify_order(), "token": "bd5a", "abandoned_checkout_url": "https://gifts.example/recover",
                "buyer_accepts_marketing": False, "completed_at": None}  # fmt: skip
    (started,) = told(shop, "checkouts/create", checkout)
    assert (viewed.name, cleared.name, started.name) == ("Cart Viewed", "Cart Cleared", "Checkout Started")
    assert viewed.identifiers == {"external": f"shopify_cart:{token}"}
    assert started.identifiers["external"] == f"shopify_cart:{token}"
    assert started.properties["checkout_url"] == "https://gifts.example/recover"
    assert "order_id" not in started.properties


# People.


def test_a_customer_is_described_without_what_is_withheld(shop: Shop) -> None:
    customer = shopify_customer(first_name=None, default_address=None, email_marketing_consent=None)
    (event,) = told(shop, "customers/update", customer)
    assert event.type == "identify"
    assert event.traits == {
        "email": "ana@example.com", "phone": "+442079460018", "lastName": "Lima", "tags": ["regular", "gifts"],
        "createdAt": "2026-01-02T08:59:11-05:00", "currency": "GBP", "shopify_orders": 1.0, "shopify_spent": 199.65,
    }  # fmt: skip
    assert event.identifiers["shop"] == ANA


def test_consents_are_told_once_by_whatever_topic_and_at_the_time_she_gave_them(shop: Shop) -> None:
    _, granted = told(shop, "customers/update", shopify_customer())
    assert granted.name == "Consent Granted"
    assert granted.properties == {
        "channel": "email", "source": "shopify", "email": "ana@example.com", "opt_in_level": "single_opt_in",
    }  # fmt: skip
    assert to_iso(granted.occurred_at) == "2026-11-20T14:00:00.000000Z"
    said = {"state": "subscribed", "opt_in_level": "single_opt_in", "consent_updated_at": "2026-11-20T09:00:00-05:00"}
    topic = "customers_email_marketing_consent/update"
    consent = {"customer_id": 207119551, "email_address": "ana@example.com", "email_marketing_consent": said}
    assert told(shop, topic, consent) == []
    no = {**said, "state": "unsubscribed", "consent_updated_at": "2026-11-22T06:00:00-05:00"}
    (withdrawn,) = told(shop, topic, {**consent, "email_marketing_consent": no})
    assert (withdrawn.name, withdrawn.identifiers["shop"]) == ("Consent Withdrawn", ANA)


def test_consent_to_sms_is_of_its_own_channel(shop: Shop) -> None:
    said = {"state": "subscribed", "opt_in_level": "single_opt_in", "consent_updated_at": "2026-11-22T06:00:00-05:00",
            "consent_collected_from": "SHOPIFY"}  # fmt: skip
    body = {"id": 207119551, "phone": "+442079460018", "sms_marketing_consent": said}
    (event,) = told(shop, "customers_marketing_consent/update", body)
    assert (event.name, event.properties["channel"]) == ("Consent Granted", "sms")
    assert event.identifiers == {"shop": ANA, "phone": "+442079460018"}


# What every app must serve.


def test_a_customers_requests_about_her_data_are_kept_on_her(shop: Shop) -> None:
    who = {"id": 207119551, "email": "ana@example.com", "phone": "+442079460018"}
    base = {"shop_id": 954889, "shop_domain": SHOP, "customer": who}
    (asked,) = told(shop, "customers/data_request", {**base, "orders_requested": [1, 2], "data_request": {"id": 9999}})
    (erase,) = told(shop, "customers/redact", {**base, "orders_to_redact": [1, 2]})
    assert (asked.name, erase.name) == ("Data Requested", "Erasure Requested")
    for event in (asked, erase):
        assert event.identifiers == {"shop": ANA, "email": "ana@example.com", "phone": "+442079460018"}
        assert event.properties["source"] == "shopify"
        assert event.properties["orders"] == ["1", "2"]
    assert told(shop, "customers/redact", {**base, "orders_to_redact": [1, 2]}) == []
    later = told(shop, "customers/redact", {**base, "orders_to_redact": [3]}, event="a-year-later")
    assert names(later) == ["Erasure Requested"]


def test_a_shop_that_left_asks_for_the_erasure_of_all(shop: Shop) -> None:
    (event,) = told(shop, "shop/redact", {"shop_id": 954889, "shop_domain": SHOP})
    assert event.name == "Erasure Requested"
    assert event.properties == {"source": "shopify", "scope": "shop", "shop": SHOP}
    assert event.identifiers == {}


# Goods.


def test_a_product_is_kept_as_an_event_of_nobody(shop: Shop) -> None:
    (event,) = told(shop, "products/update", shopify_product())
    assert (event.name, event.identifiers, event.user_id, event.anonymous_id) == ("Product Updated", {}, None, None)
    assert event.properties["variants"][0] == {
        "variant_id": "39072856", "name": "Blue", "sku": "CUP-1", "barcode": "1234", "price": 12.5,
        "compare_at_price": 15.0, "inventory_item_id": "39072856001", "stock": 3.0, "options": ["Blue"],
    }  # fmt: skip


def test_stock_is_told_by_item_and_place(shop: Shop) -> None:
    level = {"inventory_item_id": 39072856001, "location_id": 655441491, "available": 0,
             "updated_at": "2026-11-22T06:00:00-05:00"}  # fmt: skip
    (event,) = told(shop, "inventory_levels/update", level)
    assert event.properties == {"inventory_item_id": "39072856001", "location_id": "655441491", "stock": 0.0}


# All topics.


@pytest.mark.parametrize("topic", list(TOPICS))
@pytest.mark.parametrize("body", [{}, {"id": None}, {"id": "x", "line_items": 7, "customer": [], "refunds": {"a": 1}}])
def test_no_topic_stumbles_over_an_empty_or_odd_body(shop: Shop, topic: str, body: dict[str, Any]) -> None:
    assert from_shopify(shop, topic, body).status_code == 200
    assert shop.dead() == []


def test_an_unknown_topic_is_answered_200_and_kept_as_a_dead_letter(shop: Shop) -> None:
    assert from_shopify(shop, "themes/publish", {"id": 1}).status_code == 200
    assert [letter.reason for letter in shop.dead()] == ["unknown_topic"]


def test_a_body_that_is_no_object_is_a_dead_letter(shop: Shop) -> None:
    assert from_shopify(shop, "orders/create", [1]).status_code == 200
    assert [letter.reason for letter in shop.dead()] == ["not_an_object"]


def test_the_secret_is_in_no_answer(shop: Shop) -> None:
    answer = from_shopify(shop, "orders/create", b"{", secret=SECRET)
    assert answer.status_code == 400
    assert SECRET not in answer.text
