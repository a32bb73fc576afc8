"""JSON values as trees: what must be mended before encoders, databases and readers further on can bear them."""

from __future__ import annotations

from typing import Any

_INTEGER_MAX = 2**63 - 1
_INTEGER_MIN = -(2**63)
_FLOAT_MAX = 10**300
CUT = "…"


def is_deeper_than(value: Any, levels: int) -> bool:
    """Whether objects and lists are nested more than `levels` deep. Never looks further down than that."""
    if isinstance(value, dict):
        return levels == 0 or any(is_deeper_than(child, levels - 1) for child in value.values())
    if isinstance(value, list):
        return levels == 0 or any(is_deeper_than(child, levels - 1) for child in value)
    return False


def mended(value: Any, levels: int) -> Any:
    """The same tree without NUL, lone surrogates, integers beyond 64 bits, and anything below `levels`.

    PostgreSQL refuses NUL, UTF-8 has no lone surrogates, msgpack no larger integers. Clients send all of them. What is
    too large even for a fraction is nothing.
    """
    if isinstance(value, str):
        return mended_text(value)
    if isinstance(value, dict):
        if levels == 0:
            return CUT
        return {mended_text(key): mended(child, levels - 1) for key, child in value.items()}
    if isinstance(value, list):
        return CUT if levels == 0 else [mended(child, levels - 1) for child in value]
    if isinstance(value, int) and not _INTEGER_MIN <= value <= _INTEGER_MAX:
        return float(value) if abs(value) < _FLOAT_MAX else None
    return value


def mended_text(text: str) -> str:
    """Without NUL; two halves of a surrogate pair are joined, a half on its own becomes U+FFFD."""
    if "\0" in text:
        text = text.replace("\0", "")
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return text


def kind_of(value: Any) -> str:
    """What JSON calls the value, for messages: `a list`, `a number`."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "a boolean"
    if isinstance(value, (int, float)):
        return "a number"
    if isinstance(value, str):
        return "a string"
    return "a list" if isinstance(value, list) else "an object"
