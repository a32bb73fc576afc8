"""Questions people ask of the state, answered from `state.db` beside the process that writes it."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec

from habitue.model.consent import ConsentWord
from habitue.model.decision import Decision
from habitue.model.instant import MINUTE, Instant, Span
from habitue.model.reason import Outcome, Reason
from habitue.run.ports import Adopting, Interested, Parked, PersonRow, Place, Tally
from habitue.store.commits import whole_minutes

from .batch import SLOT
from .past import SqlitePast
from .queries import Queries
from .spans import spans
from .state import state_database
from .sums import check_state
from .trails import chunks

SQL = Queries("view.sql")
_END = (1 << 62) - 1
_WORTH_SORTING = 2_000
"""A search that finds fewer people than this sorts them; one that finds more meets them soon among those last seen."""

_decode_decision = msgspec.json.Decoder(tuple[str, str, Instant, str | None, dict[str, Any]]).decode
_decode_consent = msgspec.json.Decoder(ConsentWord).decode

TallyKey = tuple[int, str, str, str]


class SqliteView(SqlitePast):
    """A `View`. Every question reads one snapshot; any number of threads may ask."""

    def __init__(self, directory: Path | str) -> None:
        super().__init__(state_database(directory))

    def people(self, query: str = "", limit: int = 50, after: str | None = None) -> list[PersonRow]:
        exact, wanted = query.strip(), _sound(query.strip().lower())
        with self._database.read() as connection:
            bound = _bound(connection, after)
            if bound is None:
                return []
            numbers = _found(connection, exact, wanted) if wanted else None
            if numbers is None:
                return _last_seen(connection, wanted, bound, limit)
            rows = [PersonRow(*row) for row in connection.execute(SQL["rows"], (json.dumps(numbers),))]
        return _page(rows, bound, limit)

    def people_met(self, query: str = "", limit: int = 50, after: int = 0) -> list[tuple[int, PersonRow]]:
        with self._database.read() as connection:
            rows = connection.execute(SQL["people_met"], (after, _sound(query.strip().lower()), limit)).fetchall()
        return [(row[0], PersonRow(*row[1:])) for row in rows]

    def people_count(self) -> int:
        with self._database.read() as connection:
            return int(connection.execute(SQL["people_count"]).fetchone()[0])

    def person(self, customer: str) -> bytes | None:
        with self._database.read() as connection:
            row = connection.execute(SQL["person"], (customer,)).fetchone()
        if row is None or row[0] is None:
            return None
        check_state(customer, *row)
        return bytes(row[0])

    def timeline(
        self, customers: Sequence[str], limit: int = 100, before: int | None = None
    ) -> list[tuple[int, Instant]]:
        end = _END if before is None else before
        found: set[tuple[int, Instant]] = set()
        with self._database.read() as connection:
            for customer in customers:
                found |= _latest_steps(connection, customer, limit, end)
        return sorted(found, reverse=True)[:limit]

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
        end = _END if before is None else before
        with self._database.read() as connection:
            kinds = None
            if (outcome, reason, journey, message) != (None, None, None, None):
                found = connection.execute(SQL["kinds"], (outcome, reason, journey, message))
                kinds = [row[0] for row in found]
            if customers is not None:
                sequences = _sequences_of_customers(connection, customers, kinds, limit, end)
            else:
                sequences = _sequences_of_kinds(connection, kinds, limit, end)
            rows = connection.execute(SQL["decisions"], (json.dumps(sequences),)).fetchall()
        return [_decision(row) for row in rows]

    def decisions_after(self, sequence: int, limit: int) -> list[tuple[int, Decision]]:
        with self._database.read() as connection:
            rows = connection.execute(SQL["decisions_after"], (sequence, limit)).fetchall()
        return [_decision(row) for row in rows]

    def segment_sizes(self) -> dict[str, int]:
        with self._database.read() as connection:
            return dict(connection.execute(SQL["segment_sizes"]).fetchall())

    def segment_changes(self, segment: str, since: Instant, bucket: Span) -> list[tuple[Instant, int, int]]:
        asked = (segment, since // MINUTE, whole_minutes(bucket))
        with self._database.read() as connection:
            rows = connection.execute(SQL["segment_changes"], asked).fetchall()
        return [(minute * MINUTE, joined, left) for minute, joined, left in rows]

    def members(self, segment: str, limit: int = 100, after: str | None = None) -> list[tuple[str, Instant]]:
        with self._database.read() as connection:
            return connection.execute(SQL["members"], (segment, after or "", limit)).fetchall()

    def interested(
        self,
        kinds: Sequence[str],
        keys: Sequence[str],
        after: tuple[Instant, str] | None = None,
        limit: int = 1_000,
    ) -> list[Interested]:
        asked = (json.dumps(list(kinds)), json.dumps([_sound(key) for key in keys]), *(after or (-_END, "")), limit)
        with self._database.read() as connection:
            rows = connection.execute(SQL["interested"], asked).fetchall()
        return [
            Interested(customer, tuple(sorted(set(of.split(",")))), since, bool(tombstone))
            for customer, of, since, tombstone in rows
        ]

    def places(self, journey: str, step: str | None = None, limit: int = 100) -> list[Place]:
        with self._database.read() as connection:
            return [Place(*row) for row in connection.execute(SQL["places"], (journey, step, limit))]

    def place_counts(self, journey: str) -> dict[tuple[int, str], int]:
        with self._database.read() as connection:
            rows = connection.execute(SQL["place_counts"], (journey,)).fetchall()
        return {(version, step): count for version, step, count in rows}

    def tallies(self, subject: str, since_minute: int, until_minute: int, bucket_minutes: int = 1) -> list[Tally]:
        sums = self._sums(subject, since_minute, until_minute, bucket_minutes)
        return [_tally(subject, key, sums[key]) for key in sorted(sums)]

    def totals(self, subject: str, since_minute: int = 0) -> list[Tally]:
        sums = self._sums(subject, since_minute, None, None)
        return [_tally(subject, key, sums[key]) for key in sorted(sums)]

    def _sums(self, subject: str, since: int, until: int | None, bucket: int | None) -> dict[TallyKey, list[int]]:
        """(bucket, name, outcome, reason) → [count, amount]; without a bucket all falls into bucket 0."""
        sums: dict[TallyKey, list[int]] = {}
        with self._database.read() as connection:
            for width, first, end in spans(since, until, bucket):
                asked = (subject, width, first, end, bucket or _END)
                for minute, name, outcome, reason, count, wholes, parts in connection.execute(SQL["tallies"], asked):
                    found = sums.setdefault((minute, name, outcome, reason), [0, 0])
                    found[0] += count
                    found[1] += wholes * 1_000_000 + parts
        return sums

    def consents(
        self, customers: Sequence[str], limit: int = 1_000, before: int | None = None
    ) -> list[tuple[int, ConsentWord]]:
        asked = (json.dumps(list(customers)), _END if before is None else before, limit)
        with self._database.read() as connection:
            return [_consent(row) for row in connection.execute(SQL["consents"], asked)]

    def consents_after(self, sequence: int, limit: int) -> list[tuple[int, ConsentWord]]:
        with self._database.read() as connection:
            return [_consent(row) for row in connection.execute(SQL["consents_after"], (sequence, limit))]

    def parked(self) -> list[Parked]:
        with self._database.read() as connection:
            rows = connection.execute(SQL["parked"]).fetchall()
        return [Parked(customer=one, position=position, error=error, at=at) for one, position, error, at in rows]

    def version(self) -> int:
        with self._database.read() as connection:
            return int(connection.execute(SQL["version"]).fetchone()[0])

    def adopting(self) -> list[Adopting]:
        with self._database.read() as connection:
            return [Adopting(*row) for row in connection.execute(SQL["adopting"])]

    def close(self) -> None:
        self._database.close()


Bound = tuple[int, str]
"""(minus last seen, id) of the last person of the page before: people are sorted by it."""


def _bound(connection: sqlite3.Connection, after: str | None) -> Bound | None:
    """None when nobody can come after: the person is not there any more."""
    if after is None:
        return (-_END, "")
    row = connection.execute(SQL["seen"], (after,)).fetchone()
    return None if row is None else (-row[0], after)


def _found(connection: sqlite3.Connection, exact: str, wanted: str) -> list[int] | None:
    """The numbers of those who are found; None when they are too many to sort."""
    numbers = [row[0] for row in connection.execute(SQL["find"], (wanted, _WORTH_SORTING + 1))]
    if len(numbers) > _WORTH_SORTING:
        return None
    return numbers + [row[0] for row in connection.execute(SQL["number"], (_sound(exact),))]


def _last_seen(connection: sqlite3.Connection, wanted: str, bound: Bound, limit: int) -> list[PersonRow]:
    """Walk back in time, ten minutes by ten minutes, until the page is full."""
    people: list[PersonRow] = []
    slot = -bound[0] // SLOT
    while len(people) < limit:
        slot = connection.execute(SQL["slot_before"], (slot,)).fetchone()[0]
        if slot is None:
            break
        asked = (slot, wanted, -bound[0], bound[1], limit - len(people))
        people += [PersonRow(*row) for row in connection.execute(SQL["slot_rows"], asked)]
        slot -= 1
    return people


def _page(rows: list[PersonRow], bound: Bound, limit: int) -> list[PersonRow]:
    later = {row.id: row for row in rows if (-row.last_seen_at, row.id) > bound}
    return sorted(later.values(), key=lambda row: (-row.last_seen_at, row.id))[:limit]


def _latest_steps(connection: sqlite3.Connection, customer: str, limit: int, end: int) -> set[tuple[int, Instant]]:
    """Her latest steps, and some more: chunks are read until no older one can hold anything later.

    Records that queued behind a failure are absorbed late, so an older chunk may hold a higher position.
    """
    found: set[tuple[int, Instant]] = set()
    for top_before, steps, _ in chunks(connection, customer):
        found.update(step for step in steps if step[0] < end)
        if len(found) >= limit and sorted(found, reverse=True)[limit - 1][0] > top_before:
            break
    return found


def _sequences_of_customers(
    connection: sqlite3.Connection, customers: Sequence[str], kinds: list[int] | None, limit: int, end: int
) -> list[int]:
    found: set[int] = set()
    for customer in dict.fromkeys(customers):
        hers: list[int] = []
        for _, _, sequences in chunks(connection, customer):
            earlier = [one for one in sequences if one < end]
            hers += earlier if kinds is None else _of_kinds(connection, earlier, kinds)
            if len(hers) >= limit:
                break
        found.update(hers)
    return sorted(found, reverse=True)[:limit]


def _of_kinds(connection: sqlite3.Connection, sequences: list[int], kinds: list[int]) -> list[int]:
    if not sequences:
        return []
    asked = (json.dumps(sequences), json.dumps(kinds))
    return [row[0] for row in connection.execute(SQL["kinds_of"], asked)]


def _sequences_of_kinds(connection: sqlite3.Connection, kinds: list[int] | None, limit: int, end: int) -> list[int]:
    if kinds is None:
        return [row[0] for row in connection.execute(SQL["decisions_before"], (end, limit))]
    found = [row[0] for kind in kinds for row in connection.execute(SQL["decisions_of_kind"], (kind, end, limit))]
    return sorted(found, reverse=True)[:limit]


def _decision(row: tuple[Any, ...]) -> tuple[int, Decision]:
    sequence, outcome, reason, journey, step, message, channel, segment, body = row
    one, customer, at, run, detail = _decode_decision(body)
    return sequence, Decision(
        id=one,
        customer=customer,
        at=at,
        outcome=Outcome(outcome),
        reason=Reason(reason),
        journey=journey,
        run=run,
        step=step,
        message=message,
        channel=channel,
        segment=segment,
        detail=detail,
    )


def _consent(row: tuple[int, bytes, str]) -> tuple[int, ConsentWord]:
    sequence, body, text = row
    return sequence, msgspec.structs.replace(_decode_consent(body), text=text)


def _tally(subject: str, key: TallyKey, sums: list[int]) -> Tally:
    minute, name, outcome, reason = key
    count, amount = sums
    return Tally(minute, subject, name, outcome, reason, count, amount)


def _sound(text: str) -> str:
    return text.encode("utf-8", "replace").decode()
