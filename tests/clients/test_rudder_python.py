"""RudderStack's client for Python, as installed, against a live server."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from rudderstack.analytics.client import Client

from .live import KEY, Live


class Failures(list[Exception]):
    """What the client gave up on."""

    def note(self, error: Exception, items: object) -> None:
        self.append(error)


@pytest.fixture
def failures() -> Failures:
    return Failures()


@pytest.fixture
def analytics(server: Live, failures: Failures) -> Iterator[Client]:
    client = Client(KEY, host=server.url, on_error=failures.note, max_retries=4)
    yield client
    client.join()


def test_each_kind_of_call_arrives(server: Live, analytics: Client, failures: Failures) -> None:
    analytics.identify("ana", {"email": "ana@example.com"})
    analytics.track("ana", "Order Completed", {"order_id": "o1"})
    analytics.page("ana", "Docs", "Home", {"url": "https://shop.example/"})
    analytics.screen("ana", "Docs", "Home")
    analytics.group("ana", "g1", {"name": "Initech"})
    analytics.alias("a1", "ana")
    analytics.flush()

    events = server.by_type()
    assert set(events) == {"identify", "track", "page", "screen", "group", "alias"}
    assert events["identify"].traits == {"email": "ana@example.com"}
    assert events["group"].properties == {"name": "Initech", "group_id": "g1"}
    assert server.dead() == []
    assert failures == []


def test_a_client_that_is_put_off_comes_back_and_nothing_is_lost_or_doubled(
    server: Live, analytics: Client, failures: Failures
) -> None:
    server.weather.put_off = [429]
    server.weather.answers_lost = 1
    for number in range(20):
        analytics.track("ana", "Product Viewed", {"number": number})
    analytics.flush()
    assert sorted(event.properties["number"] for event in server.events()) == list(range(20))
    assert failures == []


def test_a_key_nobody_made_is_understood_as_a_no_and_not_tried_again(server: Live, failures: Failures) -> None:
    client = Client("nobody", host=server.url, on_error=failures.note, max_retries=4)
    client.track("ana", "Product Viewed")
    client.flush()
    client.join()
    assert [status for _, status, _ in server.weather.requests] == [400]
    assert "unknown_write_key" in str(failures[0])
