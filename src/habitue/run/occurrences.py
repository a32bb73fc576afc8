"""The catalogue's changes as events of those whom they concern, longest interested first, each person once.

A crash at any moment loses nobody and tells nobody twice: an event's id is made of the change and the customer, so that
the log knows it again, and how far it came is noted after each batch.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple, Protocol

import msgspec

from habitue.model.change import CONCERNS, Change, Told
from habitue.model.customer import Customer
from habitue.model.event import Event
from habitue.model.instant import to_iso
from habitue.run.ports import Interested, Log, View

EVENTS_MAX = 2_000
"""In one append: large enough that writing them durably costs next to nothing for each."""
CHANGES_MAX = 200

_decode = msgspec.msgpack.Decoder(Customer).decode


class Changes(Protocol):
    """Where changes are taken from, and where it is noted how far customers were told."""

    def changes(self, after: int, limit: int = 100) -> list[Change]: ...

    def told(self) -> Told: ...

    def tell(self, told: Told) -> None: ...


class Turned(NamedTuple):
    """What a turn did. `waits`: there is more, but decide has not come far enough."""

    changes: int
    events: int
    waits: bool = False

    @property
    def more(self) -> bool:
        return self.changes > 0 or self.events > 0


class Occurrences:
    """`decided` tells the log position decided up to.

    What somebody looked at a moment ago is in the index only once it is decided; so a change waits until everything
    that was in the log when it was first seen has been.
    """

    def __init__(
        self, changes: Changes, view: View, log: Log, decided: Callable[[], int], events_max: int = EVENTS_MAX
    ) -> None:
        self._changes = changes
        self._view = view
        self._log = log
        self._decided = decided
        self._events_max = events_max
        self._seen_up_to = 0
        self._log_end = -1

    def turn(self) -> Turned:
        """Tell a batch of customers what concerns them."""
        told = self._changes.told()
        changes = self._changes.changes(told.number, CHANGES_MAX)
        if not changes:
            return Turned(0, 0)
        if changes[-1].number > self._seen_up_to:
            self._seen_up_to, self._log_end = changes[-1].number, self._log.fence()[1]
        if self._decided() < self._log_end:
            return Turned(0, 0, waits=True)

        events: list[Event] = []
        done = 0
        for change in changes:
            room = self._events_max - len(events)
            if not room:
                break
            found, told = self._of(change, told, room)
            events += found
            done += told.number == change.number
        if events:
            self._log.append(events)
        self._changes.tell(told)
        return Turned(done, len(events))

    def _of(self, change: Change, told: Told, limit: int) -> tuple[list[Event], Told]:
        """The next events of a change, and how far it is told with them."""
        kinds = CONCERNS.get(change.name, ())
        page = self._view.interested(kinds, change.keys, told.after, limit)
        # Whoever came to it after the change has seen it as it is now.
        waiting = [one for one in page if one.since <= change.at]
        people = self._people(waiting)
        events = [
            _event(change, one, kinds, customer, told.place + place)
            for place, (customer, one) in enumerate(people.items(), start=1)
        ]
        if len(page) < limit or len(waiting) < len(page):
            return events, Told(change.number)
        last = page[-1]
        return events, Told(told.number, told.place + len(events), (last.since, last.customer))

    def _people(self, waiting: Sequence[Interested]) -> dict[str, Interested]:
        """Those who were joined into somebody are asked for under her name, and nobody twice."""
        people: dict[str, Interested] = {}
        for one in waiting:
            customer = self._follow(one.customer) if one.tombstone else one.customer
            if customer is not None:
                people.setdefault(customer, one)
        return people

    def _follow(self, customer: str) -> str | None:
        """Whom a tombstone leads to; None when she is nobody any more."""
        seen: set[str] = set()
        while customer not in seen:
            seen.add(customer)
            state = self._view.person(customer)
            if state is None:
                return None
            into = _decode(state).merged_into
            if into is None:
                return customer
            customer = into
        return None


def _event(change: Change, one: Interested, kinds: Sequence[str], customer: str, place: int) -> Event:
    return Event(
        id=f"catalog-{change.number}-{change.at}-{customer}",
        source="habitue",
        type="track",
        name=change.name,
        occurred_at=change.at,
        properties={
            **change.properties,
            "why": next((kind for kind in kinds if kind in one.kinds), ""),
            "waited_since": to_iso(one.since),
            "place": place,
        },
        context={"customer_id": customer},
    )
