"""Recorded history lived through again: each event at the time it happened, with a playbook of one's choice."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

import msgspec

from habitue.errors import HabitueError
from habitue.model.event import PLAYBOOK_APPLIED, Event, Record
from habitue.model.instant import Instant
from habitue.playbook.playbook import Playbook
from habitue.run.crank import Crank
from habitue.run.ports import Appended, DeadLetter, Store

BATCH = 2_000
OWN_RECEIPTS = frozenset(
    {
        "Email Sent",
        "Email Opened",
        "Email Link Clicked",
        "Message Displayed",
        "Message Clicked",
        "Message Dismissed",
        "Message Failed",
        "Message Expired",
        "Message Unknown",
    }
)
"""What became of the messages that were really sent says nothing of those a draft would have sent."""


class HistoryLog:
    """A log that is read only: records in the order they happened, received the moment they happened."""

    def __init__(self, records: Iterable[Record], applied: int) -> None:
        happened = sorted(
            (record.event for record in records if _counts(record.event)),
            key=lambda event: (event.occurred_at, event.id),
        )
        start = happened[0].occurred_at if happened else 0
        apply = Event(
            id=f"playbook-{applied}",
            source="habitue",
            type="control",
            name=PLAYBOOK_APPLIED,
            occurred_at=start,
            properties={"version": applied},
        )
        self.records = [Record(position, event.occurred_at, event) for position, event in enumerate([apply, *happened])]

    def append(self, events: Sequence[Event], dead: Sequence[DeadLetter] = ()) -> Appended:
        raise HabitueError("history cannot be added to; replay it into a log of its own instead")

    def position(self) -> int:
        return self.records[-1].position

    def fence(self) -> tuple[Instant, int]:
        last = self.records[-1]
        return last.received_at, last.position

    def read(self, after: int, limit: int) -> list[Record]:
        return self.records[after + 1 : after + 1 + limit]

    def scan(self, after: int = -1, until: int | None = None) -> Iterator[Record]:
        yield from self.records[after + 1 : None if until is None else until + 1]

    def at(self, positions: Iterable[int]) -> list[Record]:
        return [self.records[position] for position in sorted(set(positions)) if 0 <= position < len(self.records)]

    def dead_letters(self, limit: int = 100, before: int | None = None) -> list[DeadLetter]:
        return []


def live_through(
    records: Iterable[Record],
    playbook: Playbook,
    store: Store,
    until: Instant,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> HistoryLog:
    """Let `playbook` decide over the records as if each had come the moment it happened, and on to `until`.

    The decisions are in `store` afterwards. `progress` is called with (records done, records in all).
    """
    version = store.save_playbook(playbook.name, {"playbook": playbook.name}, 0, "replay")
    log = HistoryLog(records, version)
    log.records = [record for record in log.records if record.received_at <= until]
    crank = Crank(store, log, lambda _: msgspec.structs.replace(playbook, version=version))
    total = len(log.records)
    while crank.turn(BATCH).records:
        progress(crank.position + 1, total)
    crank.fire(until)
    return log


def _counts(event: Event) -> bool:
    return event.type != "control" and not (event.source == "habitue" and event.name in OWN_RECEIPTS)
