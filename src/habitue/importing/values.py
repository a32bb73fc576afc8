"""Cells as values: numbers, words for yes and no, ids, and what stands for nothing."""

from __future__ import annotations

import re
from typing import Any

import orjson

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

_SIMPLE = re.compile(r"-?\d{1,14}(\.\d{1,9})?")
_AROUND = re.compile(r"^[A-Z]{3}\s|\s[A-Z]{3}$|^[$€£¥₺₹]\s?|\s?[$€£¥₺₹]$")
_NUMBER = {
    ".": re.compile(r"[-+]?(\d+|\d{1,3}(,\d{3})+)?(\.\d+)?([eE][-+]?\d{1,2})?"),
    ",": re.compile(r"[-+]?(\d+|\d{1,3}([. \u00a0]\d{3})+)?(,\d+)?"),
}
_WHOLE_AS_FRACTION = re.compile(r"\d+\.0")
_SIZE_MAX = 1e15


def number(value: Any, decimal: str = ".") -> float | int:
    """The number. Currency signs and thousands' separators are passed over; nothing is guessed beyond that."""
    if isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) < _SIZE_MAX:
        return value
    if isinstance(value, str):
        if decimal == "." and _SIMPLE.fullmatch(value):  # As nearly always.
            return float(value)
        text = _AROUND.sub("", value.strip()).strip()
        if text.startswith("(") and text.endswith(")"):  # A bookkeeper's minus.
            text = f"-{text[1:-1]}"
        if any(character.isdigit() for character in text) and _NUMBER[decimal].fullmatch(text):
            if decimal == ",":
                text = text.replace(".", "").replace(" ", "").replace("\u00a0", "").replace(",", ".")
            found = float(text.replace(",", ""))
            if abs(found) < _SIZE_MAX:
                return found
    raise RowRefused(RowReason.NOT_A_NUMBER, f"{_shown(value)} is no number with the decimal sign {decimal!r}")


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
    """An id as text. `12345.0` is 12345: spreadsheets and data frames write it so where a column has gaps."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    text = str(value).strip()
    return text[:-2] if text.endswith(".0") and _WHOLE_AS_FRACTION.fullmatch(text) else text


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
