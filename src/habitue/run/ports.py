"""What a runner needs of a log and of a store. Owned here; every implementation passes one contract suite."""

from __future__ import annotations

import builtins
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Protocol, TypeAlias

import msgspec

from habitue.model.article import Article
from habitue.model.consent import ConsentWord
from habitue.model.decision import Decision
from habitue.model.delivery import Delivery, DeliveryState, Failure
from habitue.model.effect import Effect
from habitue.model.event import Event, Record
from habitue.model.instant import Instant, Span
from habitue.model.product import Product, StockLevel
from habitue.model.rendered import Rendered


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
    interests: list[Interest] = []
    """At most one for each customer, kind and key: how it stands after this batch."""


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

    def customer_ids(self) -> Iterator[str]:
        """Every live customer (no tombstones), streamed, in a stable order."""
        ...

    def save_playbook(self, name: str, files: Mapping[str, str], at: Instant, author: str) -> int:
        """Keep the files as a new version and return its number (1, 2, …); the latest's files again: its number."""
        ...

    def playbook(self, version: int) -> dict[str, str] | None: ...

    def playbooks(self) -> list[dict[str, Any]]:
        """`version, name, applied_at, author` of every version, newest first."""
        ...


class Deliveries(Protocol):
    """What the outbox remembers of every effect: written by the outbox alone, read by all."""

    def cursor(self) -> int:
        """The sequence number of the last effect taken in."""
        ...

    def take_in(self, effects: Sequence[tuple[int, Effect]], now: Instant) -> int:
        """Keep new effects as `waiting` and move the cursor, in one transaction. An id known already is left alone."""
        ...

    def due(self, now: Instant, limit: int, channel: str | None = None) -> builtins.list[tuple[Delivery, Effect]]:
        """Waiting deliveries whose `retry_at` has come, of one channel or of all, oldest first."""
        ...

    def next_due(self) -> Instant | None: ...

    def begin(self, ids: Sequence[str], now: Instant) -> None:
        """Mark as `sending`, durably, before anything is handed over; counts an attempt."""
        ...

    def finish(self, deliveries: Sequence[Delivery]) -> None:
        """Keep what became of them, in one transaction. They stay unreported until `mark_reported`."""
        ...

    def recover(self, now: Instant) -> list[Delivery]:
        """After a crash: everything `sending` becomes `unknown`, and is returned."""
        ...

    def unreported(self, limit: int) -> list[Delivery]:
        """Finished deliveries whose event is not known to be in the log yet."""
        ...

    def mark_reported(self, ids: Sequence[str]) -> None: ...

    def get(self, delivery: str) -> Delivery | None: ...

    def effect(self, delivery: str) -> Effect | None: ...

    def list(
        self,
        *,
        customers: Sequence[str] | None = None,
        state: DeliveryState | None = None,
        channel: str | None = None,
        message: str | None = None,
        limit: int = 100,
        before: int | None = None,
    ) -> builtins.list[tuple[int, Delivery]]:
        """Newest first, with the sequence number to page on from."""
        ...

    def onsite(self, customers: Sequence[str], now: Instant) -> builtins.list[Delivery]:
        """Accepted on-site deliveries of these customer ids that are neither displayed nor expired, oldest first."""
        ...

    def unseen(self, now: Instant, limit: int) -> builtins.list[Delivery]:
        """Accepted on-site deliveries that no page showed before their life ended; first to end, first."""
        ...

    def mark_displayed(self, delivery: str, now: Instant) -> bool:
        """On site: accepted → displayed, to be reported. False when it was not accepted (any more)."""
        ...

    def counts(self) -> dict[tuple[str, str], int]:
        """(channel, state) → how many."""
        ...

    def changes_after(self, change: int, limit: int) -> builtins.list[tuple[int, Delivery]]:
        """(change number, delivery as it is now) of those changed since, in order of change; 0 is before the first."""
        ...


class Accepted(msgspec.Struct, frozen=True):
    """The provider took the message (e-mail), or it waits for the customer's next page (on site)."""

    detail: str = ""


class Refused(msgspec.Struct, frozen=True):
    """The provider surely did not take it; `failure` says what to do, `detail` what it answered."""

    failure: Failure
    detail: str


class Uncertain(msgspec.Struct, frozen=True):
    """It was handed over and no answer came: it may have been sent. Never tried again by itself."""

    detail: str


Handover: TypeAlias = Accepted | Refused | Uncertain


SUPPRESSION_REASONS = ("bounced", "complained", "erased", "refused")
HARD_REASONS = frozenset({"bounced", "complained"})
"""Nothing may be sent there at all, whatever it is."""


class Suppressions(Protocol):
    """Addresses that must not be written to again, by keyed hash: what was known of their owners may be gone."""

    def add(self, channel: str, address: str, why: str) -> None:
        """`why` is one of `SUPPRESSION_REASONS`."""
        ...

    def find(self, channel: str, address: str) -> str | None:
        """Why the address must not be written to, or None."""
        ...


class Channel(Protocol):
    """One road to a customer. What a provider says is put into `Handover`; a channel raises only for its own bugs."""

    async def hand_over(self, delivery: str, address: str, content: Rendered) -> Handover: ...

    async def close(self) -> None: ...


class Content(Protocol):
    """Makes what is to be said out of an effect. Safe to call from any thread."""

    def render(self, effect: Effect, now: Instant) -> Rendered:
        """Raises RenderFailed when the template cannot be made into a message for this person."""
        ...


class Interested(msgspec.Struct, frozen=True):
    """A customer whom a product or category may concern: by what kinds of interest, and since when the oldest of them.

    `tombstone`: she was joined into another customer, who is to be asked for in her place.
    """

    customer: str
    kinds: tuple[str, ...]
    since: Instant
    tombstone: bool = False


class Put(msgspec.Struct, frozen=True):
    """What became of what was put into the catalogue."""

    added: int = 0
    changed: int = 0
    unchanged: int = 0
    stale: int = 0
    """Older than what is known, and so passed over."""
    removed: int = 0
    unknown: int = 0
    """Of no product we know."""
    changes: int = 0
    """Changes worth telling customers, which the catalogue process takes from here."""


class Catalog(Protocol):
    """The shop's products and articles as others write them. What is older than what is known changes nothing.

    `source` says who told; `at` is the moment we learnt it and stands in for an `updated_at` that is missing. `tell`
    False: nobody is to hear of it, as when a catalogue is brought in for the first time.
    """

    def put_products(self, products: Iterable[Product], *, source: str, at: Instant, tell: bool = True) -> Put:
        """Add or describe anew, in one transaction."""
        ...

    def delete_products(
        self, ids: Sequence[str], *, source: str, at: Instant, updated_at: Instant | None = None
    ) -> Put: ...

    def put_stock(self, levels: Iterable[StockLevel], *, source: str, at: Instant) -> Put: ...

    def put_articles(self, articles: Iterable[Article], *, source: str, at: Instant, tell: bool = True) -> Put: ...

    def delete_articles(self, ids: Sequence[str], *, source: str, at: Instant) -> Put: ...


class PersonRow(msgspec.Struct, frozen=True):
    id: str
    search: str
    last_seen_at: Instant
    due: Instant | None


class View(Protocol):
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
