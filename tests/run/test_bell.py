"""A bell wakes whoever waits, is never waited for itself, and outlives either side."""

from __future__ import annotations

import select
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from habitue.run.bell import Bell, Ear
from habitue.run.lifeline import Lifeline


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "decide.bell"


@pytest.fixture
def ear(path: Path) -> Iterator[Ear]:
    made = Ear(path)
    yield made
    made.close()


def is_rung(ear: Ear) -> bool:
    return bool(select.select([ear.descriptor], [], [], 0)[0])


def test_a_ring_is_heard_once_it_was_rung_and_until_it_is_hushed(path: Path, ear: Ear) -> None:
    bell = Bell(path)
    assert not is_rung(ear)
    for _ in range(3):
        bell.ring()
    assert is_rung(ear)
    ear.hush()
    assert not is_rung(ear)
    bell.close()
    assert not is_rung(ear)


def test_who_rings_before_anybody_listens_goes_on_and_is_heard_later(path: Path) -> None:
    bell = Bell(path)
    bell.ring()
    ear = Ear(path)
    bell.ring()
    assert is_rung(ear)
    ear.close()
    bell.close()


def test_a_listener_that_was_started_again_hears_the_same_bell(path: Path) -> None:
    bell, first = Bell(path), Ear(path)
    bell.ring()
    first.close()
    second = Ear(path)
    second.hush()
    bell.ring()
    bell.ring()
    assert is_rung(second)
    second.close()
    bell.close()


def test_nobody_waits_at_a_bell_that_nobody_hushes(path: Path, ear: Ear) -> None:
    bell = Bell(path)
    for _ in range(70_000):
        bell.ring()
    ear.hush()
    assert not is_rung(ear)
    bell.close()


def test_a_file_that_is_no_pipe_fails_nobody_who_rings(tmp_path: Path) -> None:
    Bell(tmp_path / "nowhere" / "bell").ring()


def test_only_the_owner_may_ring(path: Path, ear: Ear) -> None:
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_ring_ends_a_sleep_and_is_no_reason_to_stop(path: Path, ear: Ear) -> None:
    bell, line = Bell(path), Lifeline()
    bell.ring()
    assert line.wait(60, ear.descriptor) is False
    bell.close()
