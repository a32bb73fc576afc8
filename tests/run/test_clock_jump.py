"""A clock that jumps: nothing is stamped with a wrong time, nothing is decided, until it is right or said to be."""

from __future__ import annotations

import gc
from pathlib import Path

import pytest

from habitue.errors import HabitueError
from habitue.model.instant import DAY, HOUR, MINUTE, SECOND
from habitue.run import clock
from habitue.run.bell import Ear
from habitue.run.clock import JUMP_MIN, REST_MAX, ManualClock, doubt_of
from habitue.run.embedded import decide

NOON = 1_700_000_000 * SECOND
JUMP = 400 * DAY


class Rebooted(ManualClock):
    """The same machine after it was off: the second clock begins anew."""

    def __init__(self, now: int) -> None:
        super().__init__(now)
        self._began = now

    def elapsed(self) -> int:
        return super().elapsed() - self._began

    def boot(self) -> str:
        return "another"


@pytest.mark.parametrize("jump", [JUMP, -JUMP, JUMP_MIN + SECOND, -JUMP_MIN - SECOND])
def test_after_a_jump_time_goes_on_as_the_second_clock_counts(tmp_path: Path, jump: int) -> None:
    machine = ManualClock(NOON)
    run = clock.start(tmp_path, system=machine)
    machine.advance(HOUR)
    assert run.now() == NOON + HOUR
    machine.jump(jump)
    machine.advance(MINUTE)
    assert run.now() == NOON + HOUR + MINUTE
    assert "was expected" in run.doubt()


@pytest.mark.parametrize("step", [SECOND, -SECOND, JUMP_MIN, -JUMP_MIN])
def test_a_correction_is_no_jump(tmp_path: Path, step: int) -> None:
    machine = ManualClock(NOON)
    run = clock.start(tmp_path, system=machine)
    run.now()
    machine.jump(step)
    assert run.doubt() == ""


def test_many_corrections_are_no_jump(tmp_path: Path) -> None:
    machine = ManualClock(NOON)
    run = clock.start(tmp_path, system=machine)
    for _ in range(100):
        machine.advance(MINUTE)
        machine.jump(MINUTE)
        assert run.doubt() == ""
    assert run.now() == NOON + 200 * MINUTE


def test_when_the_clock_is_right_again_nothing_has_happened(tmp_path: Path) -> None:
    machine = ManualClock(NOON)
    run = clock.start(tmp_path, system=machine)
    machine.jump(JUMP)
    machine.advance(MINUTE)
    assert run.doubt()
    machine.jump(-JUMP)
    assert run.doubt() == ""
    assert run.now() == NOON + MINUTE


def test_a_process_that_begins_after_the_jump_knows_of_it(tmp_path: Path) -> None:
    machine = ManualClock(NOON)
    clock.start(tmp_path, system=machine)
    machine.jump(JUMP)
    machine.advance(SECOND)
    clock.seen(tmp_path, machine)
    begun = clock.running(tmp_path, machine)
    assert begun.doubt()
    assert begun.now() == NOON + SECOND


def test_a_system_that_begins_again_after_the_jump_knows_of_it(tmp_path: Path) -> None:
    machine = ManualClock(NOON)
    clock.start(tmp_path, system=machine)
    machine.advance(HOUR)
    clock.seen(tmp_path, machine)
    machine.jump(JUMP)
    again = clock.start(tmp_path, system=machine)
    assert again.doubt()
    assert NOON + HOUR <= again.now() <= NOON + HOUR + 3 * SECOND
    machine.jump(-JUMP)
    assert again.doubt() == ""


def test_every_process_goes_on_when_an_operator_accepts_the_clock(tmp_path: Path) -> None:
    machine = ManualClock(NOON)
    run, other = clock.start(tmp_path, system=machine), clock.running(tmp_path, machine)
    machine.jump(JUMP)
    machine.advance(MINUTE)
    assert run.doubt()
    assert other.doubt()
    assert clock.accept(tmp_path, machine) == NOON + MINUTE + JUMP
    machine.advance(2 * SECOND)
    for one in (run, other):
        assert one.doubt() == ""
        assert one.now() == NOON + MINUTE + JUMP + 2 * SECOND


def test_time_does_not_go_back_when_an_earlier_clock_is_accepted(tmp_path: Path) -> None:
    machine = ManualClock(NOON)
    run = clock.start(tmp_path, system=machine)
    run.now()
    machine.jump(-JUMP)
    machine.advance(MINUTE)
    assert clock.accept(tmp_path, machine) == NOON + MINUTE
    machine.advance(2 * SECOND)
    assert run.now() == NOON + MINUTE + 2 * SECOND
    assert run.doubt() == ""


@pytest.mark.parametrize("off", [-HOUR, REST_MAX + DAY])
def test_a_machine_that_was_off_and_begins_with_an_unlikely_time_is_doubted(tmp_path: Path, off: int) -> None:
    machine = ManualClock(NOON)
    clock.start(tmp_path, system=machine)
    begun = clock.start(tmp_path, system=Rebooted(NOON + off))
    assert begun.doubt()
    assert NOON <= begun.now() <= NOON + 3 * SECOND


def test_it_is_believed_once_its_time_is_likely(tmp_path: Path) -> None:
    """The battery is dead: it began 400 days off, and a server of times put it right, two hours after it went off."""
    clock.start(tmp_path, system=ManualClock(NOON))
    machine = Rebooted(NOON + JUMP)
    begun = clock.start(tmp_path, system=machine)
    assert begun.doubt()
    machine.jump(2 * HOUR - JUMP)
    assert begun.doubt() == ""
    assert NOON + 2 * HOUR <= begun.now() <= NOON + 2 * HOUR + 3 * SECOND
    machine.advance(SECOND)
    clock.seen(tmp_path, machine)
    assert clock.running(tmp_path, machine).doubt() == ""


def test_a_machine_that_was_off_for_a_week_is_believed(tmp_path: Path) -> None:
    clock.start(tmp_path, system=ManualClock(NOON))
    begun = clock.start(tmp_path, system=Rebooted(NOON + 7 * DAY))
    assert begun.doubt() == ""
    assert begun.now() == NOON + 7 * DAY


def test_without_a_clock_file_the_logs_last_time_is_asked(tmp_path: Path) -> None:
    begun = clock.start(tmp_path, system=ManualClock(NOON - JUMP), known=NOON)
    assert begun.doubt()
    assert begun.now() == NOON


def test_a_show_that_is_faster_than_life_is_not_doubted(tmp_path: Path) -> None:
    machine = ManualClock(NOON)
    run = clock.start(tmp_path, speed=60, system=machine)
    for _ in range(100):
        machine.advance(HOUR)
        assert run.doubt() == ""
    clock.seen(tmp_path, machine)
    assert clock.start(tmp_path, speed=60, system=Rebooted(NOON + 300 * DAY)).doubt() == ""


def test_a_laptops_sleep_is_no_jump(tmp_path: Path) -> None:
    """The second clock counts it: it is `CLOCK_BOOTTIME` where there is one."""
    machine = ManualClock(NOON)
    run = clock.start(tmp_path, system=machine)
    machine.advance(9 * HOUR)
    assert run.doubt() == ""
    assert run.now() == NOON + 9 * HOUR


def test_where_no_clock_was_started_there_is_nothing_to_accept(tmp_path: Path) -> None:
    with pytest.raises(HabitueError, match="nothing to accept"):
        clock.accept(tmp_path)


def test_clocks_of_rehearsals_are_right() -> None:
    assert doubt_of(ManualClock(NOON)) == ""


def test_an_anchor_of_a_version_before_is_read(tmp_path: Path) -> None:
    (tmp_path / clock.ANCHOR_FILE).write_text(f'{{"wall":{NOON},"run":{NOON},"speed":1.0,"seen_at":{NOON}}}')
    assert clock.running(tmp_path, ManualClock(NOON + HOUR)).now() == NOON + HOUR


def test_nothing_is_decided_while_the_clock_is_in_doubt(tmp_path: Path) -> None:
    machine = ManualClock(NOON)
    run = clock.start(tmp_path, system=machine)
    machine.jump(JUMP)
    turns: list[int] = []

    class Crank:
        store = None

        def turn(self, _records_max: int, now: int) -> tuple[int, ...]:
            turns.append(now)
            return ()

    class Line:
        """The clock is right again after the first wait, and the process stops at the second."""

        stopping = False

        def wait(self, _seconds: float, _descriptor: int | None = None) -> bool:
            if not turns:
                machine.jump(-JUMP)
            else:
                self.stopping = True
            return self.stopping

    crank = Crank()
    crank.store = type("Store", (), {"next_due": lambda _: None})()  # type: ignore[assignment]
    ear = Ear(tmp_path / "bell")
    decide(crank, run, Line(), 100, ear)  # type: ignore[arg-type]
    ear.close()
    gc.enable()
    assert turns == [NOON]
