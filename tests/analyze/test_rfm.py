"""People stand by RFM and lifecycle where conditions about them say, and moves lead from one such to another."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import pytest
from tests.decide.world import NOTE, PLAYBOOK, World

from habitue.analyze.history import History
from habitue.analyze.members import Reader
from habitue.analyze.rfm import Standing, moves, standings
from habitue.model.customer import customer_id
from habitue.model.instant import DAY, Instant
from habitue.playbook.conditions import parse
from habitue.playbook.load import load
from habitue.playbook.playbook import Playbook

BOOK: Playbook = load({"playbook.yaml": PLAYBOOK, "messages/note.yaml": NOTE})


class Past:
    """Ana orders often, Ben ordered once and long ago, Cleo only looks; Dan comes later and orders."""

    def __init__(self) -> None:
        world = World()
        world.happens("Order Completed", "ben", total=40)
        world.passes(100 * DAY)
        for _ in range(6):
            world.happens("Order Completed", "ana", total=120)
            world.passes(3 * DAY)
        world.happens("Product Viewed", "cleo")
        world.passes(DAY)
        self.middle: Instant = world.clock.now()
        world.passes(200 * DAY)
        world.happens("Order Completed", "dan", total=10)
        records = [
            (customer_id("user", record.event.user_id) if record.event.user_id else None, record)
            for record in world.log.scan()
        ]
        self.history = History.of_records(records)


@pytest.fixture(scope="module")
def past() -> Iterator[Past]:
    past = Past()
    yield past
    past.history.close()


def test_everybody_stands_somewhere_once(past: Past) -> None:
    assert sum(one.people for one in standings(past.history, BOOK)) == 4
    assert sum(one.people for one in standings(past.history, BOOK, past.middle)) == 3


def test_they_stand_where_the_conditions_say(past: Past) -> None:
    for at in (past.middle, past.history.at):
        found = standings(past.history, BOOK, at)
        by_group = Counter[str]()
        by_stage = Counter[str]()
        for one in found:
            by_stage[one.stage] += one.people
            if one.code:
                by_group[BOOK.rfm.group_of(one.code)] += one.people
        asked = {f"group {name}": parse(f'rfm.group == "{name}"') for name in BOOK.rfm.groups}
        asked |= {f"stage {name}": parse(f'lifecycle == "{name}"') for name in by_stage}
        counts = Reader(past.history, BOOK).count(asked, at)
        assert {name: by_group[name] for name in BOOK.rfm.groups} == {
            name: counts[f"group {name}"] for name in BOOK.rfm.groups
        }
        assert by_stage == {name: counts[f"stage {name}"] for name in by_stage}


def test_moves_lead_from_what_was_to_what_is(past: Past) -> None:
    found = moves(past.history, BOOK, past.middle, past.history.at)
    before, after = Counter[tuple[str, str]](), Counter[tuple[str, str]]()
    for move in found:
        before[move.before.code, move.before.stage] += move.before.people
        after[move.after.code, move.after.stage] += move.after.people
    assert before[("", "")] == 1, "Dan was not there yet"
    assert {Standing(*key, people) for key, people in before.items() if key != ("", "")} == set(
        standings(past.history, BOOK, past.middle)
    )
    assert {Standing(*key, people) for key, people in after.items()} == set(standings(past.history, BOOK))
    ana = next(move for move in found if move.before.code.startswith("5"))
    assert ana.before.stage == "active" and ana.after.stage == "dormant"


def test_with_no_history_nobody_stands_anywhere() -> None:
    with History.of_records([]) as history:
        assert standings(history, BOOK) == [] and moves(history, BOOK, 0, 1) == []
