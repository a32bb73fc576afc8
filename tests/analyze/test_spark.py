"""Spark finds the same members as DuckDB."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

import pytest

from habitue.analyze.history import History
from habitue.analyze.members import Reader
from habitue.model.event import Event, Record
from habitue.model.instant import DAY, HOUR
from habitue.playbook.conditions import ConditionError, parse
from habitue.playbook.conditions.sql import Spark, members_sql
from habitue.playbook.playbook import Playbook, Segment, Shop

pyspark = pytest.importorskip("pyspark")

NOW = 20_000 * DAY + 12 * HOUR
PEOPLE = tuple(f"visitor {number}" for number in range(30))
VALUES: tuple[Any, ...] = (
    0,
    1,
    2.5,
    19.9,
    "19.90",
    " 2 ",
    "a",
    "b",
    "",
    None,
    True,
    False,
    ["a", 2],
    {"x": 1},
    -3,
    1e-7,
)
LINES: tuple[Any, ...] = ([], [{"sku": "a", "price": 2}, {"price": "3.5"}], [{"sku": 2}, 5], "none")
LOOKERS = parse('count("Seen", kind="a") >= 1')
PLAYBOOK = Playbook(
    name="test",
    shop=Shop(name="Test", timezone="Europe/Madrid"),
    segments={"lookers": Segment(name="lookers", title="Lookers", condition=LOOKERS)},
)
TEXTS = (
    'count("Seen") >= 3', 'count("Seen", price > 1, within="2d") >= 1', 'did("Bought", within="this week")',
    'did("Bought", since="2024-10-02")', 'not did("Seen", kind != "b")', 'sum("Seen", price) > 20',
    'sum("Bought", lines[].price) >= 5.5', 'max("Seen", price, within="3d") == 19.9', 'min("Seen", price) < 0',
    'avg("Seen", price) >= 2.5', 'days_since("Seen") < 1', 'last("Seen", kind) == "b"', 'first("Seen", price) == 2',
    'distinct("Seen", price) >= 3', 'distinct("Bought", lines[].sku) >= 1', 'count("Seen", lines[].sku == "a") >= 1',
    'trait.country == "ES"', "trait.age >= 2", "not trait.country", 'segment("lookers") and trait.age != None',
    'sequence("Seen", did("Bought", price != 1), within="2d", without="Left")', 'bucket("it\'s", 0, 37.5)',
    'sum("Seen", price) / count("Seen") > 4', 'count("Seen", has_any(kind, ("a",)) or starts_with(price, "19")) > 0',
)  # fmt: skip


def _past() -> list[tuple[str, Record]]:
    chance = random.Random(4)
    told = []
    for place in range(150):
        name = chance.choice(("Seen", "Seen", "Bought", "Left", "Identified"))
        properties = {} if name == "Identified" else {key: chance.choice(VALUES) for key in ("price", "kind")}
        traits = {"country": chance.choice(("ES", "PT", None)), "age": chance.choice((1, 2, "3", "old"))}
        at = NOW - chance.randrange(5 * DAY)
        event = Event(
            id=f"e{place}",
            source="test",
            type="identify" if name == "Identified" else "track",
            name=name,
            occurred_at=at,
            properties={**properties, "lines": chance.choice(LINES)} if properties else {},
            traits=traits if name == "Identified" else {},
        )
        told.append((at + chance.choice((0, 0, 3 * HOUR)), chance.choice(PEOPLE), event))
    told.sort(key=lambda one: one[0])
    return [(who, Record(place, received, event)) for place, (received, who, event) in enumerate(told)]


@pytest.fixture(scope="module")
def spark() -> Iterator[Any]:
    from pyspark.sql import SparkSession

    settings = {
        "spark.sql.session.timeZone": "UTC",
        "spark.sql.shuffle.partitions": "1",
        "spark.ui.enabled": "false",
        "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1",
    }
    session = SparkSession.builder.master("local[1]").config(map=settings).getOrCreate()
    yield session
    session.stop()


def test_the_same_members_are_found(spark: Any) -> None:
    conditions = {text: parse(text) for text in TEXTS}
    segments = {"lookers": LOOKERS.tree}
    with History.of_records(_past(), threads=1) as history:
        reader = Reader(history, PLAYBOOK)
        wanted = {text: reader.members(condition, NOW) for text, condition in conditions.items()}
        times = ("date", "occurred_at", "received_at", "position")
        names = ("customer", *times, "name", "properties", "traits", "context")
        for table, columns in (("events", names), ("people", ("customer", "first_received_at"))):
            rows = history.ask(f"SELECT {', '.join(columns)} FROM {table}")
            spark.createDataFrame(rows, list(columns)).createOrReplaceTempView(table)
    trees = {f"c{place}": condition.tree for place, condition in enumerate(conditions.values())}
    asked = members_sql(trees, segments, NOW, Spark(), PLAYBOOK.shop)
    rows = spark.sql(asked).collect()
    found = {text: sorted(row["customer"] for row in rows if row[f"c{place}"]) for place, text in enumerate(conditions)}
    assert found == wanted
    assert not [text for text, who in wanted.items() if not who or len(who) == len(PEOPLE)]


def test_what_takes_a_replay_is_refused() -> None:
    with pytest.raises(ConditionError, match=r"cart\.value is replayed from events, which spark cannot do"):
        members_sql({"a": parse("cart.value > 5").tree}, {}, NOW, Spark(), PLAYBOOK.shop)
