"""The outbox's memory in SQLite: `deliveries.db`. Written by the outbox; pages that were shown are marked by HTTP."""

from __future__ import annotations

import builtins
import json
import sqlite3
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import msgspec

from habitue.model.delivery import Delivery, DeliveryState
from habitue.model.effect import Effect
from habitue.model.instant import DAY, Instant
from habitue.model.passage import Passage, Stopped
from habitue.run.ports import Judge
from habitue.store.commits import FINISHED, due_at, fresh_delivery

from .database import Database
from .queries import Queries

SQL = Queries("deliveries.sql")
_NO_END = (1 << 63) - 1

SLACK = 7 * DAY
"""A message may wait so long and still be measured by when it was decided."""

_replace = msgspec.structs.replace
_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(Delivery).decode
_decode_effect = msgspec.json.Decoder(Effect).decode


class SqliteDeliveries:
    """`Deliveries`. Each change takes the next number, under which the archive finds it."""

    def __init__(self, path: Path | str) -> None:
        self._database = Database(path, "deliveries")

    def cursor(self) -> int:
        with self._database.read() as connection:
            return int(connection.execute(SQL["progress"]).fetchone()[0])

    def take_in(self, effects: Sequence[tuple[int, Effect]], now: Instant) -> int:
        new = 0
        with self._database.write() as connection:
            cursor, changed = connection.execute(SQL["progress"]).fetchone()
            for sequence, effect in effects:
                cursor = max(cursor, sequence)
                kept = connection.execute(SQL["keep"], _new_row(effect, now, changed + 1))
                if kept.rowcount:
                    connection.execute(SQL["keep_effect"], (kept.lastrowid, _encode(effect)))
                    changed += 1
                    new += 1
            connection.execute(SQL["advance"], (cursor, changed))
        return new

    def due(self, now: Instant, limit: int, channel: str | None = None) -> list[tuple[Delivery, Effect]]:
        with self._database.read() as connection:
            if channel is None:
                rows = connection.execute(SQL["due"], (now, limit)).fetchall()
            else:
                rows = connection.execute(SQL["due_on_channel"], (channel, now, limit)).fetchall()
        return [(_decode(body), _decode_effect(effect)) for body, effect in rows]

    def next_due(self) -> Instant | None:
        with self._database.read() as connection:
            found: Instant | None = connection.execute(SQL["next_due"]).fetchone()[0]
        return found

    def begin(self, ids: Sequence[str], now: Instant) -> None:
        with self._database.write() as connection:
            _begin(connection, ids, now)

    def admit(self, passage: Passage, judge: Judge, since: Instant) -> Stopped | None:
        delivery, now = passage.delivery, passage.handed_at
        with self._database.write() as connection:
            stopped = judge([one for one in _passages(connection, passage.mark, since) if one.delivery != delivery])
            if stopped is not None:
                return stopped
            connection.execute(SQL["keep_passage"], passage)
            connection.execute(SQL["drop_passages"], (since - SLACK,))
            _begin(connection, [delivery], now)
        return None

    def passages(self, mark: bytes, since: Instant) -> builtins.list[Passage]:
        with self._database.read() as connection:
            return _passages(connection, mark, since)

    def finish(self, deliveries: Sequence[Delivery]) -> None:
        with self._database.write() as connection:
            known = {one.id: one for one in _bodies(connection, [one.id for one in deliveries])}
            _put(
                connection,
                [one for one in deliveries if one.id in known and known[one.id].state is not DeliveryState.DISPLAYED],
            )

    def recover(self, now: Instant) -> list[Delivery]:
        with self._database.write() as connection:
            lost = [
                _replace(_decode(body), state=DeliveryState.UNKNOWN, updated_at=now)
                for (body,) in connection.execute(SQL["sending"]).fetchall()
            ]
            _put(connection, lost)
        return lost

    def unreported(self, limit: int) -> list[Delivery]:
        with self._database.read() as connection:
            return [_decode(body) for (body,) in connection.execute(SQL["unreported"], (limit,))]

    def mark_reported(self, ids: Sequence[str]) -> None:
        with self._database.write() as connection:
            connection.execute(SQL["mark_reported"], (json.dumps(ids),))

    def get(self, delivery: str) -> Delivery | None:
        with self._database.read() as connection:
            row = connection.execute(SQL["get"], (delivery,)).fetchone()
        return None if row is None else _decode(row[0])

    def effect(self, delivery: str) -> Effect | None:
        with self._database.read() as connection:
            row = connection.execute(SQL["effect"], (delivery,)).fetchone()
        return None if row is None else _decode_effect(row[0])

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
        end = _NO_END if before is None else before
        asked = (end, state, channel, message, limit)
        with self._database.read() as connection:
            if customers is not None:
                rows = connection.execute(SQL["list_of_customers"], (*asked, json.dumps(customers))).fetchall()
            elif message is not None:
                rows = connection.execute(SQL["list_of_message"], asked).fetchall()
            elif state is not None:
                rows = _in_state(connection, end, state, channel, limit)
            else:
                rows = connection.execute(SQL["list"], asked).fetchall()
        return [(sequence, _decode(body)) for sequence, body in rows]

    def onsite(self, customers: Sequence[str], now: Instant) -> builtins.list[Delivery]:
        with self._database.read() as connection:
            return [_decode(body) for (body,) in connection.execute(SQL["onsite"], (json.dumps(customers), now))]

    def unseen(self, now: Instant, limit: int) -> builtins.list[Delivery]:
        with self._database.read() as connection:
            return [_decode(body) for (body,) in connection.execute(SQL["unseen"], (now, limit))]

    def mark_displayed(self, delivery: str, now: Instant) -> bool:
        known = self.get(delivery)  # Most askers come too late: they need not take the right to write.
        if not _may_be_displayed(known):
            return False
        with self._database.write() as connection:
            found = next(iter(_bodies(connection, [delivery])), None)
            if found is None or not _may_be_displayed(found):
                return False
            _put(connection, [_replace(found, state=DeliveryState.DISPLAYED, updated_at=now)])
        return True

    def counts(self) -> dict[tuple[str, str], int]:
        with self._database.read() as connection:
            return {(channel, state): count for channel, state, count in connection.execute(SQL["counts"])}

    def changes_after(self, change: int, limit: int) -> builtins.list[tuple[int, Delivery]]:
        with self._database.read() as connection:
            rows = connection.execute(SQL["changes_after"], (change, limit)).fetchall()
        return [(number, _decode(body)) for number, body in rows]

    def belongings(self, customers: Sequence[str], ordinal: int) -> dict[str, int]:
        """How many deliveries these customers have of what was decided up to an ordinal, and how many letters' data."""
        with self._database.read() as connection:
            sequences = _sequences(connection, customers, ordinal)
            effects = connection.execute(SQL["effects_of"], (json.dumps(sequences),)).fetchone()[0]
        return {"deliveries": len(sequences), "contents": int(effects)}

    def forget(self, customers: Sequence[str], ordinal: int) -> None:
        """Their deliveries go, whatever became of them; what is being handed over is not kept afterwards."""
        with self._database.write() as connection:
            _drop(connection, _sequences(connection, customers, ordinal))
            connection.execute(SQL["forget_passages"], (json.dumps(list(customers)), ordinal))

    def drop_before(self, updated_at: Instant, limit: int) -> int:
        """Finished and reported deliveries of a time that is over; returns how many of at most `limit`."""
        with self._database.write() as connection:
            found = connection.execute(SQL["finished_before"], (updated_at, limit)).fetchall()
            _drop(connection, [sequence for (sequence,) in found])
        return len(found)

    def close(self) -> None:
        self._database.close()


def _new_row(effect: Effect, now: Instant, changed: int) -> tuple[object, ...]:
    fresh = fresh_delivery(effect, now)
    return (
        fresh.id,
        fresh.customer,
        fresh.message,
        fresh.channel,
        fresh.state,
        due_at(fresh),
        effect.expires_at,
        changed,
        _encode(fresh),
    )


def _begin(connection: sqlite3.Connection, ids: Sequence[str], now: Instant) -> None:
    _put(
        connection,
        [
            _replace(one, state=DeliveryState.SENDING, updated_at=now, attempts=one.attempts + 1)
            for one in _bodies(connection, ids)
            if one.state is DeliveryState.WAITING
        ],
    )


def _passages(connection: sqlite3.Connection, mark: bytes, since: Instant) -> builtins.list[Passage]:
    return [_passage(row) for row in connection.execute(SQL["passages"], (mark, since, since)).fetchall()]


def _passage(row: tuple[Any, ...]) -> Passage:
    delivery, customer, mark, at, handed_at, message, thing, marketing, proven = row
    return Passage(delivery, customer, mark, at, handed_at, message, thing, bool(marketing), bool(proven))


def _sequences(connection: sqlite3.Connection, customers: Sequence[str], ordinal: int) -> builtins.list[int]:
    """Ids count up within a customer, so what came after she was forgotten has higher ones."""
    rows = connection.execute(SQL["of_customers"], (json.dumps(list(customers)),)).fetchall()
    return [sequence for sequence, one in rows if int(one.rpartition(".")[2]) <= ordinal]


def _drop(connection: sqlite3.Connection, sequences: Sequence[int]) -> None:
    named = json.dumps(list(sequences))
    connection.execute(SQL["drop_effects"], (named,))
    connection.execute(SQL["drop"], (named,))


def _bodies(connection: sqlite3.Connection, ids: Sequence[str]) -> builtins.list[Delivery]:
    return [_decode(body) for (body,) in connection.execute(SQL["bodies"], (json.dumps(ids),)).fetchall()]


def _put(connection: sqlite3.Connection, deliveries: Iterable[Delivery]) -> None:
    """Keep deliveries as they are now, each under the next change number."""
    cursor, changed = connection.execute(SQL["progress"]).fetchone()
    for one in deliveries:
        changed += 1
        due = due_at(one) if one.state is DeliveryState.WAITING else None
        unreported = 1 if one.state in FINISHED else None
        connection.execute(SQL["update"], (one.state, due, unreported, changed, _encode(one), one.id))
    connection.execute(SQL["advance"], (cursor, changed))


def _may_be_displayed(delivery: Delivery | None) -> bool:
    return delivery is not None and delivery.channel == "onsite" and delivery.state is DeliveryState.ACCEPTED


def _in_state(
    connection: sqlite3.Connection, end: int, state: DeliveryState, channel: str | None, limit: int
) -> builtins.list[tuple[int, bytes]]:
    """A rare state must not mean reading all deliveries, so each channel's are taken from the index."""
    channels = [row[0] for row in connection.execute(SQL["channels"])] if channel is None else [channel]
    rows: builtins.list[tuple[int, bytes]] = []
    for one in channels:
        rows += connection.execute(SQL["list_of_state"], (end, state, one, None, limit)).fetchall()
    return sorted(rows, reverse=True)[:limit]
