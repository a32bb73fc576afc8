"""Occasions: each day of the year falls where calendars of its country have it."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from habitue.model.instant import DAY, HOUR
from habitue.playbook.occasions import (
    OCCASIONS,
    Dates,
    Easter,
    Fixed,
    Occasions,
    Weekday,
    dates_of,
    is_near,
    read_rule,
    rule_of,
    turns_on,
    with_own,
    write_rule,
)

from .small import HEAD, loaded, problems

KNOWN = [
    # Looked up in printed calendars.
    ("mothers_day", "US", "2026-05-10"),
    ("mothers_day", "ES", "2026-05-03"),
    ("mothers_day", "GB", "2026-03-15"),
    ("mothers_day", "FR", "2026-05-31"),
    ("mothers_day", "FR", "2023-06-04"),  # The last Sunday of May was Pentecost.
    ("mothers_day", "SE", "2023-05-28"),
    ("mothers_day", "NO", "2026-02-08"),
    ("mothers_day", "AE", "2026-03-21"),
    ("fathers_day", "US", "2026-06-21"),
    ("fathers_day", "ES", "2026-03-19"),
    ("fathers_day", "DE", "2026-05-14"),
    ("fathers_day", "AU", "2026-09-06"),
    ("black_friday", "US", "2026-11-27"),
    ("black_friday", "TR", "2024-11-29"),
    ("cyber_monday", "US", "2024-12-02"),
    ("easter", "DE", "2026-04-05"),
    ("easter", "GR", "2026-04-12"),
    ("christmas", "RS", "2026-01-07"),
    ("singles_day", "CN", "2026-11-11"),
    ("valentines_day", "BR", "2026-06-12"),
]


def days(occasions: Occasions, name: str, country: str, year: int) -> tuple[date, ...]:
    rule = rule_of(occasions, name, country)
    return () if rule is None else dates_of(rule, year)


@pytest.mark.parametrize(("name", "country", "day"), KNOWN)
def test_an_occasion_falls_on_its_day(name: str, country: str, day: str) -> None:
    found = date.fromisoformat(day)
    assert days(OCCASIONS, name, country, found.year) == (found,)


EASTERS = [
    ("1954-04-18", "1954-04-25"),  # The western tables have an exception here.
    ("1981-04-19", "1981-04-26"),  # And here.
    ("2000-04-23", "2000-04-30"),
    ("2008-03-23", "2008-04-27"),
    ("2019-04-21", "2019-04-28"),
    ("2024-03-31", "2024-05-05"),
    ("2025-04-20", "2025-04-20"),
    ("2027-03-28", "2027-05-02"),
    ("2038-04-25", "2038-04-25"),
]


@pytest.mark.parametrize(("western", "orthodox"), EASTERS)
def test_easter_is_where_the_churches_have_it(western: str, orthodox: str) -> None:
    year = int(western[:4])
    assert dates_of(Easter(), year) == (date.fromisoformat(western),)
    assert dates_of(Easter(orthodox=True), year) == (date.fromisoformat(orthodox),)


def test_rules_are_read_as_people_write_them() -> None:
    assert read_rule("12-25") == Fixed(12, 25)
    assert read_rule("Fourth Thursday of November +1") == Weekday(4, 3, 11, 1)
    assert read_rule("last sunday of may unless pentecost") == Weekday(-1, 6, 5, gives_way=True)
    assert read_rule("easter -21") == Easter(-21)
    assert read_rule("orthodox easter") == Easter(0, orthodox=True)


def test_what_is_written_is_read_as_the_same_rule() -> None:
    for countries in OCCASIONS.values():
        for rule in countries.values():
            assert isinstance(rule, Dates) or read_rule(write_rule(rule)) == rule


@pytest.mark.parametrize("text", ["02-30", "13-01", "fifth sunday of may", "christmas", "easter 2", ""])
def test_what_is_no_day_of_the_year_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is no day of the year"):
        read_rule(text)


def test_a_leap_day_comes_in_leap_years() -> None:
    assert dates_of(read_rule("02-29"), 2028) == (date(2028, 2, 29),)
    assert dates_of(read_rule("02-29"), 2100) == ()


def test_nobody_waits_in_vain_for_a_leap_day() -> None:
    rule = read_rule("02-29")
    assert turns_on(rule, date(2024, 3, 1), 0) == date(2028, 2, 29)
    assert turns_on(rule, date(2096, 3, 1), 7 * DAY) == date(2104, 2, 22)


def test_a_day_that_falls_into_the_next_year_or_the_last_is_near_there_too() -> None:
    late, early = read_rule("last friday of december +9"), read_rule("easter -120")
    assert is_near(late, date(2027, 1, 3), 0)
    assert is_near(late, date(2027, 1, 1), 3 * DAY)
    assert is_near(early, date(2026, 11, 28), 0)
    assert turns_on(late, date(2026, 12, 31), 0) == date(2027, 1, 3)
    with pytest.raises(ValueError, match="too far from Easter"):
        read_rule("easter +999")


WRITTEN_OUT = Dates(("2026-03-20", "2027-03-10", "2027-03-12"))
rules = st.sampled_from(
    [
        *{rule for by_country in OCCASIONS.values() for rule in by_country.values()},
        *(Fixed(2, 29), WRITTEN_OUT, read_rule("last friday of december +9"), read_rule("easter -120"), None),
    ]
)
spans = st.sampled_from((0, HOUR, DAY, 7 * DAY, 30 * DAY, 364 * DAY, 365 * DAY, 400 * DAY))


@given(rules, st.dates(date(2024, 1, 1), date(2030, 1, 1)), spans)
def test_it_turns_on_the_day_that_was_said(rule: object, today: date, within: int) -> None:
    now = is_near(rule, today, within)  # type: ignore[arg-type]
    turns = turns_on(rule, today, within)  # type: ignore[arg-type]
    until = min(turns or today + timedelta(days=800), today + timedelta(days=800))
    for ahead in range((until - today).days):
        assert is_near(rule, today + timedelta(days=ahead), within) is now  # type: ignore[arg-type]
    if turns is not None:
        assert is_near(rule, turns, within) is not now  # type: ignore[arg-type]


def test_a_playbook_has_days_of_its_own_and_its_own_word_on_known_ones() -> None:
    own = """\
occasions:
  shop_birthday: 06-14
  eid: {TR: [2026-03-20, 2027-03-10], everywhere: 01-02}
  mothers_day: {AT: 05-13}
"""
    segments = 'cards: {title: Cards, condition: \'occasion("shop_birthday", within="7d")\'}\n'
    known = loaded(head=HEAD + own, segments=segments).known_occasions
    assert days(known, "shop_birthday", "GB", 2026) == (date(2026, 6, 14),)
    assert days(known, "eid", "TR", 2027) == (date(2027, 3, 10),)
    assert days(known, "eid", "GB", 2027) == (date(2027, 1, 2),)
    assert days(known, "mothers_day", "AT", 2026) == (date(2026, 5, 13),)
    assert days(known, "mothers_day", "GB", 2026) == (date(2026, 3, 15),)
    assert days(with_own({}), "no_such_day", "GB", 2026) == ()


def test_occasions_that_cannot_be_are_refused() -> None:
    own = "occasions: {x: 13-45, y: {gb: 12-24}, z: [2026-02-30]}\n"
    assert problems(head=HEAD + own) == [
        'playbook.yaml:14: "13-45" is no day of the year; write the month, then the day, as in 12-25',
        'playbook.yaml:14: expected a country\'s two letters such as GB, or everywhere, found "gb"',
        'playbook.yaml:14: "2026-02-30" is no day of the calendar',
    ]


def test_an_occasion_nobody_defined_is_a_slip() -> None:
    segments = 'a: {title: A, condition: \'occasion("mother_day", within="7d")\'}\n'
    assert problems(segments=segments) == [
        'segments.yaml:1: unknown occasion "mother_day". Did you mean "mothers_day"?'
    ]
