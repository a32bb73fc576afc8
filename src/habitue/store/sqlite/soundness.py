"""Looks a database through for what a failing disk changed: its structure, and what each record says of itself."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import msgspec

from habitue.model.customer import Customer
from habitue.model.event import Event
from habitue.store.failures import StoreDamaged

from .sums import check_event, check_state

FOUND_MAX = 5
"""Of one file: where there is more, the file is to be brought back anyway."""
STEPS = 200_000
"""Of SQLite's machine between two rests: some milliseconds."""

Rest = Callable[[], None]
_event = msgspec.json.Decoder(Event)
_customer = msgspec.msgpack.Decoder(Customer)
_json = msgspec.json.Decoder()


def look_through(path: Path, rest: Rest = lambda: None) -> list[str]:
    """What is wrong with it, in sentences; nothing when it is sound. `rest` is called again and again.

    Reads a snapshot: nobody waits for it, and the write-ahead log grows while it lasts, so it goes table by table.
    """
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=30)) as connection:
            connection.set_progress_handler(lambda: _go_on(rest), STEPS)
            return [found for found, _ in zip(_look(connection, path.name, rest), range(FOUND_MAX), strict=False)]
    except sqlite3.Error as error:
        return [f"cannot be read: {error}"]


def _go_on(rest: Rest) -> int:
    rest()
    return 0


def _look(connection: sqlite3.Connection, name: str, rest: Rest) -> Iterator[str]:
    tables = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name").fetchall()
    for (table,) in tables:
        quoted = table.replace('"', '""')
        for (answer,) in connection.execute(f'PRAGMA quick_check("{quoted}")').fetchall():
            if answer != "ok":
                yield f"table {table}: {answer}"
    if name in RECORDS:
        yield from RECORDS[name](connection, rest)


def _events(connection: sqlite3.Connection, rest: Rest) -> Iterator[str]:
    for position, body, known in _rows(connection, "SELECT position, body, sum FROM events", "position", rest):
        try:
            check_event(position, body, known)
            if body:
                _event.decode(body)
        except (StoreDamaged, msgspec.DecodeError) as error:
            yield f"position {position}: {error}"


def _customers(connection: sqlite3.Connection, rest: Rest) -> Iterator[str]:
    for _, customer, state, known in _rows(connection, "SELECT number, id, state, sum FROM customers", "number", rest):
        try:
            if state is not None:
                check_state(customer, state, known)
                _customer.decode(state)
        except (StoreDamaged, msgspec.DecodeError) as error:
            yield f"customer {customer}: {error}"
    for table in ("effects", "decisions"):
        yield from _bodies(connection, table, rest)


def _deliveries(connection: sqlite3.Connection, rest: Rest) -> Iterator[str]:
    yield from _bodies(connection, "deliveries", rest)


def _bodies(connection: sqlite3.Connection, table: str, rest: Rest) -> Iterator[str]:
    for sequence, body in _rows(connection, f"SELECT sequence, body FROM {table}", "sequence", rest):  # noqa: S608 – ours
        try:
            _json.decode(body)
        except msgspec.DecodeError as error:
            yield f"{table} {sequence}: {error}"


def _rows(connection: sqlite3.Connection, query: str, key: str, rest: Rest) -> Iterator[tuple[Any, ...]]:
    """A page at a time: no snapshot is held for long."""
    after = -1
    while page := connection.execute(f"{query} WHERE {key} > ? ORDER BY {key} LIMIT 2000", (after,)).fetchall():
        yield from page
        after = page[-1][0]
        rest()


RECORDS: dict[str, Callable[[sqlite3.Connection, Rest], Iterator[str]]] = {
    "log.db": _events,
    "state.db": _customers,
    "deliveries.db": _deliveries,
}
"""File → what its records say of themselves. The others have SQLite's own structure alone."""


class Slowly:
    """A `rest` that leaves most of the processor to others: after each piece of work it sleeps `times` as long."""

    def __init__(
        self,
        times: float,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._times, self._clock, self._sleep = times, clock, sleep
        self._since = clock()

    def __call__(self) -> None:
        worked = self._clock() - self._since
        if worked >= 0.02:
            self._sleep(worked * self._times)
            self._since = self._clock()
