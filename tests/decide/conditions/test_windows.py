"""Windows that end, and windows that go by the calendar: what is kept for them, and when they turn."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec
import pytest
from tests.decide.conditions.histories import absorb
from tests.decide.conditions.test_leaves import event

from habitue.decide.adopt import new_leaves
from habitue.decide.conditions import Check, Compiler
from habitue.decide.conditions.compiler import NO_SHOP
from habitue.decide.plan import Plan, Program
from habitue.model.customer import Customer
from habitue.model.instant import DAY, HOUR, from_datetime
from habitue.playbook.conditions import parse
from habitue.playbook.playbook import Playbook, Segment


def at(text: str) -> int:
    return from_datetime(datetime.fromisoformat(text))


def in_zone(timezone: str) -> Playbook:
    return msgspec.structs.replace(NO_SHOP, shop=msgspec.structs.replace(NO_SHOP.shop, timezone=timezone))


def compiled(*texts: str, timezone: str = "Europe/Madrid") -> tuple[Compiler, list[Check]]:
    compiler = Compiler({}, in_zone(timezone))
    return compiler, [compiler.condition(parse(text)) for text in texts]


def somebody(compiler: Compiler, *moments: int, **properties: Any) -> Customer:
    ana = Customer(id="ana")
    for moment in moments:
        absorb(compiler.leaves_by_event, ana.counters, event(moment, **properties))
    return ana


def test_who_looked_before_a_date_is_still_known_by_it_when_she_looks_again() -> None:
    compiler, checks = compiled(
        'did("Product Viewed", before="2024-05-01")',
        'last("Product Viewed", price, before="2024-05-01") == 3',
        'distinct("Product Viewed", price, before="2024-05-01") == 1',
        'count("Product Viewed", between=("2024-04-01", "2024-05-01")) == 1',
        'sum("Product Viewed", price, between=("2024-04-01", "2024-05-01")) == 3',
    )
    ana = somebody(compiler, at("2024-05-01T00:00Z") - 1, price=3)
    for again in (at("2024-05-01T00:00Z"), at("2024-06-01T00:00Z")):
        absorb(compiler.leaves_by_event, ana.counters, event(again, price=7))
    assert [check.evaluate(ana, at("2024-06-01T00:00Z")) for check in checks] == [(True, None)] * 5


def test_windows_that_end_at_one_date_share_a_leaf_wherever_they_begin() -> None:
    compiler, _ = compiled(
        'did("Product Viewed", before="2024-05-01")',
        'did("Product Viewed", between=("2024-04-01", "2024-05-01"))',
    )
    assert len(compiler.leaves) == 1


def test_today_is_over_at_midnight_in_the_zone_of_the_shop() -> None:
    compiler, [check] = compiled('did("Product Viewed", within="today")')
    ana = somebody(compiler, at("2024-03-31T00:00+01:00"))
    midnight = at("2024-04-01T00:00+02:00")
    assert check.evaluate(ana, at("2024-03-31T12:00Z")) == (True, midnight)
    assert check.evaluate(ana, midnight - 1) == (True, midnight)
    assert check.evaluate(ana, midnight) == (False, None)


def test_yesterday_begins_at_midnight_and_is_over_a_day_later() -> None:
    compiler, [check] = compiled('did("Product Viewed", within="yesterday")')
    ana = somebody(compiler, at("2024-03-30T12:00Z"))
    begins, ends = at("2024-03-31T00:00+01:00"), at("2024-04-01T00:00+02:00")
    assert check.evaluate(ana, begins - 1) == (False, begins)
    assert check.evaluate(ana, begins) == (True, ends)
    assert check.evaluate(ana, ends) == (False, None)


def test_a_zone_of_its_own_goes_before_the_shops() -> None:
    compiler, [check] = compiled('did("Product Viewed", within="today", tz="Asia/Tokyo")')
    ana = somebody(compiler, at("2024-04-01T00:00+09:00"))
    assert check.evaluate(ana, at("2024-04-01T12:00+09:00")) == (True, at("2024-04-02T00:00+09:00"))


def test_after_a_day_that_was_left_out_there_is_nothing_of_yesterday() -> None:
    compiler, [check] = compiled('did("Product Viewed", within="yesterday")', timezone="Pacific/Apia")
    ana = somebody(compiler, at("2011-12-29T12:00-10:00"), at("2011-12-31T12:00+14:00"))
    assert check.evaluate(ana, at("2011-12-31T18:00+14:00")) == (False, at("2012-01-01T00:00+14:00"))


def test_a_count_of_last_month_that_this_month_matches_does_not_turn_in_between() -> None:
    compiler, [check] = compiled('count("Product Viewed", within="last month") == 1', timezone="UTC")
    ana = somebody(compiler, at("2024-01-10T00:00Z"), at("2024-02-10T00:00Z"))
    assert check.evaluate(ana, at("2024-02-20T00:00Z")) == (True, at("2024-04-01T00:00Z"))


def test_nothing_in_the_period_is_no_reason_to_wake_up() -> None:
    compiler, [count, average, sums] = compiled(
        'count("Product Viewed", within="this month") == 0',
        'avg("Product Viewed", price, within="this month") > trait.age',
        'sum("Product Viewed", price, within="last month") >= trait.age',
    )
    ana = somebody(compiler, at("2023-01-10T00:00Z"), price=4)
    ana.traits["age"] = 3
    now = at("2024-02-20T00:00Z")
    assert [check.evaluate(ana, now) for check in (count, average, sums)] == [
        (True, None),
        (False, None),
        (False, None),
    ]


def test_this_and_last_month_are_read_from_the_same_two_numbers() -> None:
    compiler, [this, last] = compiled(
        'count("Product Viewed", within="this month") == 2',
        'did("Product Viewed", within="last month")',
        timezone="UTC",
    )
    [leaf] = compiler.leaves.values()
    ana = somebody(
        compiler,
        *(at(f"2024-0{month}-0{day}T00:00Z") for day in (1, 2) for month in (3, 1, 2)),
        at("2023-12-01T00:00Z"),
    )
    assert ana.counters == {leaf.id: [[at("2024-02-01T00:00Z"), 2], [at("2024-03-01T00:00Z"), 2]]}
    assert this.evaluate(ana, at("2024-03-03T00:00Z"))[0]
    assert last.evaluate(ana, at("2024-03-03T00:00Z"))[0]


@pytest.mark.parametrize("function", ["sum", "avg", "min", "max", "first", "last", "distinct"])
def test_what_is_kept_of_a_period_does_not_grow_with_what_happens_in_it(function: str) -> None:
    compiler, _ = compiled(f'{function}("Product Viewed", price, within="this year") == 1')
    start = at("2024-01-02T00:00Z")
    few = somebody(compiler, *range(start, start + 3), price=1)
    many = somebody(compiler, *range(start, start + 3_000), price=1)
    assert len(msgspec.msgpack.encode(many.counters)) <= len(msgspec.msgpack.encode(few.counters)) + 8


def test_a_shop_that_moves_fills_its_calendars_anew_and_nothing_else() -> None:
    texts = {
        "month": 'count("Product Viewed", within="this month") >= 2',
        "tokyo": 'did("Product Viewed", within="today", tz="Asia/Tokyo")',
        "week": 'count("Product Viewed", within="7d") >= 2',
        "visit": 'sequence("Product Viewed", "Product Added", within="this week")',
    }
    segments = {name: Segment(name=name, title=name, condition=parse(text)) for name, text in texts.items()}
    before, after = (
        Program(msgspec.structs.replace(in_zone(timezone), segments=segments, version=version))
        for version, timezone in ((1, "Europe/Madrid"), (2, "America/New_York"))
    )
    fresh = new_leaves(Plan(after), before)
    assert fresh == after.segments["month"].check.leaves | after.segments["visit"].check.leaves
    assert new_leaves(Plan(before), before) == frozenset()


def test_late_news_finds_its_month() -> None:
    compiler, [check] = compiled('sum("Product Viewed", price, within="last month") == 8', timezone="UTC")
    moments = [at("2024-02-10T00:00Z"), at("2024-01-31T23:59:59.999999Z"), at("2024-01-01T00:00Z")]
    for order in (moments, moments[::-1]):
        ana = somebody(compiler, *order, at("2023-12-31T23:00Z"), price=4)
        assert check.evaluate(ana, moments[0] + DAY + HOUR)[0]
