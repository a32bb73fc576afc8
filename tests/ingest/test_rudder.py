"""RudderStack's pixel, header and source configuration."""

from __future__ import annotations

from base64 import b64encode

import pytest

from habitue.ingest.rudder import anonymous_id, pixel_item

from .shop import AUTHORIZED, KEY, Shop


def test_a_pixel_is_an_event_and_answers_one_transparent_point(shop: Shop) -> None:
    query = f"writeKey={KEY}&anonymousId=a1&event=Email+Opened&properties.campaign=spring&context.library.name=AMP"
    answer = shop.http.get(f"/pixel/v1/track?{query}")
    assert answer.headers["content-type"] == "image/gif"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.content.startswith(b"GIF89a")
    (found,) = shop.events()
    assert (found.type, found.name, found.anonymous_id) == ("track", "Email Opened", "a1")
    assert found.properties == {"campaign": "spring"}
    assert found.context["library"] == {"name": "AMP"}


def test_a_page_view_is_the_other_pixel_and_there_is_no_third(shop: Shop) -> None:
    assert shop.http.get(f"/pixel/v1/page/?writeKey={KEY}&userId=ana&name=Home").status_code == 200
    assert shop.events()[0].properties == {"name": "Home"}
    assert shop.http.get(f"/pixel/v1/identify?writeKey={KEY}&userId=ana").json()["code"] == "unknown_call"
    assert shop.http.post(f"/pixel/v1/page?writeKey={KEY}").json()["code"] == "wrong_method"


def test_a_pixel_of_nobody_is_a_dead_letter(shop: Shop) -> None:
    assert shop.http.get(f"/pixel/v1/track?writeKey={KEY}&event=x").status_code == 200
    assert [letter.reason for letter in shop.dead()] == ["no_identity"]


@pytest.mark.parametrize(
    ("query", "item"),
    [
        ([("a", "1"), ("a.b", "2")], {"a": "1"}),
        ([("a.b", "2"), ("a", "1")], {"a": {"b": "2"}}),
        ([("writeKey", "k"), ("a..b", "1")], {"a": {"": {"b": "1"}}}),
        ([(".".join("abcdefghij"), "1")], {"a": {"b": {"c": {"d": {"e": {"f": {"g": {"h": {"i.j": "1"}}}}}}}}}),
    ],
    ids=["first word", "also of objects", "empty name", "no deeper than eight"],
)
def test_points_in_names_are_levels(query: list[tuple[str, str]], item: dict[str, object]) -> None:
    assert pixel_item(query) == {"channel": "web", **item}


def test_the_header_names_the_visitor_where_the_event_does_not(shop: Shop) -> None:
    headers = {**AUTHORIZED, "AnonymousId": b64encode(b"a1").decode(), "SentAt": "2026-11-22T11:59:00Z"}
    shop.post("/v1/track", {"event": "Product Viewed"}, headers)
    shop.post("/v1/track", {"event": "Product Viewed", "anonymousId": "a2"}, headers)
    assert [found.anonymous_id for found in shop.events()] == ["a1", "a2"]


@pytest.mark.parametrize("header", ["", "%%%", "/w==", "x" * 2_000, None], ids=["empty", "no", "bytes", "long", "none"])
def test_a_header_that_holds_no_id_is_passed_over(header: str | None) -> None:
    assert anonymous_id(header) is None


def test_the_source_configuration_lets_the_browser_client_send(shop: Shop) -> None:
    found = shop.http.get(f"/sourceConfig/?p=npm&v=3&writeKey={KEY}", headers=AUTHORIZED).json()["source"]
    assert (found["writeKey"], found["enabled"], found["destinations"]) == (KEY, True, [])
    assert shop.http.get("/sourceConfig?writeKey=nobody").json()["code"] == "unknown_write_key"


def test_whatever_a_browser_asks_to_send_along_it_may_and_nothing_else_gets_through(shop: Shop) -> None:
    def allowed(asked: str) -> str:
        headers = {"Origin": "https://shop.example", "Access-Control-Request-Headers": asked}
        return str(shop.http.options("/v1/track", headers=headers).headers["access-control-allow-headers"])

    usual = allowed("")
    assert usual.startswith("authorization, content-type, ")
    assert allowed("rsa-retry-attempt,rsa-retry-reason") == f"{usual}, rsa-retry-attempt,rsa-retry-reason"
    assert allowed("x\tevil") == usual
