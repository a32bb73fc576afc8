"""RFM, lifecycle and built-in segments: the tables are whole, and what does not fit is refused where it stands."""

# ruff: noqa: E501 — refusals are quoted whole, as their reader sees them.
from __future__ import annotations

from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from habitue.model.instant import DAY, HOUR
from habitue.playbook.built_in import GIVEN
from habitue.playbook.conditions import ConditionError, parse, write
from habitue.playbook.conditions.expanding import Definitions, expand
from habitue.playbook.conditions.tree import Aggregate, And, Compare, Constant, Node, Not, Or, Rfm, walk
from habitue.playbook.load import load
from habitue.playbook.problem import PlaybookError
from habitue.playbook.rfm import GROUPS, Bands, RfmRules, codes, gaps
from habitue.playbook.tables import PERCENTILE

from .small import HEAD, files, loaded, problems

TABLES = Definitions()
CODES = tuple(codes())


def bought(times: int, days_ago: float, worth: float) -> dict[str, float]:
    return {"times": times, "days_ago": days_ago, "worth": worth}


def holds(node: Node, person: dict[str, float]) -> bool:
    """The expanded tree of somebody who bought so often, all of it equally long ago and for as much each time."""
    match node:
        case Constant(value=value):
            return bool(value)
        case And(items=items):
            return all(holds(item, person) for item in items)
        case Or(items=items):
            return any(holds(item, person) for item in items)
        case Not(item=item):
            return not holds(item, person)
        case Aggregate(function="did", within=within):
            return person["times"] > 0 and (within is None or person["days_ago"] * DAY < within)
        case Compare(left=Aggregate(function=function, within=within), operator=operator, right=Constant(value=bound)):
            inside = person["times"] > 0 and (within is None or person["days_ago"] * DAY < within)
            said: Any = {"count": person["times"] if inside else 0, "avg": person["worth"] if inside else None}[
                function
            ]
            return said is not None and (said >= bound if operator == ">=" else said == bound)
    raise AssertionError(node)


people = st.builds(
    bought,
    st.integers(0, 12),
    st.sampled_from((0, 29.99, 30, 89.9, 90, 181, 182, 200, 364.9, 365, 729.9, 730, 1_000)),
    st.sampled_from((0, 24.99, 25, 60, 100, 199.99, 200, 5_000)),
)


def test_each_of_the_125_codes_has_one_group() -> None:
    assert gaps(GROUPS) == ([], [])
    assert len(GROUPS) == 11
    assert set(GROUPS["champions"]) == {"555", "554", "545", "544", "455", "454", "445"}
    assert set(GROUPS["loyal"]) == {"543", "444", "435", "355", "354", "345", "344", "335"}


@given(people)
def test_everybody_who_bought_lately_enough_has_one_code_and_one_group(person: dict[str, float]) -> None:
    having = [code for code in CODES if holds(expand(parse(f'rfm.code == "{code}"').tree, TABLES), person)]
    groups = [name for name in GROUPS if holds(expand(parse(f'rfm.group == "{name}"').tree, TABLES), person)]
    has_any = person["times"] > 0 and person["days_ago"] < 730
    assert len(having) == len(groups) == int(has_any)
    if has_any:
        assert having[0] in GROUPS[groups[0]]
        for score, field in zip(having[0], ("recency", "frequency", "monetary"), strict=True):
            assert holds(expand(parse(f"rfm.{field} == {score}").tree, TABLES), person)
    nothing = expand(parse("rfm.group == None").tree, TABLES)
    assert holds(nothing, person) is not has_any


@given(people)
def test_everybody_is_in_one_stage_of_life(person: dict[str, float]) -> None:
    stages = ("visitor", "new", "active", "at_risk", "dormant", "lost")
    inside = [stage for stage in stages if holds(expand(parse(f'lifecycle == "{stage}"').tree, TABLES), person)]
    assert len(inside) == 1
    for chosen in product((True, False), repeat=len(stages)):
        listed = tuple(stage for stage, is_in in zip(stages, chosen, strict=True) if is_in)
        if listed:
            text = f"lifecycle in ({', '.join(map(repr, listed))},)"
            assert holds(expand(parse(text).tree, TABLES), person) is (inside[0] in listed)


def test_a_group_is_few_comparisons() -> None:
    for name in GROUPS:
        assert sum(1 for _ in walk(expand(parse(f'rfm.group == "{name}"').tree, TABLES))) < 70


def test_what_is_expanded_can_be_written_and_read_again() -> None:
    text = 'rfm.group == "champions" and lifecycle != "lost" and score("intent") >= 0.5'
    expanded = expand(parse(text).tree, TABLES)
    assert parse(write(expanded)).tree == expanded


def test_a_word_of_a_table_that_stands_alone_is_refused() -> None:
    with pytest.raises(ConditionError, match=r"rfm\.group is only compared with constants"):
        expand(Rfm("group"), TABLES)


def test_bands_groups_and_stages_are_the_playbooks_own() -> None:
    playbook = loaded(
        head=HEAD
        + """\
rfm:
  event: Page Viewed
  value: deep.worth
  monetary: sum
  over: 90d
  bands: {recency: [1h, 1d, 30d, 90d], frequency: [2, 3, 4, 5], monetary: [0.5, 1, 2, 3]}
lifecycle: {at_risk_after: 30d, dormant_after: 60d}
"""
    )
    assert (playbook.rfm.event, playbook.rfm.value, playbook.rfm.monetary) == ("Page Viewed", ("deep", "worth"), "sum")
    assert playbook.rfm.bands.recency == (HOUR, DAY, 30 * DAY, 90 * DAY)
    assert playbook.lifecycle.dormant_after == 60 * DAY
    assert playbook.definitions.rfm is playbook.rfm


MEASURED = "measured: rfm\nrecency: [12d, 40d, 101d, 300d]\nfrequency: [2, 2, 2, 3]\nmonetary: [9.5, 9.5, 20, 90]\n"


def test_measured_bands_hold_once_they_are_measured() -> None:
    head = HEAD + "rfm: {bands: percentile}\n"
    before = loaded(head=head)
    after = load(files(head=head) | {"measured/rfm.yaml": MEASURED})
    assert (before.rfm.measured, before.rfm.bands) == (True, Bands())
    assert after.rfm.bands.frequency == (2, 2, 2, 3)
    assert load(files() | {"measured/rfm.yaml": MEASURED}).rfm == RfmRules()


@pytest.mark.parametrize(
    ("rfm", "measured", "note"),
    [
        ("{bands: percentile}", "", "were not measured yet"),
        ("{bands: percentile}", MEASURED, ""),
        ("{bands: percentile}", MEASURED + "of: {event: Order Completed, over: 730d}", ""),
        ("{bands: percentile, event: Rented}", MEASURED + "of: {event: Order Completed}", "something else"),
        ("{bands: percentile, value: net.worth}", MEASURED + "of: {value: net.worth, monetary: average}", ""),
        ("{bands: percentile, value: net.worth}", MEASURED + "of: {value: total}", "something else"),
        ("{bands: percentile, over: 90d}", MEASURED, "something else"),
        ("{event: Rented}", MEASURED + "of: {event: Order Completed}", ""),
        ("{}", "", ""),
    ],
)
def test_a_playbook_says_when_its_bands_are_not_those_it_asks_for(rfm: str, measured: str, note: str) -> None:
    written = files(head=f"{HEAD}rfm: {rfm}\n") | ({"measured/rfm.yaml": measured} if measured else {})
    notes = load(written).notes
    assert [(one.file, one.line) for one in notes] == ([("playbook.yaml", 14)] if note else [])
    assert all(note in one.text and "`habitue rfm measure FOLDER`" in one.text for one in notes)


@pytest.mark.parametrize(
    ("measured", "problem"),
    [
        ("", "1: the file is empty"),
        (MEASURED.replace("12d", "&a 12d"), "2: anchors and aliases (& and *) are not taken here; write it out"),
        (MEASURED.replace("90]", "90"), "5: expected ',' or ']', but got '<stream end>'"),
        (MEASURED.replace("101d", "soon"), '2: "soon" is not a length of time; write it like 25m, 36h, 7d or 1d 12h'),
        (MEASURED.replace("[2, 2, 2, 3]", "[2, 3, 2, 3]"), "3: each value has to be no less than the one before"),
        (MEASURED.replace("20, 90", ".nan, 90"), '4: expected an amount above zero, found ".nan"'),
        (
            MEASURED + "of: {event: Order Compelted}",
            '5: unknown event "Order Compelted". Did you mean "Order Completed"?',
        ),
    ],
)
def test_measured_bands_that_somebody_broke_are_refused_where_they_stand(measured: str, problem: str) -> None:
    head = HEAD + "rfm: {bands: percentile}\n"
    with pytest.raises(PlaybookError) as refused:
        load(files(head=head) | {"measured/rfm.yaml": measured})
    assert str(refused.value) == f"measured/rfm.yaml:{problem}"


@pytest.mark.parametrize(
    ("head", "problem"),
    [
        ("rfm: {bands: {recency: [30d, 20d, 90d, 100d]}}", "each value has to be greater than the one before"),
        ("rfm: {bands: {frequency: [1, 2, 3]}}", "expected 4 values, which part 5 scores; found 3"),
        ("rfm: {bands: {monetary: [0, 2, 3, 4]}}", 'expected an amount above zero, found "0"'),
        ("rfm: {bands: percentil}", f'expected {PERCENTILE}, found "percentil"'),
        (
            "rfm: {over: 90d}",
            "the last of recency lies beyond 90d, and only what was bought within counts",
        ),
        (
            "rfm: {bands: percentile, groups: {good: [555]}}",
            "each of the 125 codes belongs to one group; no group has 554, 553, 552, 551, 545, 544, 543, 542",
        ),
        ("rfm: {groups: {good: [556]}}", 'expected an RFM code such as 543, found "556"'),
        ("rfm: {event: Order Compelted}", 'unknown event "Order Compelted". Did you mean "Order Completed"?'),
        ("lifecycle: {event: order completed}", 'unknown event "order completed". Did you mean "Order Completed"?'),
        ("lifecycle: {lost_after: 100d}", "each stage has to begin later than the one before"),
    ],
)
def test_tables_that_do_not_fit_are_refused(head: str, problem: str) -> None:
    assert problems(head=f"{HEAD}{head}\n") == [f"playbook.yaml:14: {problem}"]


def test_a_group_that_the_table_does_not_have_is_a_slip() -> None:
    segments = 'a: {title: A, condition: rfm.group == "chmpions"}\nb: {title: B, condition: lifecycle == "lots"}\n'
    assert problems(segments=segments) == [
        'segments.yaml:1: unknown RFM group "chmpions". Did you mean "champions"?',
        'segments.yaml:2: unknown lifecycle stage "lots". Did you mean "lost"?',
    ]


# --- built-in segments ---


def test_a_built_in_segment_is_switched_on_by_its_name() -> None:
    segments = loaded(segments="".join(f"{name}: built_in\n" for name in GIVEN)).segments
    assert list(segments) == list(GIVEN)
    assert (segments["dormant"].title, segments["dormant"].line) == ("Gone quiet", 6)
    assert segments["dormant"].condition == parse('lifecycle in ("dormant", "lost")')


def test_a_built_in_segment_that_is_not_there_is_refused() -> None:
    assert problems(segments="lots: built_in\nlost: biult_in\n") == [
        'segments.yaml:1: unknown built-in segment "lots". Did you mean "lost"?',
        'segments.yaml:2: expected a title and a condition, or built_in; found "biult_in"',
    ]


def test_a_circle_through_a_built_in_segment_is_refused_with_its_path(monkeypatch: pytest.MonkeyPatch) -> None:
    """None of ours names another segment; one that did would have to be seen through."""
    leads_on = GIVEN["lost"]._replace(condition='segment("quiet")')
    monkeypatch.setitem(GIVEN, "lost", leads_on)
    text = 'lost: built_in\nquiet: {title: Quiet, condition: not segment("lost")}\n'
    assert problems(segments=text) == [
        "segments.yaml:1: segments name each other in a circle: lost → quiet → lost; one of them must not"
    ]


def test_a_built_in_segment_follows_the_playbooks_groups() -> None:
    everybody = f"rfm: {{groups: {{all: [{', '.join(CODES)}]}}}}\n"
    assert problems(head=HEAD + everybody, segments="champions: built_in\n") == [
        'segments.yaml:1: the built-in segment does not fit this playbook; write it out: unknown RFM group "champions". '
        "There are: all."
    ]
