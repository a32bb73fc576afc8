"""SQL says of any instant what live evaluation said then, and what the whole history says."""

from __future__ import annotations

from unittest.mock import patch

import msgspec
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.analyze.cases import Case, cases, disagreements, live, misremembered, shopping_cases

from habitue.analyze.asking import COUNTERS_MAX
from habitue.analyze.history import History
from habitue.analyze.members import Reader
from habitue.model.event import Record
from habitue.model.instant import DAY, HOUR
from habitue.playbook.conditions import Condition

PATIENT = settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))


@PATIENT
@given(cases)
def test_sql_says_at_every_edge_what_live_evaluation_said(case: Case) -> None:
    _, wrong = disagreements(case)
    assert not wrong, wrong[0]


@settings(PATIENT, max_examples=6)
@given(cases, st.sampled_from((0, 30 * HOUR, 40 * DAY)))
def test_memberships_began_and_ended_when_they_did_live(case: Case, later: int) -> None:
    until = max((record.received_at for _, record in case.past), default=0) + later
    wrong = misremembered(case._replace(trees=case.trees[:4]), until)
    assert not wrong, wrong[0]


@settings(PATIENT, max_examples=6)
@given(shopping_cases)
def test_what_is_replayed_is_what_was_kept_live(case: Case) -> None:
    _, wrong = disagreements(case, hand=False)
    assert not wrong, wrong[0]


@settings(PATIENT, max_examples=8)
@given(st.one_of(cases, shopping_cases), st.integers(0, 99), st.sampled_from((1, 3, COUNTERS_MAX)))
def test_one_instant_for_all_is_counted_listed_and_compared_as_it_was_live(case: Case, place: int, most: int) -> None:
    """In however many passes."""
    heard = sorted(record.received_at for _, record in case.past) or [0]
    at = heard[place % len(heard)] + place % 3
    there = {who for who, record in case.past if record.received_at <= at}
    lived = {who: next(live(case, who, [at])) for who in there}
    wanted = [sorted(who for who in there if lived[who][index]) for index in range(len(case.trees))]
    conditions = {str(index): Condition("", tree) for index, tree in enumerate(case.trees)}
    with History.of_records(case.past, threads=1) as history, patch("habitue.analyze.asking.COUNTERS_MAX", most):
        reader = Reader(history, case.playbook)
        assert reader.count(conditions, at) == {str(index): len(who) for index, who in enumerate(wanted)}
        one, other = list(conditions.values())[:2]
        assert reader.members(one, at) == wanted[0]
        assert sorted(reader.sample(one, at)) == wanted[0]
        changed = reader.compare(one, other, at)
        assert sorted(changed.gained_examples) == sorted(set(wanted[1]) - set(wanted[0]))
        assert sorted(changed.lost_examples) == sorted(set(wanted[0]) - set(wanted[1]))
        assert sorted(changed.stayed_examples) == sorted(set(wanted[1]) & set(wanted[0]))
        both = reader.overlap(conditions, at).both
        assert both["0", "1"] == len(set(wanted[0]) & set(wanted[1]))


@settings(PATIENT, max_examples=6)
@given(shopping_cases, st.integers(0, 99))
def test_a_chart_has_the_count_of_each_of_its_instants(case: Case, place: int) -> None:
    heard = sorted(record.received_at for _, record in case.past) or [0]
    last = heard[place % len(heard)]
    instants = [heard[0] - 1, *(last + nudge for nudge in (-DAY, -1, 0, 1, HOUR, 40 * DAY)), last]
    conditions = {str(index): Condition("", tree) for index, tree in enumerate(case.trees)}
    with History.of_records(case.past, threads=1) as history:
        reader = Reader(history, case.playbook)
        assert reader.sizes(conditions, instants) == [reader.count(conditions, at) for at in instants]


@settings(PATIENT, max_examples=6)
@given(st.one_of(cases, shopping_cases), st.lists(st.integers(0, 99), min_size=2, max_size=4))
def test_an_imported_past_is_counted_as_if_each_event_had_come_when_it_happened(case: Case, places: list[int]) -> None:
    events = sorted(((record.event.occurred_at, record.position, who) for who, record in case.past))
    told = {record.position: record.event for _, record in case.past}
    at_once = [(who, Record(place, at, told[position])) for place, (at, position, who) in enumerate(events)]
    last = max((record.received_at for _, record in case.past), default=0)
    imported = [(who, msgspec.structs.replace(record, received_at=last)) for who, record in case.past]
    instants = [events[place % len(events)][0] + place % 3 - 1 for place in places] if events else [0]
    conditions = {str(index): Condition("", tree) for index, tree in enumerate(case.trees)}
    with History.of_records(at_once, threads=1) as lived, History.of_records(imported, threads=1) as history:
        wanted = Reader(lived, case.playbook)
        reader = Reader(history, case.playbook, as_it_happened=True)
        assert reader.sizes(conditions, instants) == wanted.sizes(conditions, instants)
        assert reader.count(conditions, instants[0]) == wanted.count(conditions, instants[0])
