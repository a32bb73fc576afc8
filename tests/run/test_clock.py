"""Clocks: one time for all processes of a run, and never back, whatever the speed and however often it restarts."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from habitue.errors import HabitueError
from habitue.model.instant import DAY, HOUR, MINUTE, SECOND
from habitue.run import clock
from habitue.run.clock import ManualClock

NOON = 1_700_000_000 * SECOND


def test_at_speed_60_a_minute_passes_each_second(tmp_path: Path) -> None:
    wall = ManualClock(NOON)
    run = clock.start(tmp_path, speed=60, system=wall)
    wall.advance(SECOND)
    assert run.now() == NOON + MINUTE


def test_every_process_of_a_run_reads_the_same_time(tmp_path: Path) -> None:
    wall = ManualClock(NOON)
    ours = clock.start(tmp_path, speed=60, system=wall)
    wall.advance(3 * SECOND)
    assert clock.running(tmp_path, wall).now() == ours.now()


def test_a_restart_does_not_go_back(tmp_path: Path) -> None:
    wall = ManualClock(NOON)
    first = clock.start(tmp_path, speed=60, system=wall)
    wall.advance(600 * SECOND)
    clock.seen(tmp_path, wall)
    latest = first.now()
    assert clock.start(tmp_path, speed=1, system=wall).now() >= latest


def test_a_night_off_is_not_three_weeks(tmp_path: Path) -> None:
    wall = ManualClock(NOON)
    clock.start(tmp_path, speed=60, system=wall)
    wall.advance(10 * MINUTE)
    clock.seen(tmp_path, wall)
    wall.advance(12 * HOUR)
    assert clock.start(tmp_path, speed=60, system=wall).now() < NOON + DAY


def test_a_command_beside_a_run_that_is_over_goes_on_from_where_it_ended(tmp_path: Path) -> None:
    wall = ManualClock(NOON)
    run = clock.start(tmp_path, speed=3600, system=wall)
    wall.advance(MINUTE)
    clock.seen(tmp_path, wall)
    latest = run.now()
    wall.advance(HOUR)
    beside = clock.running(tmp_path, wall)
    assert latest <= beside.now() < latest + 3 * HOUR
    wall.advance(SECOND)
    assert beside.speed == 1


def test_without_a_run_the_time_is_the_machines(tmp_path: Path) -> None:
    assert clock.running(tmp_path, ManualClock(NOON)).now() == NOON


def test_a_machine_clock_set_back_does_not_turn_the_run_back(tmp_path: Path) -> None:
    wall = ManualClock(NOON)
    run = clock.start(tmp_path, system=wall)
    wall.advance(SECOND)
    latest = run.now()
    run._system = ManualClock(NOON - HOUR)
    assert run.now() == latest


@pytest.mark.parametrize("speed", [0, -1, float("nan"), 1e9])
def test_an_impossible_speed_is_refused(tmp_path: Path, speed: float) -> None:
    with pytest.raises(HabitueError, match="not possible"):
        clock.start(tmp_path, speed=speed)


def test_a_damaged_anchor_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / clock.ANCHOR_FILE).write_text("{")
    with pytest.raises(HabitueError, match="Delete it"):
        clock.running(tmp_path)


def test_a_manual_clock_refuses_to_go_back() -> None:
    with pytest.raises(ValueError, match="cannot go back"):
        ManualClock(NOON).set(NOON - 1)


@given(
    st.lists(
        st.tuples(st.floats(0.5, 1000), st.integers(0, 10 * SECOND), st.integers(0, 1_000_000), st.integers(0, DAY)),
        min_size=1,
        max_size=8,
    )
)
def test_no_series_of_runs_ever_goes_back(
    tmp_path_factory: pytest.TempPathFactory, runs: list[tuple[float, int, int, int]]
) -> None:
    data = tmp_path_factory.mktemp("data")
    wall, latest = ManualClock(NOON), 0
    for speed, running, after_last_note, resting in runs:
        run = clock.start(data, speed, wall)
        assert run.now() >= latest
        wall.advance(running)
        clock.seen(data, wall)
        wall.advance(after_last_note)
        latest = run.now()
        wall.advance(resting)
