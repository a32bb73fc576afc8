"""When an event happened, by our clock."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from habitue.ingest.times import read_time
from habitue.model.instant import DAY, HOUR, MINUTE, SECOND, from_datetime, to_iso

from .shop import NOON, Shop, accepted, track

SPRING = from_datetime(datetime(2024, 3, 1, 10, 30, tzinfo=UTC))


@pytest.mark.parametrize(
    "value",
    [
        "2024-03-01T10:30:00Z",
        "2024-03-01T10:30:00.000Z",
        "2024-03-01T13:30:00+03:00",
        "2024-03-01T10:30:00.0000000+00:00",
        "2024-03-01T10:30:00",
        "2024-03-01 10:30",
        " 2024-03-01T10:30:00Z ",
        SPRING // SECOND,
        float(SPRING // SECOND),
        SPRING // 1000,
        SPRING,
        str(SPRING // 1000),
    ],
)
def test_all_these_are_one_moment(value: Any) -> None:
    assert read_time(value) == SPRING


@pytest.mark.parametrize(
    "value", [None, "", "yesterday", "2024-13-01", True, [], {}, 1e30, "9" * 40, "\ud800", "2024-02-30"]
)
def test_what_is_no_time_is_none(value: Any) -> None:
    assert read_time(value) is None


def test_a_clock_that_is_wrong_is_wrong_by_the_same_when_it_sends() -> None:
    """Ben's phone is two hours fast; he looked ten minutes before his phone could send."""
    fast = NOON + 2 * HOUR
    event = accepted(track(timestamp=to_iso(fast - 10 * MINUTE)), sentAt=to_iso(fast))
    assert event.occurred_at == NOON - 10 * MINUTE


def test_a_clock_that_was_never_set_still_knows_how_long_ago_it_was() -> None:
    event = accepted(track(timestamp="1970-01-01T00:04:00Z"), sentAt="1970-01-01T00:05:00Z")
    assert event.occurred_at == NOON - MINUTE


def test_the_batch_knows_better_than_the_item_when_it_was_sent() -> None:
    event = accepted(track(timestamp=to_iso(NOON - DAY), sentAt=to_iso(NOON - DAY)), sentAt=to_iso(NOON))
    assert event.occurred_at == NOON - DAY


def test_an_item_may_say_when_it_was_sent() -> None:
    event = accepted(track(timestamp=to_iso(NOON + HOUR), sentAt=to_iso(NOON + HOUR + MINUTE)))
    assert event.occurred_at == NOON - MINUTE


def test_the_original_timestamp_goes_before_the_timestamp() -> None:
    event = accepted(track(originalTimestamp=to_iso(NOON - HOUR), timestamp=to_iso(NOON)))
    assert event.occurred_at == NOON - HOUR


def test_without_the_time_of_sending_the_time_is_taken_as_it_is() -> None:
    assert accepted(track(timestamp=to_iso(SPRING))).occurred_at == SPRING


def test_a_header_may_say_when_it_was_sent(shop: Shop) -> None:
    headers = {"Authorization": "Basic V1JJVEVfS0VZOg==", "SentAt": to_iso(NOON + HOUR)}
    shop.post("/v1/track", track(timestamp=to_iso(NOON + HOUR - MINUTE)), headers)
    assert shop.events()[0].occurred_at == NOON - MINUTE


@pytest.mark.parametrize("given", [to_iso(NOON + DAY), "1969-07-20", "0001-01-01T00:00:00+23:59", "soon", 0.1, 1e300])
def test_a_time_nobody_can_believe_becomes_the_time_of_reception_and_stays_readable(given: Any) -> None:
    event = accepted(track(timestamp=given))
    assert event.occurred_at == NOON
    assert event.context["original_timestamp"] == given


@pytest.mark.parametrize("given", [[], ["2024"], {"year": 2024}, True])
def test_a_time_of_the_wrong_type_is_no_reason_to_lose_an_event(given: Any) -> None:
    assert accepted(track(timestamp=given)).occurred_at == NOON


def test_a_time_of_sending_that_is_no_time_is_ignored() -> None:
    assert accepted(track(timestamp=to_iso(SPRING)), sentAt="soon").occurred_at == SPRING
