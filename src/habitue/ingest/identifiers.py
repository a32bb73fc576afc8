"""Ids as clients send them: what counts as an id, and what only looks like one."""

from __future__ import annotations

import re
from typing import Any

from .rejection import Reject, Rejection
from .tree import kind_of

ID_CHARACTERS_MAX = 255

_BLANK = re.compile(r"[0\-]*")
_BLOCKED = frozenset(
    {"-1", "null", "undefined", "none", "nil", "nan", "anonymous", "unknown", "guest", "true", "false", "n/a"}
    | {"[object object]", "(null)", "<null>"}
)
"""What broken integrations send for everybody. Taken as ids, they would join strangers into one customer."""


def read_identifier(field: str, value: Any) -> str | Reject | None:
    """The id, None when there is none, or the reason why it cannot be one."""
    if value is None:
        return None
    if isinstance(value, str):
        text = value.strip()
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        text = _number_text(value)
    else:
        return Reject(Rejection.WRONG_TYPE, f"{field} is {kind_of(value)}; a string was expected")
    if len(text) > ID_CHARACTERS_MAX:
        return Reject(
            Rejection.ID_TOO_LONG, f"{field} has {len(text)} characters; at most {ID_CHARACTERS_MAX} are kept"
        )
    return None if is_blocked(text) else text


def is_blocked(text: str) -> bool:
    """Whether the text stands for "nobody in particular"."""
    return _BLANK.fullmatch(text) is not None or (len(text) <= 15 and text.lower() in _BLOCKED)


def _number_text(number: int | float) -> str:
    # JSON does not tell 12 from 12.0, and neither must the id.
    return str(int(number)) if isinstance(number, float) and number.is_integer() else str(number)
