"""What each write key may send: a burst at once, then a steady flow, and a wait in between, never a loss."""

from __future__ import annotations

import pytest

from habitue.ingest.allowance import Allowances, TooFast
from habitue.ingest.settings import IngestSettings

from .shop import AUTHORIZED, open_shop, track


class Watch:
    """A clock one can turn."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def watch() -> Watch:
    return Watch()


def allowances(watch: Watch) -> Allowances:
    return Allowances(per_second=10, burst=20, now=watch)


def test_a_burst_goes_through_and_then_one_waits_until_the_debt_is_paid(watch: Watch) -> None:
    ours = allowances(watch)
    ours.draw("ana", 20)
    with pytest.raises(TooFast) as told:
        ours.draw("ana", 1)
    assert told.value.seconds == 1
    watch.seconds += told.value.seconds
    ours.draw("ana", 1)


def test_a_batch_larger_than_the_whole_allowance_goes_through_and_is_waited_for(watch: Watch) -> None:
    ours = allowances(watch)
    ours.draw("ana", 120)
    with pytest.raises(TooFast) as told:
        ours.draw("ana", 1)
    assert told.value.seconds == 11  # A hundred events of debt, and one to spare.
    watch.seconds += 11
    ours.draw("ana", 500)


def test_nobody_is_told_to_wait_longer_than_clients_do(watch: Watch) -> None:
    ours = allowances(watch)
    ours.draw("ana", 1_000_000)
    with pytest.raises(TooFast) as told:
        ours.draw("ana", 1)
    assert told.value.seconds == 300


def test_keys_do_not_draw_from_each_other(watch: Watch) -> None:
    ours = allowances(watch)
    ours.draw("ana", 20)
    ours.draw("ben", 20)
    assert ours.put_off == 0


def test_a_long_silence_earns_no_more_than_the_burst(watch: Watch) -> None:
    ours = allowances(watch)
    watch.seconds += 1_000_000
    ours.draw("ana", 20)
    with pytest.raises(TooFast):
        ours.draw("ana", 1)


def test_zero_sets_no_limit(watch: Watch) -> None:
    ours = Allowances(0, 1, now=watch)
    for _ in range(100):
        ours.draw("ana", 1_000)


def test_a_key_that_sends_too_fast_is_told_for_how_many_seconds_and_browsers_may_read_it() -> None:
    limits = IngestSettings(events_per_second_per_key=0.5, events_burst_per_key=2)
    with open_shop(settings=limits) as shop:
        for number in range(2):
            body = {"batch": [track(messageId=f"{number}-{n}") for n in range(2)]}
            assert shop.post("/v1/batch", body).status_code == (200 if number == 0 else 429)
        answer = shop.post("/v1/batch", {"batch": [track()]}, {**AUTHORIZED, "Origin": "https://shop.example"})
        assert (answer.status_code, answer.json()["code"]) == (429, "too_fast")
        assert 1 <= int(answer.headers["retry-after"]) <= 2
        assert answer.headers["access-control-expose-headers"] == "Retry-After"
        assert len(shop.events()) == 2


def test_bytes_are_counted_beside_events_and_waited_for_in_the_same_way(watch: Watch) -> None:
    ours = Allowances(0, 1, bytes_per_day=86_400, bytes_burst=1_000, now=watch)
    ours.draw("ana", 1, size_bytes=1_060)
    with pytest.raises(TooFast, match="more bytes than it may") as told:
        ours.draw("ana", 1, size_bytes=1)
    assert told.value.seconds == 61  # Sixty bytes of debt, and one to spare.
    watch.seconds += 61
    ours.draw("ana", 1, size_bytes=1)


def test_a_key_that_filled_its_share_of_the_disk_is_put_off_before_its_body_is_read() -> None:
    limits = IngestSettings(bytes_per_day_per_key=86_400, bytes_burst_per_key=100)
    with open_shop(settings=limits) as shop:
        assert shop.post("/v1/track", track(properties={"text": "x" * 200})).status_code == 200
        answer = shop.post("/v1/track", "this is not even JSON")
        assert (answer.status_code, answer.json()["code"]) == (429, "too_fast")
        assert int(answer.headers["retry-after"]) >= 1
        assert len(shop.events()) == 1
