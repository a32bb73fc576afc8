"""Numbers, sums and moments as the shop reads them."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from habitue.console.figures import Figures, is_instant
from habitue.model.instant import DAY, HOUR, MINUTE, from_datetime
from habitue.playbook.playbook import Shop

NOW = from_datetime(datetime(2026, 3, 30, 12, 0, tzinfo=UTC))


def figures(**shop: str) -> Figures:
    return Figures(
        Shop(name="shop", **{"timezone": "Europe/Istanbul", "currency": "EUR", "locale": "en-IE", **shop}), NOW
    )


def test_times_are_the_shops() -> None:
    assert figures().clock(NOW) == "15:00"
    assert figures(timezone="America/New_York").clock(NOW) == "08:00"


def test_a_time_is_as_short_as_it_can_be_told_apart() -> None:
    of = figures()
    assert of.clock(NOW - 2 * DAY) == "28 Mar 15:00"
    assert of.clock(NOW - 300 * DAY) == "3 Jun 2025"
    assert of.day(NOW) == "Today"
    assert of.day(NOW - DAY) == "Yesterday"
    assert of.day(NOW - 3 * DAY) == "Friday 27 March"
    assert of.day(NOW - 365 * DAY) == "Sunday 30 March 2025"


def test_a_moment_carries_its_full_time_for_those_who_point_at_it() -> None:
    shown = figures().when(NOW, ago=True)
    assert 'datetime="2026-03-30T12:00:00.000000Z"' in shown
    assert "Mon 30 Mar 2026, 15:00:00 (Europe/Istanbul)" in shown
    assert "data-ago" in shown
    assert figures().when(None) == "–"


def test_days_begin_at_the_shops_midnight_even_when_the_clocks_change() -> None:
    london = Figures(Shop(name="shop", timezone="Europe/London"), NOW)
    for days in range(4):
        start = london.local(london.day_start(days))
        assert (start.hour, start.minute, start.day) == (0, 0, 30 - days)


@pytest.mark.parametrize("moment", [-(10**18), 10**18, 0, 2**63])
def test_no_moment_is_too_far_away_to_be_shown(moment: int) -> None:
    assert "<time" in figures().when(moment, ago=True)


def test_sums_are_in_the_shops_currency_and_large_ones_without_cents() -> None:
    assert figures().money(12_340_000) == "€12.34"
    assert figures().money(1_234_560_000) == "€1,235"
    assert figures(locale="de-DE").money(1_234_560_000) == "1.235\xa0€"
    assert figures(currency="GBP", locale="en-GB").money(-4_500_000) == "-£4.50"


def test_shares_of_nothing_are_a_dash() -> None:
    assert figures().percent(1, 0) == "–"
    assert figures().percent(1, 3) == "33%"
    assert figures().percent(1, 300) == "0.3%"


def test_an_unknown_zone_or_locale_falls_back_instead_of_failing() -> None:
    of = figures(timezone="Mars/Olympus", locale="xx-nowhere")
    assert of.zone == ZoneInfo("UTC")
    assert of.number(1234) == "1,234"


def test_only_what_can_be_a_moment_is_read_as_one() -> None:
    assert is_instant(NOW)
    assert not is_instant(HOUR)
    assert not is_instant(MINUTE * 10)
    assert not is_instant(True)
    assert not is_instant("2026")
