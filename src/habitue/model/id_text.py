"""Ids as the world writes them, brought to one spelling: of people, devices, orders, carts, products and variants.

`2001`, `2001.0` and `"2001 "` are one id. What broken integrations send for everybody (`null`, `guest`,
`{{user.id}}`) is nobody's id. A number that a spreadsheet has rounded (`1.00012E+12`) is no id any more: it stands for
every number that begins alike.
"""

from __future__ import annotations

import re
from typing import Any

ID_CHARACTERS_MAX = 255
"""Of the ids of people; longer ones are refused at the door."""

_EXACT_MAX = 2**53
"""From here on numbers with a fraction part have lost their last digits."""
_UNSEEN = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u200e\u200f\u061c\u2060\ufeff\u00ad"))
_WHOLE_AS_FRACTION = re.compile(r"(-?[0-9]+)\.0+")
_ROUNDED = re.compile(r"[-+]?[0-9](?:[.,][0-9]+[eE]\+?|[eE]\+)[0-9]{1,3}")
_BLANK = re.compile(r"[0\-_.\s]*")
_TEMPLATE = re.compile(r"\{\{|\}\}|\{%|%\}|<%|%>|\$\{|\[\[|\]\]|%%")
_QUOTES = "\"'`"
_AROUND = "\"'`()<>[] "
_NOBODY_CHARACTERS_MAX = 24

NOBODY: frozenset[str] = frozenset(
    {"-1", "null", "undefined", "none", "nil", "nan", "void", "na", "n/a", "#n/a", "empty", "missing", "not set"}
    | {"anonymous", "anon", "guest", "unknown", "nobody", "visitor", "true", "false", "object object"}
    | {"not_authenticated", "not authenticated", "unauthenticated", "not_logged_in", "not logged in", "logged_out"}
    | {"id", "email", "distinct_id", "distinctid", "userid", "user_id", "user id", "uid", "anonymousid", "anonymous_id"}
    | {"customer_id", "customerid", "undefined undefined", "null null"}
)
"""What stands for nobody in particular, in lower case and without what is put around it (`(none)`, `"null"`,
`[object Object]`). Taken as ids, they would join strangers into one customer."""


class RoundedId(ValueError):
    """ "{id}" is a number that a spreadsheet has rounded: it stands for many ids. Format the column as text."""

    def __init__(self, id: str) -> None:
        super().__init__(
            f'"{id[:40]}" is a number that a spreadsheet has rounded: it stands for many ids. '
            "Export the column again, formatted as text"
        )


def id_text(value: Any) -> str:
    """The id in its one spelling; nothing for what is no text and no number.

    Raises RoundedId.
    """
    if type(value) is str:
        return _text(value)
    if isinstance(value, float):
        return _number(value)
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else ""


def _text(value: str) -> str:
    text = value.translate(_UNSEEN).strip() if not value.isascii() else value.strip()
    if not text or not (text[0].isdigit() or text[0] in "-+"):
        return text
    if _ROUNDED.fullmatch(text):
        raise RoundedId(text)
    whole = _WHOLE_AS_FRACTION.fullmatch(text) if text[-1] == "0" else None
    return whole[1] if whole else text


def _number(value: float) -> str:
    if not value.is_integer():
        return str(value) if abs(value) < _EXACT_MAX else ""
    if abs(value) >= _EXACT_MAX:
        raise RoundedId(str(value))
    return str(int(value))


def is_nobody(text: str) -> bool:
    """Whether an id in its one spelling stands for nobody in particular."""
    if _BLANK.fullmatch(text):
        return True
    if len(text) <= _NOBODY_CHARACTERS_MAX and text.strip(_AROUND).lower() in NOBODY:
        return True
    return _TEMPLATE.search(text) is not None


def thing_id(value: Any) -> str:
    """The id of a thing, such as an order or a product; nothing for none, and for one that stands for none.

    Raises RoundedId.
    """
    text = id_text(value)
    return "" if is_nobody(text) else text
