"""The window that events are looked at through, as entries of a form."""

from __future__ import annotations

from typing import get_args

from habitue.console.segments.rows.row import Field, Row, RowError, given, needed
from habitue.console.segments.rows.values import quoted
from habitue.model.instant import DAY, HOUR, MINUTE, SECOND, WEEK, Instant, Span, to_datetime
from habitue.playbook.conditions.tree import Aggregate, Period, Sequence

UNITS: tuple[tuple[str, str, Span], ...] = (
    ("d", "days", DAY), ("w", "weeks", WEEK), ("h", "hours", HOUR), ("m", "minutes", MINUTE), ("s", "seconds", SECOND),
)  # fmt: skip
UNIT_OPTIONS = tuple((letter, title) for letter, title, _ in UNITS)
PERIODS: tuple[str, ...] = tuple(period for period in get_args(Period) if period)

FIELDS: tuple[Field, ...] = (
    Field(
        "window",
        "choice",
        "When",
        options=(
            ("", "at any time"),
            ("within", "in the last"),
            ("period", "in the calendar"),
            ("since", "since"),
            ("before", "before"),
            ("between", "between"),
        ),
    ),
    Field("amount", "number", "How long", when=("window", ("within",))),
    Field("unit", "choice", "Unit of time", options=UNIT_OPTIONS, when=("window", ("within",))),
    Field(
        "period",
        "choice",
        "Which stretch",
        options=tuple((period, period) for period in PERIODS),
        when=("window", ("period",)),
    ),
    Field("since", "date", "First day", when=("window", ("since", "between"))),
    Field("before", "date", "Day it ends before", when=("window", ("before", "between")), ahead="up to"),
    Field(
        "zone",
        "names",
        "Time zone",
        suggests="zones",
        placeholder="the shop's zone",
        when=("window", ("period",)),
    ),
)
BLANK: Row = {"window": "", "amount": "30", "unit": "d", "period": "this month", "since": "", "before": "", "zone": ""}


def read(node: Aggregate | Sequence) -> Row | None:
    """The window's entries; None when they cannot show it exactly."""
    row = dict(BLANK)
    if node.within is not None:
        length = amount(node.within)
        return None if length is None else row | {"window": "within"} | length
    if node.period:
        return row | {"window": "period", "period": node.period, "zone": node.zone}
    if any(moment is not None and moment % DAY for moment in (node.since, node.before)):
        return None
    if node.since is not None:
        row |= {"window": "since", "since": _day(node.since)}
    if node.before is not None:
        row |= {"window": "between" if row["window"] else "before", "before": _day(node.before)}
    return row


def text(row: Row) -> str:
    """The argument that says the window; empty for all time. Raises RowError."""
    match given(row, "window"):
        case "within":
            return f"within={quoted(span(row))}"
        case "period":
            zone = given(row, "zone")
            return f"within={quoted(given(row, 'period'))}" + (f", tz={quoted(zone)}" if zone else "")
        case "since" | "before" as word:
            return f"{word}={quoted(needed(row, word, 'choose a day'))}"
        case "between":
            first, end = (needed(row, word, "choose both days") for word in ("since", "before"))
            return f"between=({quoted(first)}, {quoted(end)})"
    return ""


def amount(span: Span) -> Row | None:
    """A span as a whole number of the largest unit that fits."""
    for letter, _, unit in sorted(UNITS, key=lambda one: -one[2]):
        if span % unit == 0 and not (letter == "w" and span > 0):  # People say 14 days, not 2 weeks.
            return {"amount": str(span // unit), "unit": letter}
    return None


def span(row: Row, name: str = "amount", unit: str = "unit") -> str:
    number, letter = needed(row, name, "enter how long"), given(row, unit) or "d"
    if not number.isascii() or not number.isdigit() or letter not in dict(UNIT_OPTIONS):
        raise RowError("enter how long as a whole number")
    return f"{number}{letter}"


def _day(instant: Instant) -> str:
    return to_datetime(instant).date().isoformat()
