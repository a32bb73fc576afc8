"""What the data directory holds is for its own account: whatever the umask, and whatever made it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from habitue import private, wire
from habitue.run import clock
from habitue.store.archive import Archive
from habitue.store.sqlite.database import Database
from habitue.wire import Parts


@pytest.fixture
def open_handed() -> Iterator[None]:
    """A umask that lets everybody read and write."""
    before = os.umask(0)
    yield
    os.umask(before)


def modes(folder: Path) -> dict[str, int]:
    return {str(path.relative_to(folder)): path.stat().st_mode & 0o777 for path in folder.rglob("*")}


def test_every_store_is_for_its_own_account_whatever_the_umask(tmp_path: Path, open_handed: None) -> None:
    parts = wire.create(tmp_path / "data", environ={})
    for name in ("log", "store", "view", "deliveries", "playbooks", "keys", "api", "suppressions", "accounts"):
        getattr(parts, name)
    for name in ("privacy", "catalog", "secret"):
        getattr(parts, name)
    parts.alarms.sound("test", "", "", 1)
    found = modes(tmp_path)
    assert found.pop("data") == 0o700
    assert {name: mode for name, mode in found.items() if mode & 0o077} == {}
    assert "data/log.db-wal" in found
    parts.close()


def test_an_archive_is_for_its_own_account(tmp_path: Path, open_handed: None) -> None:
    Archive(tmp_path / "archive").close()
    assert (tmp_path / "archive").stat().st_mode & 0o777 == 0o700


def test_a_database_that_others_could_read_is_closed_to_them_when_it_is_opened(tmp_path: Path) -> None:
    path = tmp_path / "log.db"
    Database(path, "log").close()
    path.chmod(0o644)
    Database(path, "log").close()
    assert path.stat().st_mode & 0o777 == 0o600


def test_what_others_may_read_is_found(tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir(mode=0o700)
    (data / "log.db").write_bytes(b"")
    (data / "log.db").chmod(0o644)
    assert private.readable_by_others(data) == []  # Nobody comes past the directory.
    data.chmod(0o755)
    assert private.readable_by_others(data) == [data, data / "log.db"]


def test_the_clock_of_a_run_is_for_its_own_account(tmp_path: Path, open_handed: None) -> None:
    clock.start(tmp_path)
    assert (tmp_path / clock.ANCHOR_FILE).stat().st_mode & 0o077 == 0


def test_parts_of_a_system_are_private(tmp_path: Path) -> None:
    assert isinstance(wire.create(tmp_path / "new", environ={}), Parts)
    assert (tmp_path / "new").stat().st_mode & 0o777 == 0o700
