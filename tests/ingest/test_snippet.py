"""Segment's client for browsers, served from here; and what browsers say about privacy and consent."""

from __future__ import annotations

from habitue.ingest.settings import IngestSettings

from .shop import AUTHORIZED, KEY, Shop, open_shop, track


def test_the_script_of_the_snippet_is_the_official_client_that_is_told_where_it_came_from(shop: Shop) -> None:
    answer = shop.http.get(f"/analytics.js/v1/{KEY}/analytics.min.js", headers={"Origin": "https://shop.example"})
    assert answer.headers["content-type"].startswith("text/javascript")
    assert answer.headers["access-control-allow-origin"] == "https://shop.example"
    assert "_cdn" in answer.text.split("analytics.js/v1/")[0]
    assert len(answer.content) > 100_000
    assert shop.http.get("/analytics.js/v1/nobody/analytics.min.js").json()["code"] == "unknown_write_key"


def test_its_parts_are_served_for_good_and_nothing_else_is(shop: Shop) -> None:
    name = "schemaFilter.bundle.a6a77355d52c20e3a83d.js"
    answer = shop.http.get(f"/analytics-next/bundles/{name}")
    assert answer.status_code == 200
    assert "immutable" in answer.headers["cache-control"]
    for wrong in ("..%2Fstandalone.js", "LICENSE", "missing.js"):
        assert shop.http.get(f"/analytics-next/bundles/{wrong}").status_code in (400, 404)


def test_a_browser_that_wants_its_privacy_is_heard(shop: Shop) -> None:
    for number, header in enumerate(("1", "0", "")):
        shop.post("/v1/track", track(messageId=f"m{number}"), {**AUTHORIZED, "Sec-GPC": header})
    assert [found.context.get("gpc") for found in shop.events()] == [True, None, None]


def test_what_was_consented_to_is_kept_with_the_event(shop: Shop) -> None:
    consent = {"categoryPreferences": {"Advertising": False, "Analytics": True}}
    shop.post("/v1/track", track("Segment Consent Preference Updated", context={"consent": consent}))
    (found,) = shop.events()
    assert found.name == "Segment Consent Preference Updated"
    assert found.context["consent"] == consent


def test_phone_numbers_are_read_for_the_shops_country() -> None:
    with open_shop(settings=IngestSettings(default_country="TR")) as shop:
        shop.post("/v1/identify", {"userId": "ana", "traits": {"phone": "0532 123 45 67"}})
        assert shop.events()[0].identifiers == {"phone": "+905321234567"}
