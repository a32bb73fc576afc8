"""Measured bands: a fifth of those who bought has each score, and what is measured holds once it is applied."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

import msgspec
import pytest
from tests.playbook.small import HEAD, files

from habitue.analyze.bands import PEOPLE_MIN, TooFew, measure
from habitue.analyze.history import History
from habitue.analyze.members import Reader
from habitue.model.event import Event, Record
from habitue.model.instant import DAY, HOUR
from habitue.playbook.conditions import parse
from habitue.playbook.load import MEASURED_FILE, load
from habitue.playbook.playbook import RATE_UNIT, Rate, Shop
from habitue.playbook.rfm import SCORES, RfmRules
from habitue.playbook.tables import measured_text

START = 20_000 * DAY
END = START + 400 * DAY
PEOPLE = 50


def bought(rows: Iterable[tuple[int, str, object]]) -> Iterator[tuple[str, Record]]:
    """Orders, from (when, who, the total)."""
    for position, (at, who, total) in enumerate(sorted(rows, key=lambda row: row[:2])):
        said = {"total": total}
        event = Event(
            id=f"e{position}", source="test", type="track", name="Order Completed", occurred_at=at, properties=said
        )
        yield who, Record(position, at, event)


def orders(people: int = PEOPLE) -> Iterator[tuple[str, Record]]:
    """The nth of them ordered n times for n each time, the last n days before the end."""
    return bought(
        (END - number * DAY - time * HOUR, f"c{number:03}", float(number) if number % 2 else f"{number}.00")
        for number in range(1, people + 1)
        for time in range(number)
    )


def test_a_fifth_has_each_score() -> None:
    with History.of_records(orders(), threads=1) as history:
        bands, people = measure(history, RfmRules(), END)
        assert people == PEOPLE
        head = HEAD + "rfm: {bands: percentile}\n"
        playbook = load(files(head=head) | {MEASURED_FILE: measured_text(bands, RfmRules(), "Measured.")})
        assert playbook.rfm.bands == bands
        conditions = {
            f"{field} {score}": parse(f"rfm.{field} == {score}")
            for field in ("recency", "frequency", "monetary")
            for score in SCORES
        }
        sizes = Reader(history, playbook).count(conditions, END)
    assert Counter(sizes.values()) == {PEOPLE // len(SCORES): len(conditions)}


def test_where_all_are_alike_they_have_the_lowest_score() -> None:
    alike = bought((START, f"c{number}", 9.5) for number in range(PEOPLE))
    with History.of_records(alike, threads=1) as history:
        bands = measure(history, RfmRules(), START + DAY).bands
    assert bands.frequency == (2, 2, 2, 2)
    assert bands.monetary == (9.51, 9.51, 9.51, 9.51)


def test_orders_without_a_value_are_not_measured() -> None:
    worthless = bought((START, f"c{number}", None) for number in range(PEOPLE))
    with History.of_records(worthless, threads=1) as history, pytest.raises(TooFew, match="50 customers"):
        measure(history, RfmRules(), START + DAY)


def test_where_nobody_bought_nothing_is_measured() -> None:
    with History.of_records([], threads=1) as history, pytest.raises(TooFew, match="0 customers"):
        measure(history, RfmRules(), START)


def test_people_all_alike_have_one_score_each_as_lately_as_the_best_and_as_seldom_as_the_least() -> None:
    alike = bought((START, f"c{number}", 9.5) for number in range(PEOPLE))
    with History.of_records(alike, threads=1) as history:
        rules = RfmRules(bands=measure(history, RfmRules(), START + DAY).bands)
        playbook = msgspec.structs.replace(load(files()), rfm=rules)
        scores = {"rfm.recency == 5", "rfm.frequency == 1", "rfm.monetary == 1"}
        counts = Reader(history, playbook).count({text: parse(text) for text in scores}, START + DAY)
    assert counts == dict.fromkeys(scores, PEOPLE)


def test_too_few_are_not_measured() -> None:
    with History.of_records(orders(PEOPLE_MIN - 1), threads=1) as history, pytest.raises(TooFew, match="24 customers"):
        measure(history, RfmRules(), END)


def test_what_happened_later_or_long_ago_is_not_measured() -> None:
    rules = RfmRules(over=30 * DAY)
    with History.of_records(orders(), threads=1) as history:
        bands, people = measure(history, rules, END)
        assert people == 29  # The thirtieth ordered thirty days ago, to the microsecond.
        assert bands.recency[-1] <= 30 * DAY


def test_bands_are_measured_in_the_shops_currency() -> None:
    def in_yen(one: tuple[str, Record]) -> tuple[str, Record]:
        who, record = one
        event = msgspec.structs.replace(record.event, properties={**record.event.properties, "currency": "JPY"})
        return who, Record(record.position, record.received_at, event)

    shop = Shop(name="s", is_currency_said=True, rates=(Rate(currency="JPY", since=0, rate=2 * RATE_UNIT),))
    with History.of_records(map(in_yen, orders()), threads=1) as history:
        as_told, in_euros = measure(history, RfmRules(), END).bands, measure(history, RfmRules(), END, shop).bands
    assert [bound - 0.01 for bound in in_euros.monetary] == [2 * (bound - 0.01) for bound in as_told.monetary]
