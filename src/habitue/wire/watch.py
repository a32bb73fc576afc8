"""What the supervisor looks after once a second. Nothing of it ends the supervisor."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import structlog

from habitue.errors import HabitueError
from habitue.model.instant import HOUR
from habitue.run import clock

from . import backup, inventory, notices, soundness
from .parts import Parts
from .room import Room, can_write

PROBE_SECONDS = 5.0
BACKUP_SECONDS = 60.0
FILES_SECONDS = 5.0
LATER_SECONDS = 600.0
SAY_SECONDS = 5.0
AGAIN_PERCENT = 10
"""An alarm about room is over when there is so much more than its bound: it must not come and go with each file."""

log = structlog.get_logger()


class Watch:
    """`tick` is called about once a second. What fails is said once, and tried again."""

    def __init__(
        self, parts: Parts, monotonic: Callable[[], float] = time.monotonic, config: Path | None = None
    ) -> None:
        self._parts = parts
        self._config = config
        self._room = Room(parts.data, parts.settings.disk, monotonic)
        self._monotonic = monotonic
        self._probed_at = 0.0
        self._saying: subprocess.Popen[bytes] | None = None
        self._say_from = 0.0
        self._looking: subprocess.Popen[bytes] | None = None
        self._look_from = monotonic() + LATER_SECONDS
        self._files_seen_at = float("-inf")
        self._backup_seen_at = float("-inf")
        self._failing: set[str] = set()
        self._looks: dict[str, Callable[[], None]] = {
            "clock": self._mark_clock,
            "disk": self._look_at_disk,
            "files": self._look_at_files,
            "backup": self._look_at_backup,
            "damage": self._look_for_damage,
            "alarms": self._say_alarms,
        }

    def tick(self) -> None:
        for name, look in self._looks.items():
            try:
                look()
            except (HabitueError, OSError, sqlite3.Error) as error:
                if name not in self._failing:
                    log.error("look failed", look=name, error=str(error))
                self._failing.add(name)
            else:
                self._failing.discard(name)

    def _mark_clock(self) -> None:
        parts = self._parts
        doubt, now, subject = clock.doubt_of(parts.clock), parts.clock.now(), "the machine's clock"
        if doubt:
            parts.alarms.sound("clock_jumped", subject, doubt, now)
        else:
            parts.alarms.clear("clock_jumped", subject, now)
        clock.seen(parts.data)

    def _look_at_disk(self) -> None:
        parts, space = self._parts, self._room.space()
        alarms, subject, now = parts.alarms, str(parts.data), parts.clock.now()
        detail = f"{space.free / 1e6:,.0f} MB are free"
        if space.is_low:
            alarms.sound("disk_low", subject, f"{detail}, a warning is due below {space.warn / 1e6:,.0f} MB", now)
        elif space.free >= space.warn * (100 + AGAIN_PERCENT) // 100:
            alarms.clear("disk_low", subject, now)
        if space.is_full:
            alarms.sound("disk_full", subject, f"{detail}, {space.reserve / 1e6:,.0f} MB are kept in reserve", now)
        # A process may have met a quota of which the disk itself knows nothing: a file is written to see.
        elif (
            space.free >= space.reserve * (100 + AGAIN_PERCENT) // 100
            and self._is_told_full()
            and can_write(parts.data)
        ):
            alarms.clear("disk_full", subject, now)

    def _look_at_files(self) -> None:
        """One that is taken away beneath a running system is still open, and gone at the next start."""
        parts = self._parts
        if self._monotonic() - self._files_seen_at < FILES_SECONDS:
            return
        self._files_seen_at = self._monotonic()
        gone, subject, now = inventory.missing(parts.data), str(parts.data), parts.clock.now()
        if gone:
            parts.alarms.sound("file_missing", subject, ", ".join(gone), now)
        else:
            inventory.write_down(parts.data)
            parts.alarms.clear("file_missing", subject, now)

    def _look_at_backup(self) -> None:
        parts, hours = self._parts, self._parts.settings.backup.hours_max
        if not hours or self._monotonic() - self._backup_seen_at < BACKUP_SECONDS:
            return
        self._backup_seen_at = self._monotonic()
        written, now, subject = backup.written_at(parts.data), parts.clock.now(), str(parts.data)
        if written is not None and now - written[0] <= hours * HOUR:
            parts.alarms.clear("backup_old", subject, now)
        else:
            age = "there is none" if written is None else f"it is {(now - written[0]) / HOUR:,.0f} hours old"
            parts.alarms.sound("backup_old", subject, f"{age}; expected one every {hours} hours", now)

    def _look_for_damage(self) -> None:
        """In a process of its own, ten minutes after the start at the earliest: a start has enough to do."""
        hours, child = self._parts.settings.disk.check_hours, self._looking
        if child is not None:
            if child.poll() is not None:
                self._looking = None
            return
        if not hours or self._monotonic() < self._look_from:
            return
        self._look_from = self._monotonic() + LATER_SECONDS
        latest = soundness.read(self._parts.data)
        if latest is None or self._parts.clock.now() - latest.at >= hours * HOUR:
            command = [sys.executable, "-m", "habitue.wire.soundness", str(self._parts.data)]
            # It ends with its work, or with us: standing alone it could outlive two restarts.
            self._looking = subprocess.Popen(command, stdin=subprocess.DEVNULL)  # noqa: S603 – the command is our own

    def _say_alarms(self) -> None:
        """What there is to say is looked up here; a process of its own says it."""
        if self._saying is not None:
            if self._saying.poll() is not None:
                self._saying = None
            return
        if not notices.ways(self._parts.settings) or self._monotonic() < self._say_from:
            return
        self._say_from = self._monotonic() + SAY_SECONDS
        if notices.waiting(self._parts):
            config = [] if self._config is None else [str(self._config)]
            command = [sys.executable, "-m", "habitue.wire.telling", str(self._parts.data), *config]
            self._saying = subprocess.Popen(command, stdin=subprocess.DEVNULL)  # noqa: S603 – the command is our own

    def close(self) -> None:
        for child in (self._looking, self._saying):
            if child is not None:
                child.terminate()
                child.wait()
        self._looking = self._saying = None

    def _is_told_full(self) -> bool:
        if self._monotonic() - self._probed_at < PROBE_SECONDS:
            return False
        self._probed_at = self._monotonic()
        return any(
            (one.kind, one.subject) == ("disk_full", str(self._parts.data)) for one in self._parts.alarms.standing()
        )
