"""Messages for the page: hers alone, each until it was shown."""

from __future__ import annotations

import json

import pytest

from habitue.model.customer import Customer, customer_id
from habitue.model.instant import HOUR

from .shop import ANA, KEY, Corner

HERS = {"writeKey": KEY, "anonymousId": "anon-ana"}


@pytest.fixture
def corner() -> Corner:
    return Corner()


def titles(corner: Corner, **query: str) -> list[str]:
    answer = corner.browser.get("/v1/onsite/messages", params=HERS | query)
    assert answer.status_code == 200
    return [message["title"] for message in answer.json()["messages"]]


def tell(corner: Corner, what: str, delivery: str = "d1", anonymous_id: str = "anon-ana", key: str = KEY) -> int:
    body = json.dumps({"writeKey": key, "anonymousId": anonymous_id, "deliveryId": delivery})
    return corner.browser.post(f"/v1/onsite/{what}", content=body, headers={"Content-Type": "text/plain"}).status_code


def test_what_waits_for_her_is_given_to_her_alone(corner: Corner) -> None:
    corner.delivered("d1", url="/cart", button="Go")
    corner.delivered("d2", customer="somebody else")
    corner.delivered("d3", channel="email")
    answer = corner.browser.get("/v1/onsite/messages", params=HERS).json()
    assert [message["id"] for message in answer["messages"]] == ["d1"]
    assert answer["messages"][0]["url"] == "/cart"
    assert answer["color"] == "#1f5c4d"
    assert titles(corner, anonymousId="anon-ben") == []


def test_messages_for_whom_she_became_are_hers_too(corner: Corner) -> None:
    corner.people.put(Customer(id=ANA, merged_into="u-ana"))
    corner.people.put(Customer(id="u-ana", merged_ids=[ANA, "a-tablet"]))
    for number, customer in enumerate((ANA, "u-ana", "a-tablet")):
        corner.delivered(f"d{number}", customer=customer)
    assert len(titles(corner)) == 3


def test_nothing_new_costs_next_to_nothing(corner: Corner) -> None:
    corner.delivered("d1")
    tag = corner.browser.get("/v1/onsite/messages", params=HERS).headers["etag"]
    again = corner.browser.get("/v1/onsite/messages", params=HERS, headers={"If-None-Match": tag})
    assert (again.status_code, again.content) == (304, b"")


def test_shown_means_shown_once(corner: Corner) -> None:
    corner.delivered("d1")
    assert tell(corner, "displayed") == 200
    assert titles(corner) == []
    assert tell(corner, "displayed") == 200
    (event,) = corner.events()
    assert (event.name, event.id) == ("Message Displayed", "d1:displayed")
    assert event.properties["journey"] == "cart"
    assert event.context["customer_id"] == ANA


def test_clicks_and_dismissals_are_told(corner: Corner) -> None:
    corner.delivered("d1", url="/cart")
    for what in ("displayed", "clicked", "dismissed"):
        assert tell(corner, what) == 200
    assert [event.name for event in corner.events()] == ["Message Displayed", "Message Clicked", "Message Dismissed"]
    assert corner.events()[1].properties["link_url"] == "/cart"


def test_nobody_reports_for_somebody_else(corner: Corner) -> None:
    corner.delivered("d1")
    corner.delivered("d2", channel="email")
    assert tell(corner, "displayed", anonymous_id="anon-ben") == 404
    assert tell(corner, "displayed", delivery="d2") == 404
    assert tell(corner, "displayed", delivery="gone") == 404
    assert tell(corner, "swallowed") == 404
    assert tell(corner, "displayed", key="wrong") == 401
    assert corner.events() == []
    assert titles(corner) == ["Hello Ana"]


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"{}", b"\xff", b"{" * 9000, b'{"writeKey":1,"anonymousId":2,"deliveryId":3}']
)
def test_a_malformed_report_is_refused(corner: Corner, body: bytes) -> None:
    assert corner.browser.post("/v1/onsite/displayed", content=body).status_code == 400


def test_a_request_without_a_key_or_a_visitor_is_refused(corner: Corner) -> None:
    assert corner.browser.get("/v1/onsite/messages", params=HERS | {"writeKey": "wrong"}).status_code == 401
    for anonymous_id in ("", "x" * 201):
        answer = corner.browser.get("/v1/onsite/messages", params=HERS | {"anonymousId": anonymous_id})
        assert answer.status_code == 400


def test_a_message_too_old_is_not_shown(corner: Corner) -> None:
    corner.delivered("d1")
    corner.later(10 * HOUR)
    assert titles(corner) == []


def test_a_visitor_nobody_knows_has_no_messages(corner: Corner) -> None:
    assert customer_id("anonymous", "new") != ANA
    assert titles(corner, anonymousId="new") == []


def test_shops_on_other_domains_may_ask(corner: Corner) -> None:
    answer = corner.browser.options("/v1/onsite/messages", headers={"Origin": "https://shop.example"})
    assert answer.status_code == 204
    assert answer.headers["access-control-allow-origin"] == "*"
    assert corner.browser.get("/v1/onsite/messages", params=HERS).headers["access-control-allow-origin"] == "*"
