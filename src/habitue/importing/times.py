"""Times as files write them: ISO 8601, a pattern, seconds since 1970, or a spreadsheet's days."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from habitue.ingest.times import EARLIEST
from habitue.model.instant import Instant, from_datetime

from .reasons import RowReason, RowRefused

_DAY_ZERO = datetime(1899, 12, 30)  # noqa: DTZ001 - a spreadsheet's day 0, on whatever clock the file has
_UNIX = datetime(1970, 1, 1, tzinfo=UTC)
_ZONE_APART = re.compile(r"\s+(?=[+-]\d\d:?\d\d$)")


def _iso(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        # `2026-11-22 10:00:00 +0300` is Shopify's way, `… UTC` that of data warehouses.
        return datetime.fromisoformat(_ZONE_APART.sub("", text.removesuffix(" UTC").removesuffix(" GMT")))


def _since_1970(per_second: int) -> Callable[[str], datetime]:
    def read(text: str) -> datetime:
        return _UNIX + timedelta(microseconds=round(float(text) * 1_000_000 / per_second))

    return read


def _spreadsheet(text: str) -> datetime:
    return _DAY_ZERO + timedelta(seconds=round(float(text) * 86_400))


NAMED_FORMATS: dict[str, Callable[[str], datetime]] = {
    "iso": _iso,
    "seconds": _since_1970(1),
    "milliseconds": _since_1970(1_000),
    "microseconds": _since_1970(1_000_000),
    "excel": _spreadsheet,
}
"""Formats with a name; any other is a pattern of Python's `strptime`."""


def is_format(text: str) -> bool:
    """Whether the text is a format that at least tells the day."""
    if text in NAMED_FORMATS:
        return True
    try:
        moment = datetime(2031, 10, 27, 13, 45, 59)  # noqa: DTZ001 - only written and read again
        return datetime.strptime(moment.strftime(text), text).date() == date(2031, 10, 27)  # noqa: DTZ007
    except ValueError:
        return False


def _reader(text: str) -> Callable[[str], datetime]:
    # A pattern may hold %z; a time without a zone gets the mapping's below.
    return NAMED_FORMATS.get(text) or (lambda written: datetime.strptime(written, text))  # noqa: DTZ007


class Times:
    """Reads times; those without a zone are on the clock of `zone`."""

    def __init__(self, formats: tuple[str, ...] = (), zone: str = "UTC") -> None:
        self._formats = formats or ("iso",)
        self._readers = [_reader(one) for one in self._formats]
        self._zone = ZoneInfo(zone)
        # Days repeat, and a pattern takes ten times as long to read as to look up.
        self._known = lru_cache(maxsize=8_192)(self._moment)

    def read(self, text: str) -> Instant:
        """Raises RowRefused when none of the formats fits, or nobody would believe the time."""
        instant = self._known(text)
        if instant < EARLIEST:
            detail = f'"{text[:60]}" lies before the year 2000; 1970 and 1900 are what empty dates become'
            raise RowRefused(RowReason.TIME_NOT_BELIEVED, detail)
        return instant

    def read_date(self, text: str) -> str:
        """A day such as a birthday, as ISO 8601; of any year."""
        return self._local(text).date().isoformat()

    def _moment(self, text: str) -> Instant:
        return from_datetime(self._aware(self._local(text)))

    def _aware(self, moment: datetime) -> datetime:
        return moment if moment.tzinfo is not None else moment.replace(tzinfo=self._zone)

    def _local(self, text: str) -> datetime:
        for read in self._readers:
            try:
                return read(text)
            except (ValueError, OverflowError):
                continue
        raise RowRefused(RowReason.NO_TIME, f'"{text[:60]}" is not written as {" or ".join(self._formats)}')
