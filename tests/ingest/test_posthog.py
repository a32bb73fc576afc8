"""PostHog's dialect: whose a distinct id is, what becomes of the names with `$`, and answers its clients understand."""

from __future__ import annotations

import gzip
import json
import zlib
from base64 import b64encode
from typing import Any
from urllib.parse import quote

import pytest

from habitue.ingest.pipeline import Reception
from habitue.ingest.posthog import Captured, capture
from habitue.ingest.settings import IngestSettings
from habitue.model.event import Event
from habitue.model.instant import SECOND
from habitue.model.trust import Level

from .shop import KEY, NOON, Shop

VISITOR = "01a20192-879a-704b-9d2e-d77c8bec0506"


def captured(item: Any, **reception: Any) -> Captured:
    settled = {"source": "shop", "level": Level.SERVER, "received_at": NOON, "ip": "203.0.113.7", **reception}
    return capture(item, Reception(**settled), IngestSettings())


def events(item: Any, **reception: Any) -> list[Event]:
    received = captured(item, **reception).received
    assert received.dead == []
    return received.events


def event(item: Any, **reception: Any) -> Event:
    (one,) = events(item, **reception)
    return one


def refused(item: Any) -> str:
    received = captured(item).received
    assert received.events == []
    return received.dead[0].reason


def server(name: str = "Order Completed", **properties: Any) -> dict[str, Any]:
    return {
        "event": name,
        "distinct_id": "ana",
        "uuid": "m1",
        "properties": {"$lib": "posthog-python", "$is_server": True, **properties},
    }


def browser(name: str = "Product Viewed", distinct_id: str = VISITOR, **properties: Any) -> dict[str, Any]:
    return {"event": name, "uuid": "m1", "properties": {"$lib": "web", "distinct_id": distinct_id, **properties}}


def test_from_a_server_a_distinct_id_is_a_users() -> None:
    found = event(server(total="27.50"))
    assert (found.user_id, found.anonymous_id, found.id) == ("ana", None, "m1")
    assert found.properties == {"total": 27.5}
    assert "ip" not in found.context


def test_a_server_that_says_nobody_is_meant_means_a_visitor() -> None:
    found = event(server(**{"$process_person_profile": False}) | {"distinct_id": VISITOR})
    assert (found.user_id, found.anonymous_id) == (None, VISITOR)
    newer = {**server(), "distinct_id": VISITOR, "options": {"process_person_profile": False}}
    assert event(newer).anonymous_id == VISITOR


def test_a_server_that_wants_no_profile_of_a_user_means_no_visitor_of_that_name() -> None:
    found = event(server(**{"$process_person_profile": False}))
    assert (found.user_id, found.anonymous_id) == ("ana", None)


@pytest.mark.parametrize(
    ("said", "known"),
    [
        ({"$is_identified": False}, False),
        ({"$is_identified": True}, True),
        ({"$user_id": VISITOR}, True),
        ({}, False),
    ],
    ids=["no", "yes", "same as user id", "an id its client made up"],
)
def test_a_browser_says_whether_it_knows_who_she_is(said: dict[str, Any], known: bool) -> None:
    found = event(browser(**said))
    assert (found.user_id if known else found.anonymous_id) == VISITOR


def test_of_a_page_the_visitor_is_known_also_after_it_named_a_user() -> None:
    properties = {"$is_identified": True, "$device_id": VISITOR, "$lib": "web"}
    [event] = events({"event": "x", "distinct_id": "ana", "properties": properties}, level=Level.BROWSER)
    assert (event.anonymous_id, event.user_id, event.claims) == (VISITOR, None, {"user": "ana"})


def test_an_older_client_on_a_phone_is_believed_when_the_id_is_not_one_it_makes_up() -> None:
    assert event(browser(distinct_id="ana") | {}).user_id == "ana"


def test_identify_joins_the_visitor_she_was() -> None:
    item = browser("$identify", "ana", **{"$anon_distinct_id": VISITOR}) | {"$set": {"email": "Ana@Example.com"}}
    found = event(item)
    assert (found.type, found.name) == ("identify", "Identified")
    assert (found.user_id, found.anonymous_id) == ("ana", VISITOR)
    assert found.traits == {"email": "Ana@Example.com"}
    assert found.identifiers == {"email": "ana@example.com"}


def test_what_a_client_notes_for_itself_is_no_trait_and_what_is_set_once_says_so() -> None:
    item = {
        **browser("$identify", "ana"),
        "$set": {"vip": True},
        "$set_once": {"$initial_referrer": "x", "utm_source": None, "first_seen": "today", "vip": False},
    }
    found = event(item)
    assert found.traits == {"vip": True, "first_seen": "today"}
    assert found.properties == {"set_once": ["first_seen"]}


def test_an_event_that_also_says_something_of_the_person_becomes_two() -> None:
    order, person = events(server(**{"$set": {"vip": True}}))
    assert (order.name, order.id, order.traits) == ("Order Completed", "m1", {})
    assert (person.name, person.id, person.traits) == ("Identified", "m1:set", {"vip": True})
    assert person.user_id == order.user_id == "ana"
    visit, visitor = events(browser(**{"$set": {"size": "M"}}))
    assert visitor.anonymous_id == visit.anonymous_id == VISITOR


@pytest.mark.parametrize(
    ("distinct_id", "alias"), [("a1", "ana"), (VISITOR, "ana"), ("ana", VISITOR)], ids=["named", "made up", "reversed"]
)
def test_an_alias_joins_the_older_id_into_the_users(distinct_id: str, alias: str) -> None:
    item = {"event": "$create_alias", "properties": {"distinct_id": distinct_id, "alias": alias}}
    found = event(item)
    assert found.type == "alias"
    assert (found.user_id, found.previous_id) == ("ana", VISITOR if VISITOR in (distinct_id, alias) else "a1")


def test_an_alias_that_names_only_one_is_refused() -> None:
    assert refused({"event": "$create_alias", "distinct_id": "ana"}) == "no_previous_id"


def test_a_group_is_joined_by_whoever_is_named_and_by_nobody_else() -> None:
    group = {"$group_type": "company", "$group_key": "g1", "$group_set": {"name": "Initech"}}
    found = event(server("$groupidentify", **group))
    assert found.properties == {"name": "Initech", "group_id": "g1", "group_type": "company"}
    for nobody in (VISITOR, "$company_g1"):
        assert refused(server("$groupidentify", **group) | {"distinct_id": nobody}) == "no_identity"


def test_pages_and_screens_are_called_what_they_are_called_here() -> None:
    page = browser("$pageview", **{"$current_url": "https://s.example/p", "$pathname": "/p", "$referrer": "$direct"})
    found = event(page, gpc=True)
    assert (found.type, found.name) == ("page", "Page Viewed")
    assert found.properties == {"url": "https://s.example/p", "path": "/p"}
    assert found.context["page"] == {"url": "https://s.example/p", "path": "/p"}
    assert found.context["gpc"] is True
    assert found.context["ip"] == "203.0.113.7"
    screen = event(browser("$screen", **{"$screen_name": "Cart", "colour": "red"}))
    assert (screen.name, screen.properties) == ("Screen Viewed", {"name": "Cart", "colour": "red"})


def test_circumstances_stand_where_other_clients_put_them() -> None:
    said = {"$timezone": "Europe/Istanbul", "$browser_language": "tr-TR", "utm_source": "news", "token": "k"}
    found = event(browser(**said, **{"$raw_user_agent": "Mozilla", "$sdk_debug": 1}))
    assert found.context["timezone"] == "Europe/Istanbul"
    assert found.context["locale"] == "tr-TR"
    assert found.context["campaign"] == {"source": "news"}
    assert found.properties == {}


def test_a_wrong_clock_is_set_right_by_when_it_sent() -> None:
    batch = {
        "batch": [server() | {"timestamp": "2020-01-01T00:00:00Z"}],
        "sent_at": "2020-01-01T00:00:10Z",
    }
    assert event(batch).occurred_at == NOON - 10 * SECOND
    assert event(server() | {"offset": 4_000}).occurred_at == NOON - 4 * SECOND


@pytest.mark.parametrize(
    ("item", "reason"),
    [
        (7, "not_an_object"),
        ({"distinct_id": "ana"}, "no_name"),
        ({"event": " ", "distinct_id": "ana"}, "no_name"),
        ({"event": 3, "distinct_id": "ana"}, "wrong_type"),
        ({"event": "x" * 300, "distinct_id": "ana"}, "name_too_long"),
        ({"event": "x"}, "no_identity"),
        ({"event": "x", "distinct_id": "anonymous"}, "no_identity"),
        ({"event": "x", "distinct_id": ["ana"]}, "wrong_type"),
        ({"event": "x", "distinct_id": "a" * 300}, "id_too_long"),
        ({"event": "x", "distinct_id": "ana", "uuid": "u" * 300}, "id_too_long"),
        ({"event": "$groupidentify", "distinct_id": "ana"}, "no_group_id"),
    ],
    ids=str,
)
def test_an_item_that_cannot_be_an_event_says_why(item: Any, reason: str) -> None:
    assert refused({"batch": [item]}) == reason


@pytest.mark.parametrize(
    "field", ["$lib", "$is_server", "$user_id", "$group_type", "$set", "$set_once", "$ip", "title"]
)
def test_rubbish_in_a_field_with_a_meaning_is_no_fault_of_ours(field: str) -> None:
    for rubbish in ([], {}, [{}], 0, "", 1e300, {"$set": {"a": 1}}):
        for item in (server(**{field: rubbish}), {**browser(**{field: rubbish}), field: rubbish}):
            received = captured(item).received
            assert received.events or received.dead
            assert [letter for letter in received.dead if letter.reason == "failed"] == []


@pytest.mark.parametrize("path", ["/batch/", "/batch", "/e/", "/i/v0/e/", "/capture/"])
def test_each_address_takes_a_batch_a_list_and_a_single_event(shop: Shop, path: str) -> None:
    bodies = [
        {"api_key": KEY, "batch": [server()]},
        [browser(token=KEY) | {"uuid": "m2"}],
        server() | {"uuid": "m3", "api_key": KEY},
        server() | {"uuid": "m4", "token": KEY},
    ]
    for body in bodies:
        answer = shop.post(path, body, {"Content-Type": "text/plain"})
        assert (answer.status_code, answer.json()) == (200, {"status": 1})
    assert [found.id for found in shop.events()] == ["m1", "m2", "m3", "m4"]


def test_bodies_come_packed_in_four_ways(shop: Shop) -> None:
    for number, pack in enumerate(
        [
            gzip.compress,
            zlib.compress,
            lambda body: b"data=" + quote(b64encode(body).decode(), safe="").encode(),
            lambda body: b"data=" + quote(body.decode()).encode(),
        ]
    ):
        body = json.dumps({"api_key": KEY, "batch": [server() | {"uuid": f"m{number}"}]}).encode()
        assert shop.http.post("/e/", content=pack(body)).status_code == 200
    assert len(shop.events()) == 4


def test_a_form_that_holds_no_json_is_refused(shop: Shop) -> None:
    for body in ("data=%%%", "data=", "data=" + b64encode(b"no json").decode(), "data=ü"):
        assert shop.post("/e/", body, {}).status_code == 400


def test_the_newer_protocol_is_told_of_each_event(shop: Shop) -> None:
    body = {"created_at": "2026-11-22T12:00:00Z", "batch": [server(), {"event": "x", "uuid": "m2"}]}
    answer = shop.post("/i/v1/analytics/events", body, {"Authorization": f"Bearer {KEY}"})
    results = answer.json()["results"]
    assert results["m1"] == {"result": "ok"}
    assert results["m2"]["result"] == "drop"
    assert results["m2"]["details"].startswith("no_identity: ")


def test_no_flags_and_no_clicks_are_wanted_here(shop: Shop) -> None:
    assert shop.post("/flags/?v=2", {"token": KEY}, {}).json()["flags"] == {}
    assert shop.http.get(f"/array/{KEY}/config").json()["autocapture_opt_out"] is True
    script = shop.http.get(f"/array/{KEY}/config.js")
    assert script.headers["content-type"].startswith("text/javascript")
    assert f'["{KEY}"]={{"config"' in script.text
    assert shop.http.get("/array/nobody/config.js").status_code == 400


def test_a_key_nobody_made_is_refused(shop: Shop) -> None:
    assert shop.post("/batch/", {"api_key": "nobody", "batch": []}, {}).json()["code"] == "unknown_write_key"
    assert shop.post("/batch/", {"batch": []}, {}).json()["code"] == "no_write_key"
