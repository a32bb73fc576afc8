"""Counters: shared, bounded, in the order of time, and honest about when they must be filled anew."""

from __future__ import annotations

from typing import Any
from unittest.mock import patch

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.decide.conditions.histories import absorb

from habitue.decide.conditions import Check, Compiler, Leaf
from habitue.decide.conditions.leaves.different import hashed
from habitue.model.customer import Customer
from habitue.model.event import Event
from habitue.model.instant import DAY, HOUR
from habitue.playbook.conditions import parse
from habitue.playbook.conditions.limits import KEPT_LONG_MAX, KEPT_MAX

NOON = 20_000 * DAY + 12 * HOUR


def event(at: int, identity: str = "", name: str = "Product Viewed", **properties: Any) -> Event:
    return Event(id=identity or f"e{at}", source="test", type="track", name=name, occurred_at=at, properties=properties)


def compiled(*texts: str) -> tuple[Compiler, list[Check]]:
    compiler = Compiler()
    return compiler, [compiler.condition(parse(text)) for text in texts]


def only_leaf(*texts: str) -> Leaf:
    compiler, _ = compiled(*texts)
    [leaf] = compiler.leaves.values()
    return leaf


def test_conditions_that_ask_the_same_share_a_leaf() -> None:
    compiler, [first, second] = compiled(
        'count("Product Viewed", price > 5, category="watches", within="7d") >= 3',
        'not count("Product Viewed", category == "watches" and price > 5, within="1w") < 5',
    )
    assert len(compiler.leaves) == 1
    assert first.leaves == second.leaves == frozenset(compiler.leaves)


def test_a_leaf_has_the_same_number_in_every_process() -> None:
    """Stored states are found by it, so it may never depend on a hash seed or on what was compiled before."""
    assert only_leaf('count("Product Viewed", within="7d") >= 3').id == 104161583354701
    assert only_leaf('count("Product Viewed", within="7d") >= 3').id < 2**48


def test_a_leaf_keeps_as_many_times_as_the_most_demanding_comparison_needs() -> None:
    small = only_leaf('count("Product Viewed", within="7d") >= 3')
    large = only_leaf('count("Product Viewed", within="7d") >= 3', 'count("Product Viewed", within="7d") > 8')
    assert (small.need, large.need) == (3, 9)
    assert small.id == large.id
    assert small.signature != large.signature
    assert large.keeps_more_than(small)
    assert not small.keeps_more_than(large)


@pytest.mark.parametrize(
    ("comparison", "need"),
    [(">= 3", 3), ("> 3", 4), ("< 3", 3), ("<= 3", 4), ("== 3", 4), ("!= 3", 4), ("in (1, 5)", 6), (">= 2.5", 3)],
)
def test_each_comparison_needs_what_it_looks_at(comparison: str, need: int) -> None:
    assert only_leaf(f'count("Product Viewed", within="7d") {comparison}').need == need


def test_every_window_of_did_and_days_since_share_one_instant() -> None:
    leaf = only_leaf(
        'did("Product Viewed")',
        'did("Product Viewed", within="1d")',
        'did("Product Viewed", since="2026-01-01")',
        'days_since("Product Viewed") > 3',
    )
    counters: dict[int, Any] = {}
    for at in (NOON, NOON - DAY, NOON + 1, NOON - 1):
        leaf.absorb(counters, event(at), 0)
    assert counters == {leaf.id: NOON + 1}


def test_only_the_latest_needed_times_are_kept_and_late_ones_find_their_place() -> None:
    leaf = only_leaf('count("Product Viewed", within="7d") >= 3')
    counters: dict[int, Any] = {}
    for hours in (5, 1, 9, 3, 7):
        leaf.absorb(counters, event(NOON + hours * HOUR), 0)
    assert counters[leaf.id] == [NOON + 5 * HOUR, NOON + 7 * HOUR, NOON + 9 * HOUR]


def test_what_left_the_window_is_forgotten() -> None:
    compiler, _ = compiled(
        'count("Product Viewed", within="1h") >= 3',
        'sum("Product Viewed", price, within="1h") > 3',
        'first("Product Viewed", price, within="1h") == 3',
        'distinct("Product Viewed", price, within="1h") > 3',
    )
    counters: dict[int, Any] = {}
    for at, price in ((NOON, 1), (NOON + 1, 2), (NOON + HOUR, 3)):
        absorb(compiler.leaves_by_event, counters, event(at, price=price))
    assert len(counters) == 4
    assert {len(state) for state in counters.values()} == {2}


def test_of_two_prices_at_one_instant_the_later_in_the_log_is_the_last() -> None:
    leaf = only_leaf('last("Product Viewed", price) == 3')
    told = [(event(NOON, "b", price=1), 7), (event(NOON, "a", price=2), 8)]
    forwards: dict[int, Any] = {}
    backwards: dict[int, Any] = {}
    for found, position in told:
        leaf.absorb(forwards, found, position)
    for found, position in reversed(told):
        leaf.absorb(backwards, found, position)
    assert forwards == backwards == {leaf.id: [NOON, 8, 2]}


def test_what_an_earlier_version_kept_by_the_id_of_the_event_comes_before_what_is_told_now() -> None:
    first, last = only_leaf('first("Product Viewed", price) == 3'), only_leaf('last("Product Viewed", price) == 3')
    counters: dict[int, Any] = {first.id: [NOON, "zz", 1], last.id: [NOON, "zz", 1]}
    for leaf in (first, last):
        leaf.absorb(counters, event(NOON, "a", price=2), 8)
    assert counters == {first.id: [NOON, "zz", 1], last.id: [NOON, 8, 2]}


def test_money_adds_up_to_the_cent_in_any_order() -> None:
    compiler, [check] = compiled('sum("Product Viewed", price) == 1')
    ana, ben = Customer(id="ana"), Customer(id="ben")
    prices = [0.1, "0.2", 0.3, " 0.4 "]
    for customer, order in ((ana, prices), (ben, prices[::-1])):
        for index, price in enumerate(order):
            absorb(compiler.leaves_by_event, customer.counters, event(NOON + index, price=price))
    assert ana.counters == ben.counters
    assert check.evaluate(ana, NOON + DAY) == (True, None)


@pytest.mark.parametrize(
    "price", [True, None, "dear", "", "1e3", "1_000", float("nan"), float("inf"), [1], {"x": 1}, 1e13]
)
def test_what_is_no_amount_is_passed_over(price: Any) -> None:
    leaf = only_leaf('sum("Product Viewed", price) > 1', 'avg("Product Viewed", price) > 1')
    counters: dict[int, Any] = {}
    leaf.absorb(counters, event(NOON, price=price), 0)
    assert counters == {}


def test_amounts_never_outgrow_what_can_be_stored() -> None:
    leaf = only_leaf('sum("Product Viewed", price) > 1')
    counters: dict[int, Any] = {}
    for _ in range(100):
        leaf.absorb(counters, event(NOON, price=1e12), 0)
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(counters[leaf.id])) == [10**14, 0, 100]


@pytest.mark.parametrize(
    "text",
    [
        'sum("Product Viewed", price, within="7d") > 3',
        'first("Product Viewed", price, within="7d") == 3',
        'distinct("Product Viewed", price, within="7d") > 3',
        'distinct("Product Viewed", price) > 3',
        'count("Product Viewed", within="7d") > trait.age',
    ],
)
def test_no_customer_grows_without_bound(text: str) -> None:
    """The newest are kept, whether they came one by one or by joining two halves."""
    leaf = only_leaf(text)
    one: dict[int, Any] = {leaf.id: _full(leaf, NOON)}
    other: dict[int, Any] = {leaf.id: _full(leaf, NOON + 1)}
    leaf.absorb(one, event(NOON + KEPT_MAX * 2, price=-1), 0)
    kept = KEPT_LONG_MAX if leaf.kind == "sequence" else KEPT_MAX
    assert len(one[leaf.id]) == kept
    assert len(leaf.join(one[leaf.id], other[leaf.id])) == kept
    assert leaf.join(one[leaf.id], other[leaf.id]) == leaf.join(other[leaf.id], one[leaf.id])


def _full(leaf: Leaf, start: int) -> Any:
    """What the leaf would keep after so many events, two microseconds apart."""
    counters: dict[int, Any] = {}
    leaf.absorb(counters, event(start, price=1), 0)
    sample = counters[leaf.id]
    moments = [start + 2 * index for index in range(KEPT_MAX)]
    if isinstance(sample, dict):
        return {at * 31 % 2**61: at for at in moments}
    if isinstance(sample[0], int):
        return moments
    return [[at, *sample[0][1:]] for at in moments]


def test_an_event_touches_only_the_leaves_that_name_it() -> None:
    compiler, _ = compiled('did("Product Viewed") and did("Order Completed")', 'count("Product Viewed") > 3')
    assert {name: len(leaves) for name, leaves in compiler.leaves_by_event.items()} == {
        "Product Viewed": 2,
        "Order Completed": 1,
    }


@given(
    st.lists(st.tuples(st.integers(0, 12), st.sampled_from("abcdefg")), max_size=40),
    st.sampled_from(("", ', within="6h"')),
)
def test_different_values_told_in_any_order_are_kept_as_if_sorted_at_each(told: list[Any], within: str) -> None:
    leaf = only_leaf(f'distinct("Product Viewed", kind{within}) > 3')
    counters: dict[int, Any] = {}
    sorted_each_time: dict[int, int] = {}
    with patch("habitue.decide.conditions.leaves.different.KEPT_MAX", 4):
        for hour, kind in told:
            at, name = NOON + hour * HOUR, hashed(kind)
            leaf.absorb(counters, event(at, kind=kind), 0)
            sorted_each_time[name] = max(at, sorted_each_time.get(name, at))
            in_order = sorted(sorted_each_time.items(), key=lambda entry: (entry[1], entry[0]))[-4:]
            left = in_order[-1][1] - 6 * HOUR if within else 0
            sorted_each_time = dict(entry for entry in in_order if entry[1] > left)
            assert msgspec.msgpack.encode(counters) == msgspec.msgpack.encode({leaf.id: sorted_each_time})
