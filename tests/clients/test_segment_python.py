"""Segment's client for Python, as installed, against a live server."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from segment.analytics.client import Client

from habitue.ingest.settings import IngestSettings

from .live import KEY, Live, live_server


@pytest.fixture(params=[False, True], ids=["plain", "gzip"])
def analytics(server: Live, request: pytest.FixtureRequest) -> Iterator[Client]:
    failures: list[object] = []
    client = Client(
        KEY, host=server.url, gzip=request.param, on_error=lambda error, items: failures.append((error, items))
    )
    yield client
    client.join()
    assert failures == []


def test_each_kind_of_call_arrives(server: Live, analytics: Client) -> None:
    analytics.identify("ana", {"email": "ana@example.com"})
    analytics.track("ana", "Order Completed", {"order_id": "o1", "total": 27.5})
    analytics.page("ana", "Docs", "Home", {"url": "https://shop.example/"})
    analytics.screen("ana", "Docs", "Home")
    analytics.group("ana", "g1", {"name": "Initech"})
    analytics.alias("a1", "ana")
    analytics.flush()

    events = server.by_type()
    assert set(events) == {"identify", "track", "page", "screen", "group", "alias"}
    assert all(event.user_id == "ana" for event in events.values())
    assert events["identify"].traits == {"email": "ana@example.com"}
    assert events["track"].properties == {"order_id": "o1", "total": 27.5}
    assert events["page"].properties == {"url": "https://shop.example/", "name": "Home", "category": "Docs"}
    assert events["alias"].previous_id == "a1"
    assert server.dead() == []


def test_nan_is_no_reason_to_lose_the_event(server: Live, analytics: Client) -> None:
    analytics.track("ana", "Product Viewed", {"price": float("nan")})
    analytics.flush()
    assert [event.properties for event in server.events()] == [{"price": None}]


@pytest.mark.parametrize("statuses", [[429], [503], [503, 429]], ids=str)
def test_a_client_that_is_put_off_comes_back_and_nothing_is_lost(
    server: Live, analytics: Client, statuses: list[int]
) -> None:
    server.weather.put_off = list(statuses)
    for number in range(20):
        analytics.track("ana", "Product Viewed", {"number": number})
    analytics.flush()
    assert sorted(event.properties["number"] for event in server.events()) == list(range(20))


def test_a_lost_answer_makes_no_second_event(server: Live, analytics: Client) -> None:
    server.weather.answers_lost = 2
    for number in range(20):
        analytics.track("ana", "Product Viewed", {"number": number})
    analytics.flush()
    assert sorted(event.properties["number"] for event in server.events()) == list(range(20))
    assert len(server.weather.requests) > 1


def test_a_client_that_sends_faster_than_its_key_may_loses_nothing(tmp_path: Path) -> None:
    limits = IngestSettings(events_per_second_per_key=30, events_burst_per_key=10)
    with live_server(tmp_path, settings=limits) as server:
        client = Client(KEY, host=server.url, upload_size=10)
        for number in range(40):
            client.track("ana", "Product Viewed", {"number": number})
        client.flush()
        client.join()
        assert sorted(event.properties["number"] for event in server.events()) == list(range(40))
        assert 429 in {status for _, status, _ in server.weather.requests}
