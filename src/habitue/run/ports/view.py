"""What people may ask of the state, read-only."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import msgspec

from habitue.model.consent import ConsentWord
from habitue.model.decision import Decision
from habitue.model.instant import Instant, Span

from .store import Adopting, Parked, Place, Tally
from .trails import Trails


class Interested(msgspec.Struct, frozen=True):
    """A customer whom a product or category may concern: by what kinds of interest, and since when the oldest of them.

    `tombstone`: she was joined into another customer, who is to be asked for in her place.
    """

    customer: str
    kinds: tuple[str, ...]
    since: Instant
    tombstone: bool = False


class PersonRow(msgspec.Struct, frozen=True):
    id: str
    search: str
    last_seen_at: Instant
    due: Instant | None


class View(Trails, Protocol):
    """Questions people ask of the state, read-only and safe beside a running system (console, CLI, API)."""

    def people(self, query: str = "", limit: int = 50, after: str | None = None) -> list[PersonRow]:
        """Found by part of user id, e-mail or name (or by exact customer id); most recently seen first."""
        ...

    def people_met(self, query: str = "", limit: int = 50, after: int = 0) -> list[tuple[int, PersonRow]]:
        """In the order they were first met, each with her number; `after` is the number to read on from.

        Unlike `people`, a list that stays in place while it is read, whoever is seen meanwhile.
        """
        ...

    def people_count(self) -> int: ...

    def person(self, customer: str) -> bytes | None:
        """The state's bytes, tombstones included."""
        ...

    def timeline(
        self, customers: Sequence[str], limit: int = 100, before: int | None = None
    ) -> list[tuple[int, Instant]]:
        """(position, occurred_at) of these ids' records, newest position first."""
        ...

    def decisions(
        self,
        *,
        customers: Sequence[str] | None = None,
        outcome: str | None = None,
        reason: str | None = None,
        journey: str | None = None,
        message: str | None = None,
        limit: int = 100,
        before: int | None = None,
    ) -> list[tuple[int, Decision]]:
        """Newest first, with the sequence number to page on from."""
        ...

    def decisions_after(self, sequence: int, limit: int) -> list[tuple[int, Decision]]:
        """(sequence number, decision) in the order they fell; 0 is before the first."""
        ...

    def segment_sizes(self) -> dict[str, int]: ...

    def segment_changes(self, segment: str, since: Instant, bucket: Span) -> list[tuple[Instant, int, int]]:
        """(bucket start, joined, left) where anything changed."""
        ...

    def members(self, segment: str, limit: int = 100, after: str | None = None) -> list[tuple[str, Instant]]:
        """(customer, since), in the order of customer id; `after` is the last id of the page before."""
        ...

    def interested(
        self,
        kinds: Sequence[str],
        keys: Sequence[str],
        after: tuple[Instant, str] | None = None,
        limit: int = 1_000,
    ) -> list[Interested]:
        """Each customer once whom any of the keys interests in any of the kinds, longest first.

        `after` is (since, customer) of the last one of the page before.
        """
        ...

    def places(self, journey: str, step: str | None = None, limit: int = 100) -> list[Place]:
        """Runs going on, earliest due first."""
        ...

    def place_counts(self, journey: str) -> dict[tuple[int, str], int]:
        """(version, step) → runs standing there now."""
        ...

    def tallies(self, subject: str, since_minute: int, until_minute: int, bucket_minutes: int = 1) -> list[Tally]:
        """Sums per bucket over since ≤ minute < until; `minute` is the bucket's first minute."""
        ...

    def totals(self, subject: str, since_minute: int = 0) -> list[Tally]:
        """Sums over all minutes from `since_minute`; `minute` is 0."""
        ...

    def consents(
        self, customers: Sequence[str], limit: int = 1_000, before: int | None = None
    ) -> list[tuple[int, ConsentWord]]:
        """What these ids said about consent as recorded, newest first; `before` is the number to page on from."""
        ...

    def consents_after(self, sequence: int, limit: int) -> list[tuple[int, ConsentWord]]:
        """The consent ledger in order, after the given number; 0 is before the first."""
        ...

    def parked(self) -> list[Parked]: ...

    def version(self) -> int:
        """The playbook version that is decided by; 0 before the first."""
        ...

    def adopting(self) -> list[Adopting]:
        """Versions that not everybody has adopted, oldest first."""
        ...
