"""Time of day where she lives: clock changes, days that months do not have, zones that do not exist."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from habitue.decide.guard.quiet_hours import _covers, quiet_until
from habitue.decide.local_time import local, next_time_of_day, zone
from habitue.model.instant import DAY, HOUR, MINUTE, Instant, from_datetime
from habitue.model.message import Message
from habitue.playbook.playbook import GuardRules, Playbook, QuietHours, Shop

BERLIN = ZoneInfo("Europe/Berlin")
ZONES = [
    "Europe/Berlin",
    "America/New_York",
    "Australia/Lord_Howe",
    "America/Sao_Paulo",
    "Asia/Kathmandu",
    "Africa/Cairo",
]
NOTE = Message(name="note", title="Note", topic="news")


def at(text: str) -> Instant:
    return from_datetime(datetime.fromisoformat(text).replace(tzinfo=UTC))


def quiet(start: int, end: int) -> Playbook:
    return Playbook(name="p", shop=Shop(name="s"), guard=GuardRules(quiet_hours=QuietHours(start=start, end=end)))


def test_a_night_that_ends_in_the_hour_that_comes_twice_ends_that_same_night() -> None:
    until = quiet_until(quiet(22 * 60, 150), NOTE, "email", "Europe/Berlin", at("2026-10-25T01:10:00"))
    assert until == at("2026-10-25T01:30:00")


def test_a_schedule_in_the_hour_that_comes_twice_fires_once() -> None:
    first = next_time_of_day(at("2026-10-24T12:00:00"), 150, BERLIN)
    assert (first, next_time_of_day(first, 150, BERLIN)) == (at("2026-10-25T00:30:00"), at("2026-10-26T01:30:00"))


def test_a_time_that_is_skipped_comes_an_hour_later() -> None:
    assert next_time_of_day(at("2026-03-28T12:00:00"), 150, BERLIN) == at("2026-03-29T01:30:00")


@pytest.mark.parametrize("name", ["localtime", "posixrules", "right/Europe/Berlin", "America", "../UTC", "\0", "", "é"])
def test_a_zone_that_is_none_or_differs_between_machines_means_the_shops(name: str) -> None:
    assert zone(name, "Asia/Tokyo").key == "Asia/Tokyo"


@settings(max_examples=150, deadline=None)
@given(
    st.sampled_from(ZONES),
    st.integers(at("2018-01-01T00:00:00"), at("2030-01-01T00:00:00")),
    st.integers(0, 1439),
    st.integers(0, 1439),
)
def test_quiet_hours_end_within_a_day_and_at_a_moment_that_is_not_quiet(
    name: str, now: Instant, start: int, end: int
) -> None:
    """Clock changes included: a hold is never longer than a day and an hour, and never ends in the night."""
    until = quiet_until(quiet(start, end), NOTE, "email", name, now)
    if until is None:
        return
    assert now < until <= now + DAY + HOUR
    moment = local(until, ZoneInfo(name))
    skipped = local(until - HOUR, ZoneInfo(name)).utcoffset() != moment.utcoffset()
    assert skipped or not _covers(QuietHours(start=start, end=end), moment.hour * 60 + moment.minute)


@settings(max_examples=150, deadline=None)
@given(
    st.sampled_from(ZONES),
    st.integers(at("2018-01-01T00:00:00"), at("2030-01-01T00:00:00")),
    st.integers(0, 1439),
    st.sampled_from([None, 1, 29, 30, 31]),
)
def test_the_next_date_is_later_and_the_first_that_fits(name: str, now: Instant, minute: int, day: int | None) -> None:
    where = ZoneInfo(name)
    found = next_time_of_day(now, minute, where, (), day)
    assert now < found <= now + (2 if day is None else 33) * DAY
    moment = local(found, where)
    assert moment.hour * 60 + moment.minute == minute or local(found - HOUR, where).utcoffset() != moment.utcoffset()
    assert next_time_of_day(found, minute, where, (), day) > found
    assert next_time_of_day(found - MINUTE, minute, where, (), day) == found
