"""Alarms: one stands for each thing that is wrong, seen by every process, and none is lost while the disk is full."""

from __future__ import annotations

import os
import sqlite3
from contextlib import contextmanager
from pathlib import Path

import pytest

from habitue.run.ports.alarms import Told
from habitue.store import alarms as room
from habitue.store.alarms import KEPT_FOR, OTHERS, STANDING_PER_KIND_MAX, AlarmFile


@pytest.fixture
def alarms(tmp_path: Path) -> AlarmFile:
    return AlarmFile(tmp_path / "alarms.db")


def beside(alarms: AlarmFile) -> AlarmFile:
    """Another process's."""
    return AlarmFile(alarms._path)


def full(monkeypatch: pytest.MonkeyPatch) -> None:
    @contextmanager
    def refuse(_self: AlarmFile):
        raise sqlite3.OperationalError("database or disk is full")
        yield

    monkeypatch.setattr(AlarmFile, "_open", refuse)
    monkeypatch.setattr(room, "AGAIN_SECONDS", 0.0)


def test_an_alarm_stands_for_every_process_until_one_of_them_clears_it(alarms: AlarmFile) -> None:
    other = beside(alarms)
    alarms.sound("disk_low", "/data", "3 MB free", 10)
    [seen] = other.standing()
    assert (seen.kind, seen.subject, seen.detail, seen.raised_at) == ("disk_low", "/data", "3 MB free", 10)
    other.clear("disk_low", "/data", 20)
    assert alarms.standing() == []
    assert [alarm.cleared_at for alarm in alarms.past()] == [20]


def test_sounded_again_it_is_the_same_alarm_with_the_newest_detail(alarms: AlarmFile) -> None:
    alarms.sound("disk_low", "/data", "3 MB free", 10)
    alarms.sound("disk_low", "/data", "2 MB free", 15)
    assert [(one.raised_at, one.detail) for one in alarms.standing()] == [(10, "2 MB free")]


def test_what_does_not_stand_is_cleared_without_making_a_file(alarms: AlarmFile, tmp_path: Path) -> None:
    alarms.clear("disk_low", "/data", 10)
    assert alarms.standing() == []
    assert list(tmp_path.iterdir()) == []


def test_an_alarm_outlives_the_process_that_saw_it(alarms: AlarmFile) -> None:
    alarms.sound("file_damaged", "log.db", "row 5", 10)
    alarms = beside(alarms)
    alarms.sound("file_damaged", "log.db", "row 5", 99)
    assert [one.raised_at for one in alarms.standing()] == [10]


def test_on_a_full_disk_it_is_kept_in_memory_and_written_when_there_is_room(
    alarms: AlarmFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        full(patched)
        alarms.sound("disk_full", "/data", "0 MB free", 10)
        assert [one.kind for one in alarms.standing()] == ["disk_full"]
        assert beside(alarms).standing() == []
    alarms._failed_at = None
    alarms.clear("disk_low", "/data", 11)  # Whatever comes next takes it along.
    assert [one.raised_at for one in beside(alarms).standing()] == [10]


def test_an_alarm_that_came_and_went_on_a_full_disk_can_still_be_looked_up(
    alarms: AlarmFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        full(patched)
        alarms.sound("disk_full", "/data", "0 MB free", 10)
        alarms.clear("disk_full", "/data", 30)
        assert alarms.standing() == []
    alarms._failed_at = None
    alarms.sound("test", "", "", 40)
    assert [(one.kind, one.raised_at, one.cleared_at) for one in alarms.past()] == [("disk_full", 10, 30)]


def test_a_thousand_of_one_kind_are_one_alarm_of_others_and_end_with_the_rest(alarms: AlarmFile) -> None:
    for number in range(100):
        alarms.sound("products_held", f"feed {number}", "half is missing", 10)
    standing = alarms.standing()
    assert len(standing) == STANDING_PER_KIND_MAX + 1
    assert OTHERS in {one.subject for one in standing}
    for number in range(100):
        alarms.clear("products_held", f"feed {number}", 20)
    assert alarms.standing() == []


def test_a_damaged_file_is_begun_anew(alarms: AlarmFile) -> None:
    alarms._path.write_bytes(b"nothing like a database" * 500)
    alarms.sound("disk_low", "/data", "3 MB free", 10)
    alarms._failed_at = None
    alarms.sound("disk_full", "/data", "0 MB free", 11)
    assert {one.kind for one in beside(alarms).standing()} == {"disk_low", "disk_full"}


def test_half_characters_in_a_detail_raise_nothing(alarms: AlarmFile) -> None:
    alarms.sound("test", "half \ud800", "a \udfff", 1)
    assert len(beside(alarms).standing()) == 1


def test_nobody_else_on_the_machine_may_read_the_file(alarms: AlarmFile) -> None:
    before = os.umask(0)
    try:
        alarms.sound("test", "", "", 1)
    finally:
        os.umask(before)
    assert alarms._path.stat().st_mode & 0o077 == 0


def test_what_was_said_of_an_alarm_goes_with_it_after_ninety_days(alarms: AlarmFile) -> None:
    alarms.sound("test", "", "", 1)
    [(number, _)] = alarms.since(0)
    alarms.note([Told(number, "email", "raised", 1, 2, True, "")])
    assert [notice.what for notice in alarms.told()] == ["raised"]
    alarms.clear("test", "", 5)
    alarms.sound("disk_low", "/data", "", 6 + KEPT_FOR)
    assert alarms.past() == []
    assert alarms.told() == []
