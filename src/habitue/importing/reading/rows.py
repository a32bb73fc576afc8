"""A row, and what a reader of rows offers."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any, NamedTuple, Protocol, TypeAlias

from habitue.errors import HabitueError
from habitue.importing.reasons import RowReason

LINE_CHARACTERS_MAX = 1 << 20
"""A line longer than this is no row; reading it whole would let one bad file fill the memory."""


class Row(NamedTuple):
    """One row: its number (the line it begins in; in Parquet, the row) and its cells, plain JSON values."""

    number: int
    cells: dict[str, Any]


class Spoilt(NamedTuple):
    """What should have been a row."""

    number: int
    reason: RowReason
    detail: str
    text: str


Read: TypeAlias = Row | Spoilt


class NotReadable(HabitueError):
    """The file as a whole cannot be read."""


class Rows(Protocol):
    """A file under way."""

    columns: tuple[str, ...]
    """The names of its columns; of JSON lines, those that the first rows have."""
    columns_are_all: bool
    """Whether no later row can have another column."""

    def want(self, columns: Collection[str]) -> None:
        """Only these columns will be looked at; others need not be read."""
        ...

    def __iter__(self) -> Iterator[Read]: ...

    def progress(self) -> tuple[int, int]:
        """(how much is read, how much there is), for a progress bar."""
        ...

    def close(self) -> None: ...


def cannot_read(path: Path, found: object, todo: str) -> NotReadable:
    return NotReadable(f"{path}: {found}; {todo}")
