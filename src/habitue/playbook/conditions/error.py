"""What is wrong with a condition's text, where, and what would be right."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

from habitue.errors import HabitueError


class ConditionError(HabitueError):
    """The text is not a condition.

    `line` and `column` count from 1, with the place of the text in its file added; `offset` counts the characters
    before the mistake from 0; `message` is the sentence without the place.
    """

    def __init__(self, message: str, *, offset: int = 0, line: int = 1, column: int = 1) -> None:
        self.message = message
        self.offset = offset
        self.line = line
        self.column = column
        super().__init__(f"line {line}, column {column}: {message}")


def nearest(found: str, known: Iterable[str]) -> str | None:
    """The known name that was probably meant. Upper and lower case do not count."""
    by_folded = {name.casefold(): name for name in sorted(known)}
    close = difflib.get_close_matches(found.casefold(), list(by_folded), n=1, cutoff=0.6)
    return by_folded[close[0]] if close else None


def unknown(what: str, found: str, known: Iterable[str]) -> str:
    """A sentence about a name that is not known: the nearest one, or all when they are few."""
    names = sorted(known)
    guess = nearest(found, names)
    if guess is not None:
        return f'unknown {what} "{found}". Did you mean "{guess}"?'
    if 0 < len(names) <= 12:
        return f'unknown {what} "{found}". There are: {", ".join(names)}.'
    return f'unknown {what} "{found}".'


def slip_for(found: str, known: frozenset[str]) -> str | None:
    """The known name this one is a slip of the pen for: so near that it can hardly be a name of its own."""
    if found in known:
        return None
    folded = " ".join(found.casefold().replace("_", " ").split())
    by_folded = {name.casefold(): name for name in sorted(known)}
    close = difflib.get_close_matches(folded, list(by_folded), n=1, cutoff=0.89)
    return by_folded[close[0]] if close else None
