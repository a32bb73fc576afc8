"""A backtest reads each event of the archive and the log once, whatever becomes of the files meanwhile."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.store.test_archive import Shop

from habitue.model.instant import DAY
from habitue.run.ports import Recording
from habitue.store.archive import recording as recording_module
from habitue.store.archive.recording import ArchiveRecording


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    """Three days of six events, each in parts of two."""
    shop = Shop(tmp_path / "archive", rows_max=2, parts_max=32)
    for day in range(3):
        for part in range(3):
            shop.happen(f"{day}-{part}-a", f"{day}-{part}-b")
            shop.once()
        shop.clock.instant += DAY
    shop.once()
    yield shop
    shop.archive.close()


def positions(recording: Recording, columns: tuple[str, ...] = ("position", "name", "identifiers")) -> list[int]:
    return [
        position
        for stretch in recording.stretches()
        for table in stretch.tables(columns)
        for position in table.column("position").to_pylist()
    ]


def test_archive_and_tail_give_each_event_once(shop: Shop) -> None:
    assert positions(ArchiveRecording(shop.directory)) == list(range(18))
    tail = shop.log.scan(after=10)
    assert positions(ArchiveRecording(shop.directory, 10, tail)) == list(range(18))
    assert positions(ArchiveRecording(None, tail=shop.log.scan())) == list(range(18))


@pytest.mark.parametrize("size", [1, 3, 4, 100])
def test_days_are_read_in_stretches_that_do_not_overlap(shop: Shop, size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recording_module, "STRETCH_ROWS", size)
    found = ArchiveRecording(shop.directory, 13)
    assert positions(found) == list(range(14))
    assert len(found.stretches()) == {1: 7, 3: 5, 4: 5, 100: 3}[size]


def test_parts_that_are_merged_after_they_were_listed_are_found_again(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recording_module, "STRETCH_ROWS", 2)
    monkeypatch.setattr("habitue.store.archive.folder.QUIET_SECONDS", -1)
    stretches = ArchiveRecording(shop.directory).stretches()
    assert shop.archive.tidy() > 0
    found = [row for one in stretches for table in one.tables(["position"]) for row in table["position"].to_pylist()]
    assert found == list(range(18))


def test_a_day_that_is_dropped_meanwhile_is_not_missed(shop: Shop) -> None:
    first, second, third = ArchiveRecording(shop.directory).stretches()
    shutil.rmtree(sorted((shop.directory / "events").iterdir())[0])
    assert list(first.tables(["position"])) == []
    assert [table.num_rows for table in second.tables(["position"])] == [2, 2, 2]
    assert third.rows == 6
