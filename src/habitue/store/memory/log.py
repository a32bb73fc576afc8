"""The log in memory."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from threading import Lock

import msgspec

from habitue.model.event import Event, Record, speaker
from habitue.model.instant import Instant
from habitue.run.ports import Appended, Clock, DeadLetter


class MemoryLog:
    """Positions start at 0 and have no gaps, so a position is an index."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._records: list[Record] = []
        self._known: set[tuple[str, str]] = set()
        self._dead: list[DeadLetter] = []
        self._last: Instant = 0
        self._write_right = Lock()

    def append(self, events: Sequence[Event], dead: Sequence[DeadLetter] = ()) -> Appended:
        with self._write_right:
            now = self._stamp()
            accepted = 0
            for event in events:
                known = (speaker(event), event.id)
                if known in self._known:
                    continue
                self._known.add(known)
                self._records.append(Record(len(self._records), now, event))
                accepted += 1
            for letter in dead:
                self._dead.append(msgspec.structs.replace(letter, id=len(self._dead) + 1, received_at=now))
            return Appended(accepted, len(events) - accepted, len(self._records) - 1)

    def _stamp(self) -> Instant:
        self._last = max(self._last, self._clock.now())
        return self._last

    def position(self) -> int:
        return len(self._records) - 1

    def fence(self) -> tuple[Instant, int]:
        with self._write_right:
            return self._stamp(), len(self._records) - 1

    def read(self, after: int, limit: int) -> list[Record]:
        first = after + 1
        return self._records[first : first + limit]

    def scan(self, after: int = -1, until: int | None = None) -> Iterator[Record]:
        position = after + 1
        while position < len(self._records) and (until is None or position <= until):
            yield self._records[position]
            position += 1

    def at(self, positions: Iterable[int]) -> list[Record]:
        return [self._records[position] for position in sorted(set(positions)) if 0 <= position < len(self._records)]

    def dead_letters(self, limit: int = 100, before: int | None = None) -> list[DeadLetter]:
        end = len(self._dead) if before is None else bisect_right(self._dead, before - 1, key=lambda letter: letter.id)
        return self._dead[:end][::-1][:limit]
