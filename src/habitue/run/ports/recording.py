"""What a backtest needs of recorded history: its rows, in stretches that any process can read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Protocol, runtime_checkable

if TYPE_CHECKING:
    import pyarrow as pa


class Stretch(Protocol):
    """Some of the rows. Goes to other processes by pickle, and is read there."""

    @property
    def rows(self) -> int:
        """About how many: work is shared out by it."""
        ...

    def tables(self, columns: Sequence[str]) -> Iterator[pa.Table]:
        """The rows, with these of the archive's columns of events; see docs/archive.md."""
        ...


@runtime_checkable
class Recording(Protocol):
    """All that happened up to one position of the log, each event in one stretch."""

    def stretches(self) -> Sequence[Stretch]: ...
