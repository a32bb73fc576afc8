"""The windows a counter may look through: rolling, since a date, before one, or a stretch of the calendar."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import NamedTuple, TypeVar, get_args
from zoneinfo import ZoneInfo, available_timezones

from habitue.model.instant import DAY, Instant, Span, from_datetime, parse_span

from .error import nearest
from .tree import Period

T = TypeVar("T")

WITHIN_MAX: Span = 3_660 * DAY
KEYWORDS = ("within", "since", "before", "between", "tz")
PERIODS: tuple[Period, ...] = tuple(period for period in get_args(Period) if period)


class Window(NamedTuple):
    """In the order of the fields of `Aggregate` and `Sequence`."""

    within: Span | None = None
    since: Instant | None = None
    before: Instant | None = None
    period: Period = ""
    zone: str = ""


class WindowError(ValueError):
    """What is wrong with the window; `keyword` is the argument, and `in_text` whether what it says is no such thing."""

    def __init__(self, message: str, keyword: str, in_text: bool = False) -> None:
        super().__init__(message)
        self.keyword = keyword
        self.in_text = in_text


def read_window(said: Mapping[str, tuple[str, ...]]) -> Window:
    """The window of keyword arguments. Raises WindowError that says what is expected."""
    others = sorted(said.keys() - {"tz", "within"})
    if "within" in said and others:
        raise WindowError(f"within and {others[0]} exclude each other; keep one", others[0])
    if "between" in said and said.keys() & {"since", "before"}:
        raise WindowError("between says both ends already; leave since and before out", "between")
    since, before = (_read(read_since, name, said[name][0]) if name in said else None for name in ("since", "before"))
    if "between" in said:
        since, before = (_read(read_since, "between", text) for text in said["between"])
    if since is not None and before is not None and since >= before:
        raise WindowError("the window is empty: it ends before it begins", "before" if "before" in said else "between")
    within, period = _read(_within, "within", said["within"][0]) if "within" in said else (None, _NO_PERIOD)
    zone = said["tz"][0] if "tz" in said else ""
    if zone:
        if not period:
            raise WindowError('tz goes with a period of the calendar, as in within="this month"', "tz")
        _read(_check_zone, "tz", zone)
    return Window(within, since, before, period, zone)


def _read(reader: Callable[[str], T], keyword: str, text: str) -> T:
    try:
        return reader(text)
    except ValueError as error:
        raise WindowError(str(error), keyword, in_text=True) from None


_NO_PERIOD: Period = ""


def _within(text: str) -> tuple[Span | None, Period]:
    words = " ".join(text.lower().split())
    for period in PERIODS:
        if words == period:
            return None, period
    meant = difflib.get_close_matches(words, PERIODS, n=1, cutoff=0.75)
    if meant:
        raise ValueError(f'unknown period "{text}". Did you mean "{meant[0]}"?')
    return read_within(text), _NO_PERIOD


def read_within(text: str) -> Span:
    """A rolling window such as `7d`. Raises ValueError that says what is expected."""
    span = parse_span(text)
    if span > WITHIN_MAX:
        raise ValueError(f'"{text}" is longer than ten years; leave within out to look at all time')
    return span


def read_since(text: str) -> Instant:
    """A date or a date and time; without an offset it is meant in UTC. Raises ValueError."""
    try:
        moment = datetime.fromisoformat(text.strip())
        return from_datetime(moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC))
    except (ValueError, OverflowError):
        raise ValueError(f'"{text}" is not a date; write it like 2026-01-31 or 2026-01-31T18:30+01:00') from None


_OF_A_MACHINE = frozenset({"localtime", "posixrules", "Factory"})
"""Another machine would count otherwise."""


def _check_zone(name: str) -> None:
    try:
        if name in _OF_A_MACHINE:
            raise KeyError(name)
        ZoneInfo(name)
    except (KeyError, OSError, ValueError):
        guess = nearest(name, _zones())
        hint = f' Did you mean "{guess}"?' if guess else " Write it like Europe/Madrid."
        raise ValueError(f'"{name}" is no time zone.{hint}') from None


@lru_cache(maxsize=1)
def _zones() -> frozenset[str]:
    return frozenset(available_timezones() - _OF_A_MACHINE)
