"""What a backtest is held to: history lived through by the crank itself, over a store in memory."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from habitue.model.decision import Decision
from habitue.model.event import PLAYBOOK_APPLIED, Event, Record
from habitue.model.instant import Instant
from habitue.playbook.playbook import Playbook
from habitue.run.backtest.lives import counts
from habitue.run.crank import Crank
from habitue.store.memory import MemoryLog, MemoryStore

BATCH = 7


class Clock:
    """Stands at whatever is written next."""

    instant: Instant = 0

    def now(self) -> Instant:
        return self.instant


def live_through(records: Iterable[Record], playbook: Playbook, until: Instant) -> MemoryStore:
    """Where everybody stands, had each event come the moment it happened, just before `until`."""
    events = [record.event for record in records if counts(record.event) and record.event.occurred_at < until]
    events.sort(key=lambda event: event.occurred_at)
    clock, store = Clock(), MemoryStore()
    log = MemoryLog(clock)
    version = store.save_playbook(playbook.name, {"playbook": playbook.name}, 0, "test")
    clock.instant = events[0].occurred_at if events else 0
    log.append([_applied(version, clock.instant)])
    for event in events:
        clock.instant = event.occurred_at
        log.append([event])
    crank = Crank(store, log, lambda _: msgspec.structs.replace(playbook, version=version))
    while crank.turn(BATCH).records:
        pass
    crank.fire(until - 1)
    return store


def decided(records: Iterable[Record], playbook: Playbook, until: Instant) -> list[Decision]:
    """What the crank decides of journeys up to before `until`."""
    decisions = live_through(records, playbook, until).decisions(limit=1_000_000)
    return sorted((bare(one) for _, one in decisions if one.journey is not None), key=order)


def _applied(version: int, at: Instant) -> Event:
    return Event(
        id="applied",
        source="habitue",
        type="control",
        name=PLAYBOOK_APPLIED,
        occurred_at=at,
        properties={"version": version},
    )


def bare(decision: Decision) -> Decision:
    """Without the ids of decisions, which count what was decided of segments too."""
    detail = {name: value for name, value in decision.detail.items() if name != "earlier"}
    return msgspec.structs.replace(decision, id="", run=None, detail=detail)


def order(decision: Decision) -> tuple[Instant, str]:
    return decision.at, repr(decision)
