"""A history opened while events come in, are decided and archived, and parts are merged: each event once, always."""

from __future__ import annotations

from pathlib import Path
from threading import Event as Flag
from threading import Thread

from tests.decide.world import NOTE, PLAYBOOK, MovedClock

from habitue.analyze.history import History
from habitue.analyze.population import Population
from habitue.model.event import IDENTIFIED, Event
from habitue.model.instant import HOUR
from habitue.playbook.load import load
from habitue.run.crank import Crank
from habitue.store.archive import Archive
from habitue.store.memory import MemoryDeliveries
from habitue.store.sqlite import SqliteLog, SqliteStore, SqliteView

ROUNDS = 100


def test_each_committed_event_is_there_once_while_all_of_it_is_written(tmp_path: Path) -> None:
    clock, done, failures = MovedClock(), Flag(), []
    log, store, view = SqliteLog(tmp_path / "log.db", clock), SqliteStore(tmp_path), SqliteView(tmp_path)
    store.save_playbook("corner", {"playbook.yaml": PLAYBOOK, "messages/note.yaml": NOTE}, clock.now(), "ana")
    crank = Crank(store, log, load)
    archive = Archive(tmp_path / "archive", rows_max=7, parts_max=3)

    def work() -> None:
        try:
            for number in range(ROUNDS):
                clock.instant += HOUR
                log.append(_events(number))
                crank.turn(4, clock.now())
                archive.once(log, view, MemoryDeliveries())
            while crank.turn(100, clock.now()).records or archive.once(log, view, MemoryDeliveries()).more:
                pass
        except BaseException as error:  # noqa: BLE001  # Told in the test's own thread.
            failures.append(error)
        finally:
            done.set()

    worker = Thread(target=work)
    worker.start()
    population, stood = Population(), set()
    while not done.is_set():
        with History(tmp_path / "archive", log, view, threads=1, population=population) as history:
            for _ in range(3):
                _check(history)
            stood.add(history.position)
    worker.join()
    assert not failures, failures
    with History(tmp_path / "archive", log, view, threads=1, population=population) as history:
        _check(history)
        assert history.position == log.position()
        assert history.ask("SELECT count(DISTINCT customer) FROM events") == history.ask("SELECT count(*) FROM people")
    assert len(stood) > 1
    archive.close()
    for one in (log, store, view):
        one.close()


def _events(number: int) -> list[Event]:
    """A visitor looks around; every third one signs in."""
    names = ["Product Viewed", "Product Viewed", IDENTIFIED if number % 3 == 0 else "Cart Viewed"]
    return [
        Event(
            id=f"{number}-{place}",
            source="web",
            type="track",
            name=name,
            occurred_at=1,
            anonymous_id=f"device-{number}",
            user_id=f"user-{number % 5}" if name == IDENTIFIED else None,
        )
        for place, name in enumerate(names)
    ]


def _check(history: History) -> None:
    count, distinct, last, owned = history.ask(
        "SELECT count(*), count(DISTINCT position), coalesce(max(position), -1), count(customer) FROM events"
    )[0]
    assert count == distinct == owned == last + 1 == history.position + 1
