"""Questions people ask of the state in memory. Answers are computed when asked: simulations ask seldom."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from heapq import nsmallest
from itertools import islice

import msgspec

from habitue.model.consent import ConsentWord
from habitue.model.decision import Decision
from habitue.model.instant import MINUTE, Instant, Span
from habitue.run.ports import (
    Attribution,
    CustomerRow,
    Interest,
    Interested,
    Membership,
    Met,
    Parked,
    PersonRow,
    Place,
    Tally,
)
from habitue.store.commits import whole_minutes

TallyKey = tuple[str, int, str, str, str]
"""(subject, minute, name, outcome, reason)"""


class MemoryView:
    """Holds what both the store and the view need; the store fills it."""

    def __init__(self) -> None:
        self._customers: dict[str, CustomerRow] = {}
        self._numbers: dict[str, int] = {}
        self._decisions: list[Decision | None] = []
        """None where a decision was forgotten: its number is never given again."""
        self._decisions_of: dict[str, list[int]] = {}
        self._members: dict[str, dict[str, Instant]] = {}
        self._changes: dict[str, dict[int, list[int]]] = {}
        """Segment → minute → [joined, left]."""
        self._places: dict[str, dict[tuple[str, str], Place]] = {}
        """Journey → (customer, run) → where it stands."""
        self._tallies: dict[TallyKey, list[int]] = {}
        self._tail: dict[str, list[tuple[int, Instant]]] = {}
        self._attributions: list[Attribution] = []
        self._attributions_of: dict[str, list[Attribution]] = {}
        self._chunk = 0
        self._persons: dict[str, Met] = {}
        """In the order of change."""
        self._change = 0
        self._interests: dict[tuple[str, str], dict[str, Instant]] = {}
        """(kind, key) → customer → since."""
        self._consents: dict[str, ConsentWord] = {}
        self._parked: dict[str, Parked] = {}
        self._skipped: dict[str, set[int]] = {}

    def _put_memberships(self, memberships: Iterable[Membership]) -> None:
        for change in memberships:
            members = self._members.setdefault(change.segment, {})
            counts = self._changes.setdefault(change.segment, {}).setdefault(change.at // MINUTE, [0, 0])
            if change.since is None:
                members.pop(change.customer, None)
                counts[1] += 1
            else:
                members[change.customer] = change.since
                counts[0] += 1

    def _put_places(self, places: Iterable[Place]) -> None:
        for place in places:
            standing = self._places.setdefault(place.journey, {})
            if place.step is None:
                standing.pop((place.customer, place.run), None)
            else:
                standing[place.customer, place.run] = place

    def _put_consents(self, words: Iterable[ConsentWord]) -> None:
        for word in words:
            self._consents.setdefault(word.id, word)

    def _put_tallies(self, tallies: Iterable[Tally]) -> None:
        for tally in tallies:
            key = (tally.subject, tally.minute, tally.name, tally.outcome, tally.reason)
            sums = self._tallies.setdefault(key, [0, 0])
            sums[0] += tally.count
            sums[1] += tally.amount

    def _put_tail(self, tail: Iterable[tuple[str, int, Instant]], until: int) -> None:
        of_each: dict[str, list[int]] = {}
        for customer, position, occurred_at in tail:
            self._tail.setdefault(customer, []).append((position, occurred_at))
            of_each.setdefault(customer, []).append(position)
        for customer, positions in of_each.items():
            self._chunk += 1
            one = Attribution(self._chunk, until, customer, positions)
            self._attributions.append(one)
            self._attributions_of.setdefault(customer, []).append(one)

    def _put_met(self, met: Iterable[tuple[str, Instant]], rows: Iterable[CustomerRow]) -> None:
        for customer, at in met:
            if customer not in self._persons:
                self._tell_met(Met(0, customer, at, None))
        for row in rows:
            known = self._persons.get(row.id)
            if known is not None and known.joined_into != row.joined_into:
                self._tell_met(msgspec.structs.replace(known, joined_into=row.joined_into))

    def _tell_met(self, met: Met) -> None:
        self._change += 1
        self._persons.pop(met.customer, None)
        self._persons[met.customer] = msgspec.structs.replace(met, change=self._change)

    def _put_interests(self, interests: Iterable[Interest]) -> None:
        for interest in interests:
            held = self._interests.setdefault((interest.kind, interest.key), {})
            if interest.since is None:
                held.pop(interest.customer, None)
            else:
                held[interest.customer] = interest.since

    def attributions(self, after: int, limit: int) -> list[Attribution]:
        return list(islice((one for one in self._attributions if one.chunk > after), limit))

    def queued(self, after: int, until: int) -> list[tuple[int, str]]:
        found: dict[int, str] = {}
        for customer in sorted(self._skipped, reverse=True):
            found.update((position, customer) for position in self._skipped[customer] if after < position <= until)
        return sorted(found.items())

    def met(self, after: int, limit: int) -> list[Met]:
        return list(islice((one for one in self._persons.values() if one.change > after), limit))

    def people(self, query: str = "", limit: int = 50, after: str | None = None) -> list[PersonRow]:
        wanted = query.strip().lower()
        rows = [
            PersonRow(row.id, row.search, row.last_seen_at, row.due)
            for row in self._customers.values()
            if not row.tombstone and (wanted in row.search or row.id == query.strip())
        ]
        rows.sort(key=_newest_first)
        if after is not None:
            last = self._customers.get(after)
            if last is None or last.tombstone:
                return []
            rows = [row for row in rows if _newest_first(row) > (-last.last_seen_at, after)]
        return rows[:limit]

    def people_met(self, query: str = "", limit: int = 50, after: int = 0) -> list[tuple[int, PersonRow]]:
        wanted = query.strip().lower()
        found = [
            (self._numbers[row.id], PersonRow(row.id, row.search, row.last_seen_at, row.due))
            for row in self._customers.values()
            if self._numbers[row.id] > after and not row.tombstone and wanted in row.search
        ]
        return sorted(found, key=lambda one: one[0])[:limit]

    def people_count(self) -> int:
        return sum(not row.tombstone for row in self._customers.values())

    def person(self, customer: str) -> bytes | None:
        row = self._customers.get(customer)
        return None if row is None else row.state

    def timeline(
        self, customers: Sequence[str], limit: int = 100, before: int | None = None
    ) -> list[tuple[int, Instant]]:
        found = {entry for one in customers for entry in self._tail.get(one, ()) if before is None or entry[0] < before}
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
        if customers is None:
            numbers: Iterable[int] = range(len(self._decisions), 0, -1)
        else:
            numbers = sorted({n for one in customers for n in self._decisions_of.get(one, ())}, reverse=True)
        found = []
        for number in numbers:
            one = self._decisions[number - 1]
            if (
                one is not None
                and (before is None or number < before)
                and (outcome is None or one.outcome == outcome)
                and (reason is None or one.reason == reason)
                and (journey is None or one.journey == journey)
                and (message is None or one.message == message)
            ):
                found.append((number, one))
                if len(found) == limit:
                    break
        return found

    def decisions_after(self, sequence: int, limit: int) -> list[tuple[int, Decision]]:
        found = enumerate(self._decisions[max(sequence, 0) :], start=max(sequence, 0) + 1)
        return list(islice(((number, one) for number, one in found if one is not None), limit))

    def segment_sizes(self) -> dict[str, int]:
        return {segment: len(members) for segment, members in sorted(self._members.items()) if members}

    def segment_changes(self, segment: str, since: Instant, bucket: Span) -> list[tuple[Instant, int, int]]:
        width = whole_minutes(bucket)
        sums: dict[int, list[int]] = {}
        for minute, (joined, left) in self._changes.get(segment, {}).items():
            if minute >= since // MINUTE:
                counts = sums.setdefault(minute // width * width, [0, 0])
                counts[0] += joined
                counts[1] += left
        return [(minute * MINUTE, joined, left) for minute, (joined, left) in sorted(sums.items())]

    def members(self, segment: str, limit: int = 100, after: str | None = None) -> list[tuple[str, Instant]]:
        members = sorted(self._members.get(segment, {}).items())
        return [one for one in members if after is None or one[0] > after][:limit]

    def interested(
        self,
        kinds: Sequence[str],
        keys: Sequence[str],
        after: tuple[Instant, str] | None = None,
        limit: int = 1_000,
    ) -> list[Interested]:
        found: dict[str, tuple[set[str], Instant]] = {}
        for kind in set(kinds):
            for key in set(keys):
                for customer, since in self._interests.get((kind, key), {}).items():
                    known = found.setdefault(customer, (set(), since))
                    found[customer] = (known[0] | {kind}, min(known[1], since))
        rows = [
            Interested(customer, tuple(sorted(of)), since, self._is_tombstone(customer))
            for customer, (of, since) in found.items()
            if after is None or (since, customer) > after
        ]
        return nsmallest(limit, rows, key=lambda row: (row.since, row.customer))

    def _is_tombstone(self, customer: str) -> bool:
        row = self._customers.get(customer)
        return row is None or row.tombstone

    def places(self, journey: str, step: str | None = None, limit: int = 100) -> list[Place]:
        standing = [place for place in self._places.get(journey, {}).values() if step is None or place.step == step]
        standing.sort(key=lambda place: (place.due is None, place.due or 0, place.customer, place.run))
        return standing[:limit]

    def place_counts(self, journey: str) -> dict[tuple[int, str], int]:
        counts = Counter((place.version, place.step or "") for place in self._places.get(journey, {}).values())
        return dict(sorted(counts.items()))

    def tallies(self, subject: str, since_minute: int, until_minute: int, bucket_minutes: int = 1) -> list[Tally]:
        sums: dict[TallyKey, list[int]] = {}
        for (found, minute, name, outcome, reason), (count, amount) in self._tallies.items():
            if found == subject and since_minute <= minute < until_minute:
                key = (subject, minute // bucket_minutes * bucket_minutes, name, outcome, reason)
                counts = sums.setdefault(key, [0, 0])
                counts[0] += count
                counts[1] += amount
        return [
            Tally(minute, subject, name, outcome, reason, *sums[subject, minute, name, outcome, reason])
            for _, minute, name, outcome, reason in sorted(sums)
        ]

    def totals(self, subject: str, since_minute: int = 0) -> list[Tally]:
        sums: dict[tuple[str, str, str], list[int]] = {}
        for (found, minute, name, outcome, reason), (count, amount) in self._tallies.items():
            if found == subject and minute >= since_minute:
                counts = sums.setdefault((name, outcome, reason), [0, 0])
                counts[0] += count
                counts[1] += amount
        return [Tally(0, subject, *key, *sums[key]) for key in sorted(sums)]

    def consents(
        self, customers: Sequence[str], limit: int = 1_000, before: int | None = None
    ) -> list[tuple[int, ConsentWord]]:
        hers = [
            (number, word)
            for number, word in enumerate(self._consents.values(), start=1)
            if word.customer in customers and (before is None or number < before)
        ]
        return hers[::-1][:limit]

    def consents_after(self, sequence: int, limit: int) -> list[tuple[int, ConsentWord]]:
        first = max(sequence, 0)
        return list(enumerate(self._consents.values(), start=1))[first : first + limit]

    def parked(self) -> list[Parked]:
        return sorted(self._parked.values(), key=lambda one: (one.at, one.customer))


def _newest_first(row: PersonRow) -> tuple[int, str]:
    return -row.last_seen_at, row.id
