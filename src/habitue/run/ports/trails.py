"""What the state tells of the past: whose each record is, who was ever met, and who was joined into whom."""

from __future__ import annotations

from typing import Protocol

import msgspec

from habitue.model.instant import Instant


class Attribution(msgspec.Struct, frozen=True):
    """Records that one commit absorbed as a customer's.

    `chunk` numbers them in the order of commits. `until` is the commit's log position: most records lie between it and
    that of the commit before; those that queued behind a failure, or changed hands when a customer was split, lie
    earlier. Of two attributions of one record the later holds.
    """

    chunk: int
    until: int
    customer: str
    """The id she had then; she may have been joined into another one since."""
    positions: list[int]


class Met(msgspec.Struct, frozen=True):
    """Somebody who was met, and when: the reception of her first record. Told again whenever `joined_into` changes."""

    change: int
    customer: str
    met_at: Instant
    joined_into: str | None
    """The customer she is part of, who may be part of another one; None while she is a person of her own."""


class Trails(Protocol):
    """Read on from where one was, page by page, beside the process that writes."""

    def position(self) -> int:
        """The last log position committed; -1 at the beginning."""
        ...

    def attributions(self, after: int, limit: int) -> list[Attribution]:
        """After a chunk number, in order; 0 is before the first. Numbers are never given twice."""
        ...

    def queued(self, after: int, until: int) -> list[tuple[int, str]]:
        """(position, customer) of records after a position, up to another, that wait behind a parked customer."""
        ...

    def met(self, after: int, limit: int) -> list[Met]:
        """Everyone whose last change has a higher number, in order of change; 0 is before the first."""
        ...
