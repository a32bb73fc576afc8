"""GA4's Measurement Protocol: hits become events in Segment's words, and the sender always hears the same."""

from __future__ import annotations

from typing import Any

import pytest

from habitue.ingest.ga4 import table, translated
from habitue.ingest.vocabulary import COMMERCE
from habitue.model.event import Event

from .ga4_events import CUP, EVENTS, PLATE
from .shop import KEY, NOON, FailingLog, Shop, open_shop

ADDRESS = f"/mp/collect?measurement_id=G-ABC&api_secret={KEY}"


def hit(*events: Any, **fields: Any) -> dict[str, Any]:
    return {"client_id": "123.456", "events": list(events), **fields}


def event(name: str, **params: Any) -> dict[str, Any]:
    return {"name": name, "params": params}


def told(shop: Shop, content: Any) -> list[Event]:
    before = len(shop.events())
    answer = shop.post(ADDRESS, content, {})
    assert (answer.status_code, answer.content) == (204, b"")
    return shop.events()[before:]


CUP_IN_OUR_WORDS = {
    "product_id": "SKU_12345", "name": "Tea cup", "affiliation": "Store", "coupon": "SUMMER", "discount": 2.22,
    "position": 0, "brand": "Potter", "category": "Kitchen", "item_category2": "Cups", "list_id": "related",
    "list_name": "Related", "variant": "blue", "price": 10.01, "quantity": 3,
}  # fmt: skip


def test_a_purchase_is_an_order_with_its_products(shop: Shop) -> None:
    (order,) = told(shop, hit(event("purchase", **EVENTS[12][1])))
    assert order.name == "Order Completed"
    assert order.properties == {
        "order_id": "T_1", "total": 30.03, "revenue": 30.03, "tax": 4.9, "shipping": 5.99, "currency": "EUR",
        "products": [CUP_IN_OUR_WORDS],
    }  # fmt: skip
    assert order.identifiers == {"external": "ga_client_id:123.456"}


def test_what_is_about_one_product_is_told_for_each_item(shop: Shop) -> None:
    cup, plate = told(shop, hit(event("add_to_cart", currency="EUR", value=38.53, items=[CUP, PLATE])))
    assert cup.properties == {"currency": "EUR", **CUP_IN_OUR_WORDS}
    assert plate.name == "Product Added"
    assert plate.properties == {
        "currency": "EUR", "product_id": "SKU_2", "name": "Plate", "price": 8.5, "quantity": 1,
    }  # fmt: skip


def test_the_names_are_the_vocabularys() -> None:
    others = {"Page Viewed", "Signed In", "Signed Up"}
    assert {rule["name"] for rule in table()["events"].values()} <= COMMERCE | others


def test_an_order_is_told_once_however_often_the_thank_you_page_is_seen(shop: Shop) -> None:
    purchase = event("purchase", transaction_id="T_9", value=5)
    assert len(told(shop, hit(purchase))) == 1
    assert told(shop, hit(purchase, client_id="another", timestamp_micros=NOON - 5)) == []


def test_a_hit_with_a_time_is_told_once_and_one_without_may_be_two(shop: Shop) -> None:
    timed = hit(event("search", search_term="cups"), timestamp_micros=NOON - 60_000_000)
    assert [one.occurred_at for one in told(shop, timed)] == [NOON - 60_000_000]
    assert told(shop, timed) == []
    assert len(told(shop, hit(event("login")))) + len(told(shop, hit(event("login")))) == 2


def test_an_events_own_time_goes_before_the_hits(shop: Shop) -> None:
    early = {**event("login"), "timestamp_micros": NOON - 9_000_000}
    (one,) = told(shop, hit(early, timestamp_micros=NOON - 1_000_000))
    assert one.occurred_at == NOON - 9_000_000


def test_a_known_user_her_properties_and_her_no_to_ads_are_taken(shop: Shop) -> None:
    content = hit(
        event("page_view", page_location="https://shop.example/"), user_id="ana",
        user_properties={"tier": {"value": "gold"}, "odd": 7}, consent={"ad_user_data": "DENIED"},
    )  # fmt: skip
    traits, page = told(shop, content)
    assert (traits.type, traits.traits, traits.user_id) == ("identify", {"tier": "gold"}, "ana")
    assert (page.type, page.name, page.properties) == ("page", "Page Viewed", {"url": "https://shop.example/"})
    assert page.context["consent"] == {"categoryPreferences": {"advertising": False}}


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/mp/collect?api_secret=wrong", hit(event("login"))),
        ("/mp/collect", hit(event("login"))),
        (ADDRESS, "{"),
        (ADDRESS, ""),
    ],
)
def test_a_hit_that_cannot_be_taken_is_answered_like_any_other(shop: Shop, path: str, body: Any) -> None:
    assert shop.post(path, body, {}).status_code == 204
    assert shop.events() == []


def test_hits_of_nobody_and_of_nothing_are_dead_letters(shop: Shop) -> None:
    for content in ([1], {"events": [event("login")]}, hit() | {"events": 7}, hit({"params": {}})):
        assert told(shop, content) == []
    assert [letter.reason for letter in shop.dead()] == ["no_name", "wrong_type", "no_identity", "not_an_object"]


def test_a_full_disk_is_no_yes() -> None:
    with open_shop(FailingLog()) as shop:
        assert shop.post(ADDRESS, hit(event("login")), {}).status_code == 503


# The validation server.


def messages(shop: Shop, content: Any) -> list[dict[str, str]]:
    answer = shop.post("/debug/mp/collect?api_secret=unasked", content, {})
    assert answer.status_code == 200
    assert list(answer.json()) == ["validationMessages"]
    return answer.json()["validationMessages"]


def test_a_sound_hit_has_no_messages_and_is_not_kept(shop: Shop) -> None:
    assert messages(shop, hit(event("purchase", transaction_id="T_1"))) == []
    assert shop.events() == []


def test_a_bad_name_is_told_in_googles_words(shop: Shop) -> None:
    assert messages(shop, hit(event("_badEventName"))) == [
        {
            "fieldPath": "events",
            "description": "Event at index: [0] has invalid name [_badEventName]. Names must start with an alphabetic "
            "character.",
            "validationCode": "NAME_INVALID",
        }
    ]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        ("{", "VALUE_INVALID"),
        ([], "VALUE_INVALID"),
        ({"events": [event("login")]}, "VALUE_REQUIRED"),
        (hit(), "VALUE_REQUIRED"),
        (hit(7), "VALUE_INVALID"),
        (hit({}), "VALUE_REQUIRED"),
        (hit(event("first_open")), "NAME_RESERVED"),
        (hit(event("a-b")), "NAME_INVALID"),
        (hit(event("x" * 41)), "NAME_INVALID"),
        (hit({"name": "login", "params": 7}), "VALUE_INVALID"),
        (hit(event("login", **{f"p{number}": 1 for number in range(26)})), "EXCEEDED_MAX_ENTITIES"),
        (hit(*[event("login")] * 26), "EXCEEDED_MAX_ENTITIES"),
    ],
)
def test_every_kind_of_fault_has_its_code(shop: Shop, content: Any, code: str) -> None:
    assert [message["validationCode"] for message in messages(shop, content)] == [code]


def test_the_bridge_is_served_with_the_table_in_it(shop: Shop) -> None:
    answer = shop.http.get("/bridge.js")
    assert answer.headers["content-type"].startswith("text/javascript")
    assert '"add_to_cart":{' in answer.text
    assert "put in when served" not in answer.text


@pytest.mark.parametrize(("name", "params"), EVENTS)
def test_no_event_is_without_a_translation(name: str, params: dict[str, Any]) -> None:
    assert translated(name, params)
