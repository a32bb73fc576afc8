"""Single values out of strangers' JSON, whatever they turn out to be: each reader gives the value or nothing."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from habitue.model.amount import CHARACTERS_MAX, MILLIONTHS, read_amount

from .identities import read_plain

TEXT_CHARACTERS_MAX = 500
LISTED_MAX = 200


def object_of(value: Any) -> dict[str, Any]:
    """The object, or an empty one: PHP writes it as an empty list, and null stands for it everywhere."""
    return value if isinstance(value, dict) else {}


def objects(value: Any, at_most: int = LISTED_MAX) -> list[dict[str, Any]]:
    """The list's objects; rubbish between them is passed over."""
    return [one for one in value[:at_most] if isinstance(one, dict)] if isinstance(value, list) else []


def text(value: Any, characters_max: int = TEXT_CHARACTERS_MAX) -> str:
    """The text without the space around it, cut; nothing for what is no text."""
    return value.strip()[:characters_max] if isinstance(value, str) else ""


def identity(value: Any) -> str:
    """An id, which is a number with some and a text with others; nothing for null, 0 and the like."""
    return read_plain(value)


def number(value: Any) -> float | None:
    """The number, also where it is written as text; None for anything else."""
    found = read_amount(value)
    return None if found is None else found.number


def amount(value: Any, currency: str = "") -> float | str | None:
    """The amount. What is written and cannot be read stays as it is written: it is neither nothing nor zero."""
    found = read_amount(value, currency)
    if found is not None:
        return found.number
    return value.strip()[:CHARACTERS_MAX] or None if isinstance(value, str) else None


def total(values: Iterable[Any], currency: str = "") -> float:
    """The exact sum of those that can be read."""
    return sum(found.millionths for one in values if (found := read_amount(one, currency))) / MILLIONTHS


def tags(value: Any) -> list[str]:
    """Tags, which come as a list or as one text with commas."""
    parts = value.split(",") if isinstance(value, str) else value if isinstance(value, list) else []
    return [tag for tag in (text(part, 100) for part in parts[:100]) if tag]


def present(**fields: Any) -> dict[str, Any]:
    """The fields that say something: what is unknown to the sender must not overwrite what is known to us."""
    return {name: value for name, value in fields.items() if value is not None and value not in ("", [], {})}
