"""Questions of the console about the past: answered from history, in bounded time, the newest question first."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from habitue import wire
from habitue.analyze.history import History
from habitue.analyze.members import Reader
from habitue.console import Superseded
from habitue.errors import HabitueError
from habitue.model.customer import customer_id
from habitue.model.event import Event
from habitue.model.instant import DAY
from habitue.playbook.conditions import parse
from habitue.playbook.playbook import Playbook, Segment, Shop
from habitue.wire import Parts
from habitue.wire.past import ConsolePast, TookTooLong

LOOKED = parse('did("Product Viewed")')
BOOK = Playbook(
    name="x",
    shop=Shop(name="X"),
    segments={
        "buyers": Segment(name="buyers", title="Buyers", condition=parse('did("Order Completed")')),
        "often": Segment(name="often", title="Often", condition=parse('count("Order Completed") > 9')),
    },
)


@pytest.fixture
def parts(tmp_path: Path) -> Iterator[Parts]:
    """Ana looked and ordered, Ben looked, Cleo signed up."""
    made = wire.create(tmp_path, environ={})
    done = [("ana", "Product Viewed"), ("ana", "Order Completed"), ("ben", "Product Viewed"), ("cleo", "Signed Up")]
    made.log.append(
        [
            Event(id=f"e{n}", source="shop", type="track", name=name, occurred_at=made.clock.now(), user_id=who)
            for n, (who, name) in enumerate(done)
        ]
    )
    made.crank().turn(100, made.clock.now())
    yield made
    made.close()


@pytest.fixture
def past(parts: Parts) -> Iterator[ConsolePast]:
    made = ConsolePast(parts, seconds_max=60)
    yield made
    made.close()


def test_a_count_names_some_and_says_of_how_many(past: ConsolePast) -> None:
    count = past.count(BOOK, LOOKED, "mina")
    assert (count.members, count.people) == (2, 3)
    assert set(count.sample) == {customer_id("user", "ana"), customer_id("user", "ben")}


def test_a_course_ends_with_the_present(past: ConsolePast) -> None:
    course = past.course(BOOK, LOOKED, 30, "mina")
    assert (course[0][1], course[-1][1]) == (0, 2)
    assert 29 * DAY <= course[-1][0] - course[0][0] <= 30 * DAY


def test_overlaps_name_the_segments_that_share_somebody(past: ConsolePast) -> None:
    assert past.overlaps(BOOK, LOOKED, "mina") == [("buyers", 1, 1)]


def test_segments_that_share_somebody_are_paired(past: ConsolePast) -> None:
    looked = Segment(name="looked", title="Looked", condition=LOOKED)
    book = msgspec.structs.replace(BOOK, segments={**BOOK.segments, "looked": looked})
    assert past.shared(book, "mina") == [("buyers", "looked", 1)]


def test_standings_and_moves_come_from_the_same_history(past: ConsolePast) -> None:
    assert sum(one.people for one in past.standings(BOOK, "mina")) == 3
    assert {move.before.stage for move in past.moves(BOOK, 30, "mina")} == {""}


def test_an_imported_history_lies_in_its_own_time(parts: Parts, past: ConsolePast) -> None:
    """Dora ordered long ago, and the log was told today."""
    long_ago = parts.clock.now() - 60 * DAY
    parts.log.append(
        [Event(id="old", source="import", type="track", name="Order Completed", occurred_at=long_ago, user_id="dora")]
    )
    parts.crank().turn(100, parts.clock.now())
    course = past.course(BOOK, BOOK.segments["buyers"].condition, 90, "mina")
    assert [members for _, members in course][:10] == [0] * 10
    assert [members for _, members in course][-10:] == [1] * 9 + [2]
    stages = {(move.before.stage, move.after.stage): move.before.people for move in past.moves(BOOK, 30, "mina")}
    assert stages["new", "new"] == 1


def test_nothing_kept_is_nobody(tmp_path: Path) -> None:
    parts = wire.create(tmp_path, environ={})
    past = ConsolePast(parts)
    assert past.count(BOOK, LOOKED, "mina").people == 0
    past.close()
    parts.close()


SLOW = "SELECT count(*) FROM range(100000000) a, range(100000) b"


def test_what_takes_too_long_is_broken_off_and_the_next_is_answered(
    parts: Parts, past: ConsolePast, monkeypatch: pytest.MonkeyPatch
) -> None:
    hasty = ConsolePast(parts, seconds_max=0.3)
    with monkeypatch.context() as patch:
        patch.setattr(Reader, "count", lambda self, *_: self._history.ask(SLOW))
        with pytest.raises(TookTooLong, match="shorter window"):
            hasty.count(BOOK, LOOKED, "mina")
    assert past.count(BOOK, LOOKED, "mina").members == 2


def test_a_later_question_takes_the_place_of_the_earlier(past: ConsolePast, monkeypatch: pytest.MonkeyPatch) -> None:
    begun, ended = threading.Event(), []
    count = Reader.count

    def slow_once(self: Reader, *given: Any) -> Any:
        if begun.is_set():
            return count(self, *given)
        begun.set()
        return self._history.ask(SLOW)

    def first() -> None:
        try:
            past.count(BOOK, LOOKED, "mina")
        except HabitueError as error:
            ended.append(error)

    monkeypatch.setattr(Reader, "count", slow_once)
    asking = threading.Thread(target=first)
    asking.start()
    assert begun.wait(10)
    assert past.count(BOOK, LOOKED, "mina").members == 2
    asking.join(10)
    assert isinstance(ended[0], Superseded)


def test_an_open_history_is_let_go(past: ConsolePast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("habitue.wire.past.KEPT_SECONDS", -0.9)
    closed = threading.Event()
    close = History.close
    monkeypatch.setattr(History, "close", lambda self: (close(self), closed.set()))
    past.count(BOOK, LOOKED, "mina")
    assert closed.wait(10)
