"""Constants as people type them into a field: `ES`, `20`, `true`; in quotes where a number is meant as text."""

from __future__ import annotations

import json
import re

from habitue.console.segments.rows.row import RowError
from habitue.playbook.conditions import write
from habitue.playbook.conditions.tree import Constant, Scalar

_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?")
_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"')
_PART = re.compile(r'\s*("(?:[^"\\]|\\.)*"|[^,]*)\s*(?:,|$)')
_WORDS: dict[str, Scalar] = {"true": True, "false": False}


def shown(value: Scalar) -> str:
    """The field's text for a constant; `constant` reads it back as the same."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str) and (constant(value) != value or "," in value):
        return json.dumps(value, ensure_ascii=False)
    return str(value)


def constant(text: str) -> Scalar:
    stripped = text.strip()
    if _QUOTED.fullmatch(stripped):
        try:
            return str(json.loads(stripped))
        except ValueError:
            return stripped[1:-1]
    if stripped in _WORDS:
        return _WORDS[stripped]
    if _NUMBER.fullmatch(stripped):
        return float(stripped) if "." in stripped else int(stripped)
    return stripped


def written(text: str) -> str:
    """The field's text as it stands in a condition. Raises RowError when there is none."""
    if not text.strip():
        raise RowError("enter what to compare with")
    return write(Constant(constant(text)))


def written_list(text: str) -> str:
    """Several, parted by commas, as they stand after `in`."""
    parts = [part for part in _PART.findall(text) if part.strip()]
    if not parts:
        raise RowError("enter what to compare with, several parted by commas")
    return f"({', '.join(written(part) for part in parts)},)"


def quoted(text: str) -> str:
    """A name in quotes, safely."""
    return write(Constant(text))
