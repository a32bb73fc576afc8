"""PostHog's client for Python, as installed, against a live server, in both protocols it speaks."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from posthog import Posthog

from .live import KEY, Live


class Failures(list[Exception]):
    """What the client gave up on."""

    def note(self, error: Exception, items: object) -> None:
        self.append(error)


@pytest.fixture
def failures() -> Failures:
    return Failures()


@pytest.fixture(params=["v0", "v1"])
def posthog(server: Live, failures: Failures, request: pytest.FixtureRequest) -> Iterator[Posthog]:
    client = Posthog(
        KEY, host=server.url, on_error=failures.note, flush_interval=0.1, max_retries=4, capture_mode=request.param
    )
    yield client
    client.shutdown()


def test_each_kind_of_call_arrives(server: Live, posthog: Posthog, failures: Failures) -> None:
    posthog.set(distinct_id="ana", properties={"email": "ana@example.com"})
    posthog.set_once(distinct_id="ana", properties={"first_seen": "today"})
    posthog.capture("Order Completed", distinct_id="ana", properties={"order_id": "o1", "total": 27.5})
    posthog.alias("a1", "ana")
    posthog.group_identify("company", "g1", {"name": "Initech"}, distinct_id="ana")
    posthog.shutdown()

    events = {event.type: event for event in server.events()}
    assert set(events) == {"identify", "track", "alias", "group"}
    assert {event.user_id for event in server.events()} == {"ana"}
    said = [event.traits for event in server.events() if event.type == "identify"]
    assert said == [{"email": "ana@example.com"}, {"first_seen": "today"}]
    assert events["track"].properties == {"order_id": "o1", "total": 27.5}
    assert events["alias"].previous_id == "a1"
    assert server.dead() == []
    assert failures == []


def test_a_client_in_bad_weather_loses_and_doubles_nothing(server: Live, posthog: Posthog, failures: Failures) -> None:
    server.weather.put_off = [429]
    server.weather.answers_lost = 1
    for number in range(20):
        posthog.capture("Product Viewed", distinct_id="ana", properties={"number": number})
    posthog.shutdown()
    assert sorted(event.properties["number"] for event in server.events()) == list(range(20))
    assert failures == []


def test_a_key_nobody_made_is_understood_as_a_no_and_not_tried_again(server: Live, failures: Failures) -> None:
    client = Posthog("nobody", host=server.url, on_error=failures.note, max_retries=4)
    client.capture("Product Viewed", distinct_id="ana")
    client.shutdown()
    assert [status for _, status, _ in server.weather.requests] == [400]
    assert "unknown_write_key" in str(failures[0])
