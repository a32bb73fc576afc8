"""Keeps the archive up: a step every second or two takes what is new since the last, wherever that one ended.

A crash anywhere loses nothing and writes nothing twice. Before a step writes, it notes in `progress.json` how far the
one before it came and how far it will go itself. After a crash the same stretch is taken again and comes to the same
file names, so that what is there already is replaced by itself.

It follows the decide loop: an event is archived once it was absorbed, and names the customer who absorbed it. What
changes hands later, when a parked customer goes on or one is split, is put right in the parts that hold it.
"""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Callable
from datetime import UTC, datetime
from fcntl import LOCK_EX, LOCK_NB, flock
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import msgspec

from habitue import private
from habitue.model.instant import Instant, from_datetime, to_datetime
from habitue.run.ports import Deliveries, Log, View
from habitue.store.failures import StoreBusy

from .attributing import Attributing
from .folder import Folder, replace_durably

if TYPE_CHECKING:
    from .cleaning import Gone

Kind = Literal["events", "decisions", "deliveries"]
KINDS: tuple[Kind, ...] = ("events", "decisions", "deliveries")
START: dict[Kind, int] = {"events": -1, "decisions": 0, "deliveries": 0}
"""Where each of them stands before the first."""

_FIRST = from_datetime(datetime.min.replace(tzinfo=UTC))
_LAST = from_datetime(datetime.max.replace(tzinfo=UTC))

Row = tuple[int, Instant, Any]
"""(number, the instant whose day it belongs to, the thing itself)"""


class Stretch(msgspec.Struct):
    """`done` is archived for certain; up to `doing` it may be."""

    done: int
    doing: int


class Progress(msgspec.Struct):
    """`chunk`: where to read on in the state's trails; None where events were archived under whom they named."""

    events: Stretch
    decisions: Stretch
    deliveries: Stretch
    chunk: int | None = None

    def of(self, kind: Kind) -> Stretch:
        stretch: Stretch = getattr(self, kind)
        return stretch


class Archived(msgspec.Struct, frozen=True):
    """What a step came to. `more`: there was more than one step takes, so go on at once."""

    events: int
    decisions: int
    deliveries: int
    merged: int
    more: bool


class Archive:
    """One process keeps it; any number may read the files."""

    def __init__(self, directory: Path | str, *, rows_max: int = 20_000, parts_max: int = 32) -> None:
        self._directory = Path(directory)
        self._rows_max = rows_max
        self._parts_max = parts_max
        private.folder(self._directory)
        self._claim = self._claim_directory()
        self._progress = read_progress(self._directory)
        self._owners = self._attributing()
        self._folders = {kind: Folder(self._directory, kind) for kind in KINDS}

    def _claim_directory(self) -> int:
        claim = os.open(self._directory / ".lock", os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
        try:
            flock(claim, LOCK_EX | LOCK_NB)
        except OSError:
            os.close(claim)
            raise StoreBusy(f"{self._directory}: another process keeps this archive already; stop it first") from None
        return claim

    def _attributing(self) -> Attributing | None:
        """None: whose the archived events are must be found first."""
        progress = self._progress
        return None if progress.chunk is None else Attributing(progress.chunk, progress.events.done)

    def once(self, log: Log, view: View, deliveries: Deliveries) -> Archived:
        """Take in what is new, at most `rows_max` of each; then tidy up a little."""
        absorbed = view.position()
        rows: dict[Kind, list[Row]] = {
            "events": [
                (one.position, one.received_at, one)
                for one in log.read(*self._stretch("events"))
                if one.position <= absorbed
            ],
            "decisions": [(one[0], one[1].at, one) for one in view.decisions_after(*self._stretch("decisions"))],
            "deliveries": [
                (one[0], one[1].updated_at, one) for one in deliveries.changes_after(*self._stretch("deliveries"))
            ],
        }
        # A state that was put back to before what is archived comes to it again: until then events wait.
        waits = absorbed < self._progress.events.doing
        rows["events"] = [] if waits else self._attribute(rows["events"], view)
        self._announce(rows)
        for kind, found in rows.items():
            self._write(kind, [row for row in found if row[0] <= self._progress.of(kind).doing])
        for kind in KINDS[1:] if waits else KINDS:
            stretch = self._progress.of(kind)
            stretch.done = stretch.doing
        self._follow()

        return Archived(
            events=len(rows["events"]),
            decisions=len(rows["decisions"]),
            deliveries=len(rows["deliveries"]),
            merged=self._merge(),
            more=any(len(found) >= self._rows_max for found in rows.values()),
        )

    def _stretch(self, kind: Kind) -> tuple[int, int]:
        """(after which number, how many at most) to read: after a crash, at least the step that it cut short."""
        stretch = self._progress.of(kind)
        return stretch.done, max(self._rows_max, stretch.doing - stretch.done)

    def _attribute(self, rows: list[Row], view: View) -> list[Row]:
        """Put to each record the customer it belongs to: who absorbed it, or whom it waits for."""
        if self._owners is None:
            self._owners = self._attribute_anew(view)
        if not rows:
            return []
        first, last = rows[0][0], rows[-1][0]
        # First what waits: should it be absorbed just now, its chunk comes later and puts it right.
        waiting = dict(view.queued(first - 1, last))
        self._owners.read(view, last)
        if self._owners.moved:
            self._put_right(self._owners.moved)
            self._owners.moved.clear()
        return [
            (position, at, (record, self._owners.whose(position) or waiting.get(position)))
            for position, at, record in rows
        ]

    def _put_right(self, moved: dict[int, str]) -> None:
        first, last = min(moved), max(moved)
        self._rewrite_events(first, last, lambda position, customer: moved.get(position, customer))

    def _attribute_anew(self, view: View) -> Attributing:
        """Once, for an archive whose events stand under whom they named: put to all of them whose they are."""
        done = self._progress.events.done
        owners = Attributing(0, -1)
        if done >= 0:
            waiting = dict(view.queued(-1, done))
            owners.read(view, done)
            self._rewrite_events(0, done, lambda position, _: owners.whose(position) or waiting.get(position))
        owners.advance(done)
        self._progress.chunk = owners.chunk
        self._save_progress()
        return owners

    def _rewrite_events(self, first: int, last: int, whose: Callable[[int, str | None], str | None]) -> None:
        from .correcting import corrected

        draft = self._directory / ".staging" / "draft.parquet"
        for day, part, path in self._folders["events"].parts():
            if part.first <= last and part.last >= first and corrected(path, whose, draft):
                with self._folders["events"].new_part(day, part.first, part.last) as fresh:
                    os.replace(draft, fresh)
        draft.unlink(missing_ok=True)

    def _follow(self) -> None:
        """What is archived needs not be attributed any more."""
        if self._owners is not None:
            self._owners.advance(self._progress.events.done)
            self._progress.chunk = self._owners.chunk

    def _announce(self, rows: dict[Kind, list[Row]]) -> None:
        """Note how far this step goes. One that was cut short goes just as far as it was to go then."""
        if not any(rows.values()):
            return
        for kind, found in rows.items():
            stretch = self._progress.of(kind)
            if found and stretch.doing == stretch.done:
                stretch.doing = found[-1][0]
        self._save_progress()

    def _save_progress(self) -> None:
        replace_durably(self._directory / "progress.json", msgspec.json.encode(self._progress))

    def _write(self, kind: Kind, rows: list[Row]) -> None:
        from .columns import write_rows  # Only the process that archives pays for pyarrow.

        stretch = self._progress.of(kind)
        days: dict[str, list[Any]] = defaultdict(list)
        for _, at, one in rows:
            days[day_of(at)].append(one)
        for day, of_day in sorted(days.items()):
            # Named by the step, not by its rows: taken again, with deliveries changed since, the names are the same.
            with self._folders[kind].new_part(day, stretch.done + 1, stretch.doing) as path:
                write_rows(path, kind, of_day)

    def _merge(self) -> int:
        """At most one merge a kind and step, so that new events never wait long for it."""
        days = {kind: self._folders[kind].day_to_merge(self._parts_max) for kind in KINDS}
        if not any(days.values()):
            return 0
        # What is merged can not be replaced by itself any more, so no later start may take this step's stretch again.
        self._save_progress()
        return sum(self._folders[kind].merge(*choice) for kind, choice in days.items() if choice is not None)

    def tidy(self) -> int:
        """Merge all there is to merge. For a backlog or before a backup; returns how many parts went into others."""
        merged = 0
        while step := self._merge():
            merged += step
        return merged

    def forget(self, gone: Gone) -> dict[Kind, int]:
        """Rewrite every part that holds one of these people; how many rows of each kind went or were emptied."""
        from .cleaning import rewritten

        counts = dict.fromkeys(KINDS, 0)
        draft = self._directory / ".staging" / "draft.parquet"
        for kind, folder in self._folders.items():
            for day, part, path in folder.parts():
                rows = rewritten(path, kind, gone, draft)
                if rows:
                    counts[kind] += rows
                    with folder.new_part(day, part.first, part.last) as fresh:
                        os.replace(draft, fresh)
        draft.unlink(missing_ok=True)
        return counts

    def drop_days(self, kind: Kind, before: Instant) -> int:
        """Remove whole days that ended before a moment; returns how many parts they had."""
        return self._folders[kind].drop_days(day_of(before))

    def close(self) -> None:
        if self._claim >= 0:
            self._save_progress()
            os.close(self._claim)
            self._claim = -1


def read_progress(directory: Path) -> Progress:
    """How far an archive came; readable beside the process that keeps it."""
    file = directory / "progress.json"
    if not file.exists():
        events, decisions, deliveries = (Stretch(START[kind], START[kind]) for kind in KINDS)
        return Progress(events, decisions, deliveries, chunk=0)
    return msgspec.json.decode(file.read_bytes(), type=Progress)


def day_of(at: Instant) -> str:
    """The day in UTC. What lies outside the calendar goes to its edge: it must not stop the archive."""
    return to_datetime(min(max(at, _FIRST), _LAST)).date().isoformat()
