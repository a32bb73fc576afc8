"""What is asked of the past is in the shop's currency, as it is live."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from tests.decide.test_money import RATES
from tests.decide.world import NOON, NOTE

from habitue.analyze.history import History
from habitue.analyze.kept import Replay
from habitue.analyze.members import Reader
from habitue.analyze.unrated import without_rate
from habitue.model.event import Event, Record
from habitue.playbook.conditions import ConditionError, parse
from habitue.playbook.conditions.sql import DuckDB, Spark, members_sql
from habitue.playbook.conditions.tree import Fact
from habitue.playbook.load import load


def test_facts_replayed_from_events_are_in_the_shops_currency() -> None:
    replay = Replay([Fact("orders", "revenue")], load({"playbook.yaml": RATES, "messages/note.yaml": NOTE}))
    told = [("o1", 10_000, "JPY"), ("o2", 50, "EUR"), ("o3", 9_000, "KRW")]
    rows = [
        (
            "ana",
            NOON,
            place,
            NOON,
            "Order Completed",
            order,
            "track",
            "shop",
            _order(order, total, code),
            "",
            "",
            *[None] * 3,
        )
        for place, (order, total, code) in enumerate(told)
    ]
    assert list(replay.over(rows, NOON)) == [("ana", NOON, "111.0")]


def _order(order: str, total: int, currency: str) -> str:
    return json.dumps({"order_id": order, "total": total, "currency": currency})


SHOP = load({"playbook.yaml": RATES, "messages/note.yaml": NOTE})
TOLD = [(10_000, "JPY"), (50, "EUR"), ("9.000 KRW", "KRW"), ("10.000,00", "jpy "), (20, None)]


@pytest.fixture
def history() -> Iterator[History]:
    records = [
        (
            "ana",
            Record(
                place,
                NOON,
                Event(
                    id=str(place),
                    source="shop",
                    type="track",
                    name="Order Completed",
                    occurred_at=NOON,
                    properties={"total": total, "currency": code, "products": [{"price": total}, "rubbish"]},
                ),
            ),
        )
        for place, (total, code) in enumerate(TOLD)
    ]
    with History.of_records(records, threads=1) as made:
        yield made


@pytest.mark.parametrize(
    "condition",
    [
        'sum("Order Completed", total) == 192',
        'sum("Order Completed", products[].price) == 192',
        'count("Order Completed", total > 55) == 2',
        'max("Order Completed", total) == 61',
        'sequence(did("Order Completed", total == 61), did("Order Completed", total == 50))',
        "orders.revenue == 192",
    ],
)
def test_sql_counts_in_the_shops_currency(history: History, condition: str) -> None:
    assert Reader(history, SHOP).members(parse(condition), NOON) == ["ana"]


def test_two_playbooks_with_other_rates_ask_one_history(history: History) -> None:
    dearer = load({"playbook.yaml": RATES.replace("0.0061", "0.01"), "messages/note.yaml": NOTE})
    condition = parse('sum("Order Completed", total) == 270')
    found = [Reader(history, playbook).members(condition, NOON) for playbook in (SHOP, dearer, SHOP)]
    assert found == [[], ["ana"], []]


def test_currencies_that_came_without_a_rate_are_known(history: History) -> None:
    assert without_rate(history, SHOP.shop) == {"KRW": 1}
    late = load({"playbook.yaml": RATES.replace("JPY, from: 2026-01-01", "JPY, from: 2026-12-01")}).shop
    assert without_rate(history, late) == {"JPY": 2, "KRW": 1}


@pytest.mark.parametrize("dialect", [DuckDB(), Spark()])
def test_a_query_for_another_engine_is_refused_rather_than_mixing_currencies(dialect: DuckDB) -> None:
    with pytest.raises(ConditionError, match="brought into the shop's currency first"):
        members_sql({"a": parse('sum("Order Completed", total) > 5').tree}, {}, NOON, dialect, SHOP.shop)
    assert members_sql({"a": parse('count("Order Completed") > 5').tree}, {}, NOON, dialect, SHOP.shop)
