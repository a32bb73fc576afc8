"""The outbox's memory, in memory."""

from __future__ import annotations

import builtins
from collections import Counter
from collections.abc import Sequence

import msgspec

from habitue.model.delivery import Delivery, DeliveryState
from habitue.model.effect import Effect
from habitue.model.instant import Instant
from habitue.model.passage import Passage, Stopped
from habitue.run.ports import Judge
from habitue.store.commits import FINISHED, due_at, fresh_delivery

_replace = msgspec.structs.replace


class MemoryDeliveries:
    """Deliveries by id, in the order they were taken in; each change gets the next number of `changes_after`."""

    def __init__(self) -> None:
        self._cursor = 0
        self._deliveries: dict[str, Delivery] = {}
        self._effects: dict[str, Effect] = {}
        self._sequence: dict[str, int] = {}
        self._states: dict[DeliveryState, set[str]] = {state: set() for state in DeliveryState}
        self._unreported: dict[str, None] = {}
        self._changes: dict[str, int] = {}
        self._last_change = 0
        self._passages: dict[str, Passage] = {}

    def cursor(self) -> int:
        return self._cursor

    def take_in(self, effects: Sequence[tuple[int, Effect]], now: Instant) -> int:
        new = 0
        for sequence, effect in effects:
            self._cursor = max(self._cursor, sequence)
            if effect.id in self._deliveries:
                continue
            self._sequence[effect.id] = len(self._sequence) + 1
            self._effects[effect.id] = effect
            self._keep(fresh_delivery(effect, now))
            new += 1
        return new

    def _keep(self, delivery: Delivery) -> None:
        known = self._deliveries.get(delivery.id)
        if known is not None:
            self._states[known.state].discard(delivery.id)
        self._states[delivery.state].add(delivery.id)
        self._deliveries[delivery.id] = delivery
        self._last_change += 1
        self._changes.pop(delivery.id, None)  # Taken out and put back, so that the dict stays in order of change.
        self._changes[delivery.id] = self._last_change

    def due(self, now: Instant, limit: int, channel: str | None = None) -> list[tuple[Delivery, Effect]]:
        waiting = [
            one
            for one in self._in_state(DeliveryState.WAITING)
            if due_at(one) <= now and channel in (None, one.channel)
        ]
        waiting.sort(key=lambda one: (due_at(one), self._sequence[one.id]))
        return [(one, self._effects[one.id]) for one in waiting[:limit]]

    def _in_state(self, state: DeliveryState) -> list[Delivery]:
        """In the order they were taken in."""
        return [self._deliveries[one] for one in sorted(self._states[state], key=self._sequence.__getitem__)]

    def next_due(self) -> Instant | None:
        return min(map(due_at, self._in_state(DeliveryState.WAITING)), default=None)

    def begin(self, ids: Sequence[str], now: Instant) -> None:
        for delivery in map(self._deliveries.get, ids):
            if delivery is not None and delivery.state is DeliveryState.WAITING:
                sending = DeliveryState.SENDING
                self._keep(_replace(delivery, state=sending, updated_at=now, attempts=delivery.attempts + 1))

    def admit(self, passage: Passage, judge: Judge, since: Instant) -> Stopped | None:
        known = self.passages(passage.mark, since)
        stopped = judge([one for one in known if one.delivery != passage.delivery])
        if stopped is not None:
            return stopped
        self._passages[passage.delivery] = passage
        self.begin([passage.delivery], passage.handed_at)
        return None

    def passages(self, mark: bytes, since: Instant) -> builtins.list[Passage]:
        known = [one for one in self._passages.values() if one.mark == mark]
        late = [one for one in known if one.handed_at > since or one.at > since]
        return sorted(late, key=lambda one: one.handed_at)

    def finish(self, deliveries: Sequence[Delivery]) -> None:
        for delivery in deliveries:
            known = self._deliveries.get(delivery.id)
            if known is None or known.state is DeliveryState.DISPLAYED:
                continue
            self._keep(delivery)
            if delivery.state in FINISHED:
                self._unreported[delivery.id] = None

    def recover(self, now: Instant) -> list[Delivery]:
        lost = [
            _replace(one, state=DeliveryState.UNKNOWN, updated_at=now) for one in self._in_state(DeliveryState.SENDING)
        ]
        self.finish(lost)
        return lost

    def unreported(self, limit: int) -> list[Delivery]:
        ids = sorted(self._unreported, key=self._sequence.__getitem__)
        return [self._deliveries[one] for one in ids[:limit]]

    def mark_reported(self, ids: Sequence[str]) -> None:
        for one in ids:
            self._unreported.pop(one, None)

    def get(self, delivery: str) -> Delivery | None:
        return self._deliveries.get(delivery)

    def effect(self, delivery: str) -> Effect | None:
        return self._effects.get(delivery)

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
        found = [
            (self._sequence[one.id], one)
            for one in reversed(self._deliveries.values())
            if (customers is None or one.customer in customers)
            and (state is None or one.state is state)
            and (channel is None or one.channel == channel)
            and (message is None or one.message == message)
            and (before is None or self._sequence[one.id] < before)
        ]
        return found[:limit]

    def onsite(self, customers: Sequence[str], now: Instant) -> builtins.list[Delivery]:
        return [
            one
            for one in self._in_state(DeliveryState.ACCEPTED)
            if one.channel == "onsite" and one.customer in customers and self._effects[one.id].expires_at > now
        ]

    def unseen(self, now: Instant, limit: int) -> builtins.list[Delivery]:
        over = [
            (self._effects[one.id].expires_at, self._sequence[one.id], one)
            for one in self._in_state(DeliveryState.ACCEPTED)
            if one.channel == "onsite" and self._effects[one.id].expires_at <= now
        ]
        return [one for _, _, one in sorted(over, key=lambda found: found[:2])[:limit]]

    def mark_displayed(self, delivery: str, now: Instant) -> bool:
        known = self._deliveries.get(delivery)
        if known is None or known.channel != "onsite" or known.state is not DeliveryState.ACCEPTED:
            return False
        self.finish([_replace(known, state=DeliveryState.DISPLAYED, updated_at=now)])
        return True

    def counts(self) -> dict[tuple[str, str], int]:
        return dict(Counter((one.channel, one.state.value) for one in self._deliveries.values()))

    def changes_after(self, change: int, limit: int) -> builtins.list[tuple[int, Delivery]]:
        found = [(number, self._deliveries[one]) for one, number in self._changes.items() if number > change]
        return found[:limit]
