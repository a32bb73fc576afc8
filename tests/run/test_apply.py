"""New playbook versions: what a crash in the middle costs, and what becomes of one that cannot be read."""

from __future__ import annotations

from typing import NoReturn

import msgspec
import pytest
from tests.decide.world import PLAYBOOK, World

from habitue.errors import HabitueError
from habitue.model.customer import Customer
from habitue.model.event import PLAYBOOK_APPLIED, Event
from habitue.model.instant import HOUR, MINUTE
from habitue.playbook.load import load
from habitue.run import crank as crank_module
from habitue.run.crank import Crank
from habitue.run.ports import Commit


def keen(needed: int) -> dict[str, str]:
    return {"segments.yaml": f'keen: {{title: Keen, condition: \'count("Product Viewed", within="30d") >= {needed}\'}}'}


def asking(needed: int) -> dict[str, str]:
    """A journey whose branch, an hour on, asks for so many looks."""
    return {
        "journeys/ask.yaml": "journey: ask\ntitle: Ask\nentry: {event: Cart Viewed}\nsteps: [{wait: 1h}, "
        f'{{if: [{{when: \'count("Product Viewed", within="30d") >= {needed}\', then: [{{send: note}}]}}]}}]'
    }


def applied(version: int) -> Event:
    return Event(
        id=f"playbook-{version}",
        source="habitue",
        type="control",
        name=PLAYBOOK_APPLIED,
        occurred_at=0,
        properties={"version": version},
    )


@pytest.mark.parametrize("commits_before", [0, 1, 2, 3, 4])
@pytest.mark.parametrize("same_crank", [True, False])
def test_a_version_is_the_same_for_all_wherever_its_coming_was_cut_short(
    monkeypatch: pytest.MonkeyPatch, commits_before: int, same_crank: bool
) -> None:
    """Whether the process died, or its loop tried again: everyone's counters and segments are as if nothing was."""
    monkeypatch.setattr(crank_module, "SWEPT_AT_ONCE", 2)
    whole, cut = World(keen(2)), World(keen(2))
    for world in (whole, cut):
        for number in range(30):
            world.happens("Product Viewed", f"user{number % 5}")
    whole.apply(keen(6))
    real, done = cut.store.commit, 0

    def fails(commit: Commit) -> None:
        nonlocal done
        if done == commits_before:
            raise OSError("no space left on device")
        done += 1
        real(commit)

    with monkeypatch.context() as patch:
        patch.setattr(cut.store, "commit", fails)
        with pytest.raises(OSError, match="no space"):
            cut.apply(keen(6))
    if not same_crank:
        cut.crank = Crank(cut.store, cut.log, load)
    cut.turn()
    for number in range(5):
        one, other = whole.customer(f"user{number}"), cut.customer(f"user{number}")
        assert msgspec.msgpack.encode(one) == msgspec.msgpack.encode(other)
    assert "keen" in cut.customer("user0").segments


def test_a_version_that_cannot_be_read_is_passed_over_and_the_next_one_comes() -> None:
    world = World(keen(2))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(world.crank, "_load_playbook", _broken)
        world.apply(keen(3))
        world.happens("Product Viewed")
        assert world.crank.plan.current.version == 1
    world.happens("Product Viewed")
    assert "keen" in world.customer().segments
    world.apply(keen(1))
    assert world.crank.plan.current.version == 3


def test_a_version_nobody_kept_is_passed_over() -> None:
    world = World(keen(1))
    world.log.append([applied(9)])
    world.happens("Product Viewed")
    assert "keen" in world.customer().segments


def test_a_loop_whose_version_in_force_cannot_be_read_says_what_to_do() -> None:
    world = World(keen(1))
    with pytest.raises(HabitueError, match="Go back to the Habitue you had"):
        Crank(world.store, world.log, _broken)


def _broken(_: object) -> NoReturn:
    raise ValueError("segments.yaml:1: unknown field")


def test_two_versions_in_one_batch_come_one_after_the_other() -> None:
    world = World(keen(3))
    for _ in range(2):
        world.happens("Product Viewed")
    complete = {"playbook.yaml": PLAYBOOK, "messages/note.yaml": world.store.playbook(1)["messages/note.yaml"]}  # type: ignore[index]
    second = world.store.save_playbook("corner", complete, 0, "ana")
    third = world.store.save_playbook("corner", {**complete, **keen(2)}, 0, "ana")
    world.log.append([applied(second), world.event("Product Viewed", "ben"), applied(third)])
    world.turn()
    assert world.crank.plan.current.version == third
    assert "keen" in world.customer().segments
    assert len(next(iter(world.customer("ben").counters.values()))) == 1


def test_a_run_keeps_the_counts_of_its_own_version_when_a_later_one_needs_more_again() -> None:
    world = World(asking(6))
    world.meet()
    for _ in range(6):
        world.happens("Product Viewed")
    world.happens("Cart Viewed")
    world.apply(keen(1))
    world.apply(keen(3))
    world.passes(HOUR)
    assert [effect.version for effect in world.effects()] == [1]


def test_a_restart_after_every_batch_changes_nothing() -> None:
    whole, cut = World(keen(2)), World(keen(2))
    for world in (whole, cut):
        for number in range(12):
            if world is cut:
                world.crank = Crank(world.store, world.log, load)
            world.happens("Product Viewed", f"user{number % 3}", f"device{number % 4}")
            world.passes(MINUTE)
    assert [whole.store.load([one]) for one in whole.store.customer_ids()] == [
        cut.store.load([one]) for one in cut.store.customer_ids()
    ]
    assert isinstance(whole.customer("user0"), Customer)
