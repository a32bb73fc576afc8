"""Periods of the calendar: they begin at midnight in their zone, even where clocks are changed that night."""

from __future__ import annotations

from datetime import datetime

import pytest
from tests.decide.conditions.calendar_oracle import stretch
from tests.decide.conditions.histories import ERAS, HOUR, PERIODS, START, ZONES

from habitue.model.instant import from_datetime, to_iso
from habitue.playbook.conditions.periods import bounds, next_boundary
from habitue.playbook.conditions.tree import Period


def at(text: str) -> int:
    return from_datetime(datetime.fromisoformat(text))


@pytest.mark.parametrize(
    ("period", "start", "end"),
    [
        ("today", "2024-02-29T00:00+01:00", "2024-03-01T00:00+01:00"),
        ("yesterday", "2024-02-28T00:00+01:00", "2024-02-29T00:00+01:00"),
        ("this week", "2024-02-26T00:00+01:00", "2024-03-04T00:00+01:00"),
        ("last week", "2024-02-19T00:00+01:00", "2024-02-26T00:00+01:00"),
        ("this month", "2024-02-01T00:00+01:00", "2024-03-01T00:00+01:00"),
        ("last month", "2024-01-01T00:00+01:00", "2024-02-01T00:00+01:00"),
        ("this quarter", "2024-01-01T00:00+01:00", "2024-04-01T00:00+02:00"),
        ("last quarter", "2023-10-01T00:00+02:00", "2024-01-01T00:00+01:00"),
        ("this year", "2024-01-01T00:00+01:00", "2025-01-01T00:00+01:00"),
        ("last year", "2023-01-01T00:00+01:00", "2024-01-01T00:00+01:00"),
    ],
)
def test_on_a_leap_day_in_madrid(period: Period, start: str, end: str) -> None:
    for now in (at("2024-02-29T00:00+01:00"), at("2024-02-29T23:59:59.999999+01:00")):
        assert bounds(period, "Europe/Madrid", now) == (at(start), at(end))


def test_the_day_is_shorter_when_clocks_go_forward_and_longer_when_they_go_back() -> None:
    spring = bounds("today", "Europe/Madrid", at("2024-03-31T12:00+02:00"))
    autumn = bounds("today", "Europe/Madrid", at("2024-10-27T12:00+01:00"))
    assert spring[1] - spring[0] == 23 * HOUR
    assert autumn[1] - autumn[0] == 25 * HOUR


@pytest.mark.parametrize(
    ("zone", "day", "midnight"),
    [
        # Clocks jump from midnight to one.
        ("America/Sao_Paulo", "2018-11-04T12:00-02:00", "2018-11-04T03:00:00.000000Z"),
        # From half past eleven to half past twelve.
        ("America/Toronto", "1919-03-31T12:00-04:00", "1919-03-31T04:30:00.000000Z"),
        # Back from one to midnight: midnight comes twice.
        ("America/Havana", "2024-11-03T12:00-05:00", "2024-11-03T04:00:00.000000Z"),
        # Back from a minute past midnight to a minute past eleven: the date comes twice.
        ("America/St_Johns", "2010-11-07T12:00-03:30", "2010-11-07T02:30:00.000000Z"),
        # The day before is left out.
        ("Pacific/Apia", "2011-12-31T12:00+14:00", "2011-12-30T10:00:00.000000Z"),
    ],
)
def test_a_day_begins_when_clocks_first_show_its_midnight_or_later(zone: str, day: str, midnight: str) -> None:
    assert to_iso(bounds("today", zone, at(day))[0]) == midnight


def test_the_hour_that_clocks_show_again_of_the_day_before_belongs_to_the_new_day() -> None:
    again = at("2010-11-06T23:30-03:30")
    assert bounds("today", "America/St_Johns", again) == bounds(
        "today", "America/St_Johns", at("2010-11-07T12:00-03:30")
    )


def test_a_day_that_was_left_out_has_no_length() -> None:
    left_out = at("2011-12-30T10:00Z")
    assert bounds("yesterday", "Pacific/Apia", left_out) == (left_out, left_out)
    assert bounds("today", "Pacific/Apia", left_out - 1)[1] == left_out


@pytest.mark.parametrize("zone", [zone for zone in ZONES if zone])
def test_bounds_are_those_of_a_walk_through_the_calendar(zone: str) -> None:
    for era in (START, *ERAS):
        for hours in range(0, 60, 6):
            for now in (era + hours * HOUR, era + hours * HOUR + 1_799_999_999, era + (hours + 1) * HOUR - 1):
                for period in PERIODS:
                    start, end = bounds(period, zone, now)
                    assert (start, end) == stretch(period, zone, now), (period, to_iso(now))


@pytest.mark.parametrize("period", PERIODS)
def test_bounds_stay_until_the_next_boundary(period: Period) -> None:
    for zone in ("Europe/Madrid", "Pacific/Apia", "America/St_Johns"):
        for era in (START, *ERAS):
            boundary = next_boundary(period, zone, era)
            assert boundary > era
            assert bounds(period, zone, boundary - 1) == bounds(period, zone, era) != bounds(period, zone, boundary)
