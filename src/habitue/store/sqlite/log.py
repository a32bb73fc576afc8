"""The log in SQLite: `log.db`. Several processes may append to it and read it at once."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from hashlib import blake2b
from pathlib import Path

import msgspec

from habitue.model.event import ERASED, Event, Record, erased, speaker
from habitue.model.instant import Instant
from habitue.run.ports import Appended, Clock, DeadLetter
from habitue.store.failures import StoreDamaged

from .database import Database
from .queries import Queries
from .sums import check_event, event_sum

SQL = Queries("log.sql")
_SCAN_PAGE = 2_000
_NO_END = (1 << 63) - 1

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(Event).decode


class SqliteLog:
    """`received_at` is read from the clock while the right to write is held, so positions and times rise together."""

    def __init__(self, path: Path | str, clock: Clock, appended: Callable[[], None] = lambda: None) -> None:
        """`appended` is called whenever it has grown."""
        self._clock = clock
        self._appended = appended
        self._database = Database(path, "log")

    def append(self, events: Sequence[Event], dead: Sequence[DeadLetter] = ()) -> Appended:
        # Encoded before the right to write is taken: nobody waits for our arithmetic.
        rows = [(_dedupe(event), _encode(event)) for event in events]
        with self._database.write() as connection:
            last, now = self._now(connection)
            position = last
            for dedupe, body in rows:
                position += connection.execute(
                    SQL["append"], (position + 1, now, dedupe, body, event_sum(position + 1, body))
                ).rowcount
            connection.executemany(SQL["keep_dead_letter"], [_dead_row(letter, now) for letter in dead])
        accepted = position - last
        if accepted:
            self._appended()
        return Appended(accepted, len(rows) - accepted, position)

    def _now(self, connection: sqlite3.Connection) -> tuple[int, Instant]:
        """(last position, the time now, never before the last record's or the last fence's)."""
        last, settled = connection.execute(SQL["latest"]).fetchone()
        return last, max(settled, self._clock.now())

    def fence(self) -> tuple[Instant, int]:
        # Written down, at the price of one commit: a clock set back must not let a record slip in before this time.
        with self._database.write() as connection:
            last, now = self._now(connection)
            connection.execute(SQL["tell"], (now, now))
        return now, last

    def position(self) -> int:
        """The last position, -1 when empty; waits for nobody, so it may be old by the time it is returned."""
        with self._database.read() as connection:
            return int((connection.execute(SQL["last"]).fetchone() or (-1,))[0])

    def read(self, after: int, limit: int) -> list[Record]:
        return self._read(after, _NO_END, limit)

    def _read(self, after: int, until: int, limit: int) -> list[Record]:
        with self._database.read() as connection:
            return [_record(row) for row in connection.execute(SQL["read"], (after, until, limit))]

    def scan(self, after: int = -1, until: int | None = None) -> Iterator[Record]:
        # Page by page: one long read would keep the write-ahead log from being copied for as long as it lasts.
        end = _NO_END if until is None else until
        while page := self._read(after, end, _SCAN_PAGE):
            yield from page
            after = page[-1].position

    def at(self, positions: Iterable[int]) -> list[Record]:
        with self._database.read() as connection:
            return [_record(row) for row in connection.execute(SQL["at"], (json.dumps(list(positions)),))]

    def dead_letters(self, limit: int = 100, before: int | None = None) -> list[DeadLetter]:
        with self._database.read() as connection:
            rows = connection.execute(SQL["dead_letters"], (_NO_END if before is None else before, limit)).fetchall()
        return [
            DeadLetter(id=number, received_at=at, source=source, reason=reason, detail=detail, body=body)
            for number, at, source, reason, detail, body in rows
        ]

    def rewrite(self, changes: Iterable[tuple[int, Event]]) -> None:
        """Put other events in the place of known ones: emptied or without a name. They stay known by source and id."""
        bodies = [(position, b"" if event.name == ERASED else _encode(event)) for position, event in changes]
        rows = [(body, event_sum(position, body), position) for position, body in bodies]
        with self._database.write() as connection:
            connection.executemany(SQL["rewrite"], rows)

    def events_before(self, received_at: Instant, after: int, limit: int) -> list[Record]:
        """Records received before a moment, after a position, that are not empty yet, in order."""
        with self._database.read() as connection:
            return [_record(row) for row in connection.execute(SQL["events_before"], (after, received_at, limit))]

    def named(self, names: Iterable[str], after: int, until: int) -> list[Record]:
        """Records of these names after a position and up to another, in order."""
        wanted = set(names)
        texts = [msgspec.json.encode(name) for name in wanted]
        with self._database.read() as connection:
            rows = [row for text in texts for row in connection.execute(SQL["naming"], (after, until, text)).fetchall()]
        found = {row[0]: _record(row) for row in rows}
        return [found[position] for position in sorted(found) if found[position].event.name in wanted]

    def drop_dead_letters(self, ids: Iterable[int]) -> None:
        with self._database.write() as connection:
            connection.execute(SQL["drop_dead_letters"], (json.dumps(list(ids)),))

    def drop_dead_letters_before(self, received_at: Instant) -> int:
        """Returns how many there were."""
        with self._database.write() as connection:
            return connection.execute(SQL["drop_dead_letters_before"], (received_at,)).rowcount

    def close(self) -> None:
        self._database.close()


def _dedupe(event: Event) -> bytes:
    source = speaker(event)
    return blake2b(f"{len(source)}:{source}{event.id}".encode(), digest_size=12).digest()


def _dead_row(letter: DeadLetter, now: Instant) -> tuple[Instant, str, str, str, str]:
    # A dead letter may hold anything, half a character too; losing that half beats losing the batch.
    source, reason, detail, body = (
        text.encode("utf-8", "replace").decode() for text in (letter.source, letter.reason, letter.detail, letter.body)
    )
    return now, source, reason, detail, body


def _record(row: tuple[int, Instant, bytes, int | None]) -> Record:
    position, received_at, body, known_sum = row
    check_event(position, body, known_sum)
    if not body:
        return Record(position, received_at, erased(received_at))
    try:
        return Record(position, received_at, _decode(body))
    except msgspec.DecodeError as error:
        raise StoreDamaged(
            f"log.db: the record at position {position} cannot be read: {error}. A newer Habitue wrote it, or the file "
            "is damaged; start the version that wrote it, or put back a copy of the data directory"
        ) from error
