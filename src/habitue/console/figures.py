"""How the console writes numbers, sums of money and moments: in the shop's own locale, currency and zone."""

from __future__ import annotations

import re
from datetime import datetime
from typing import TypeGuard
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from babel import Locale, UnknownLocaleError
from babel.numbers import format_compact_decimal, format_currency, format_decimal, format_percent
from markupsafe import Markup

from habitue.model.instant import DAY, MINUTE, SECOND, Instant, from_datetime, to_datetime, to_iso
from habitue.playbook.playbook import Shop

MICROS = 1_000_000
_CENTS = re.compile(r"\.0+")

# An instant outside the years 1 to 9999 has no datetime; a hostile event may carry one.
_EARLIEST: Instant = -62_135_596_800 * SECOND
_LATEST: Instant = 253_402_300_799 * SECOND


class Figures:
    """Numbers and times as one shop reads them; `now` is the moment the page speaks of.

    `fewest`: counts above nothing and below it are not told, for those who may not see who somebody is.
    """

    def __init__(self, shop: Shop, now: Instant, fewest: int = 0) -> None:
        self.shop = shop
        self.now = now
        self.fewest = fewest
        self.zone = zone_of(shop.timezone)
        self.locale = locale_of(shop.locale)

    def number(self, value: float) -> str:
        """A count of people or of what they did."""
        return f"fewer than {self.fewest}" if self.is_few(value) else self.exact(value)

    def exact(self, value: float) -> str:
        """A number that is of nobody: pieces in stock, products, days."""
        return format_decimal(value, locale=self.locale)

    def is_few(self, value: float) -> bool:
        return 0 < abs(value) < self.fewest

    def size(self, value: int) -> int:
        """A count to draw, or to take another from: nothing where it is not told."""
        return 0 if self.is_few(value) else value

    def short_number(self, value: float) -> str:
        """1,234 stays as it is, 1,234,567 becomes 1.2M."""
        if abs(value) < 100_000:
            return self.number(value)
        return format_compact_decimal(value, locale=self.locale, fraction_digits=1)

    def percent(self, part: float, whole: float) -> str:
        """`part` of `whole`; a dash when there is no whole to take a part of."""
        if not whole or self.is_few(part) or self.is_few(whole):
            return "–"
        share = part / whole
        return format_percent(share, "#,##0.0%" if 0 < share < 0.1 else "#,##0%", locale=self.locale)

    def price(self, value: float) -> str:
        """A price in whole units of the shop's currency."""
        return format_currency(value, self.shop.currency, locale=self.locale)

    def money(self, micros: int) -> str:
        """A sum kept in millionths; large ones without the cents nobody reads."""
        if abs(micros) >= 1_000 * MICROS:
            pattern = _CENTS.sub("", self.locale.currency_formats["standard"].pattern)
            whole = round(micros / MICROS)
            return format_currency(whole, self.shop.currency, pattern, self.locale, currency_digits=False)
        return self.price(micros / MICROS)

    def local(self, instant: Instant) -> datetime:
        return to_datetime(min(max(instant, _EARLIEST + DAY), _LATEST - DAY)).astimezone(self.zone)

    def day_start(self, days_ago: int = 0) -> Instant:
        """Midnight in the shop's zone, today or some days ago."""
        midnight = self.local(self.now - days_ago * DAY).replace(hour=0, minute=0, second=0, microsecond=0)
        return from_datetime(midnight)

    def clock(self, instant: Instant) -> str:
        """A moment as short as it can be told apart: 14:05, 3 Mar 14:05, 3 Mar 2024."""
        local, today = self.local(instant), self.local(self.now)
        if local.date() == today.date():
            return f"{local:%H:%M}"
        day = f"{local.day} {local:%b}"
        return f"{day} {local:%H:%M}" if local.year == today.year else f"{day} {local.year}"

    def day_and_hour(self, instant: Instant) -> str:
        """A point on a time axis of days: 3 Mar, 14:00."""
        local = self.local(instant)
        return f"{local.day} {local:%b, %H:%M}"

    def date(self, instant: Instant) -> str:
        local = self.local(instant)
        return f"{local.day} {local:%b %Y}"

    def day(self, instant: Instant) -> str:
        """A heading for a day: Today, Yesterday, Tuesday 3 March."""
        local, today = self.local(instant), self.local(self.now)
        days = (today.date() - local.date()).days
        if days == 0:
            return "Today"
        if days == 1:
            return "Yesterday"
        year = "" if local.year == today.year else f" {local.year}"
        return f"{local:%A} {local.day} {local:%B}{year}"

    def full(self, instant: Instant) -> str:
        local = self.local(instant)
        return f"{local:%a} {local.day} {local:%b %Y, %H:%M:%S} ({self.shop.timezone})"

    def when(self, instant: Instant | None, *, ago: bool = False, in_day: bool = False) -> Markup:
        """A `<time>` in the shop's zone. With `ago` the page's script adds how far off it is and keeps that true.

        `in_day`: the day stands above already, so the time of day is enough.
        """
        if instant is None:
            return Markup("–")
        local = self.local(instant)
        shown = f"{local:%H:%M}" if in_day else self.clock(instant)
        hint = Markup('<span class="ago" data-ago></span>') if ago else Markup("")
        return Markup('<time datetime="{}" title="{}">{}{}</time>').format(
            to_iso(from_datetime(local)), self.full(instant), shown, hint
        )

    def ago(self, instant: Instant) -> Markup:
        """Only the distance ("2 hours ago"), the moment itself in the title; until the script runs, the moment."""
        return Markup('<time datetime="{}" title="{}" data-ago>{}</time>').format(
            to_iso(from_datetime(self.local(instant))), self.full(instant), self.clock(instant)
        )


def is_instant(value: object) -> TypeGuard[Instant]:
    """Whether a number in a decision's detail can only be a moment: microseconds between 2001 and 2100."""
    return (
        isinstance(value, int) and not isinstance(value, bool) and 978_307_200 * SECOND < value < 4_102_444_800 * SECOND
    )


def is_span(name: str, value: object) -> bool:
    """Whether a number in a decision's detail is a length of time, by its name."""
    return (
        isinstance(value, int)
        and name in {"within", "span", "gap", "ttl", "timeout", "wait", "after"}
        and value >= SECOND
    )


def minute_text(minute: int) -> str:
    """A minute of the day as a clock shows it."""
    return f"{minute // 60:02d}:{minute % 60:02d}"


def to_minute(instant: Instant) -> int:
    return instant // MINUTE


def zone_of(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")


def locale_of(name: str) -> Locale:
    try:
        return Locale.parse(name.replace("-", "_"))
    except (UnknownLocaleError, ValueError):
        return Locale("en")
