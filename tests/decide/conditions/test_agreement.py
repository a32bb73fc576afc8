"""Live evaluation says what the whole history says, at every instant, whatever the order things came in."""

from __future__ import annotations

import copy
from typing import Any

import msgspec
from hypothesis import given
from hypothesis import strategies as st
from tests.decide.conditions.histories import absorb, conditions, crossings, edges, histories, plain_conditions, records
from tests.decide.conditions.oracle import Person

from habitue.decide.conditions import Check, Compiler
from habitue.model.customer import Customer
from habitue.model.event import Event
from habitue.playbook.conditions import Condition
from habitue.playbook.conditions.tree import Node

traits = st.fixed_dictionaries({}, optional={"country": st.sampled_from(("ES", "", None)), "age": st.integers(0, 3)})
entries = st.one_of(st.none(), records)
keys = st.sampled_from(("", "a", "2"))


def _compiled(tree: Node, segment: Node) -> tuple[Compiler, Check]:
    compiler = Compiler({"lookers": Condition("", segment)})
    return compiler, compiler.condition(Condition("", tree))


@given(st.data(), conditions, plain_conditions, histories(), traits, entries, keys)
def test_the_truth_is_that_of_the_history_at_every_edge(
    data: st.DataObject,
    tree: Node,
    segment: Node,
    history: list[Event],
    traits: dict[str, Any],
    entry: dict[str, Any] | None,
    key: str,
) -> None:
    compiler, check = _compiled(tree, segment)
    leaves = compiler.leaves_by_event
    ana = Customer(id="ana", traits=traits)
    now = 0
    for count, event in enumerate(history, start=1):
        absorb(leaves, ana.counters, event)
        if data.draw(st.booleans(), label="stored in between"):
            ana = msgspec.msgpack.decode(msgspec.msgpack.encode(ana), type=Customer)
        person = Person(history[:count], traits, entry, key, {"lookers": segment})
        now = max(now, event.occurred_at)
        later = [edge for edge in edges(history[:count]) if edge >= now]
        for instant in (now, *data.draw(st.lists(st.sampled_from(later), max_size=3), label="instants")):
            assert check.evaluate(ana, instant, entry, key)[0] == person.holds(tree, instant)
    if not history:
        assert check.evaluate(ana, now, entry, key)[0] == Person([], traits, entry, key, {"lookers": segment}).holds(
            tree, 0
        )


@given(conditions, plain_conditions, histories(), traits, entries, keys)
def test_nothing_changes_by_itself_before_it_was_said_to(
    tree: Node, segment: Node, history: list[Event], traits: dict[str, Any], entry: dict[str, Any] | None, key: str
) -> None:
    compiler, check = _compiled(tree, segment)
    ana = Customer(id="ana", traits=traits)
    for event in history:
        absorb(compiler.leaves_by_event, ana.counters, event)
    person = Person(history, traits, entry, key, {"lookers": segment})
    now = max((event.occurred_at for event in history), default=0)
    turns = [edge for edge in edges(history) if edge > now]
    for instant in (now, *turns[::7]):
        truth, until = check.evaluate(ana, instant, entry, key)
        assert until is None or until > instant
        quiet = [
            edge
            for edge in (*turns, instant + 400 * 86_400_000_000)
            if edge > instant and (until is None or edge < until)
        ]
        if until is not None:
            quiet.append(until - 1)
        for edge in quiet:
            assert person.holds(tree, edge) == truth


@given(crossings, histories())
def test_a_count_or_an_age_changes_at_the_very_microsecond_that_was_said(tree: Node, history: list[Event]) -> None:
    compiler, check = _compiled(tree, tree)
    ana = Customer(id="ana")
    for event in history:
        absorb(compiler.leaves_by_event, ana.counters, event)
    truth, until = check.evaluate(ana, max((event.occurred_at for event in history), default=0))
    if until is not None:
        assert Person(history).holds(tree, until) != truth


@given(plain_conditions, histories(), st.data())
def test_two_halves_of_a_person_join_to_the_whole(tree: Node, history: list[Event], data: st.DataObject) -> None:
    compiler, check = _compiled(tree, tree)
    sides = data.draw(
        st.lists(st.integers(0, 2), min_size=len(history), max_size=len(history)), label="side of each event"
    )
    halves: list[dict[int, Any]] = [{}, {}, {}]
    for event, side in zip(history, sides, strict=True):
        absorb(compiler.leaves_by_event, halves[side], event)

    def joined(one: dict[int, Any], other: dict[int, Any]) -> dict[int, Any]:
        one, other = copy.deepcopy((one, other))
        both = {**one, **other}
        for leaf_id in one.keys() & other.keys():
            both[leaf_id] = compiler.leaves[leaf_id].join(one[leaf_id], other[leaf_id])
        return both

    first = joined(joined(halves[0], halves[1]), halves[2])
    second = joined(halves[2], joined(halves[1], halves[0]))
    assert first == second
    ana = Customer(id="ana", counters=first)
    now = max((event.occurred_at for event in history), default=0)
    for instant in (now, *(edge for edge in edges(history)[::5] if edge > now)):
        assert check.evaluate(ana, instant)[0] == Person(history).holds(tree, instant)
