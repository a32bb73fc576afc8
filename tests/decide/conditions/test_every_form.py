"""Every function with every window and comparison, over one dense history: nothing is left to the luck of a draw."""

from __future__ import annotations

import copy
from typing import Any

import msgspec
import pytest
from tests.decide.conditions.histories import absorb, edges
from tests.decide.conditions.oracle import Person

from habitue.decide.conditions import Compiler
from habitue.model.customer import Customer
from habitue.model.event import Event
from habitue.model.instant import HOUR
from habitue.playbook.conditions import Condition, parse
from habitue.playbook.conditions.windows import read_since

START = read_since("2026-03-01")
ROWS: tuple[tuple[str, int, Any], ...] = (
    # (id, microseconds after the start, price): ids do not follow time, three events share an instant.
    ("e5", 0, 5),
    ("e1", HOUR, 2),
    ("e9", HOUR, "7.5"),
    ("e3", HOUR, 0.1),
    ("e7", HOUR + 1, 0.7),
    ("e2", 2 * HOUR - 1, None),
    ("e8", 2 * HOUR, "seven"),
    ("e4", 3 * HOUR, True),
    ("e6", 3 * HOUR + 1, 2),
    ("e0", 4 * HOUR, -1),
)
HISTORY = [
    Event(id=name, source="test", type="track", name="Seen", occurred_at=START + after, properties={"price": price})
    for name, after, price in ROWS
]
ARRIVALS = (HISTORY, HISTORY[::-1], HISTORY[5:] + HISTORY[:5], HISTORY[::2] + HISTORY[1::2])

SIDES = ('sum("Seen", price) - 14.3', 'count("Seen", within="3h") / 3')
WINDOWS = ("", ', within="1h"', ', within="3h"', ', since="2026-03-01T01:00"', ', since="2026-03-01T02:00:00.000001"')
# In São Paulo the dense hours lie about the midnight that ends February, at three o'clock UTC.
OTHER_WINDOWS = (
    ', before="2026-03-01T01:00"',
    ', before="2026-03-01T03:00:00.000001"',
    ', between=("2026-03-01T01:00", "2026-03-01T03:00")',
    *(
        f', within="{period}", tz="America/Sao_Paulo"'
        for period in ("today", "yesterday", "this month", "last month", "last year")
    ),
)
FILTERS = ("", ", price >= 0.2", ", price != 2")
COMPARISONS = ("== {}", "!= {}", "< {}", "<= {}", "> {}", ">= {}")
BOUNDS: dict[str, tuple[str, ...]] = {
    "count": ("0", "1", "3", "4", "2.5"),
    "distinct": ("1", "3", "5"),
    "sum": ("0", "8.3", "2", "16.3"),
    "avg": ("0.1", "2", "2.72"),
    "min": ("0.1", "2", "-1"),
    "max": ("0.7", "7.5", "2"),
    "first": ("5", '"7.5"', '"seven"', "0.1"),
    "last": ("2", '"7.5"', "-1", '"seven"'),
    "two windows": (),
}
TWO_WINDOWS = (
    'count("Seen", within="3h") - count("Seen", within="1h")',
    'sum("Seen", price, within="1h") / count("Seen", within="3h")',
    'avg("Seen", price) * count("Seen", within="1h") + distinct("Seen", price, within="3h")',
    'count("Seen", within="today", tz="America/Sao_Paulo") / 1',
    'count("Seen", within="yesterday", tz="America/Sao_Paulo") / 2',
    'sum("Seen", price, within="last month", tz="America/Sao_Paulo") / count("Seen", within="3h")',
)


def _forms(function: str) -> list[Condition]:
    if function == "two windows":
        texts = [f"{form} {comparison.format(2)}" for form in TWO_WINDOWS for comparison in COMPARISONS]
        texts += [
            f'count("Seen", within="1h") {comparison.format(side)}' for comparison in COMPARISONS for side in SIDES
        ]
        return [parse(text) for text in texts]
    value = "" if function == "count" else ", price"
    texts = [
        f'{function}("Seen"{value}{where}{window}) {comparison.format(bound)}'
        for where in FILTERS
        for window in WINDOWS
        for bound in BOUNDS[function]
        for comparison in COMPARISONS
    ]
    texts += [
        f'{function}("Seen"{value}{window}) {comparison.format(bound)}'
        for window in OTHER_WINDOWS
        for bound in BOUNDS[function][:3]
        for comparison in COMPARISONS[::2]
    ]
    if function == "count":
        texts += [f'count("Seen"{window}) in (0, 2, 4)' for window in (*WINDOWS, *OTHER_WINDOWS)]
        texts += [f'did("Seen"{where}{window})' for where in FILTERS for window in (*WINDOWS, *OTHER_WINDOWS)]
        texts += [
            f'days_since("Seen"{where}) {comparison.format(days)}'
            for where in FILTERS
            for days in ("0.125", "1")
            for comparison in COMPARISONS[2:]
        ]
    return [parse(text) for text in texts]


def _instants(forms: list[Condition], history: list[Event]) -> list[int]:
    latest = max(event.occurred_at for event in history)
    return [latest, *(edge for edge in edges([form.tree for form in forms], history) if edge > latest)]


@pytest.mark.parametrize("function", BOUNDS)
def test_each_form_says_what_the_history_says(function: str) -> None:
    forms = _forms(function)
    compiler = Compiler()
    checks = [compiler.condition(form) for form in forms]
    wanted = {at: [Person(HISTORY).holds(form.tree, at) for form in forms] for at in _instants(forms, HISTORY)}
    for arrival in ARRIVALS:
        ana = Customer(id="ana")
        for event in arrival:
            absorb(compiler.leaves_by_event, ana.counters, event, HISTORY.index(event))
        ana = msgspec.msgpack.decode(msgspec.msgpack.encode(ana), type=Customer)
        for at, truths in wanted.items():
            assert [check.evaluate(ana, at)[0] for check in checks] == truths


@pytest.mark.parametrize("function", BOUNDS)
def test_each_form_keeps_its_word_about_the_next_change(function: str) -> None:
    forms = _forms(function)
    compiler = Compiler()
    checks = [compiler.condition(form) for form in forms]
    ana = Customer(id="ana")
    for event in HISTORY:
        absorb(compiler.leaves_by_event, ana.counters, event, HISTORY.index(event))
    instants = _instants(forms, HISTORY)
    for form, check in zip(forms, checks, strict=True):
        truths = {at: Person(HISTORY).holds(form.tree, at) for at in instants}
        for at in instants:
            truth, until = check.evaluate(ana, at)
            quiet = [later for later in instants if at <= later and (until is None or later < until)]
            assert {truths[later] for later in quiet} == {truth}, form.text


@pytest.mark.parametrize("function", BOUNDS)
def test_each_form_joins_from_any_two_halves(function: str) -> None:
    forms = _forms(function)
    compiler = Compiler()
    checks = [compiler.condition(form) for form in forms]
    instants = _instants(forms, HISTORY)[::4]
    wanted = {at: [Person(HISTORY).holds(form.tree, at) for form in forms] for at in instants}
    for split in (0b1010101010, 0b0000011111, 0b1111000000, 0b1000000001, 0b0010110100):
        halves: tuple[dict[int, Any], dict[int, Any]] = ({}, {})
        for index, event in enumerate(HISTORY):
            absorb(compiler.leaves_by_event, halves[split >> index & 1], event, index)
        forwards, backwards = _join(compiler, *halves), _join(compiler, *halves[::-1])
        assert forwards == backwards
        ana = Customer(id="ana", counters=forwards)
        for at, truths in wanted.items():
            assert [check.evaluate(ana, at)[0] for check in checks] == truths


def _join(compiler: Compiler, one: dict[int, Any], other: dict[int, Any]) -> dict[int, Any]:
    one, other = copy.deepcopy((one, other))
    both = {**one, **other}
    for leaf_id in one.keys() & other.keys():
        both[leaf_id] = compiler.leaves[leaf_id].join(one[leaf_id], other[leaf_id])
    return both
