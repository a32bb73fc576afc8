"""What clients are answered: yes when durable, 400 when never, later when not now."""

from __future__ import annotations

from typing import Any

import pytest

from habitue.ingest.settings import IngestSettings

from .shop import AUTHORIZED, KEY, NOON, FailingLog, Shop, open_shop, track

SINGLES = {
    "t": "track", "i": "identify", "p": "page", "s": "screen", "g": "group", "a": "alias",
    "track": "track", "identify": "identify", "page": "page", "screen": "screen", "group": "group", "alias": "alias",
}  # fmt: skip
EVERYTHING = {"userId": "ana", "event": "Product Viewed", "groupId": "g1", "previousId": "a1"}


@pytest.mark.parametrize("slash", ["", "/"])
@pytest.mark.parametrize(("call", "kind"), SINGLES.items())
def test_each_call_has_a_long_and_a_short_address(shop: Shop, call: str, kind: str, slash: str) -> None:
    answer = shop.post(f"/v1/{call}{slash}", EVERYTHING)
    assert answer.status_code == 200
    assert answer.json() == {"success": True}
    assert [event.type for event in shop.events()] == [kind]


@pytest.mark.parametrize("path", ["/v1/batch", "/v1/batch/", "/v1/b", "/v1/b/", "/v1/import", "/v1/import/"])
def test_batches_have_three_addresses(shop: Shop, path: str) -> None:
    answer = shop.post(path, {"batch": [track(), track(messageId="m2")]})
    assert answer.status_code == 200
    assert [event.id for event in shop.events()] == ["m1", "m2"]


def test_the_clients_measurements_of_themselves_are_taken_and_forgotten(shop: Shop) -> None:
    assert shop.post("/v1/m", {"series": []}, {}).status_code == 200
    assert shop.events() == []


@pytest.mark.parametrize(
    "content_type", ["text/plain", "application/x-www-form-urlencoded", "application/json", "", "x/y"]
)
def test_the_content_type_does_not_matter(shop: Shop, content_type: str) -> None:
    assert shop.post("/v1/t", track(), {**AUTHORIZED, "Content-Type": content_type}).status_code == 200
    assert len(shop.events()) == 1


def test_a_good_event_is_kept_when_its_neighbour_is_bad(shop: Shop) -> None:
    answer = shop.post("/v1/batch", {"batch": [track(), track(event=""), 7, track(messageId="m2")]})
    assert answer.status_code == 200
    assert [event.id for event in shop.events()] == ["m1", "m2"]
    assert sorted(letter.reason for letter in shop.dead()) == ["no_name", "not_an_object"]
    assert {letter.source for letter in shop.dead()} == {"shop"}


def test_an_event_sent_again_is_kept_once(shop: Shop) -> None:
    for _ in range(3):
        assert shop.post("/v1/t", track()).status_code == 200
    assert len(shop.events()) == 1


def test_an_empty_batch_is_fine(shop: Shop) -> None:
    assert shop.post("/v1/batch", {"batch": []}).status_code == 200


@pytest.mark.parametrize(
    ("path", "body", "headers", "code"),
    [
        ("/v1/batch", "{", AUTHORIZED, "invalid_json"),
        ("/v1/batch", b"\x1f\x8b\x00", AUTHORIZED, "invalid_gzip"),
        ("/v1/batch", [], AUTHORIZED, "invalid_batch"),
        ("/v1/batch", track(), AUTHORIZED, "invalid_batch"),
        ("/v1/batch", {"batch": {"0": track()}}, AUTHORIZED, "invalid_batch"),
        ("/v1/batch", {"batch": [], "context": {"x": "y" * 9_000}}, AUTHORIZED, "invalid_batch"),
        ("/v1/batch", {"batch": [0] * 2_501}, AUTHORIZED, "too_many_events"),
        ("/v1/batch", b" " * (4 * 1024 * 1024 + 1), AUTHORIZED, "body_too_large"),
        ("/v1/track", [track()], AUTHORIZED, "invalid_event"),
        ("/v1/track", "null", AUTHORIZED, "invalid_event"),
        ("/v1/track", track(), {}, "no_write_key"),
        ("/v1/track", track(writeKey="nobody"), {}, "unknown_write_key"),
        ("/v1/everything", track(), AUTHORIZED, "unknown_call"),
    ],
)
def test_what_can_never_be_accepted_is_a_400_with_code_and_message(
    shop: Shop, path: str, body: Any, headers: dict[str, str], code: str
) -> None:
    answer = shop.post(path, body, headers)
    assert answer.status_code == 400
    assert answer.json()["success"] is False
    assert answer.json()["code"] == code
    assert answer.json()["message"]
    assert shop.events() == []


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH"])
def test_another_method_is_a_400_too(shop: Shop, method: str) -> None:
    answer = shop.http.request(method, "/v1/track")
    assert answer.status_code == 400
    assert answer.json()["code"] == "wrong_method"


def test_a_full_disk_is_no_yes_and_the_sender_is_told_when_to_come_back() -> None:
    log = FailingLog()
    with open_shop(log) as shop:
        answer = shop.post("/v1/batch", {"batch": [track(), 7]}, {**AUTHORIZED, "Origin": "https://shop.example"})
        assert answer.status_code == 503
        assert answer.headers["retry-after"] == "5"
        assert answer.headers["access-control-expose-headers"] == "Retry-After"
        assert "space" not in answer.text

        log.mend()
        assert shop.post("/v1/batch", {"batch": [track(), 7]}).status_code == 200
        assert [event.id for event in shop.events()] == ["m1"]
        assert len(shop.dead()) == 1


def test_the_address_of_a_browser_is_filled_in_and_a_given_one_is_kept(shop: Shop) -> None:
    shop.post("/v1/t", track(context={"userAgent": "Mozilla/5.0"}))
    shop.post("/v1/t", track(messageId="m2", context={"userAgent": "Mozilla/5.0", "ip": "192.0.2.7"}))
    shop.post("/v1/t", track(messageId="m3", channel="web"))
    shop.post("/v1/t", track(messageId="m4", context={"library": {"name": "analytics-python"}}))
    assert [event.context.get("ip") for event in shop.events()] == ["testclient", "192.0.2.7", "testclient", None]


@pytest.mark.parametrize("path", ["/v1/t", "/v1/batch/", f"/v1/projects/{KEY}/settings", "/v1/everything"])
def test_a_browser_may_ask_first(shop: Shop, path: str) -> None:
    asked = {"Origin": "https://shop.example", "Access-Control-Request-Headers": "authorization,x-retry-count"}
    answer = shop.http.options(path, headers=asked)
    assert answer.status_code == 200
    assert answer.headers["access-control-allow-origin"] == "https://shop.example"
    assert answer.headers["vary"] == "Origin"
    assert answer.headers["access-control-allow-methods"] == "GET,POST,OPTIONS"
    assert (
        answer.headers["access-control-allow-headers"]
        == "authorization, content-type, x-retry-count, x-write-key, anonymousid, sentat, authorization,x-retry-count"
    )
    assert answer.headers["access-control-max-age"] == "7200"


def test_a_no_can_be_read_by_the_page_as_well(shop: Shop) -> None:
    answer = shop.post("/v1/t", "{", {**AUTHORIZED, "Origin": "null"})
    assert answer.headers["access-control-allow-origin"] == "null"


@pytest.mark.parametrize("slash", ["", "/"])
def test_settings_are_what_mobile_and_browser_clients_need(shop: Shop, slash: str) -> None:
    answer = shop.http.get(f"/v1/projects/{KEY}/settings{slash}")
    assert answer.status_code == 200
    settings = answer.json()
    assert list(settings["integrations"]) == ["Segment.io"]
    assert settings["integrations"]["Segment.io"]["httpConfig"]["rateLimitConfig"]["enabled"] is True
    assert settings["metrics"] == {"sampleRate": 0}
    assert settings["middlewareSettings"] == {"routingRules": []}
    assert settings["edgeFunction"] == settings["enabledMiddleware"] == settings["consentSettings"] == {}


def test_settings_name_the_public_address_where_there_is_one() -> None:
    with open_shop(settings=IngestSettings(public_url="https://events.example/habitue/")) as shop:
        integration = shop.http.get(f"/v1/projects/{KEY}/settings").json()["integrations"]["Segment.io"]
    assert integration["apiHost"] == "events.example/habitue/v1"
    assert integration["protocol"] == "https"


def test_settings_of_a_key_nobody_made_are_a_400(shop: Shop) -> None:
    assert shop.http.get("/v1/projects/nobody/settings").json()["code"] == "unknown_write_key"


def test_nothing_happens_after_it_was_received(shop: Shop) -> None:
    shop.post("/v1/t", track(timestamp="2999-01-01T00:00:00Z"))
    (record,) = shop.records()
    assert record.event.occurred_at <= record.received_at == NOON


def test_a_large_batch_is_read_like_a_small_one(shop: Shop) -> None:
    batch = {"batch": [track(messageId=f"m{number}", properties={"text": "x" * 1_000}) for number in range(1_000)]}
    assert shop.post("/v1/batch", batch).status_code == 200
    assert [event.id for event in shop.events()] == [f"m{number}" for number in range(1_000)]
