"""Who a condition is true of, at any instant of the past."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from habitue.analyze import rfm
from habitue.analyze.asking import Asking
from habitue.analyze.history import History, HistoryBusy
from habitue.analyze.intervals import intervals
from habitue.analyze.members import Reader
from habitue.model.event import Event, Record
from habitue.model.instant import DAY, HOUR
from habitue.playbook.conditions import ConditionError, parse
from habitue.playbook.conditions.windows import read_since
from habitue.playbook.playbook import Playbook, Segment, Shop

NOON = 20_000 * DAY + 12 * HOUR
LOOKERS = parse('count("Product Viewed", category="watches", within="7d") >= 2')
PLAYBOOK = Playbook(
    name="test",
    shop=Shop(name="Test", timezone="Europe/Madrid"),
    segments={"lookers": Segment(name="lookers", title="Lookers", condition=LOOKERS)},
)
TOLD: tuple[tuple[str, int, int, str, dict[str, Any]], ...] = (
    # (who, occurred, received, what, with what): hours after noon.
    ("ana", 0, 0, "Product Viewed", {"category": "watches"}),
    ("ben", 1, 1, "Product Added", {"product_id": "P1", "price": 20, "quantity": 2}),
    ("ana", 24, 24, "Product Viewed", {"category": "watches"}),
    ("cleo", 25, 25, "Page Viewed", {}),
    ("ana", 2, 30, "Order Completed", {"total": "19.90"}),
)


@pytest.fixture(scope="module")
def history() -> Iterator[History]:
    records = [
        (
            who,
            Record(
                place,
                NOON + received * HOUR,
                Event(
                    id=f"e{place}",
                    source="test",
                    type="track",
                    name=name,
                    occurred_at=NOON + occurred * HOUR,
                    properties=properties,
                ),
            ),
        )
        for place, (who, occurred, received, name, properties) in enumerate(TOLD)
    ]
    with History.of_records(records, threads=1) as made:
        yield made


@pytest.fixture(scope="module")
def reader(history: History) -> Reader:
    return Reader(history, PLAYBOOK)


def test_many_conditions_are_counted_together(reader: Reader) -> None:
    texts = ('segment("lookers")', 'not did("Order Completed")', "cart.value >= 40", "True", "trait.country == None")
    assert reader.count({text: parse(text) for text in texts}) == dict(zip(texts, (1, 2, 1, 3, 3), strict=True))


def test_a_pass_holds_so_many_counters_and_more_are_asked_in_several(
    history: History, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts = ('did("A") or did("B")', 'did("B")', 'did("C") and segment("lookers")', "trait.age > 3", "True", 'did("C")')
    conditions = [parse(text) for text in texts]
    monkeypatch.setattr("habitue.analyze.asking.COUNTERS_MAX", 2)
    groups = list(Asking(history, PLAYBOOK).together(conditions))
    assert [[condition.text for condition in group] for group in groups] == [
        ['did("A") or did("B")', 'did("B")'],
        ['did("C") and segment("lookers")'],
        ["trait.age > 3", "True", 'did("C")'],
    ]


def test_several_passes_give_the_answers_of_one(history: History, monkeypatch: pytest.MonkeyPatch) -> None:
    texts = ('segment("lookers")', 'not did("Order Completed")', "cart.value >= 40", "True", 'bucket("spring", 0, 50)')
    conditions = {text: parse(text) for text in texts}

    def answers() -> list[object]:
        reader = Reader(history, PLAYBOOK)
        return [
            reader.count(conditions),
            reader.overlap(conditions),
            reader.compare(LOOKERS, conditions[texts[1]]),
            rfm.standings(history, PLAYBOOK),
            list(intervals(history, PLAYBOOK, conditions[texts[1]])),
        ]

    at_once = answers()
    monkeypatch.setattr("habitue.analyze.asking.COUNTERS_MAX", 1)
    assert answers() == at_once
    assert history.ask("SELECT table_name FROM duckdb_tables() WHERE temporary AND table_name LIKE 'kept%'") == []


def test_what_was_told_late_is_not_known_before(reader: Reader) -> None:
    ordered = parse('did("Order Completed")')
    assert reader.members(ordered, NOON + 30 * HOUR - 1) == []
    assert reader.members(ordered, NOON + 30 * HOUR) == ["ana"]


def test_who_was_not_there_yet_is_in_nothing(reader: Reader) -> None:
    sizes = reader.sizes({"all": parse("True")}, [NOON - 1, NOON, NOON + HOUR, NOON + 25 * HOUR])
    assert sizes == [{"all": 0}, {"all": 1}, {"all": 2}, {"all": 3}]


def test_a_long_list_is_read_in_pages(reader: Reader) -> None:
    everyone = parse("True")
    assert reader.members(everyone, limit=2) == ["ana", "ben"]
    assert reader.members(everyone, limit=2, after="ben") == ["cleo"]


def test_a_new_condition_is_compared_with_the_old_one(reader: Reader) -> None:
    changed = reader.compare(LOOKERS, parse('did("Product Added") or did("Product Viewed")'))
    assert (changed.gained, changed.lost, changed.stayed) == (1, 0, 1)
    assert (changed.gained_examples, changed.stayed_examples) == (["ben"], ["ana"])
    assert reader.compare(None, LOOKERS).gained_examples == ["ana"]
    assert reader.compare(LOOKERS, None).lost_examples == ["ana"]


def test_overlaps_are_counted_for_each_two(reader: Reader) -> None:
    found = reader.overlap({"new": parse('not did("Order Completed")'), "all": parse("True"), "lookers": LOOKERS})
    assert found.each == {"new": 2, "all": 3, "lookers": 1}
    assert found.both == {("new", "all"): 2, ("new", "lookers"): 0, ("all", "lookers"): 1}


def test_a_membership_begins_and_ends_to_the_microsecond(history: History) -> None:
    until = NOON + 30 * DAY
    assert list(intervals(history, PLAYBOOK, LOOKERS, until=until)) == [("ana", NOON + DAY, NOON + 7 * DAY)]
    assert list(intervals(history, PLAYBOOK, LOOKERS, since=NOON + 7 * DAY, until=until)) == []
    assert list(intervals(history, PLAYBOOK, LOOKERS)) == [("ana", NOON + DAY, None)]


def test_a_question_that_is_broken_off_leaves_nothing_in_the_way_of_the_next(
    history: History, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr("habitue.analyze.intervals.at_points", lambda *given: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            list(intervals(history, PLAYBOOK, LOOKERS))
    assert list(intervals(history, PLAYBOOK, LOOKERS)) == [("ana", NOON + DAY, None)]


def test_a_period_of_the_calendar_is_entered_and_left_at_its_midnights(history: History) -> None:
    monday = read_since("2024-10-07T00:00+02:00")
    last_week = parse('did("Product Added", within="last week")')
    assert list(intervals(history, PLAYBOOK, last_week, until=monday + 30 * DAY)) == [("ben", monday, monday + 7 * DAY)]


def test_days_turn_on_the_dot(history: History) -> None:
    at, until = NOON + HOUR + 2 * DAY, NOON + 30 * DAY
    told = {text: list(intervals(history, PLAYBOOK, parse(f'days_since("Product Added") {text}'), until=until))
            for text in ("<= 2", "< 2", "> 2", ">= 2")}  # fmt: skip
    assert told == {
        "<= 2": [("ben", NOON + HOUR, at + 1)],
        "< 2": [("ben", NOON + HOUR, at)],
        "> 2": [("ben", at + 1, None)],
        ">= 2": [("ben", at, None)],
    }


def test_a_visit_is_over_on_the_dot(history: History) -> None:
    over = NOON + HOUR + PLAYBOOK.session_gap + 1
    left = parse('last_visit.stage == "cart"')
    assert list(intervals(history, PLAYBOOK, left, until=over)) == [("ben", over, None)]


def test_what_speaks_of_a_run_is_refused(reader: Reader) -> None:
    with pytest.raises(ConditionError, match="within a run only"):
        reader.count({"bad": parse('"P1" == event.product_id', entry_event=True)})


def test_a_reader_that_found_the_archive_busy_answers_when_it_is_asked_again(
    history: History, monkeypatch: pytest.MonkeyPatch
) -> None:
    conditions = {text: parse(text) for text in ("cart.value >= 40", 'not did("Order Completed")')}
    reader, calm = Reader(history, PLAYBOOK), history.ask
    wanted, asked = reader.count(conditions), 0
    monkeypatch.setattr("habitue.analyze.asking.COUNTERS_MAX", 1)
    for question in range(1, 200):
        asked = 0

        def busy(sql: str, *parameters: Any, fails: int = question) -> Any:
            nonlocal asked
            asked += 1
            if asked == fails and "DROP" not in sql:
                raise HistoryBusy("its files changed")
            return calm(sql, *parameters)

        with monkeypatch.context() as patch:
            patch.setattr(history, "ask", busy)
            try:
                reader.overlap(conditions)
            except HistoryBusy:
                assert reader.count(conditions) == wanted
                continue
        if asked < question:
            break
    assert question > 5
    assert reader.overlap(conditions).each == wanted
