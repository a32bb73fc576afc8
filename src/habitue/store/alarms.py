"""Alarms in a small file of their own, which any process may write; kept in memory while the disk takes nothing."""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import RLock
from urllib.parse import quote

import msgspec
import structlog

from habitue import private
from habitue.model.instant import DAY, Instant, Span
from habitue.run.ports.alarms import Alarm, Told

KEPT_FOR: Span = 90 * DAY
"""How long an alarm that is over can still be looked up."""
STANDING_PER_KIND_MAX = 20
"""More of one kind are said as one, of `OTHERS`: a thousand bad feeds are one fault, and no thousand letters."""
OTHERS = "others"
DETAIL_CHARACTERS_MAX = 1_000
RENEWED_SECONDS = 10.0
"""A new detail of an alarm that stands is written down so often at most: what fails fast must not write fast."""
AGAIN_SECONDS = 1.0
"""After a write that failed, the next is tried so much later."""

_SCHEMA = """
CREATE TABLE IF NOT EXISTS alarm (
  id INTEGER PRIMARY KEY,
  kind TEXT NOT NULL,
  subject TEXT NOT NULL,
  detail TEXT NOT NULL,
  raised_at INTEGER NOT NULL,
  cleared_at INTEGER
);
CREATE UNIQUE INDEX IF NOT EXISTS standing ON alarm (kind, subject) WHERE cleared_at IS NULL;
CREATE TABLE IF NOT EXISTS notice (
  alarm INTEGER NOT NULL,
  way TEXT NOT NULL,
  what TEXT NOT NULL,
  tries INTEGER NOT NULL,
  at INTEGER NOT NULL,
  done INTEGER NOT NULL,
  answer TEXT NOT NULL,
  PRIMARY KEY (alarm, way, what)
) WITHOUT ROWID;
"""

_Name = tuple[str, str]
_log = structlog.get_logger(__name__)


class AlarmFile:
    """Implements `run.ports.Alarms`. Any thread and process may use it, at the price of a look at the file's time.

    What cannot be written waits in this object, and goes with the next call that finds room.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._right = RLock()
        self._known: dict[_Name, Alarm] = {}
        self._seen: tuple[int, int, int, int] | None = None
        self._unwritten: dict[_Name, Alarm] = {}
        self._renewed: dict[_Name, float] = {}
        self._failed_at: float | None = None

    def sound(self, kind: str, subject: str, detail: str, now: Instant) -> None:
        with self._right:
            self._look()
            name = self._name(kind, _text(subject))
            standing = self._standing(name)
            detail = _text(detail)
            if standing is not None and (standing.detail == detail and name not in self._unwritten):
                return
            raised_at = now if standing is None else standing.raised_at
            if standing is None:
                _log.error("alarm", kind=kind, subject=name[1], detail=detail)
            alarm = Alarm(kind=kind, subject=name[1], detail=detail, raised_at=raised_at)
            self._unwritten[name] = alarm
            if standing is None or time.monotonic() - self._renewed.get(name, 0.0) >= RENEWED_SECONDS:
                self._write()

    def clear(self, kind: str, subject: str, now: Instant) -> None:
        with self._right:
            self._look()
            subject = _text(subject)
            for name in ((kind, subject), (kind, OTHERS)):
                standing = self._standing(name)
                if standing is not None and (name[1] == subject or not self._others_stand(kind)):
                    _log.warning("alarm_over", kind=kind, subject=name[1])
                    self._unwritten[name] = msgspec.structs.replace(standing, cleared_at=max(now, standing.raised_at))
            if self._unwritten:
                self._write()

    def standing(self) -> list[Alarm]:
        """Those that stand, the latest first: of the file, and of this process's memory."""
        with self._right:
            self._look()
            if self._unwritten:
                self._write()
            together = {**self._known, **self._unwritten}
        found = [alarm for alarm in together.values() if alarm.cleared_at is None]
        return sorted(found, key=lambda alarm: (-alarm.raised_at, alarm.kind, alarm.subject))

    def past(self, limit: int = 100) -> list[Alarm]:
        """Those that are over, the latest first."""
        with self._reading() as db:
            rows = db.execute(
                "SELECT kind, subject, detail, raised_at, cleared_at FROM alarm WHERE cleared_at IS NOT NULL "
                "ORDER BY cleared_at DESC LIMIT ?",
                (limit,),
            ).fetchall()
        return [_alarm(*row) for row in rows]

    def since(self, moment: Instant) -> list[tuple[int, Alarm]]:
        """(number, alarm) of those that stand or were over later than that, in the order they were raised."""
        with self._reading() as db:
            rows = db.execute(
                "SELECT id, kind, subject, detail, raised_at, cleared_at FROM alarm "
                "WHERE cleared_at IS NULL OR cleared_at >= ? ORDER BY id",
                (moment,),
            ).fetchall()
        return [(row[0], _alarm(*row[1:])) for row in rows]

    def told(self) -> list[Told]:
        """What was said of the alarms that are kept, and what could not be."""
        with self._reading() as db:
            rows = db.execute("SELECT alarm, way, what, tries, at, done, answer FROM notice").fetchall()
        return [Told(*row)._replace(done=bool(row[5])) for row in rows]

    def note(self, told: Iterable[Told]) -> None:
        """Keep what became of saying them. Raises sqlite3.Error or OSError where there is no room."""
        rows = [(*notice[:5], int(notice.done), notice.answer[:DETAIL_CHARACTERS_MAX]) for notice in told]
        with self._open() as db:
            db.executemany("INSERT OR REPLACE INTO notice VALUES (?, ?, ?, ?, ?, ?, ?)", rows)

    def _name(self, kind: str, subject: str) -> _Name:
        of_kind = {name for name in (*self._known, *self._unwritten) if name[0] == kind and self._standing(name)}
        crowded = len(of_kind) >= STANDING_PER_KIND_MAX and (kind, subject) not in of_kind
        return kind, OTHERS if crowded else subject

    def _standing(self, name: _Name) -> Alarm | None:
        found = self._unwritten.get(name) or self._known.get(name)
        return None if found is None or found.cleared_at is not None else found

    def _others_stand(self, kind: str) -> bool:
        """Whether so many of this kind stand that there may be more: then it is not known that the rest is over."""
        names = {name for name in (*self._known, *self._unwritten) if name[0] == kind and name[1] != OTHERS}
        return sum(self._standing(name) is not None for name in names) >= STANDING_PER_KIND_MAX - 1

    def _look(self) -> None:
        """Read what others have written, when they have."""
        try:
            found = os.stat(self._path)
            # And once a minute anyway: of two writes in one tick of the file system's clock the second does not show.
            seen = (found.st_mtime_ns, found.st_size, found.st_ino, int(time.monotonic() // 60))
        except OSError:
            seen = None
        if seen == self._seen:
            return
        self._seen = seen
        if seen is None:  # Somebody took it away: what stood is not known any more, unless it is sounded again.
            self._known = {}
            return
        try:
            with self._reading() as db:
                rows = db.execute(
                    "SELECT kind, subject, detail, raised_at, cleared_at FROM alarm WHERE cleared_at IS NULL"
                ).fetchall()
        except sqlite3.Error as error:
            self._fail(error)
            return
        self._known = {(row[0], row[1]): _alarm(*row) for row in rows}

    def _write(self) -> None:
        if self._failed_at is not None and time.monotonic() - self._failed_at < AGAIN_SECONDS:
            return
        try:
            with self._open() as db:
                for alarm in self._unwritten.values():
                    _keep(db, alarm)
        except (sqlite3.Error, OSError) as error:
            self._fail(error)
            return
        self._renewed |= dict.fromkeys(self._unwritten, time.monotonic())
        self._unwritten = {}
        self._failed_at = None
        self._seen = None
        self._look()

    def _fail(self, error: Exception) -> None:
        """Said once, until it goes again: a full disk is tried again and again."""
        if getattr(error, "sqlite_errorcode", 0) & 0xFF in _UNREADABLE:
            with suppress(OSError):
                self._path.unlink()  # Only what stands now is of use, and that is sounded again.
        if self._failed_at is None:
            _log.error("alarms_not_kept", error=str(error))
        self._failed_at = time.monotonic()

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        private.database(self._path)
        # One short write now and then: SQLite's older journal needs no second file that stays.
        db = sqlite3.connect(self._path, timeout=5)
        try:
            with db:
                db.executescript(_SCHEMA)
                yield db
        finally:
            db.close()

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        """Empty where there is no file yet; looking makes none."""
        place = (
            f"file:{quote(str(self._path))}?mode=ro"
            if self._path.exists() and self._path.stat().st_size
            else ":memory:"
        )
        db = sqlite3.connect(place, uri=place != ":memory:", timeout=5)
        try:
            if place == ":memory:":
                db.executescript(_SCHEMA)
            yield db
        finally:
            db.close()


_UNREADABLE = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}


def _keep(db: sqlite3.Connection, alarm: Alarm) -> None:
    changed = db.execute(
        "UPDATE alarm SET detail = ?, cleared_at = ? WHERE kind = ? AND subject = ? AND cleared_at IS NULL",
        (alarm.detail, alarm.cleared_at, alarm.kind, alarm.subject),
    ).rowcount
    if not changed:
        db.execute(
            "INSERT INTO alarm (kind, subject, detail, raised_at, cleared_at) VALUES (?, ?, ?, ?, ?)",
            (alarm.kind, alarm.subject, alarm.detail, alarm.raised_at, alarm.cleared_at),
        )
        before = (alarm.raised_at - KEPT_FOR,)
        db.execute("DELETE FROM notice WHERE alarm IN (SELECT id FROM alarm WHERE cleared_at < ?)", before)
        db.execute("DELETE FROM alarm WHERE cleared_at < ?", before)


def _alarm(kind: str, subject: str, detail: str, raised_at: Instant, cleared_at: Instant | None) -> Alarm:
    return Alarm(kind=kind, subject=subject, detail=detail, raised_at=raised_at, cleared_at=cleared_at)


def _text(found: str) -> str:
    """What others say may hold anything, half a character too."""
    return found[:DETAIL_CHARACTERS_MAX].encode("utf-8", "replace").decode()
