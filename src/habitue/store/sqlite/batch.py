"""Writes one commit: everything a batch changed, each customer once, in the order of the pages."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import count
from operator import itemgetter
from typing import Any, NamedTuple

import msgspec

from habitue.model.consent import ConsentWord
from habitue.model.decision import Decision
from habitue.model.effect import Effect
from habitue.model.instant import MINUTE, Instant
from habitue.run.ports import Commit, CustomerRow, Interest, Membership, Parked, Place, Tally

from .erasing import forget, prune
from .queries import Queries
from .sums import state_sum

SQL = Queries("state.sql")
SLOT = 10 * MINUTE
TALLY_WIDTHS = (1440, 60, 1)
"""In minutes, widest first. All time is kept beside them as width 0."""

_INTEGER_MAX = 2**63 - 1

_encode_json = msgspec.json.Encoder().encode
_encode_trail = msgspec.msgpack.Encoder().encode

KindKey = tuple[str, str, str | None, str | None, str | None, str | None, str | None]


class Known(NamedTuple):
    """What the table holds of a customer before the batch."""

    number: int
    due: Instant | None
    slot: int | None
    trail: int
    top: int
    search: str


class Trail(NamedTuple):
    """Where a customer's trail ends after the batch."""

    chunk: int
    top: int


NO_TRAIL = Trail(0, -1)
_CUSTOMER_QUERIES = ("add_customer", "update_state", "update_due", "update_slot")


class Kinds:
    """The numbers of decision kinds, remembered by the only one who gives them."""

    def __init__(self) -> None:
        self._numbers: dict[KindKey, int] | None = None

    def number(self, connection: sqlite3.Connection, key: KindKey) -> int:
        if self._numbers is None:
            self._numbers = {row[:7]: row[7] for row in connection.execute(SQL["kinds"])}
        found = self._numbers.get(key)
        if found is None:
            found = self._numbers[key] = len(self._numbers) + 1
            connection.execute(SQL["add_kind"], (*key, found))
        return found


class Batch:
    """One transaction's work. Reads what it needs to know of its customers first, then only writes."""

    def __init__(self, connection: sqlite3.Connection, kinds: Kinds) -> None:
        self._connection = connection
        self._kinds = kinds

    def write(self, commit: Commit) -> None:
        if commit.forgotten:
            # Interests stand under her number, which goes with her.
            self._put_interests([one for one in commit.interests if one.since is None])
            forget(self._connection, commit.forgotten, commit.ordinal)
        if any(commit.pruned):
            prune(self._connection, *commit.pruned)
        customers = {row.id: row for row in commit.customers}
        first_decision = self._scalar("last_decision") + 1
        steps = _steps(commit.tail, commit.decisions, first_decision)
        known = self._known([*customers, *(one for one in steps if one not in customers)])

        numbers = self._numbers([*customers, *(one for one in steps if one not in customers)], known)
        trails = self._put_trails(steps, known, numbers, commit.position)
        joined = _joined(customers.values(), known, {one for one, _ in commit.met})
        self._put_customers(customers.values(), known, trails, numbers)
        self._move_trails([one for one in steps if one not in customers], known, trails, numbers)
        self._put_people(commit.met, joined, numbers)
        self._put_effects(commit.effects)
        self._put_decisions(commit.decisions, first_decision)
        self._put_memberships(commit.memberships)
        self._put_places(commit.places)
        self._put_interests(commit.interests)
        self._put_consents(commit.consents)
        self._put_tallies(commit.tallies)
        self._put_parked(commit.unparked, commit.parked, commit.skipped)
        if commit.adopting is not None:
            self._connection.execute(SQL["clear_adopting"])
            rows = [(one.position, one.version, one.before) for one in commit.adopting]
            self._connection.executemany(SQL["add_adopting"], rows)

    def _scalar(self, query: str) -> int:
        return int(self._connection.execute(SQL[query]).fetchone()[0])

    def _known(self, ids: Sequence[str]) -> dict[str, Known]:
        return {row[0]: Known(*row[1:]) for row in self._connection.execute(SQL["known"], (json.dumps(ids),))}

    def _numbers(self, ids: Iterable[str], known: dict[str, Known]) -> dict[str, int]:
        """The number of each: the one she has, or the next."""
        fresh = count(self._scalar("last_number") + 1)
        return {one: known[one].number if one in known else next(fresh) for one in ids}

    def _put_trails(
        self, steps: dict[str, _Steps], known: dict[str, Known], numbers: dict[str, int], until: int
    ) -> dict[str, Trail]:
        chunk = self._scalar("last_chunk")
        rows, trails = [], {}
        for customer, (positions, sequences) in steps.items():
            chunk += 1
            before = known.get(customer)
            previous, top = (before.trail, before.top) if before else (0, -1)
            number = numbers[customer] if positions else None
            rows.append((chunk, previous, top, number, until, _encode_trail((positions, sequences))))
            trails[customer] = Trail(chunk, max([top, *(position for position, _ in positions)]))
        self._connection.executemany(SQL["add_chunk"], rows)
        return trails

    def _put_customers(
        self,
        customers: Iterable[CustomerRow],
        known: dict[str, Known],
        trails: dict[str, Trail],
        numbers: dict[str, int],
    ) -> None:
        rows: dict[str, list[tuple[Any, ...]]] = {query: [] for query in _CUSTOMER_QUERIES}
        words: list[tuple[int, str]] = []
        for row in customers:
            before = known.get(row.id)
            if before is None:
                before = known[row.id] = Known(numbers[row.id], None, None, 0, -1, "")
                query, values = _added(row, before, trails.get(row.id, NO_TRAIL))
            else:
                query, values = _changed(row, before, trails.get(row.id, Trail(before.trail, before.top)))
            rows[query].append(values)
            search = "" if row.tombstone else _sound(row.search)
            if search != before.search:
                words.append((before.number, search))

        for query, values_of_all in rows.items():
            # In the order of the rows: neighbours share a page, and the disk is read forwards.
            self._connection.executemany(SQL[query], sorted(values_of_all, key=itemgetter(-1)))
        self._put_words(words)

    def _put_words(self, words: Iterable[tuple[int, str]]) -> None:
        self._connection.executemany(SQL["put_words"], sorted(one for one in words if one[1]))
        self._connection.executemany(SQL["drop_words"], [(number,) for number, search in words if not search])

    def _move_trails(
        self, customers: Iterable[str], known: dict[str, Known], trails: dict[str, Trail], numbers: dict[str, int]
    ) -> None:
        """Of a customer who failed in her first step there is a trail but no state: she gets a row without one."""
        for customer in customers:
            if customer in known:
                self._connection.execute(SQL["move_trail"], (*trails[customer], numbers[customer]))
            else:
                values = (customer, None, 0, None, *trails[customer], None, None, numbers[customer])
                self._connection.execute(SQL["add_customer"], values)

    def _put_people(
        self, met: Iterable[tuple[str, Instant]], joined: dict[str, str | None], numbers: dict[str, int]
    ) -> None:
        rows = [(numbers[one], one, at) for one, at in met]
        self._connection.executemany(SQL["meet"], rows)
        changes = [(numbers[one], into) for one, into in joined.items()]
        self._connection.executemany(SQL["join"], changes)

    def _put_effects(self, effects: Iterable[Effect]) -> None:
        self._connection.executemany(SQL["add_effect"], [(one.id, _encode_json(one)) for one in effects])

    def _put_decisions(self, decisions: Iterable[Decision], first: int) -> None:
        rows = [
            (
                sequence,
                self._kinds.number(self._connection, _kind(one)),
                _encode_json((one.id, one.customer, one.at, one.run, one.detail)),
            )
            for sequence, one in enumerate(decisions, start=first)
        ]
        self._connection.executemany(SQL["add_decision"], rows)

    def _put_memberships(self, memberships: Sequence[Membership]) -> None:
        changes: Counter[tuple[str, int, bool]] = Counter()
        latest: dict[str, dict[str, Instant | None]] = {}
        for one in memberships:
            changes[one.segment, one.at // MINUTE, one.since is not None] += 1
            latest.setdefault(one.segment, {})[one.customer] = one.since
        for segment, members in latest.items():
            self._put_members(segment, members)
        self._connection.executemany(
            SQL["add_segment_change"],
            [
                (segment, minute, count * joined, count * (not joined))
                for (segment, minute, joined), count in changes.items()
            ],
        )

    def _put_members(self, segment: str, members: dict[str, Instant | None]) -> None:
        """A statement tells how many rows it touched: that keeps the segment's size without counting it."""
        joins = sorted((segment, customer, since) for customer, since in members.items() if since is not None)
        leaves = sorted((segment, customer) for customer, since in members.items() if since is None)
        many = self._connection.executemany
        gone = many(SQL["drop_member"], leaves).rowcount if leaves else 0
        came = many(SQL["add_member"], joins).rowcount if joins else 0
        if came < len(joins):
            many(SQL["update_member"], joins)
        if came != gone:
            self._connection.execute(SQL["add_to_size"], (segment, came - gone))

    def _put_places(self, places: Iterable[Place]) -> None:
        latest = {(one.journey, one.customer, one.run): one for one in places}
        over, standing = [], []
        for key, one in sorted(latest.items()):
            if one.step is None:
                over.append(key)
            else:
                standing.append((*key, one.version, one.key, one.step, one.since, one.due))
        self._connection.executemany(SQL["drop_place"], over)
        self._connection.executemany(SQL["put_place"], standing)

    def _put_interests(self, interests: Sequence[Interest]) -> None:
        """In the order of the pages. Whoever is named has a row already, or gets one in the same batch."""
        gone = sorted((one.kind, _sound(one.key), one.customer) for one in interests if one.since is None)
        held = sorted(
            (one.kind, _sound(one.key), one.customer, one.since) for one in interests if one.since is not None
        )
        self._connection.executemany(SQL["drop_interest"], gone)
        self._connection.executemany(SQL["put_interest"], held)

    def _put_consents(self, words: Iterable[ConsentWord]) -> None:
        texts = {one.text_id: _sound(one.text) for one in words if one.text}
        self._connection.executemany(SQL["add_consent_text"], sorted(texts.items()))
        rows = [
            (_sound(one.id), one.customer, one.text_id, _encode_json(msgspec.structs.replace(one, text="")))
            for one in words
        ]
        self._connection.executemany(SQL["add_consent"], rows)

    def _put_tallies(self, tallies: Iterable[Tally]) -> None:
        counts: Counter[tuple[str, int, int, str, str, str]] = Counter()
        amounts: Counter[tuple[str, int, int, str, str, str]] = Counter()
        for one in tallies:
            for width in (*TALLY_WIDTHS, 0):
                minute = one.minute // width * width if width else 0
                key = (one.subject, width, minute, one.name, one.outcome, one.reason)
                counts[key] += one.count
                amounts[key] += one.amount
        rows = [(*key, count, _in_64_bits(amounts[key])) for key, count in sorted(counts.items())]
        self._connection.executemany(SQL["add_tally"], rows)

    def _put_parked(
        self, unparked: Sequence[str], parked: Iterable[Parked], skipped: Iterable[tuple[str, int]]
    ) -> None:
        many = self._connection.executemany
        many(SQL["unpark"], [(customer,) for customer in unparked])
        many(SQL["drop_skipped"], [(customer,) for customer in unparked])
        many(SQL["park"], [(one.customer, one.position, _sound(one.error), one.at) for one in parked])
        many(SQL["skip"], skipped)


_Steps = tuple[list[tuple[int, Instant]], list[int]]
"""(positions with their times, sequence numbers of decisions)"""


def _steps(
    tail: Iterable[tuple[str, int, Instant]], decisions: Iterable[Decision], first_decision: int
) -> dict[str, _Steps]:
    steps: dict[str, _Steps] = {}
    for customer, position, occurred_at in tail:
        steps.setdefault(customer, ([], []))[0].append((position, occurred_at))
    for sequence, one in enumerate(decisions, start=first_decision):
        steps.setdefault(one.customer, ([], []))[1].append(sequence)
    return steps


def _joined(customers: Iterable[CustomerRow], known: dict[str, Known], met: set[str]) -> dict[str, str | None]:
    """Whoever may have become part of somebody, or a person of her own again: into whom. Before her row is written.

    Most tombstones stand for an address or a device, were never a person, and have no trail.
    """
    found: dict[str, str | None] = {}
    for row in customers:
        before = known.get(row.id)
        was_somebody = row.id in met or (before is not None and before.trail > 0)
        if was_somebody and (row.tombstone or (before is not None and before.slot is None)):
            found[row.id] = row.joined_into
    return found


def _kind(one: Decision) -> KindKey:
    return (one.outcome.value, one.reason.value, one.journey, one.step, one.message, one.channel, one.segment)


def _slot(row: CustomerRow) -> int | None:
    return None if row.tombstone else row.last_seen_at // SLOT


def _added(row: CustomerRow, known: Known, trail: Trail) -> tuple[str, tuple[Any, ...]]:
    return "add_customer", (row.id, row.due, row.last_seen_at, _slot(row), *trail, *_state(row), known.number)


def _changed(row: CustomerRow, known: Known, trail: Trail) -> tuple[str, tuple[Any, ...]]:
    """The query that touches the fewest indexes, and its values. The number comes last in all of them."""
    rest = (row.last_seen_at, *trail, *_state(row), known.number)
    if _slot(row) != known.slot:
        return "update_slot", (_slot(row), row.due, *rest)
    if row.due != known.due:
        return "update_due", (row.due, *rest)
    return "update_state", rest


def _state(row: CustomerRow) -> tuple[bytes, int]:
    return row.state, state_sum(row.id, row.state)


def _in_64_bits(amount: int) -> int:
    return max(-_INTEGER_MAX, min(_INTEGER_MAX, amount))


def _sound(text: str) -> str:
    """Text SQLite can keep: half a character becomes a question mark."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode()
