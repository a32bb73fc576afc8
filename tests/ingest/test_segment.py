"""From what a client says to a canonical event."""

from __future__ import annotations

import pytest

from habitue.ingest.vocabulary import VERSION_1

from .shop import NOON, accepted, refused, track


def test_a_track_call_keeps_its_name_properties_and_ids() -> None:
    event = accepted(track("Product Viewed", anonymousId="a1", properties={"product_id": "watch"}))
    assert (event.source, event.id, event.type, event.name) == ("shop", "m1", "track", "Product Viewed")
    assert (event.user_id, event.anonymous_id) == ("ana", "a1")
    assert event.properties == {"product_id": "watch"}


@pytest.mark.parametrize(
    ("kind", "fields", "name"),
    [
        ("page", {}, "Page Viewed"),
        ("screen", {}, "Screen Viewed"),
        ("identify", {}, "Identified"),
        ("group", {"groupId": "g1"}, "Group Joined"),
        ("alias", {"previousId": "a1"}, "Aliased"),
    ],
)
def test_calls_without_a_name_of_their_own_get_one(kind: str, fields: dict[str, str], name: str) -> None:
    event = accepted({"type": kind, "userId": "ana", **fields})
    assert event.type == kind
    assert event.name == name


def test_a_page_is_called_by_its_name_and_category() -> None:
    item = {
        "type": "page",
        "userId": "ana",
        "name": "Home",
        "category": "Docs",
        "properties": {"url": "/", "name": "x"},
    }
    assert accepted(item).properties == {"url": "/", "name": "Home", "category": "Docs"}


@pytest.mark.parametrize(("old", "new"), VERSION_1.items())
def test_names_of_the_old_vocabulary_mean_the_new_ones(old: str, new: str) -> None:
    assert accepted(track(old)).name == new


def test_names_nobody_knows_are_kept_without_the_space_around_them() -> None:
    assert accepted(track("  Ürün beğenildi 😀 ")).name == "Ürün beğenildi 😀"


def test_identify_unites_its_traits_with_those_of_the_context_and_its_own_win() -> None:
    item = {
        "type": "identify",
        "userId": "ana",
        "traits": {"name": "Ana"},
        "context": {"traits": {"name": "A.", "email": "ana@example.com"}},
    }
    event = accepted(item)
    assert event.traits == {"name": "Ana", "email": "ana@example.com"}
    assert event.context == {}


def test_only_identify_says_who_she_is() -> None:
    event = accepted(track(traits={"plan": "gold"}, context={"traits": {"email": "ana@example.com"}}))
    assert event.traits == {}
    assert event.context == {"traits": {"email": "ana@example.com"}}


def test_the_traits_of_a_group_are_not_hers() -> None:
    event = accepted({"type": "group", "userId": "ana", "groupId": 7, "traits": {"name": "Initech"}})
    assert event.properties == {"name": "Initech", "group_id": "7"}
    assert event.traits == {}


def test_alias_names_the_id_that_is_joined() -> None:
    event = accepted({"type": "alias", "userId": "ana", "previousId": "a1"})
    assert (event.user_id, event.previous_id) == ("ana", "a1")


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"previousId": "a1", "anonymousId": "a2"}, "no_user_id"),
        ({"userId": "ana"}, "no_previous_id"),
        ({"userId": "ana", "previousId": "null"}, "no_previous_id"),
        ({"previousId": "a1"}, "no_identity"),
    ],
)
def test_an_alias_without_both_ids_joins_nobody(fields: dict[str, str], reason: str) -> None:
    assert refused({"type": "alias", **fields}).reason == reason


def test_what_a_batch_says_holds_for_items_that_do_not_say_otherwise() -> None:
    shared = {"library": {"name": "x"}, "locale": "de"}
    event = accepted(track(context={"locale": "tr"}), context=shared, integrations={"Ads": False})
    assert event.context == {"library": {"name": "x"}, "locale": "tr", "integrations": {"Ads": False}}


def test_strangers_cannot_say_which_customer_an_event_is_about() -> None:
    assert "customer_id" not in accepted(track(context={"customer_id": "u123"})).context
    assert "customer_id" not in accepted(track(), context={"customer_id": "u123"}).context


def test_numbers_that_shops_send_as_text_become_numbers() -> None:
    products = [{"product_id": "10", "price": "19.50", "quantity": "2"}, "not a product"]
    event = accepted(track("Completed Order", properties={"total": "39.00", "order_id": "77", "products": products}))
    assert event.properties["total"] == 39.0
    assert event.properties["order_id"] == "77"
    assert event.properties["products"] == [{"product_id": "10", "price": 19.5, "quantity": 2.0}, "not a product"]


@pytest.mark.parametrize("price", ["on request", "", "NaN", "inf", "1e999"])
def test_text_that_is_no_number_stays_text(price: str) -> None:
    assert accepted(track("Product Viewed", properties={"price": price})).properties["price"] == price


def test_text_stays_text_in_events_the_vocabulary_does_not_know() -> None:
    assert accepted(track("Quiz Answered", properties={"value": "7"})).properties == {"value": "7"}


def test_an_event_without_a_message_id_gets_one_of_its_own() -> None:
    item = {"type": "track", "event": "Product Viewed", "userId": "ana"}
    first, second = accepted(dict(item)), accepted({**item, "messageId": "  "})
    assert first.id
    assert second.id
    assert first.id != second.id


def test_a_number_as_message_id_is_its_text() -> None:
    assert accepted(track(messageId=17)).id == "17"


def test_empty_lists_of_php_are_empty_objects() -> None:
    event = accepted(track(properties=[], context=[]))
    assert event.properties == {}
    assert event.context == {}


def test_an_event_without_a_time_happened_when_it_was_received() -> None:
    assert accepted(track()).occurred_at == NOON


def test_the_type_is_read_whatever_its_case() -> None:
    assert accepted({"type": " Track ", "event": "Product Viewed", "userId": "ana"}).type == "track"
