"""Occasions: the days a shop lives by, each with its date in every country. Rules and data, worked out by year.

Not among them is what is seen, and not reckoned: the feasts of the lunar calendars. A playbook gives those their dates.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from functools import lru_cache
from typing import TypeAlias

import msgspec

from habitue.model.instant import DAY, Span

EVERYWHERE = "*"
"""Stands for every country that has no rule of its own."""
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
MONTHS = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
    "december",
)  # fmt: skip
PLACES = {"first": 1, "second": 2, "third": 3, "fourth": 4, "last": -1}
PENTECOST = 49
"""Days after Easter."""
_LAST_YEAR = 9_990
_EASTER_DAYS_MAX = 200
"""Before and after Easter. With no more, every rule's day lies in its year or in one beside it."""


class Fixed(msgspec.Struct, frozen=True, tag="fixed"):
    """The same day of every year."""

    month: int
    day: int


class Weekday(msgspec.Struct, frozen=True, tag="weekday"):
    """The nth such weekday of a month, or the last (-1), and so many days after it; a week later where that would be
    Pentecost, if the occasion gives way to it."""

    nth: int
    weekday: int
    month: int
    after: int = 0
    gives_way: bool = False


class Easter(msgspec.Struct, frozen=True, tag="easter"):
    """So many days after Easter Sunday, of the western churches or of the orthodox ones."""

    after: int = 0
    orthodox: bool = False


class Dates(msgspec.Struct, frozen=True, tag="dates"):
    """Written out, as ISO dates, year by year."""

    dates: tuple[str, ...]


_LEAP_DAY = Fixed(2, 29)
_LEAP_YEARS_APART = 8
"""At most, as 2096 and 2104."""

Rule: TypeAlias = Fixed | Weekday | Easter | Dates
Occasions: TypeAlias = Mapping[str, Mapping[str, Rule]]
"""Occasion → country (two letters), or everywhere else → rule. Where neither has one, the occasion never comes."""

_FIXED = re.compile(r"(\d{1,2})-(\d{1,2})")
_WEEKDAY = re.compile(
    rf"({'|'.join(PLACES)}) ({'|'.join(WEEKDAYS)}) of ({'|'.join(MONTHS)})(?: \+(\d{{1,2}}))?( unless pentecost)?"
)
_EASTER = re.compile(r"(orthodox )?easter(?: ([+-]\d{1,3}))?")
EXPECTED = '"12-25", "second sunday of may", "fourth thursday of november +1", "easter -2" or "orthodox easter"'


def read_rule(text: str) -> Rule:
    """The rule that is written so. Raises ValueError that says what is expected."""
    words = " ".join(text.lower().split())
    if found := _FIXED.fullmatch(words):
        month, day = int(found[1]), int(found[2])
        try:
            date(2024, month, day)  # A leap year, so that the 29th of February is a day.
        except ValueError:
            raise ValueError(f'"{text}" is no day of the year; write the month, then the day, as in 12-25') from None
        return Fixed(month, day)
    if found := _WEEKDAY.fullmatch(words):
        nth, weekday, month = PLACES[found[1]], WEEKDAYS.index(found[2]), MONTHS.index(found[3]) + 1
        return Weekday(nth, weekday, month, int(found[4] or 0), found[5] is not None)
    if found := _EASTER.fullmatch(words):
        after = int(found[2] or 0)
        if abs(after) > _EASTER_DAYS_MAX:
            raise ValueError(
                f'"{text}" is too far from Easter; at most {_EASTER_DAYS_MAX} days before or after are taken'
            )
        return Easter(after, found[1] is not None)
    raise ValueError(f'"{text}" is no day of the year; write it like {EXPECTED}')


def write_rule(rule: Rule) -> str:
    """As `read_rule` takes it; dates one after the other."""
    match rule:
        case Fixed(month=month, day=day):
            return f"{month:02}-{day:02}"
        case Weekday(nth=nth, weekday=weekday, month=month, after=after, gives_way=gives_way):
            place = next(word for word, number in PLACES.items() if number == nth)
            later, way = f" +{after}" if after else "", " unless pentecost" if gives_way else ""
            return f"{place} {WEEKDAYS[weekday]} of {MONTHS[month - 1]}{later}{way}"
        case Easter(after=after, orthodox=orthodox):
            return f"{'orthodox ' if orthodox else ''}easter{f' {after:+}' if after else ''}"
    return ", ".join(rule.dates)


@lru_cache(maxsize=10_000)
def dates_of(rule: Rule, year: int) -> tuple[date, ...]:
    """When it is in that year, in order: once, as a rule; never, as the 29th of February mostly is."""
    match rule:
        case Fixed(month=month, day=day):
            return (date(year, month, day),) if (month, day) != (2, 29) or _is_leap(year) else ()
        case Weekday():
            return (_weekday(rule, year),)
        case Easter(after=after, orthodox=orthodox):
            return ((_orthodox_easter(year) if orthodox else _easter(year)) + timedelta(days=after),)
    return tuple(sorted(day for day in map(date.fromisoformat, rule.dates) if day.year == year))


def _is_leap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


def _weekday(rule: Weekday, year: int) -> date:
    if rule.nth > 0:
        first = date(year, rule.month, 1)
        day = first + timedelta(days=(rule.weekday - first.weekday()) % 7 + 7 * (rule.nth - 1))
    else:
        last = date(year + rule.month // 12, rule.month % 12 + 1, 1) - timedelta(days=1)
        day = last - timedelta(days=(last.weekday() - rule.weekday) % 7)
    day += timedelta(days=rule.after)
    if rule.gives_way and day == _easter(year) + timedelta(days=PENTECOST):
        day += timedelta(days=7)
    return day


def _easter(year: int) -> date:
    """Gregorian Easter Sunday, by the anonymous algorithm of 1876 (Meeus, Astronomical Algorithms, chapter 8)."""
    golden, century, of_century = year % 19, year // 100, year % 100
    moon = (19 * golden + century - century // 4 - (century - (century + 8) // 25 + 1) // 3 + 15) % 30
    sunday = (32 + 2 * (century % 4) + 2 * (of_century // 4) - moon - of_century % 4) % 7
    shift = (golden + 11 * moon + 22 * sunday) // 451
    month, day = divmod(moon + sunday - 7 * shift + 114, 31)
    return date(year, month, day + 1)


def _orthodox_easter(year: int) -> date:
    """Julian Easter Sunday (Meeus, as above), in the Gregorian calendar."""
    moon = (19 * (year % 19) + 15) % 30
    sunday = (2 * (year % 4) + 4 * (year % 7) - moon + 34) % 7
    month, day = divmod(moon + sunday + 114, 31)
    return date(year, month, day + 1) + timedelta(days=year // 100 - year // 400 - 2)


# --- asked of a day ---


def rule_of(occasions: Occasions, name: str, country: str) -> Rule | None:
    rules = occasions.get(name, {})
    return rules.get(country) or rules.get(EVERYWHERE)


def is_near(rule: Rule | None, today: date, within: Span) -> bool:
    """Whether it is today, or at most so many whole days ahead."""
    until = today + timedelta(days=within // DAY)
    return any(today <= day <= until for day in _dates_from(rule, today.year, until.year))


def turns_on(rule: Rule | None, today: date, within: Span) -> date | None:
    """The next day on which `is_near` answers something else; None: never again, as far as can be told."""
    ahead = timedelta(days=within // DAY)
    now = is_near(rule, today, within)
    further = _LEAP_YEARS_APART if rule == _LEAP_DAY else 2
    dates = list(_dates_from(rule, today.year - 1, (today + ahead).year + further))
    turns = sorted({day for one in dates for day in (one - ahead, one + timedelta(days=1)) if day > today})
    return next((day for day in turns if is_near(rule, day, within) is not now), None)


def _dates_from(rule: Rule | None, first: int, last: int) -> Iterator[date]:
    """All that lie in these years, and some beside them: "last friday of december +7" comes with the next year."""
    if isinstance(rule, Dates):
        yield from map(date.fromisoformat, rule.dates)
    elif rule is not None:
        for year in range(max(first - 1, 1), min(last + 1, _LAST_YEAR) + 1):
            yield from dates_of(rule, year)


# --- the occasions that every playbook knows ---

_ORTHODOX = ("BG", "BY", "CY", "GE", "GR", "MD", "ME", "MK", "RO", "RS", "RU", "UA")
_JULIAN = ("BY", "GE", "ME", "MK", "RS", "RU")
"""Where Christmas is kept on the 25th of December of the Julian calendar. Ukraine and Moldova have moved."""
_SOLSTICE = ("AE", "BH", "EG", "IQ", "JO", "KW", "LB", "LY", "OM", "PS", "QA", "SA", "SD", "SY", "YE")
_MARCH = ("AL", "AM", "AZ", "BG", "BY", "KG", "KZ", "MD", "MK", "RS", "TJ", "UZ")

_WRITTEN: dict[str, dict[str, str]] = {
    "new_year": {EVERYWHERE: "01-01"},
    "epiphany": {EVERYWHERE: "01-06"},
    "valentines_day": {EVERYWHERE: "02-14", "BR": "06-12"},
    "womens_day": {EVERYWHERE: "03-08"},
    "easter": {EVERYWHERE: "easter", **dict.fromkeys(_ORTHODOX, "orthodox easter")},
    "mothers_day": {
        EVERYWHERE: "second sunday of may",
        **dict.fromkeys(("GB", "IE", "NG"), "easter -21"),
        **dict.fromkeys(("AO", "CV", "ES", "HU", "LT", "MZ", "PT", "RO"), "first sunday of may"),
        **dict.fromkeys(("FR", "MC"), "last sunday of may unless pentecost"),
        **dict.fromkeys(("DO", "DZ", "HT", "MA", "MG", "MU", "SE", "SN", "TN"), "last sunday of may"),
        **dict.fromkeys(_SOLSTICE, "03-21"),
        **dict.fromkeys(_MARCH, "03-08"),
        **dict.fromkeys(("GT", "MX", "SV"), "05-10"),
        "AR": "third sunday of october",
        "BO": "05-27",
        "CR": "08-15",
        "GE": "03-03",
        "ID": "12-22",
        "KR": "05-08",
        "LU": "second sunday of june",
        "NI": "05-30",
        "NO": "second sunday of february",
        "PA": "12-08",
        "PL": "05-26",
        "PY": "05-15",
        "RU": "last sunday of november",
        "SI": "03-25",
        "TH": "08-12",
    },
    "fathers_day": {
        EVERYWHERE: "third sunday of june",
        **dict.fromkeys(("AD", "BO", "ES", "HN", "HR", "IT", "LI", "PT"), "03-19"),
        **dict.fromkeys(("AT", "BE"), "second sunday of june"),
        **dict.fromkeys(("CH", "LT"), "first sunday of june"),
        **dict.fromkeys(("EE", "FI", "IS", "NO", "SE"), "second sunday of november"),
        **dict.fromkeys(("AU", "FJ", "NZ", "PG"), "first sunday of september"),
        **dict.fromkeys(("EG", "JO", "LB", "PS", "SY"), "06-21"),
        **dict.fromkeys(("NI", "PL"), "06-23"),
        **dict.fromkeys(("GT", "SV"), "06-17"),
        "BR": "second sunday of august",
        "DE": "easter +39",
        "DK": "06-05",
        "DO": "last sunday of july",
        "HT": "last sunday of june",
        "KR": "05-08",
        "LU": "first sunday of october",
        "LV": "second sunday of september",
        "RO": "second sunday of may",
        "RU": "third sunday of october",
        "TH": "12-05",
        "TW": "08-08",
        "UY": "second sunday of july",
    },
    "halloween": {EVERYWHERE: "10-31"},
    "singles_day": {EVERYWHERE: "11-11"},
    "black_friday": {EVERYWHERE: "fourth thursday of november +1"},
    "cyber_monday": {EVERYWHERE: "fourth thursday of november +4"},
    "christmas": {EVERYWHERE: "12-25", **dict.fromkeys(_JULIAN, "01-07")},
}

OCCASIONS: dict[str, dict[str, Rule]] = {
    name: {country: read_rule(text) for country, text in rules.items()} for name, rules in _WRITTEN.items()
}
"""A playbook may add to these, and say otherwise for a country."""


def with_own(own: Occasions) -> dict[str, dict[str, Rule]]:
    """The occasions of a playbook: its own words come before these, country by country."""
    names = {**OCCASIONS, **own}
    return {name: {**OCCASIONS.get(name, {}), **own.get(name, {})} for name in names}
