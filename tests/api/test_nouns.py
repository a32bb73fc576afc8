"""What each noun reads and writes: customers, consents, the catalogue, erasures, and what is told of them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from .desk import Desk, open_desk

BIRD_HOUSE = {"name": "Wooden bird house", "price": 27.5, "category": "Garden", "brand": "Wren", "stock": 4}


def test_a_customer_is_found_by_whatever_she_is_known_by(desk: Desk) -> None:
    desk.post("/customers", {"user_id": "ana", "email": "Ana@Shop.example", "phone": "+44 20 7946 0000"})
    desk.turn()
    ids = {
        desk.get(f"/customers/{name}").json()["id"]
        for name in ("user:ana", "email:ANA@shop.example", "phone:+442079460000")
    }
    assert ids == {desk.get("/customers?query=ana@").json()["data"][0]["id"]}


def test_who_was_joined_is_found_under_her_old_id(desk: Desk) -> None:
    desk.post("/events", {"events": [{"name": "Product Viewed", "anonymous_id": "phone-1"}]})
    desk.turn()
    visitor = desk.get("/customers/anonymous:phone-1").json()["id"]
    desk.post("/customers", {"user_id": "ana", "anonymous_id": "phone-1"})
    desk.turn()
    ana = desk.get(f"/customers/{visitor}").json()
    assert (ana["user_id"], ana["joined_ids"]) == ("ana", [visitor])
    assert len(desk.get(f"/customers/{visitor}/events").json()["data"]) == 2


def test_a_customer_is_read_whole(desk: Desk) -> None:
    product = {"product_id": "p1", "name": "Bird house", "price": 27.5, "category": "Garden", "brand": "Wren"}
    desk.people("ana")
    desk.track("Product Viewed", properties=product)
    desk.track("Product Added", properties={**product, "quantity": 2})
    desk.track("Product Added to Wishlist", properties=product)
    desk.track("Order Completed", properties={"order_id": "1", "total": 55.0, "products": [{**product, "quantity": 2}]})
    desk.turn()
    ana = desk.get("/customers/user:ana").json()
    assert (ana["orders"], ana["revenue"], ana["cart"]["count"]) == (1, 55.0, 0)
    assert [wish["product_id"] for wish in ana["wish_list"]] == ["p1"]
    assert ana["favourite_categories"] == [{"name": "Garden", "share": 1.0}]
    assert ana["favourite_brands"] == [{"name": "Wren", "share": 1.0}]
    assert ana["visit"]["products"] == ["p1"]
    assert {segment["name"] for segment in ana["segments"]} == {"lookers", "buyers"}
    assert [viewed["product_id"] for viewed in ana["viewed"]] == ["p1"]


def test_a_trait_of_null_is_removed_and_one_left_out_stays(desk: Desk) -> None:
    desk.post("/customers", {"user_id": "ana", "traits": {"size": "M", "colour": "red"}})
    desk.turn()
    desk.post("/customers", {"user_id": "ana", "traits": {"size": None}})
    desk.turn()
    assert desk.get("/customers/user:ana").json()["traits"] == {"colour": "red"}


def test_events_of_a_program_carry_the_name_of_its_key(desk: Desk) -> None:
    desk.track("Order Completed", id="order-1")
    desk.track("Order Completed", id="order-1")
    events = desk.get("/events?source=crm").json()["data"]
    assert [(event["id"], event["source"], event["type"]) for event in events] == [("order-1", "crm", "track")]


def test_a_consent_is_kept_with_its_proof(desk: Desk) -> None:
    desk.people("ana")
    said = {
        "channel": "email",
        "topic": "offers",
        "state": "granted",
        "source": "sign-up form",
        "text": "Yes, write to me about offers.",
        "text_version": "2026-11",
        "locale": "en-GB",
        "ip": "192.0.2.7",
        "agent": "Firefox",
        "actor": "ben@shop.example",
    }
    assert desk.post("/customers/email:ana@shop.example/consents", said).status_code == 202
    desk.turn()
    (consent,) = desk.get("/customers/user:ana/consents").json()["consents"]
    assert (consent["channel"], consent["topic"], consent["granted"]) == ("email", "offers", True)
    (word,) = desk.get("/customers/user:ana/consents/history").json()["data"]
    assert {name: word[name] for name in said} == said
    desk.post("/customers/user:ana/consents", {"channel": "email", "topic": "offers", "state": "withdrawn"})
    desk.turn()
    assert not desk.get("/customers/user:ana/consents").json()["consents"][0]["granted"]
    states = [word["state"] for word in desk.get("/customers/user:ana/consents/history?limit=1").json()["data"]]
    assert states == ["withdrawn"]


def test_a_pause_stands_with_her_consents_as_long_as_it_lasts(desk: Desk) -> None:
    desk.people("ana")
    assert desk.get("/customers/user:ana/consents").json()["paused_until"] is None
    desk.track("Messages Paused", properties={"days": 30}, occurred_at="2026-01-01T00:00:00Z")
    desk.turn()
    assert desk.get("/customers/user:ana/consents").json()["paused_until"] is None
    desk.track("Messages Paused", properties={"days": 30})
    desk.turn()
    ends = datetime.fromisoformat(desk.get("/customers/user:ana/consents").json()["paused_until"])
    assert timedelta(days=29) < ends - datetime.now(UTC) < timedelta(days=31)


def test_somebody_not_known_yet_may_agree(desk: Desk) -> None:
    for name in ("user:cleo", "anonymous:phone-2", "email:dora@shop.example", "phone:+442079460001", "external:crm:7"):
        answer = desk.post(f"/customers/{name}/consents", {"channel": "email", "state": "granted"})
        assert answer.status_code == 202, answer.text
        desk.turn()
        assert desk.get(f"/customers/{name}/consents").json()["consents"][0]["granted"], name
    assert desk.post("/customers/device:d1/consents", {"channel": "email", "state": "granted"}).status_code == 404


def test_a_visitor_known_by_her_device_alone_may_agree_by_customer_id(desk: Desk) -> None:
    desk.post("/events", {"events": [{"name": "Product Viewed", "anonymous_id": "phone-1"}]})
    desk.turn()
    visitor = desk.get("/customers/anonymous:phone-1").json()["id"]
    assert desk.post(f"/customers/{visitor}/consents", {"channel": "onsite", "state": "withdrawn"}).status_code == 202
    desk.turn()
    assert desk.get(f"/customers/{visitor}/consents").json()["consents"][0]["channel"] == "onsite"


def put(desk: Desk, path: str, body: Any) -> Any:
    return desk.http.put(f"/api/v1{path}", json=body, headers=desk.headers)


def test_a_product_is_described_read_and_taken_out(desk: Desk) -> None:
    made = put(desk, "/catalogue/products/p1", {**BIRD_HOUSE, "sale_price": 20.0})
    assert (made.status_code, made.json()["price_now"]) == (200, 20.0)
    assert desk.get("/catalogue/products/p1").json() == made.json()
    assert put(desk, "/catalogue/products/p1", BIRD_HOUSE).json()["sale_price"] is None
    assert desk.delete("/catalogue/products/p1").status_code == 204
    assert desk.get("/catalogue/products/p1").status_code == 404
    assert desk.delete("/catalogue/products/p1").status_code == 404


def test_what_is_older_than_what_is_known_changes_nothing(desk: Desk) -> None:
    put(desk, "/catalogue/products/p1", {**BIRD_HOUSE, "updated_at": "2026-11-02T00:00:00Z"})
    stale = put(desk, "/catalogue/products/p1", {**BIRD_HOUSE, "price": 1.0, "updated_at": "2026-11-01T00:00:00Z"})
    assert (stale.status_code, stale.json()["type"].rpartition("#")[2]) == (409, "problem-conflict")
    assert desk.get("/catalogue/products/p1").json()["price"] == 27.5


def test_a_catalogue_is_brought_in_and_listed_in_pages(desk: Desk) -> None:
    products = [{"id": f"p{n}", **BIRD_HOUSE, "name": f"Bird house {n}"} for n in range(5)]
    first = put(desk, "/catalogue/products", {"products": products, "tell": False}).json()
    assert first == {"added": 5, "changed": 0, "unchanged": 0, "stale": 0, "held": 0}
    assert put(desk, "/catalogue/products", {"products": products[:1]}).json()["unchanged"] == 1
    page = desk.get("/catalogue/products?limit=2&query=bird").json()
    rest = desk.get(page["next"].removeprefix("/api/v1")).json()
    assert [one["id"] for one in (*page["data"], *rest["data"])] == ["p0", "p1", "p2", "p3"]


def test_a_lower_price_is_told_as_a_change(desk: Desk) -> None:
    put(desk, "/catalogue/products/p1", BIRD_HOUSE)
    put(desk, "/catalogue/products/p1", {**BIRD_HOUSE, "price": 20.0})
    assert desk.parts.catalog.prices("p1")[0][1] == 20.0
    assert any("Price" in change.name for change in desk.parts.catalog.latest_changes())


def test_an_article_is_described_read_listed_and_taken_out(desk: Desk) -> None:
    article = {"title": "How to hang a bird house", "categories": ["Garden"], "published_at": "2026-11-01T00:00:00Z"}
    assert put(desk, "/catalogue/articles/a1", article).json()["published_at"] == "2026-11-01T00:00:00.000000Z"
    assert put(desk, "/catalogue/articles", {"articles": [{"id": "a2", **article}]}).json()["added"] == 1
    assert [one["id"] for one in desk.get("/catalogue/articles?query=hang").json()["data"]] == ["a1", "a2"]
    assert desk.delete("/catalogue/articles/a1").status_code == 204
    assert desk.get("/catalogue/articles/a1").status_code == 404


def test_an_erasure_is_asked_for_once_and_its_receipt_read(desk: Desk) -> None:
    desk.people("ana")
    asked = desk.delete("/customers/user:ana")
    assert (asked.status_code, asked.json()["finished_at"]) == (202, None)
    assert "crm" in asked.json()["actor"]
    assert desk.delete("/customers/user:ana").json()["number"] == asked.json()["number"]
    desk.turn()
    assert desk.get("/customers/user:ana").status_code == 404
    assert desk.get(f"/erasures/{asked.json()['number']}").json()["mark"] == asked.json()["mark"]
    assert desk.get("/erasures/99").status_code == desk.get("/erasures/x").status_code == 404


def test_write_keys_are_made_listed_and_withdrawn(desk: Desk) -> None:
    made = desk.post("/write-keys", {"source": "shop", "kind": "browser"})
    assert (made.status_code, made.json()["kind"]) == (201, "browser")
    key = made.json()["key"]
    assert desk.delete(f"/write-keys/{key}").status_code == 204
    assert desk.get("/write-keys").json()["data"][0]["withdrawn_at"] is not None
    signed = desk.post("/write-keys", {"source": "shop", "kind": "shopify", "secret": "shpss_1"})
    assert signed.json()["has_secret"]
    assert "shpss_1" not in signed.text
    assert desk.post("/write-keys", {"source": "shop", "kind": "shopify"}).status_code == 422


def test_requests_are_counted_in_the_metrics(tmp_path: Path) -> None:
    with open_desk(tmp_path, whole=True) as desk:
        desk.get("/customers")
        desk.get("/nowhere")
        text = desk.http.get("/metrics").text
    assert 'habitue_api_requests_total{operation="list_customers",status="200"} 1.0' in text
    assert 'habitue_api_requests_total{operation="none",status="404"} 1.0' in text


def test_head_is_answered_like_get(desk: Desk) -> None:
    assert desk.http.head("/api/v1/customers", headers=desk.headers).status_code == 200
