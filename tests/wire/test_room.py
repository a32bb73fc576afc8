"""Room on the disk: a warning before it is short, nothing taken in when it is, and all as before when it is back."""

from __future__ import annotations

import errno
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from tests.run.test_supervisor import Kept, eventually

from habitue import private, wire
from habitue.model.event import Event
from habitue.run import clock
from habitue.run.supervisor import STATUS_FILE, read_status
from habitue.settings import Disk
from habitue.store.failures import StoreDamaged, StoreFull
from habitue.wire import Parts, room
from habitue.wire.process import _ended
from habitue.wire.room import Room, RoomyLog, speaks_of_full_disk
from habitue.wire.watch import Watch

GB = 1_000_000_000


class Usage(NamedTuple):
    total: int
    used: int
    free: int


class Machine:
    """A disk and a monotonic clock to be set."""

    def __init__(self) -> None:
        self.total, self.free, self.seconds = 100 * GB, 50 * GB, 0.0

    def usage(self, _path: Path) -> Usage:
        return Usage(self.total, self.total - self.free, self.free)

    def monotonic(self) -> float:
        self.seconds += 10.0
        return self.seconds


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Machine:
    machine = Machine()
    monkeypatch.setattr(room.shutil, "disk_usage", machine.usage)
    return machine


@pytest.fixture
def parts(tmp_path: Path) -> Iterator[Parts]:
    clock.start(tmp_path)
    parts = wire.create(tmp_path, environ={})
    yield parts
    parts.close()


def kinds(parts: Parts) -> set[str]:
    return {alarm.kind for alarm in parts.alarms.standing()}


def test_a_small_disk_has_bounds_of_its_own(tmp_path: Path, machine: Machine) -> None:
    machine.total, machine.free = 30_000_000, 3_000_000
    space = Room(tmp_path, Disk(), machine.monotonic).space()
    assert (space.warn, space.reserve) == (3_000_000, 600_000)
    assert not space.is_full


def test_a_warning_comes_before_the_disk_is_full_and_goes_when_there_is_room(parts: Parts, machine: Machine) -> None:
    watch = Watch(parts, machine.monotonic)
    watch.tick()
    assert kinds(parts) == set()
    machine.free = GB // 2
    watch.tick()
    assert kinds(parts) == {"disk_low"}
    machine.free = GB // 100
    watch.tick()
    assert kinds(parts) == {"disk_low", "disk_full"}
    machine.free = 1_050_000_000  # Over the bound, and not yet enough over it.
    watch.tick()
    assert kinds(parts) == {"disk_low"}
    machine.free = 2 * GB
    watch.tick()
    assert kinds(parts) == set()


def test_a_quota_is_full_until_a_file_can_be_written(
    parts: Parts, machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    parts.alarms.sound("disk_full", str(parts.data), "the process decide could not write", 1)
    watch = Watch(parts, machine.monotonic)
    with monkeypatch.context() as patched:
        patched.setattr(room.os, "write", _refuse)
        watch.tick()
    assert kinds(parts) == {"disk_full"}
    watch.tick()
    assert kinds(parts) == set()
    assert not (parts.data / ".room").exists()


def test_nothing_is_taken_into_the_reserve(parts: Parts, machine: Machine) -> None:
    log = RoomyLog(parts.log, Room(parts.data, Disk(), machine.monotonic))
    ana = Event(id="1", type="track", name="Product Viewed", source="shop", occurred_at=1, user_id="ana")
    log.append([ana])
    machine.free = GB // 100
    with pytest.raises(StoreFull, match="kept in reserve"):
        log.append([ana])
    assert parts.log.position() == 0


def test_a_look_that_fails_does_not_end_the_one_who_looks(
    parts: Parts, machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(private, "replace", _refuse)
    machine.free = GB // 2
    Watch(parts, machine.monotonic).tick()
    assert kinds(parts) == {"disk_low"}


def test_a_full_disk_is_known_however_deep_it_lies() -> None:
    full = sqlite3.OperationalError("database or disk is full")
    full.sqlite_errorcode = sqlite3.SQLITE_FULL  # type: ignore[misc]
    assert speaks_of_full_disk(full)
    assert speaks_of_full_disk(ExceptionGroup("tasks", [ValueError(), ExceptionGroup("inner", [StoreFull("x")])]))
    assert speaks_of_full_disk(OSError(errno.EDQUOT, "quota"))
    assert not speaks_of_full_disk(OSError(errno.ENOENT, "gone"))


def test_a_process_that_a_full_disk_ends_says_so_and_comes_back_later(parts: Parts) -> None:
    assert _ended("decide", parts, StoreFull("no room")) == 75
    assert kinds(parts) == {"disk_full"}
    assert _ended("decide", parts, ValueError("a defect")) == 1


def test_a_process_that_finds_damage_sounds_an_alarm(parts: Parts) -> None:
    assert _ended("decide", parts, StoreDamaged("log.db: position 5")) == 1
    assert kinds(parts) == {"file_damaged"}


def test_the_supervisor_outlives_its_own_status_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with Kept(tmp_path, monkeypatch, "one") as kept:
        with monkeypatch.context() as patched:
            patched.setattr(private, "replace", _refuse)
            (tmp_path / STATUS_FILE).unlink()
            kept.supervisor._write_status()
            assert read_status(tmp_path) == []
        eventually(lambda: bool(read_status(tmp_path)), "the status is written when there is room again")


def _refuse(*_: object) -> int:
    raise OSError(errno.ENOSPC, "No space left on device")
