"""The official clients for Node, installed from their lock file, against a live server."""

from __future__ import annotations

from pathlib import Path

import pytest

from .live import Live
from .packages import run

pytestmark = pytest.mark.node

CALLS = {
    "segment": {"identify", "track", "page", "screen", "group", "alias"},
    "rudder": {"identify", "track", "page", "screen", "group", "alias"},
    "jitsu": {"identify", "track", "page", "group"},
    "posthog": {"identify", "track", "page", "group", "alias"},
}
BAD_WEATHER = pytest.mark.parametrize(("put_off", "lost"), [([429, 503], 0), ([], 1)], ids=["put off", "answer lost"])


@pytest.mark.parametrize("client", CALLS)
def test_each_kind_of_call_arrives(server: Live, clients: Path, client: str) -> None:
    assert run(clients, client, server, "calls") == ""
    events = server.by_type()
    assert set(events) == CALLS[client]
    assert events["track"].name == "Order Completed"
    assert events["track"].user_id == "ana"
    assert events["track"].properties["order_id"] == "o1"
    assert events["group"].properties == {"name": "Initech", "group_id": "g1"} | (
        {"group_type": "company"} if client == "posthog" else {}
    )
    said = [event.traits for event in server.events() if event.type == "identify"]
    assert {"email": "ana@example.com"} in said
    assert server.dead() == []


@BAD_WEATHER
@pytest.mark.parametrize("client", ["segment", "rudder", "posthog"])
def test_a_client_in_bad_weather_loses_and_doubles_nothing(
    server: Live, clients: Path, client: str, put_off: list[int], lost: int
) -> None:
    server.weather.put_off, server.weather.answers_lost = list(put_off), lost
    assert run(clients, client, server, "many") == ""
    assert sorted(event.properties["number"] for event in server.events()) == list(range(25))


def test_posthogs_newer_protocol_loses_and_doubles_nothing_either(server: Live, clients: Path) -> None:
    server.weather.put_off, server.weather.answers_lost = [503], 1
    assert run(clients, "posthog", server, "many", POSTHOG_CAPTURE_MODE="v1") == ""
    assert sorted(event.properties["number"] for event in server.events()) == list(range(25))
    assert {path for path, _, _ in server.weather.requests} == {"/i/v1/analytics/events"}


def test_a_client_that_never_tries_again_learns_that_its_event_was_not_kept(server: Live, clients: Path) -> None:
    server.weather.put_off = [429]
    assert "429" in run(clients, "jitsu", server, "many")


@pytest.mark.parametrize("client", CALLS)
def test_a_key_nobody_made_is_not_tried_again(server: Live, clients: Path, client: str) -> None:
    assert run(clients, client, server, "calls", key="nobody") != ""
    assert {status for _, status, _ in server.weather.requests} == {400}
    # Jitsu's client has a request for each call, and one that flushes while it starts has two.
    assert len(server.weather.requests) <= (4 if client == "jitsu" else 2)
