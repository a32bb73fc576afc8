"""A shop's ingest for tests: routes over a log in memory, a clock that stands, and the cast's usual events."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from starlette.applications import Starlette
from starlette.testclient import TestClient

from habitue.ingest.envelope import receive_batch
from habitue.ingest.keys import WriteKeys, fixed_keys
from habitue.ingest.pipeline import Received
from habitue.ingest.routes import routes
from habitue.ingest.settings import IngestSettings
from habitue.ingest.writer import LogWriter
from habitue.model.alarm import ALARM_KINDS
from habitue.model.event import Event, Record
from habitue.model.instant import Instant, from_datetime
from habitue.model.trust import Level
from habitue.run.clock import ManualClock
from habitue.run.ports import Alarm, Appended, DeadLetter, Log
from habitue.store.memory.log import MemoryLog

KEY = "WRITE_KEY"
KEYS = {KEY: "shop", "WRITE_KEY_1234567890123456789": "shop", "KEYID": "shop"}
NOON: Instant = from_datetime(datetime(2026, 11, 22, 12, 0, tzinfo=UTC))
AUTHORIZED = {"Authorization": "Basic V1JJVEVfS0VZOg=="}


class FailingLog(MemoryLog):
    """A log whose disk is full until `mend` is called."""

    def __init__(self) -> None:
        super().__init__(ManualClock(NOON))
        self._broken: OSError | None = OSError(28, "No space left on device")

    def mend(self) -> None:
        self._broken = None

    def append(self, events: Sequence[Event], dead: Sequence[DeadLetter] = ()) -> Appended:
        if self._broken is not None:
            raise self._broken
        return super().append(events, dead)


class MemoryAlarms:
    """What was sounded."""

    def __init__(self) -> None:
        self._standing: dict[tuple[str, str], Alarm] = {}

    def sound(self, kind: str, subject: str, detail: str, now: Instant) -> None:
        assert kind in ALARM_KINDS
        self._standing[kind, subject] = Alarm(kind=kind, subject=subject, detail=detail, raised_at=now)

    def clear(self, kind: str, subject: str, now: Instant) -> None:
        self._standing.pop((kind, subject), None)

    def standing(self) -> list[Alarm]:
        return list(self._standing.values())


class Shop:
    """A client of the routes, and the log behind them."""

    def __init__(self, http: TestClient, log: Log, alarms: MemoryAlarms) -> None:
        self.http = http
        self.alarms = alarms
        self.log = log

    def post(self, path: str, body: Any, headers: Mapping[str, str] = AUTHORIZED) -> Any:
        content = body if isinstance(body, (bytes, str)) else json.dumps(body)
        return self.http.post(path, content=content, headers=dict(headers))

    def events(self) -> list[Event]:
        return [record.event for record in self.records()]

    def records(self) -> list[Record]:
        return list(self.log.scan())

    def dead(self) -> list[DeadLetter]:
        return self.log.dead_letters(limit=100_000)


@contextmanager
def open_shop(
    log: Log | None = None, settings: IngestSettings | None = None, level: Level = Level.SERVER
) -> Iterator[Shop]:
    clock = ManualClock(NOON)
    settings = settings or IngestSettings()
    log = log or MemoryLog(clock)
    alarms = MemoryAlarms()
    keys = WriteKeys(fixed_keys(KEYS, level))
    app = Starlette(routes=routes(LogWriter(log, settings), keys, settings, clock, alarms=alarms))
    with TestClient(app, base_url="http://shop.example", follow_redirects=False) as http:
        yield Shop(http, log, alarms)


def track(event: Any = "Product Viewed", **fields: Any) -> dict[str, Any]:
    """Ana's product view, with what the test wants to be different."""
    return {"type": "track", "event": event, "userId": "ana", "messageId": "m1", **fields}


def taken(item: Any, **batch: Any) -> Received:
    """What becomes of one item in a batch received at noon."""
    return receive_batch({"batch": [item], **batch}, "shop", Level.SERVER, NOON, IngestSettings())


def accepted(item: Any, **batch: Any) -> Event:
    received = taken(item, **batch)
    assert not received.dead, received.dead
    return received.events[0]


def refused(item: Any, **batch: Any) -> DeadLetter:
    received = taken(item, **batch)
    assert not received.events, received.events
    return received.dead[0]
