"""Amounts as the world writes them, read by one reader: exact, in millionths, with the currency that is written beside.

What it reads is `1.299,00`, `1,299.00`, `1 299,00`, `1'299.00`, `1,29,900.00`, `€ 30.00`, `30,00 EUR`, `(30.00)`,
`-30`, `30.-`, also in the digits of other scripts and with any of the blanks that programs put between. Of two
different marks the last is the decimal one; one that stands several times separates thousands. A single mark is the
decimal one, unless exactly three digits follow it. Then it separates thousands where it is a comma, or where the
currency is written beside the number, as people do and programs do not; but it is the decimal one where the currency
has three decimals or the number begins with 0. What is written otherwise (`from 15`, `15 - 20`, `twelve`) is no
amount: nothing is guessed.
"""

from __future__ import annotations

import math
import re
import unicodedata
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any, NamedTuple

from .currency import CODES, SIGNS, decimals

MILLIONTHS = 1_000_000
AMOUNT_MAX = 10**15
"""Below this in size; beyond it a number is no amount that a shop has ever seen."""
CHARACTERS_MAX = 60

_PLAIN = re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,12})?")
_BLANKS = re.compile(r"\s+")
_UNSEEN = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u200e\u200f\u061c\u2060\ufeff\u00ad"))
_MARKS = {
    **dict.fromkeys(map(ord, "\u2019\u02bc\u2018\u00b4`"), "'"),
    **dict.fromkeys(map(ord, "\u2212\u2012\u2013\u2014"), "-"),
    ord("\u066b"): ".",
    ord("\u066c"): "'",
}
_NUMBER = re.compile(r"[0-9](?:[0-9.,' ]*[0-9])?[.,]?|[.,][0-9]+")
_NO_CENTS = re.compile(r"(?<=[0-9])[.,]-+(?= |$|[^0-9 ])")
_OF_A_COUNTRY = re.compile(r"[A-Z]{1,2}[$£¥]|[$£¥][A-Z]{1,2}")
_SCIENTIFIC = re.compile(r"[-+]?[0-9]+(\.[0-9]+)?[eE][-+]?[0-9]{1,2}")
_GROUPED = {
    mark: re.compile(rf"[0-9]{{1,3}}(?:{re.escape(mark)}[0-9]{{2,3}})*{re.escape(mark)}[0-9]{{3}}") for mark in ".,' "
}


class Amount(NamedTuple):
    """`currency` is the code written beside the number, empty where none is or where the sign is several countries'."""

    millionths: int
    currency: str = ""

    @property
    def number(self) -> float:
        return self.millionths / MILLIONTHS


def read_amount(value: Any, currency: str = "", decimal: str = "") -> Amount | None:
    """The amount, or None for what is none.

    `currency` is the code the sender gives elsewhere: it settles how a single mark before three digits is meant.
    `decimal` is the decimal sign where the sender has said which it is; the other one then only separates thousands.
    """
    kind = type(value)
    if kind is int:
        return Amount(value * MILLIONTHS) if abs(value) < AMOUNT_MAX else None
    if kind is float:
        return _exact(Decimal(repr(value))) if math.isfinite(value) else None
    if kind is not str or len(value) > CHARACTERS_MAX:
        return None
    if decimal != "," and _PLAIN.fullmatch(value):  # As nearly always.
        return _exact(Decimal(value))
    return _written(_simple(value), currency, decimal)


def _exact(number: Decimal, code: str = "") -> Amount | None:
    if abs(number) >= AMOUNT_MAX:
        return None
    return Amount(int((number * MILLIONTHS).to_integral_value(ROUND_HALF_EVEN)), code)


def _simple(text: str) -> str:
    """The text with plain digits, blanks, apostrophes and minus signs, whatever script it is written in."""
    text = text.translate(_UNSEEN).translate(_MARKS)
    if not text.isascii():
        text = "".join(_digit(character) for character in text)
    return _BLANKS.sub(" ", text).strip()


def _digit(character: str) -> str:
    found = unicodedata.decimal(character, None)
    return character if found is None else str(found)


def _written(text: str, currency: str, decimal: str) -> Amount | None:
    text = _NO_CENTS.sub("", text)
    if text.startswith("(") and text.endswith(")"):  # A bookkeeper's minus.
        inner = _written(text[1:-1].strip(), currency, decimal)
        return None if inner is None or inner.millionths < 0 else Amount(-inner.millionths, inner.currency)
    if decimal != "," and _SCIENTIFIC.fullmatch(text):
        return _exact(Decimal(text))
    found = _NUMBER.search(text)
    if found is None:
        return None
    around = _around(text[: found.start()], text[found.end() :])
    if around is None:
        return None
    sign, code, is_named = around
    digits = _digits(found[0], code or currency, decimal, is_named=is_named)
    return None if digits is None else _exact(Decimal(digits) * sign, code)


def _around(before: str, after: str) -> tuple[int, str, bool] | None:
    """The sign, the currency, and whether one is written; None where anything else stands there."""
    sign, code, is_named = 1, "", False
    for part in (before, after):
        name = part.strip()
        if (name and name[0] in "+-") or name[-1:] in ("+", "-"):
            if sign != 1 or (part is after and name[0] == "+"):
                return None
            sign = -1 if "-" in (name[0], name[-1]) else 1
            name = (name[1:] if name[0] in "+-" else name[:-1]).strip()
        if not name:
            continue
        known = _currency(name)
        if known is None or (is_named and known and code and known != code):
            return None
        code, is_named = known or code, True
    return sign, code, is_named


def _currency(name: str) -> str | None:
    """The code, empty for a sign that several countries share, None for any other word."""
    if name.upper() in CODES:
        return name.upper()
    if name in SIGNS:
        return SIGNS[name]
    if _OF_A_COUNTRY.fullmatch(name):
        return ""
    parts = name.split(" ")
    if len(parts) == 2 and None not in (known := [_currency(part) for part in parts]):  # `$ USD`
        codes = {code for code in known if code}
        return codes.pop() if len(codes) == 1 else None
    return None


def _digits(text: str, currency: str, decimal: str, *, is_named: bool) -> str | None:
    """The number with a point for its decimal sign and nothing between thousands."""
    text = text.strip()
    marks = [mark for mark in ".,' " if mark in text]
    point = _decimal_of(text, marks, currency, decimal, is_named=is_named)
    whole, _, fraction = text.rpartition(point) if point else (text, "", "")
    if not (fraction.isdigit() or not fraction) or (point and point in whole):
        return None
    between = [mark for mark in ".,' " if mark in whole]
    if len(between) > 1 or (between and not _is_grouped(whole, between[0], decimal)):
        return None
    whole = whole.replace(between[0], "") if between else whole
    return f"{whole or '0'}.{fraction or '0'}" if whole or fraction else None


def _is_grouped(whole: str, mark: str, decimal: str) -> bool:
    return mark != decimal and _GROUPED[mark].fullmatch(whole) is not None


def _decimal_of(text: str, marks: list[str], currency: str, decimal: str, *, is_named: bool) -> str:
    """Which of the marks stands before the decimals; nothing where none does."""
    candidates = [mark for mark in marks if mark in ".,"]
    if decimal:
        return decimal if decimal in candidates else ""
    if len(candidates) == 2:
        return max(candidates, key=text.rfind)
    if not candidates or text.count(candidates[0]) > 1:
        return ""
    mark = candidates[0]
    whole, _, fraction = text.partition(mark)
    if len(fraction) != 3 or not 1 <= len(whole) <= 3 or whole == "0" or len(marks) > 1:
        return mark
    if currency and decimals(currency) == 3:
        return mark
    return "" if mark == "," or is_named else mark
