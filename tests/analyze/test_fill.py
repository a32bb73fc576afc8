"""Counters filled by SQL are those that absorbing the events would have left."""

from __future__ import annotations

from typing import Any
from unittest.mock import patch

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.analyze.cases import PEOPLE
from tests.decide.conditions.histories import DAY, HOUR, SHOP, histories, plain_conditions

from habitue.analyze.fill import fill
from habitue.analyze.history import History
from habitue.decide.adopt import horizon
from habitue.decide.conditions import Compiler, Leaf
from habitue.decide.conditions.leaves import KINDS
from habitue.decide.counters import absorb
from habitue.model.event import Record
from habitue.playbook.conditions import Condition, parse

Past = list[tuple[str, Record]]
EVERY_KIND = """
count("Seen", within="1d") >= 2 and count("Seen", within="3h") * 2 > 3 and count("Seen", kind == "a") > 1
and did("Left", within="2d") and sum("Bought", price, within="1d") > 1 and sum("Bought", price) > 1
and min("Bought", price) < 2 and first("Seen", kind) == "a" and last("Seen", kind) == "a"
and first("Seen", kind, within="1d") == "b" and distinct("Seen", kind) > 1
and distinct("Seen", deep.er, within="1d") > 1
and count("Seen", within="this week") > 1 and sum("Bought", lines[].price) > 1
and sequence("Seen", did("Bought", price > 1), within="1d", without="Left")
"""


@st.composite
def pasts(draw: st.DrawFn) -> Past:
    told = [(who, event) for who in PEOPLE for event in draw(histories())]
    told.sort(key=lambda one: (one[1].occurred_at, one[1].id))
    received, past = 0, []
    for position, (who, event) in enumerate(told):
        received = max(received, event.occurred_at + draw(st.sampled_from((0, 0, HOUR))))
        past.append((who, Record(position, received, event)))
    return past


def leaves_of(*conditions: Condition) -> list[Leaf]:
    compiler = Compiler({}, SHOP)
    for condition in conditions:
        compiler.condition(condition)
    return list(compiler.leaves.values())


def absorbed(past: Past, leaves: list[Leaf], began: int) -> dict[str, dict[int, Any]]:
    kept: dict[str, dict[int, Any]] = {}
    for who, record in past:
        for leaf in leaves:
            gone = horizon(leaf, began)
            if record.event.name in leaf.events and (gone is None or record.event.occurred_at > gone):
                absorb([leaf], kept.setdefault(who, {}), record.event, record.position)
    return {who: counters for who, counters in kept.items() if counters}


def filled(past: Past, leaves: list[Leaf], began: int, left_out: tuple[str, ...] = ()) -> dict[str, Any]:
    with History.of_records(past) as history:
        return {who: counters for block in fill(history, leaves, began, left_out) for who, counters in block}


def written(counters: dict[str, Any]) -> dict[str, Any]:
    """Of mappings too the order is part of what is kept."""
    return {who: {leaf: repr(state) for leaf, state in sorted(kept.items())} for who, kept in counters.items()}


@settings(max_examples=20, deadline=None)
@given(pasts(), st.lists(plain_conditions, min_size=1, max_size=5), st.integers(-DAY, DAY), st.sampled_from((7, 10**6)))
def test_sql_fills_what_absorbing_would_have_kept(past: Past, trees: list[Any], ahead: int, rows: int) -> None:
    """In however many shares."""
    leaves = leaves_of(parse(EVERY_KIND), *(Condition("drawn", tree) for tree in trees))
    assert {leaf.kind for leaf in leaves} == set(KINDS)
    began = (past[-1][1].received_at if past else 0) + ahead
    with patch("habitue.analyze.fill.ROWS_PER_SHARE", rows):
        found = filled(past, leaves, began)
    assert written(found) == written(absorbed(past, leaves, began))
