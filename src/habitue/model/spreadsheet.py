"""Cells of the CSV files we write: what a spreadsheet would carry out is written as text, and read back as it was."""

from __future__ import annotations

import re

_FORMULA = re.compile(r"'*[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]")
"""How a cell begins that a spreadsheet may carry out; the wide forms count too. A mark of ours in front is one more."""
_NUMBER = re.compile(r"[+-]\d[\d\s().,]*(?:[eE][+-]?\d+)?")
"""A number, of money or of a phone, is shown, whatever it begins with."""
_MARK = "'"


def guarded(text: str) -> str:
    """The text as a cell: a `'` in front, for spreadsheets "this is text", if it could be carried out."""
    return f"{_MARK}{text}" if _FORMULA.match(text) and not _NUMBER.fullmatch(text) else text


def unguarded(cell: str) -> str:
    """The text of a cell we wrote; a cell of anybody else's stays as it is unless it looks the same."""
    return cell[1:] if cell.startswith(_MARK) and _FORMULA.match(cell) else cell
