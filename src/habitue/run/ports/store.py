"""What a runner commits, and what it needs of the store that keeps it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Protocol

import msgspec

from habitue.model.consent import ConsentWord
from habitue.model.decision import Decision
from habitue.model.effect import Effect
from habitue.model.instant import Instant


class CustomerRow(msgspec.Struct, frozen=True):
    """A customer as the store sees her: bytes, the earliest timer, and words to be found by."""

    id: str
    state: bytes
    due: Instant | None
    search: str
    """Lower-case: user id, e-mail, name. Empty for tombstones."""
    last_seen_at: Instant = 0
    tombstone: bool = False
    """Joined into another customer: found by her id alone, never among the people."""
    joined_into: str | None = None
    """Of a tombstone: whose it is. That customer may have been joined into another one in turn."""


class Membership(msgspec.Struct, frozen=True):
    """A change of a segment's membership: since when, or None for "left"."""

    customer: str
    segment: str
    since: Instant | None
    at: Instant


class Place(msgspec.Struct, frozen=True):
    """Where a run stands now; `step` None means the run is over."""

    customer: str
    run: str
    journey: str
    version: int
    key: str
    step: str | None
    since: Instant
    due: Instant | None


class Interest(msgspec.Struct, frozen=True):
    """A change of what a customer is known to be interested in: the way back from a product to those it may concern.

    `kind`: `viewed`, `wished`, `cart` (`key` is a product id) or `category` (`key` is a category). `since` None: it is
    no longer among what she is known by. A later look at the same product is no change.
    """

    customer: str
    kind: str
    key: str
    since: Instant | None


class Tally(msgspec.Struct, frozen=True):
    """How often something happened in one minute, and a sum of money in millionths where it has one.

    `subject`: `event` (name), `source` (source), `journey` (journey), `step` (journey/step), `message`
    (message/channel), `orders`.
    """

    minute: int
    subject: str
    name: str
    outcome: str
    reason: str
    count: int
    amount: int = 0


class Parked(msgspec.Struct, frozen=True, kw_only=True):
    """A customer whose step failed: where, when and with what. Her later records queue in `positions`."""

    customer: str
    position: int
    error: str
    at: Instant


class Adopting(msgspec.Struct, frozen=True):
    """A playbook version that came into force at a position, after `before`, and that not everybody has adopted yet."""

    position: int
    version: int
    before: int


class Commit(msgspec.Struct, kw_only=True):
    """One batch, written in one transaction or not at all. Everything in it may be written twice without harm."""

    position: int
    now: Instant
    version: int = 0
    """The playbook version in force after this batch; 0 before any was applied."""
    customers: list[CustomerRow] = []
    effects: list[Effect] = []
    decisions: list[Decision] = []
    memberships: list[Membership] = []
    places: list[Place] = []
    tallies: list[Tally] = []
    parked: list[Parked] = []
    skipped: list[tuple[str, int]] = []
    """(customer, position) of records that queue behind a parked customer."""
    unparked: list[str] = []
    forgotten: list[str] = []
    """Customer ids of whom nothing is kept any more, before anything else in this batch is written."""
    ordinal: int = 0
    """The highest ordinal of anybody forgotten: ids given to new customers come after it. It never falls."""
    pruned: tuple[int, int] = (0, 0)
    """(decision, effect): sequence numbers up to which they are not kept any more."""
    consents: list[ConsentWord] = []
    """For the consent ledger; one whose id is there already is left as it is."""
    tail: list[tuple[str, int, Instant]] = []
    """(customer, position, occurred_at): whose event a record was, for her timeline."""
    met: list[tuple[str, Instant]] = []
    """(customer, received_at) of those who absorbed their first record: they begin to be somebody at that moment."""
    interests: list[Interest] = []
    """At most one for each customer, kind and key: how it stands after this batch."""
    adopting: list[Adopting] | None = None
    """All that stand from here on, oldest first; None where nothing changes."""


class Belongings(msgspec.Struct, kw_only=True):
    """What a store holds of some customer ids: at which positions their events stand, and how many rows where."""

    positions: list[int] = []
    places: dict[str, int] = {}
    others: list[str] = []
    """Customers whose ledger mentions one of these ids."""


class Store(Protocol):
    """State, timers, outbox, ledger and playbook versions."""

    def position(self) -> int:
        """The last log position committed; -1 at the beginning."""
        ...

    def version(self) -> int:
        """The playbook version in force at that position; 0 before any was applied."""
        ...

    def adopting(self) -> list[Adopting]:
        """Versions that not everybody has adopted, oldest first."""
        ...

    def ordinal(self) -> int:
        """The highest ordinal of anybody forgotten; new customers' ids come after it."""
        ...

    def load(self, ids: Sequence[str]) -> dict[str, bytes]: ...

    def leading_to(self, customer: str) -> list[str]:
        """Ids whose tombstones mention this one. Reads all tombstones: only for who has more than her state lists."""
        ...

    def belongings(self, ids: Sequence[str]) -> Belongings: ...

    def commit(self, commit: Commit) -> None:
        """Write a batch. The last commit once more changes nothing; one from before it raises `OutOfOrder`."""
        ...

    def due(self, until: Instant, limit: int) -> list[str]:
        """Ids of customers with a timer due at or before `until`, earliest first."""
        ...

    def next_due(self) -> Instant | None: ...

    def parked_ids(self) -> set[str]: ...

    def skipped(self, customer: str) -> list[int]:
        """Positions queued behind a parked customer, in order."""
        ...

    def effects(self, after: int, limit: int) -> list[tuple[int, Effect]]:
        """Effects in the order of their sequence number, after the given one."""
        ...

    def trail(self, customers: Sequence[str]) -> list[int]:
        """Positions of all records that were absorbed under these ids, in order, each once."""
        ...

    def trails(self, customers: Sequence[str], after: int) -> dict[str, dict[int, int]]:
        """Under each id, the positions later than `after` that were absorbed under it; ids without any are left out.

        With each position the number of the chunk that says so: of two customers, the later has it; see `Attribution`.
        """
        ...

    def customer_ids(self) -> Iterator[str]:
        """Every live customer (no tombstones), streamed, in a stable order."""
        ...

    def save_playbook(
        self, name: str, files: Mapping[str, str], at: Instant, author: str, note: str = "", base: int | None = None
    ) -> int:
        """Keep the files as a new version and return its number (1, 2, …); the latest's files again: its number.

        `base`: the version these files were made from, 0 before the first; where another one is the latest, nothing is
        kept, and VersionMoved raised.
        """
        ...

    def playbook(self, version: int) -> dict[str, str] | None: ...

    def playbooks(self) -> list[dict[str, Any]]:
        """`version, name, applied_at, author, note` of every version, newest first."""
        ...
