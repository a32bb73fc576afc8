"""What counts as an id."""

from __future__ import annotations

from typing import Any

import pytest

from habitue.ingest.identifiers import read_identifier
from habitue.ingest.rejection import Reject

from .shop import accepted, refused, track

NOBODY = [
    None, "", "  ", "0", "0000", "-", "--", "00000000-0000-0000-0000-000000000000", "-1", "null", "NULL", "Null",
    "undefined", "anonymous", "Anonymous", "none", "nan", "unknown", "guest", "[object Object]", 0, -1, 0.0, "true",
]  # fmt: skip


@pytest.mark.parametrize("value", NOBODY)
def test_what_broken_integrations_send_for_everybody_is_nobody(value: Any) -> None:
    assert read_identifier("userId", value) is None


@pytest.mark.parametrize(
    ("value", "text"),
    [("ana", "ana"), (" ana ", "ana"), (12, "12"), (12.0, "12"), (12.5, "12.5"), (2**63, str(2**63)), ("01", "01")],
)
def test_an_id_is_text_without_space_around_it(value: Any, text: str) -> None:
    assert read_identifier("userId", value) == text


@pytest.mark.parametrize("value", [True, [], ["ana"], {}, {"id": "ana"}])
def test_what_is_neither_text_nor_number_is_no_id(value: Any) -> None:
    found = read_identifier("userId", value)
    assert isinstance(found, Reject)
    assert found.reason == "wrong_type"


def test_an_id_longer_than_any_real_one_is_refused() -> None:
    assert refused(track(userId="x" * 256)).reason == "id_too_long"
    assert refused(track(messageId="x" * 256)).reason == "id_too_long"


def test_an_event_of_nobody_is_a_dead_letter_that_says_what_was_found() -> None:
    letter = refused(track(userId="null", anonymousId=""))
    assert letter.reason == "no_identity"
    assert "'null'" in letter.detail


def test_a_blocked_user_id_leaves_the_anonymous_one_standing() -> None:
    event = accepted(track(userId="null", anonymousId="a1"))
    assert event.user_id is None
    assert event.anonymous_id == "a1"


@pytest.mark.parametrize("value", ["not_authenticated", "distinct_id", "id", "email", "{{user.id}}", "(none)"])
def test_words_of_clients_for_nobody_join_nobody(value: str) -> None:
    event = accepted(track(userId=value, anonymousId="a1"))
    assert (event.user_id, event.anonymous_id) == (None, "a1")


def test_a_number_that_a_spreadsheet_rounded_is_refused_with_a_sentence() -> None:
    for fields in ({"userId": "1.00012E+12"}, {"properties": {"order_id": "1.00012E+12"}}):
        letter = refused(track(**fields))
        assert letter.reason == "rounded_id"
        assert "formatted as text" in letter.detail


def test_ids_of_things_have_one_spelling() -> None:
    properties = {
        "order_id": "2001.0",
        "products": [{"product_id": 39910.0}, {"product_id": " 39910 ", "sku": "1.2E+9"}],
    }
    event = accepted(track("Order Completed", properties=properties))
    assert event.properties == {"order_id": "2001", "products": [{"product_id": 39910}, {"product_id": "39910"}]}


def test_amounts_of_orders_become_numbers_however_they_are_written() -> None:
    event = accepted(track("Order Refunded", properties={"total": "€30.00", "tax": "1 299,50", "shipping": "by post"}))
    assert event.properties == {"total": 30.0, "tax": 1299.5, "shipping": "by post", "currency": "EUR"}


@pytest.mark.parametrize("email", ["Ana@BÜCHER.example", "ana@xn--bcher-kva.example", "ana@bücher.example\u200b"])
def test_an_address_is_one_in_whatever_script_its_domain_is_written(email: str) -> None:
    event = accepted(track(type="identify", userId="ana", traits={"email": email}))
    assert event.identifiers["email"] == "ana@xn--bcher-kva.example"


def test_a_trait_holds_an_address_that_mail_servers_know() -> None:
    event = accepted(track(type="identify", userId="ana", traits={"email": "Ana@bücher.example"}))
    assert event.traits["email"] == "ana@xn--bcher-kva.example"
