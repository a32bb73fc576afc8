"""Whose each record is, as the decide loop said: read on from the state's trails in the order of commits.

A commit absorbs one stretch of the log, and its chunks come one after the other. So where the chunks of a later commit
begin, everything is known up to the commit before. Chunks that name records further back say that these changed hands:
somebody parked went on, or a customer was split.
"""

from __future__ import annotations

from array import array
from collections import deque

from habitue.run.ports import Attribution, Trails

CHUNKS_PER_READ = 2_000


class Owners:
    """Customer ids by position, four bytes for each: a commit from before there were trails to read is a whole log."""

    def __init__(self, first: int) -> None:
        self._first = first
        self._numbers = array("I")
        self._ids: list[str] = [""]
        self._known: dict[str, int] = {}

    def put(self, position: int, customer: str) -> None:
        number = self._known.get(customer)
        if number is None:
            number = self._known[customer] = len(self._ids)
            self._ids.append(customer)
        place = position - self._first
        if place >= len(self._numbers):
            self._numbers.frombytes(bytes((place + 1 - len(self._numbers)) * self._numbers.itemsize))
        self._numbers[place] = number

    def get(self, position: int) -> str | None:
        place = position - self._first
        return self._ids[self._numbers[place]] or None if 0 <= place < len(self._numbers) else None

    def drop(self, until: int) -> None:
        """Forget positions up to and including one."""
        del self._numbers[: max(0, until + 1 - self._first)]
        self._first = max(self._first, until + 1)
        if not self._numbers:
            self._ids, self._known = [""], {}


class Attributing:
    """Follows one reader's progress: `done` is the position it has dealt with, `chunk` where to begin after a crash."""

    def __init__(self, chunk: int, done: int) -> None:
        self.chunk = chunk
        self.moved: dict[int, str] = {}
        """Records up to `done` that may have changed hands since. Whoever dealt with them takes them out."""
        self._done = done
        self._read = chunk
        self._complete = self._commit = done
        self._owners = Owners(done + 1)
        self._ahead: deque[tuple[int, int]] = deque()
        """(chunk, its last position) of chunks that say something of what is after `done`."""

    def read(self, trails: Trails, until: int) -> None:
        """Learn whose the records up to a position are; no later one than the last the state has absorbed."""
        while self._complete < until:
            page = trails.attributions(self._read, CHUNKS_PER_READ)
            for one in page:
                if one.until > self._commit:
                    self._complete, self._commit = self._commit, one.until
                    if self._complete >= until:
                        return
                self._take(one)
            if len(page) < CHUNKS_PER_READ:
                self._complete = until

    def _take(self, one: Attribution) -> None:
        for position in one.positions:
            if position > self._done:
                self._owners.put(position, one.customer)
            else:
                self.moved[position] = one.customer
        last = max(one.positions, default=-1)
        if last > self._done:
            self._ahead.append((one.chunk, last))
        self._read = one.chunk

    def whose(self, position: int) -> str | None:
        return self._owners.get(position)

    def advance(self, done: int) -> None:
        """What is up to this position needs not be known any more."""
        self._done = done
        self._owners.drop(done)
        while self._ahead and self._ahead[0][1] <= done:
            self._ahead.popleft()
        self.chunk = self._ahead[0][0] - 1 if self._ahead else self._read
