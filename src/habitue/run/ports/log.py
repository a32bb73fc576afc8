"""What a runner needs of a log, and of a clock."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Protocol

import msgspec

from habitue.model.event import Event, Record
from habitue.model.instant import Instant


class Appended(msgspec.Struct, frozen=True):
    """What an append came to: how many were new and how many had been there before."""

    accepted: int
    duplicates: int
    position: int
    """The log's last position after the append."""


class DeadLetter(msgspec.Struct, frozen=True, kw_only=True):
    """What could not be accepted, with the reason and the raw text (cut to a bounded length)."""

    source: str
    reason: str
    detail: str
    body: str
    id: int = 0
    received_at: Instant = 0


class Clock(Protocol):
    """The only place the time comes from. Lives in `run`; the core never sees one."""

    def now(self) -> Instant: ...


class Log(Protocol):
    """An append-only log of one partition. A partitioned log is several of these; a customer's events share one.

    The log stamps `received_at` while it holds the right to write, and never lets it fall: so positions and
    reception times rise together, and `fence` can say what time it is *between* two appends.
    """

    def append(self, events: Sequence[Event], dead: Sequence[DeadLetter] = ()) -> Appended:
        """Durably append; an event whose (source, id) is known is skipped. Dead letters go in the same transaction."""
        ...

    def position(self) -> int:
        """The last position, -1 when empty; waits for nobody, so it may be old by the time it is returned."""
        ...

    def fence(self) -> tuple[Instant, int]:
        """(now, last position): records up to the position were received at or before now, later ones at or after."""
        ...

    def read(self, after: int, limit: int) -> list[Record]:
        """Records with position > after, in order."""
        ...

    def scan(self, after: int = -1, until: int | None = None) -> Iterator[Record]:
        """All records in order, streamed, up to and including `until`."""
        ...

    def at(self, positions: Iterable[int]) -> list[Record]:
        """The records at these positions, in order; unknown ones are left out."""
        ...

    def dead_letters(self, limit: int = 100, before: int | None = None) -> list[DeadLetter]:
        """Newest first; `before` is the id to page on from."""
        ...
