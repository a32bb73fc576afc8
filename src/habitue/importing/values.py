"""Cells as values: numbers, words for yes and no, ids, and what stands for nothing."""

from __future__ import annotations

import re
from typing import Any

import orjson

from habitue.model.amount import read_amount
from habitue.model.id_text import RoundedId, id_text

from .reasons import RowReason, RowRefused

NOTHING = frozenset({"", "null", "nan", "n/a", "#n/a", "none", "nat", "\\n"})
"""Lower-case words that programs write for an empty cell."""

YES = frozenset({
    "yes", "y", "true", "t", "1", "on", "x", "granted", "given", "subscribed", "opted_in", "opted-in", "opt-in",
    "optin", "accepted", "confirmed", "active", "evet",
})  # fmt: skip
NO = frozenset({
    "no", "n", "false", "f", "0", "off", "withdrawn", "unsubscribed", "opted_out", "opted-out", "opt-out", "optout",
    "refused", "declined", "cleaned", "hayır",
})  # fmt: skip

_WHOLE_AS_FRACTION = re.compile(r"\d+\.0")


def number(value: Any, decimal: str = ".") -> float | int:
    """The number, with the decimal sign of the file. Raises RowRefused for what is none."""
    found = read_amount(value, decimal=decimal)
    if found is None:
        raise RowRefused(RowReason.NOT_A_NUMBER, f"{_shown(value)} is no number with the decimal sign {decimal!r}")
    return value if isinstance(value, (int, float)) else found.number


def yes_or_no(value: Any) -> bool | None:
    """What the word says, or None when it says neither."""
    word = str(value).strip().lower()
    return True if word in YES else False if word in NO else None


def boolean(value: Any) -> bool:
    said = yes_or_no(value)
    if said is None:
        raise RowRefused(RowReason.NOT_A_VALUE, f"{_shown(value)} is neither yes nor no")
    return said


def identity(value: Any) -> str:
    """An id in its one spelling: `12345.0` is 12345. Raises RowRefused for a number that a spreadsheet has rounded."""
    try:
        return id_text(value) or text(value)
    except RoundedId as rounded:
        raise RowRefused(RowReason.ROUNDED_ID, str(rounded)) from None


def text(value: Any) -> str:
    """The value as text. Data frames write whole numbers as `12345.0` where a column has gaps."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    found = str(value).strip()
    return found[:-2] if found.endswith(".0") and _WHOLE_AS_FRACTION.fullmatch(found) else found


def listed(value: Any) -> list[Any]:
    """The parts of a text with commas or semicolons between."""
    if isinstance(value, list):
        return value
    parts = str(value).replace(";", ",").split(",")
    return [part.strip() for part in parts if part.strip()]


def json_value(value: Any) -> Any:
    """The value that a cell holds as JSON."""
    if not isinstance(value, str):
        return value
    try:
        return orjson.loads(value)
    except orjson.JSONDecodeError as error:
        raise RowRefused(RowReason.NOT_A_VALUE, f"{_shown(value)} is not JSON: {error}") from None


def _shown(value: Any) -> str:
    text = str(value)
    return f'"{text if len(text) <= 60 else text[:59] + "…"}"'
