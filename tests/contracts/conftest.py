"""Every store under one name: a contract test that asks for `log` runs once for each kind of log."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from habitue.run.ports import Deliveries, Log, Store, View
from habitue.store.memory import MemoryDeliveries, MemoryLog, MemoryStore
from habitue.store.sqlite import SqliteDeliveries, SqliteLog, SqliteStore, SqliteView


class HandClock:
    """A clock that a test sets."""

    def __init__(self, instant: int = 1_000_000) -> None:
        self.instant = instant

    def now(self) -> int:
        return self.instant


class State(NamedTuple):
    store: Store
    view: View


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture(params=["memory", "sqlite"])
def log(request: pytest.FixtureRequest, tmp_path: Path, clock: HandClock) -> Iterator[Log]:
    if request.param == "memory":
        yield MemoryLog(clock)
        return
    log = SqliteLog(tmp_path / "log.db", clock)
    yield log
    log.close()


@pytest.fixture(params=["memory", "sqlite"])
def state(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[State]:
    if request.param == "memory":
        memory = MemoryStore()
        yield State(memory, memory)
        return
    store, view = SqliteStore(tmp_path), SqliteView(tmp_path)
    yield State(store, view)
    view.close()
    store.close()


@pytest.fixture
def store(state: State) -> Store:
    return state.store


@pytest.fixture
def view(state: State) -> View:
    return state.view


@pytest.fixture(params=["memory", "sqlite"])
def deliveries(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Deliveries]:
    if request.param == "memory":
        yield MemoryDeliveries()
        return
    deliveries = SqliteDeliveries(tmp_path / "deliveries.db")
    yield deliveries
    deliveries.close()
