"""The loops of the processes: what is new is noticed, what is due is done, and stopping finishes what was begun."""

from __future__ import annotations

from pathlib import Path

from habitue.model.event import Event
from habitue.playbook.load import load
from habitue.run.bell import Ear
from habitue.run.clock import SystemClock
from habitue.run.crank import Crank
from habitue.run.embedded import Watch, decide, repeat
from habitue.run.lifeline import Lifeline
from habitue.store.memory import MemoryLog, MemoryStore


def test_a_watch_notices_a_file_that_appears_and_one_that_grows(tmp_path: Path) -> None:
    file = tmp_path / "log.db-wal"
    watch = Watch(file)
    assert not watch.has_changed()
    file.write_text("a")
    assert watch.has_changed()
    assert not watch.has_changed()
    file.write_text("ab")
    assert watch.has_changed()


class StopsAfter(Lifeline):
    """Lets the loop rest a few times, does something in between, and then tells it to stop."""

    def __init__(self, *doings: object) -> None:
        super().__init__()
        self.doings = list(doings)

    def wait(self, seconds: float, *also: int) -> bool:
        if self.doings:
            doing = self.doings.pop(0)
            if callable(doing):
                doing()
        else:
            self.stop()
        return self.stopping


def test_the_decide_loop_absorbs_what_comes_while_it_rests(tmp_path: Path) -> None:
    clock = SystemClock()
    log, store = MemoryLog(clock), MemoryStore()
    crank = Crank(store, log, load)
    ear, rung = Ear(tmp_path / "decide.bell"), list[int]()

    def ana_looks_at_a_watch() -> None:
        event = Event(
            id="1", source="shop", type="track", name="Product Viewed", occurred_at=clock.now(), user_id="ana"
        )
        log.append([event])

    line = StopsAfter(ana_looks_at_a_watch, None, None)
    decide(crank, clock, line, 100, ear, lambda: rung.append(store.position()))
    ear.close()
    assert store.position() == 0
    assert rung == [0]  # Told once it was committed, and not for a turn in which nothing happened.
    assert len(list(store.customer_ids())) == 1


def test_a_repeated_work_is_done_once_more_before_the_end() -> None:
    done: list[str] = []

    def work() -> bool:
        done.append("work")
        return False

    repeat(work, StopsAfter(lambda: done.append("rest")), 1.0)
    assert done == ["work", "rest", "work", "work"]
