"""Live evaluation says what the whole history says, at every instant, whatever the order things came in."""

from __future__ import annotations

import copy
from typing import Any

import msgspec
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.decide.conditions.histories import (
    SHOP,
    SHOP_ZONE,
    absorb,
    conditions,
    crossings,
    edges,
    histories,
    plain_conditions,
    records,
    scalars,
    values,
)
from tests.decide.conditions.oracle import Person

from habitue.decide.conditions import Check, Compiler
from habitue.model.customer import Customer
from habitue.model.event import Event
from habitue.playbook.conditions import Condition
from habitue.playbook.conditions.tree import Node

traits = st.fixed_dictionaries(
    {},
    optional={
        "country": st.sampled_from(("ES", "", None)),
        "age": st.integers(0, 3),
        "tags": st.one_of(st.lists(scalars, max_size=3), values),
    },
)
entries = st.one_of(st.none(), records)
keys = st.sampled_from(("", "a", "2"))
several = st.lists(conditions, min_size=1, max_size=4)
# A busy machine is not a mistake.
patient = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])


def _compiled(trees: list[Node], segment: Node) -> tuple[Compiler, list[Check]]:
    compiler = Compiler({"lookers": Condition("", segment)}, SHOP)
    return compiler, [compiler.condition(Condition("", tree)) for tree in trees]


def _latest(history: list[Event]) -> int:
    return max((event.occurred_at for event in history), default=0)


@patient
@given(st.data(), several, plain_conditions, histories(), traits, entries, keys)
def test_the_truth_is_that_of_the_history_at_every_edge(
    data: st.DataObject,
    trees: list[Node],
    segment: Node,
    history: list[Event],
    traits: dict[str, Any],
    entry: dict[str, Any] | None,
    key: str,
) -> None:
    compiler, checks = _compiled(trees, segment)
    leaves = compiler.leaves_by_event
    ana = Customer(id="ana", traits=traits)
    stored_after = data.draw(st.integers(0, len(history)), label="stored after so many events")
    for count in range(len(history) + 1):
        so_far = history[:count]
        if so_far:
            absorb(leaves, ana.counters, so_far[-1], count)
        if count == stored_after:
            ana = msgspec.msgpack.decode(msgspec.msgpack.encode(ana), type=Customer)
        person = Person(so_far, traits, entry, key, {"lookers": segment}, SHOP_ZONE)
        now = _latest(so_far)
        later = [edge for edge in edges([*trees, segment], so_far) if edge > now]
        # Every edge at the end, a few on the way there: each prefix costs as much as the whole.
        for instant in (now, *(later if count == len(history) else later[::11])):
            for tree, check in zip(trees, checks, strict=True):
                assert check.evaluate(ana, instant, entry, key)[0] == person.holds(tree, instant)


@patient
@given(conditions, plain_conditions, histories(), traits, entries, keys)
def test_nothing_changes_by_itself_before_it_was_said_to(
    tree: Node, segment: Node, history: list[Event], traits: dict[str, Any], entry: dict[str, Any] | None, key: str
) -> None:
    compiler, [check] = _compiled([tree], segment)
    ana = Customer(id="ana", traits=traits)
    for position, event in enumerate(history):
        absorb(compiler.leaves_by_event, ana.counters, event, position)
    person = Person(history, traits, entry, key, {"lookers": segment}, SHOP_ZONE)
    now = _latest(history)
    later = [edge for edge in edges([tree, segment], history) if edge > now]
    truths = {edge: person.holds(tree, edge) for edge in (now, *later)}
    for instant in (now, *later):
        truth, until = check.evaluate(ana, instant, entry, key)
        assert truth == truths[instant]
        assert until is None or (until > instant and person.holds(tree, until - 1) == truth)
        for edge in later:
            if edge > instant and (until is None or edge < until):
                assert truths[edge] == truth


@patient
@given(st.lists(crossings, min_size=1, max_size=6), histories())
def test_a_count_or_an_age_changes_at_the_very_microsecond_that_was_said(
    trees: list[Node], history: list[Event]
) -> None:
    compiler, checks = _compiled(trees, trees[0])
    ana = Customer(id="ana")
    for position, event in enumerate(history):
        absorb(compiler.leaves_by_event, ana.counters, event, position)
    for tree, check in zip(trees, checks, strict=True):
        truth, until = check.evaluate(ana, _latest(history))
        if until is not None:
            assert Person(history, timezone=SHOP_ZONE).holds(tree, until) != truth


@patient
@given(st.lists(plain_conditions, min_size=1, max_size=4), histories(), st.data())
def test_parts_of_a_person_join_to_the_whole(trees: list[Node], history: list[Event], data: st.DataObject) -> None:
    compiler, checks = _compiled(trees, trees[0])
    sides = data.draw(st.lists(st.integers(0, 2), min_size=len(history), max_size=len(history)), label="parts")
    parts: list[dict[int, Any]] = [{}, {}, {}]
    for position, (event, side) in enumerate(zip(history, sides, strict=True)):
        absorb(compiler.leaves_by_event, parts[side], event, position)

    def joined(one: dict[int, Any], other: dict[int, Any]) -> dict[int, Any]:
        one, other = copy.deepcopy((one, other))
        both = {**one, **other}
        for leaf_id in one.keys() & other.keys():
            both[leaf_id] = compiler.leaves[leaf_id].join(one[leaf_id], other[leaf_id])
        return both

    whole = joined(joined(parts[0], parts[1]), parts[2])
    assert whole == joined(parts[2], joined(parts[1], parts[0]))
    assert whole == joined(parts[1], joined(parts[2], parts[0]))
    ana = Customer(id="ana", counters=whole)
    now = _latest(history)
    for instant in (now, *(edge for edge in edges(trees, history) if edge > now)):
        for tree, check in zip(trees, checks, strict=True):
            assert check.evaluate(ana, instant)[0] == Person(history, timezone=SHOP_ZONE).holds(tree, instant)
