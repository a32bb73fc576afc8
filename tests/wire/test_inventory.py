"""A file that cannot be made anew: gone, it is missed, and not silently begun again."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.wire.test_room import Machine

from habitue import wire
from habitue.errors import HabitueError
from habitue.run import clock
from habitue.wire import backup, inventory
from habitue.wire.inventory import FileGone
from habitue.wire.serving import Serving
from habitue.wire.watch import Watch


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A data directory that `habitue serve` prepared."""
    serving = Serving(tmp_path / "data", port=0)
    serving._socket.close()
    return tmp_path / "data"


@pytest.mark.parametrize(
    "name", ["keys.db", "deliveries.db", "privacy.db", "suppressions.db", "console.db", "state.db", "secret"]
)
def test_a_file_that_is_gone_is_not_made_anew(data: Path, name: str) -> None:
    (data / name).unlink()
    for door in (lambda: wire.create(data), lambda: wire.open_existing(data), lambda: Serving(data, port=0)):
        with pytest.raises(FileGone, match=f"{name}: gone, and cannot be made anew"):
            door()
    assert not (data / name).exists()


def test_the_error_names_the_backup(data: Path, tmp_path: Path) -> None:
    parts = wire.create(data)
    backup.make(parts, tmp_path / "copy")
    parts.close()
    (data / "keys.db").unlink()
    with pytest.raises(FileGone, match=str(tmp_path / "copy")):
        wire.create(data)


def test_who_lost_a_file_for_good_may_begin_without_it(data: Path) -> None:
    (data / "keys.db").unlink()
    listed = data / inventory.INVENTORY_FILE
    listed.write_text(listed.read_text().replace('"keys.db",', ""))
    assert wire.create(data).keys.all() == []


def test_a_new_data_directory_misses_nothing(tmp_path: Path) -> None:
    assert wire.create(tmp_path / "new").keys.all() == []


def test_alarms_are_not_missed(data: Path) -> None:
    wire.create(data).alarms.sound("test", "", "", 1)
    inventory.write_down(data)
    (data / "alarms.db").unlink()
    wire.create(data)


def test_a_list_that_cannot_be_read_is_told(data: Path) -> None:
    (data / inventory.INVENTORY_FILE).write_text("[")
    with pytest.raises(HabitueError, match=r"files\.json: cannot be read"):
        wire.create(data)


def test_a_file_taken_away_beneath_a_running_system_is_an_alarm(data: Path) -> None:
    clock.start(data)
    parts = wire.create(data)
    watch = Watch(parts, Machine().monotonic)
    content = (data / "keys.db").read_bytes()
    (data / "keys.db").unlink()
    watch.tick()
    assert [(one.kind, one.detail) for one in parts.alarms.standing()] == [("file_missing", "keys.db")]
    (data / "keys.db").write_bytes(content)
    watch.tick()
    assert parts.alarms.standing() == []
