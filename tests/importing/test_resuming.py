"""An import that is cut off at any moment goes on, and comes to the same."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from habitue.errors import HabitueError
from habitue.importing import work
from habitue.importing.rejected import RejectedRows, rejected_path

from .conftest import Importing, Sink, file
from .test_orders import LINES, lines


def shuffled_lines() -> str:
    rows = [
        f"{number},2026-05-01,u{number % 7},paid,w{line},{line},1," for number in range(300) for line in range(1, 4)
    ]
    rows += ["300,soon,ana,paid,w1,1,1,", ",2026-05-01,ana,paid,w1,1,1,", "301,2026-05-01,,paid,w1,1,1,"]
    random.Random(5).shuffle(rows)
    return lines(*rows)


@pytest.fixture
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(work, "BATCH", 7)
    monkeypatch.setattr(work, "KEPT_EVERY", 2)
    monkeypatch.setattr(work, "ROWS_UNKEPT_MAX", 60)


@pytest.mark.parametrize("window", [20, 10_000])
@pytest.mark.parametrize("batches", [2, 5, 17])
@pytest.mark.usefixtures("small_batches")
def test_killed_again_and_again_it_comes_to_the_same(
    tmp_path: Path, bring: Importing, sink: Sink, batches: int, window: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(work.Orders.__init__, "__kwdefaults__", {"window": window})
    whole = file(tmp_path, "whole.csv", shuffled_lines())
    path = file(tmp_path, "cut.csv", shuffled_lines())
    expected = bring(whole, "orders", LINES)
    events, sink.log = sink.events, Sink().log

    for _ in range(400):
        sink.fail_after = sink.batches + batches
        try:
            counts = bring(path, "orders", LINES)
            break
        except KeyboardInterrupt:
            continue
    assert sorted(event.id for event in sink.events) == sorted(event.id for event in events)
    assert {event.id: event.properties for event in sink.events} == {event.id: event.properties for event in events}
    assert (counts.rows, counts.made, counts.rejected) == (expected.rows, expected.made, expected.rejected)
    assert rejected_path(path).read_text() == rejected_path(whole).read_text()
    assert not list((tmp_path / "imports").glob("*.place"))


@pytest.mark.usefixtures("small_batches")
def test_a_file_that_changed_meanwhile_is_read_from_its_beginning(tmp_path: Path, bring: Importing, sink: Sink) -> None:
    mapping = "event: X\ncolumns: {at: time, who: user_id}"
    rows = [f"2026-05-01,u{number}\n" for number in range(100)]
    path = file(tmp_path, "a.csv", "at,who\n" + "".join(rows))
    sink.fail_after = 8
    with pytest.raises(KeyboardInterrupt):
        bring(path, "events", mapping)
    assert list((tmp_path / "imports").glob("*.place"))
    sink.fail_after = None
    counts = bring(file(tmp_path, "a.csv", "at,who\n2026-05-01,new\n" + "".join(rows)), "events", mapping)
    assert counts.rows == 101
    assert len(sink.events) == 101


@pytest.mark.usefixtures("small_batches")
def test_the_place_is_kept_for_its_owner_alone(tmp_path: Path, bring: Importing, sink: Sink) -> None:
    path = file(tmp_path, "a.csv", "at,who\n" + "2026-05-01,ana\n" * 200)
    sink.fail_after = 0
    with pytest.raises(KeyboardInterrupt):
        bring(path, "events", "event: X\ncolumns: {at: time, who: user_id}")
    sink.fail_after = 4
    with pytest.raises(KeyboardInterrupt):
        bring(path, "events", "event: X\ncolumns: {at: time, who: user_id}")
    (place,) = (tmp_path / "imports").glob("*.place")
    assert place.stat().st_mode & 0o777 == 0o600


def test_rejected_rows_are_not_written_over_anything_else(tmp_path: Path) -> None:
    path = file(tmp_path, "orders.csv", "at,who\n2026-05-01,ana\n")
    for keep_bytes in (0, 5):
        with pytest.raises(HabitueError, match="does not hold rows that an import rejected"):
            RejectedRows(path, keep_bytes)
    assert path.read_text() == "at,who\n2026-05-01,ana\n"


def test_rejected_rows_do_not_follow_a_link_that_somebody_laid(tmp_path: Path) -> None:
    target, link = tmp_path / "elsewhere", rejected_path(tmp_path / "orders.csv")
    link.symlink_to(target)
    rows = RejectedRows(link)
    rows.add(1, "no_time", "", {})
    rows.write()
    assert not target.exists()
    target.write_bytes(link.read_bytes() * 2)
    link.unlink()
    link.symlink_to(target)
    with pytest.raises(HabitueError, match="cannot be written"):
        RejectedRows(link, keep_bytes=5)
    assert target.stat().st_size > 5


@pytest.mark.usefixtures("small_batches")
def test_a_full_disk_is_said_in_words(tmp_path: Path, bring: Importing, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    rows = "".join(f"2026-05-01,u{number}\n" for number in range(100))
    path = file(tmp_path, "a.csv", "at,who\n" + rows)
    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(HabitueError, match=r"No space left on device.*goes on where it was"):
        bring(path, "events", "event: X\ncolumns: {at: time, who: user_id}")
