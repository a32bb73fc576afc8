"""What is wrong with a playbook, and where: all of it at once, in words its author can act on."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence

import msgspec

from habitue.errors import HabitueError


class Problem(msgspec.Struct, frozen=True, order=True):
    """One thing to put right. `line` and `column` count from 1."""

    file: str
    line: int
    column: int
    text: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.text}"


class PlaybookError(HabitueError):
    """The playbook cannot be accepted; `problems` is the complete list, in the order of files and lines."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = sorted(set(problems))
        super().__init__("\n".join(str(problem) for problem in self.problems))


def did_you_mean(found: str, known: Iterable[str]) -> str:
    """` Did you mean "spent"?` with a leading space, or nothing when no known name comes near."""
    close = difflib.get_close_matches(found, list(known), n=1, cutoff=0.6)
    return f' Did you mean "{close[0]}"?' if close else ""


def unknown(what: str, found: str, known: Iterable[str]) -> str:
    """The sentence for a name that nobody defined, with the nearest known name or the list of a few."""
    names = list(known)
    guess = did_you_mean(found, names)
    if not guess and 0 < len(names) <= 12:
        guess = f" Known here: {', '.join(names)}."
    return f'unknown {what} "{found}".{guess}'
