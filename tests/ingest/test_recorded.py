"""What official clients really sent, recorded once and sent again byte for byte (gzip is made anew)."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from .shop import KEY, Shop

EVERY = sorted((Path(__file__).parent / "recorded").glob("*.jsonl"))
POSTHOG = [path for path in EVERY if path.stem.startswith("posthog")]
RECORDED = [path for path in EVERY if path not in POSTHOG]
"""Of clients that speak Segment's dialect."""


def requests_of(recording: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in recording.read_text(encoding="utf-8").splitlines()]


def replay(shop: Shop, request: dict[str, Any]) -> Any:
    body = request["body"].encode()
    if request["headers"].get("content-encoding") == "gzip":
        body = gzip.compress(body)
    return shop.http.request(request["method"], request["path"], content=body, headers=request["headers"])


def items_of(request: dict[str, Any]) -> list[dict[str, Any]]:
    if request["method"] != "POST":
        return []
    content = json.loads(request["body"])
    items: list[dict[str, Any]] = content.get("batch", [content])
    return items


@pytest.mark.parametrize("recording", RECORDED, ids=lambda path: path.stem)
def test_a_recorded_client_is_told_yes_and_all_its_events_are_kept(shop: Shop, recording: Path) -> None:
    requests = requests_of(recording)
    for request in requests:
        answer = replay(shop, request)
        assert answer.status_code == 200, answer.text
        if request["method"] == "POST":
            assert answer.json() == {"success": True}

    sent = [item for request in requests for item in items_of(request)]
    assert sent
    assert shop.dead() == []
    assert [event.id for event in shop.events()] == [item["messageId"] for item in sent]
    assert [event.type for event in shop.events()] == [item["type"] for item in sent]


@pytest.mark.parametrize("recording", RECORDED, ids=lambda path: path.stem)
def test_a_recorded_client_that_sends_again_changes_nothing(shop: Shop, recording: Path) -> None:
    for _ in range(2):
        for request in requests_of(recording):
            replay(shop, request)
    ids = [event.id for event in shop.events()]
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("recording", POSTHOG, ids=lambda path: path.stem)
def test_posthogs_clients_lose_nothing_and_double_nothing(shop: Shop, recording: Path) -> None:
    sent = set()
    for _ in range(2):
        for request in requests_of(recording):
            assert replay(shop, request).status_code == 200
            if "batch" in request["body"]:
                sent |= {item["uuid"] for item in json.loads(request["body"])["batch"]}
    ids = [event.id for event in shop.events()]
    assert len(ids) == len(set(ids))
    groups_of_nobody = {json.loads(letter.body)["uuid"] for letter in shop.dead()}
    assert {found.removesuffix(":set") for found in ids} | groups_of_nobody == sent


def recorded(shop: Shop, name: str) -> dict[str, Any]:
    """Events by type, after the recording was replayed."""
    for request in requests_of(next(path for path in RECORDED if path.stem == name)):
        replay(shop, request)
    return {event.type: event for event in shop.events()}


def test_rudderstack_says_traits_in_the_context_and_they_are_traits_all_the_same(shop: Shop) -> None:
    for name in ("rudder-python", "rudder-js"):
        assert recorded(shop, name)["identify"].traits["email"] == "ada@example.com"


def test_nan_and_infinity_of_a_python_client_become_nothing(shop: Shop) -> None:
    recorded(shop, "segment-python-nan")
    first, second = shop.events()
    assert first.properties["nan"] is None
    assert first.properties["inf"] is None
    assert first.properties["emoji"] == "😀"
    assert second.user_id == "12345"


def test_a_browser_that_learned_who_she_is_sends_both_ids(shop: Shop) -> None:
    event = recorded(shop, "ajs-batching")["page"]
    assert event.claims == {"user": "u1"}
    assert event.anonymous_id == "75431146-7efe-429c-b9a2-752641b42078"
    assert event.context["campaign"] == {"source": "news", "name": "bf"}
    assert event.context["ip"] == "testclient"


def test_a_server_speaks_for_many_and_its_address_is_nobodys(shop: Shop) -> None:
    assert all("ip" not in event.context for event in recorded(shop, "segment-python").values())


def test_the_recorded_preflights_are_answered_with_what_they_ask_for(shop: Shop) -> None:
    for path in EVERY:
        for request in requests_of(path):
            if request["method"] == "OPTIONS":
                answer = replay(shop, request)
                allowed = {name.strip() for name in answer.headers["access-control-allow-headers"].split(",")}
                assert set(request["headers"]["access-control-request-headers"].split(",")) <= allowed
                assert answer.headers["access-control-allow-origin"] == request["headers"]["origin"]


def test_the_settings_a_browser_fetches_point_back_here(shop: Shop) -> None:
    answer = shop.http.get(f"/v1/projects/{KEY}/settings")
    integration = answer.json()["integrations"]["Segment.io"]
    assert integration["apiHost"] == "shop.example/v1"
    assert integration["protocol"] == "http"
    assert integration["apiKey"] == KEY
