"""Work in a process of its own: answers and errors come back, and no end of it is the end of who asked."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from habitue import wire
from habitue.console import Superseded
from habitue.errors import HabitueError
from habitue.model.event import Event
from habitue.playbook.conditions import parse
from habitue.playbook.playbook import Playbook, Segment, Shop
from habitue.wire.apart import Apart, Late, Lost
from habitue.wire.questions import PastApart

PROGRAM = """
import os, sys, time
from habitue.console import Superseded
from habitue.errors import HabitueError
from habitue.wire.apart import answer

def add(one, other, *, progress):
    progress(1, 2)
    return one + other

def refuse(text, *, progress):
    raise Superseded(text)

def fail(*, progress):
    raise ZeroDivisionError

def whoever(*, progress):
    return os.getpid()

def unwritable(*, progress):
    return lambda: None

def slow(seconds, *, progress):
    time.sleep(seconds)
    return "late"

def forever(*, progress):
    progress(0, 1)
    while True:
        time.sleep(60)

known = {f.__name__: f for f in (add, refuse, fail, whoever, unwritable, slow, forever)}
answer(int(sys.argv[1].partition("=")[2]), known, float(os.environ.get("IDLE", "60")))
os._exit(0)
"""
LOOKED = parse('did("Product Viewed")')
BOOK = Playbook(
    name="x", shop=Shop(name="X"), segments={"lookers": Segment(name="lookers", title="Lookers", condition=LOOKED)}
)


@pytest.fixture(scope="module")
def apart() -> Iterator[Apart]:
    made = Apart([sys.executable, "-c", PROGRAM], (Superseded,))
    yield made
    made.close()


def test_an_answer_comes_back_and_how_far_it_is_on_the_way(apart: Apart) -> None:
    told: list[tuple[int, int]] = []
    assert apart.ask("add", "a", "b", progress=lambda done, total: told.append((done, total))) == "ab"
    assert told == [(1, 2)]


def test_an_error_for_people_keeps_its_kind_and_its_words(apart: Apart) -> None:
    with pytest.raises(Superseded, match="a later one"):
        apart.ask("refuse", "a later one")


def test_a_fault_is_told_without_its_inside(apart: Apart) -> None:
    with pytest.raises(HabitueError, match="in the server's log"):
        apart.ask("fail")


def test_an_answer_that_cannot_be_written_is_a_fault_and_no_silence(apart: Apart) -> None:
    with pytest.raises(HabitueError, match="in the server's log"):
        apart.ask("unwritable", seconds_max=30)


def test_whoever_shows_progress_and_fails_leaves_nobody_without_an_answer(apart: Apart) -> None:
    def broken(_done: int, _total: int) -> None:
        raise ValueError("the page is gone")

    assert apart.ask("add", 1, 2, progress=broken, seconds_max=30) == 3


def test_a_process_that_answered_after_its_time_of_rest_ends_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IDLE", "0.1")
    resting = Apart([sys.executable, "-c", PROGRAM])
    assert resting.ask("slow", 0.5, seconds_max=30) == "late"
    assert resting._child is not None
    assert resting._child.process.wait(timeout=30) == 0


def test_a_process_that_is_killed_is_said_to_be_lost_and_the_next_question_finds_another(apart: Apart) -> None:
    first = apart.ask("whoever")

    def kill(_done: int, _total: int) -> None:
        os.kill(first, signal.SIGKILL)

    with pytest.raises(Lost):
        apart.ask("forever", progress=kill)
    assert apart.ask("whoever") not in (first, os.getpid())


def test_what_nobody_wants_any_more_ends(apart: Apart) -> None:
    begun = threading.Event()
    with pytest.raises(Lost):
        apart.ask("forever", progress=lambda done, total: begun.set(), stop=begun.is_set)
    assert apart.ask("add", 1, 2) == 3


def test_a_process_that_does_not_keep_its_time_is_ended(apart: Apart) -> None:
    with pytest.raises(Late):
        apart.ask("forever", seconds_max=0.1)
    assert apart.ask("add", 1, 2) == 3


def test_after_the_end_nothing_is_started_any_more() -> None:
    closed = Apart([sys.executable, "-c", PROGRAM])
    closed.close()
    with pytest.raises(Lost):
        closed.ask("add", 1, 2)


def test_the_past_is_asked_in_a_process_that_ends_with_who_asks(tmp_path: Path) -> None:
    parts = wire.create(tmp_path, environ={})
    done = [("ana", "Product Viewed"), ("ben", "Product Viewed"), ("cleo", "Signed Up")]
    parts.log.append(
        [
            Event(id=f"e{n}", source="shop", type="track", name=name, occurred_at=parts.clock.now(), user_id=who)
            for n, (who, name) in enumerate(done)
        ]
    )
    parts.crank().turn(100, parts.clock.now())
    past = PastApart(parts)
    past.start()
    count = past.count(BOOK, LOOKED, "mina")
    assert (count.members, count.people) == (2, 3)
    assert past.overlaps(BOOK, LOOKED, "mina") == [("lookers", 2, 2)]
    past.close()
    assert not past.is_there
    parts.close()
