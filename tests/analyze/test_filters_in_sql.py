"""A filter says of an event's properties in SQL what it says of them live."""

from __future__ import annotations

from typing import Any

import duckdb
import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.decide.conditions.histories import filters, records

from habitue.decide.conditions import Compiler
from habitue.decide.conditions.leaves.amount import millionths
from habitue.decide.conditions.leaves.known import scalar
from habitue.playbook.conditions import Condition, ConditionError, parse
from habitue.playbook.conditions.sql import DuckDB, amount_sql, filter_sql, scalar_sql
from habitue.playbook.conditions.tree import Node

SQL = DuckDB()
ODD: tuple[Any, ...] = (
    None, True, False, 0, 0.0, -0.0, 1, 1.0, 2, 2.5, -1, 19.9, 1e-7, 1.5e-5, 0.1 + 0.2, 10**12, -(10**12), 10**12 + 1,
    999999999999.5, 10**15, 10**15 + 1, 2**53 + 1, 10**22, 1e300, 0.0000005, 0.0000015, 2.0000005, 583543210987,
    "", " ", "a", "A", "é", "ß", "2", " 2 ", "\xa02\u2003", "2.0", "+2", "-0", "1e3", "0x10", "1_000", ".5", "5.",
    "0.1", "1e-07", "19.90", "123456789012345", "1234567890123456", "true", "True", "null", "None", 'say "hi"',
    "it's", "a\\b", "tab\there", "line\nend", "nul\0here", "\u2028", "😀", "x" * 500, "x" * 501, "x" * 501 + "y", "[]",
    "{}", "[1]", [], [1], ["a", 2, "2", None, True], [[1]], {}, {"x": 1}, {"x": None}, [{"x": 1}, {"y": 2}, 3],
)  # fmt: skip
PATIENT = settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))


def _asked(expressions: list[str], rows: list[Any]) -> list[tuple[Any, ...]]:
    with duckdb.connect() as connection:
        connection.execute("SET threads TO 1")
        connection.execute("CREATE TABLE events (place INTEGER, properties JSON)")
        texts = [(place, msgspec.json.encode(row).decode()) for place, row in enumerate(rows)]
        connection.executemany("INSERT INTO events VALUES (?, ?)", texts)
        return connection.execute(f"SELECT {', '.join(expressions)} FROM events ORDER BY place").fetchall()


@PATIENT
@given(st.lists(filters, min_size=30, max_size=30), st.lists(records, min_size=20, max_size=20))
def test_a_filter_means_the_same_as_live(trees: list[Node], rows: list[dict[str, Any]]) -> None:
    live = [Compiler().filter(Condition("", tree, "filter")) for tree in trees]
    wanted = [tuple(check(row, None, "") for check in live) for row in rows]
    assert _asked([filter_sql(tree, SQL) for tree in trees], rows) == wanted


def test_odd_values_compare_as_they_do_live() -> None:
    rows = [{"price": one, "kind": other} for one in ODD for other in ODD[::7]]
    constants = ("0", "2", "2.5", '"2"', '"a"', '"19.90"', '"x"', '""', "True", "None", "1000000000000000", '"true"')
    texts = [f"price {sign} {constant}" for constant in constants for sign in ("==", "!=")]
    texts += [f"price {sign} {constant}" for constant in constants[:8] for sign in ("<", "<=", ">", ">=")]
    texts += [f"price {sign} kind" for sign in ("==", "!=", "<", "<=", ">", ">=", "in", "not in")]
    texts += ['price in (1, "a", "2", True)', 'price not in ("a", "b")', '"a" in price', "2 in price", "True in price"]
    texts += ["price", "not price", "price.x == 1", "price + kind > 2", "price / kind == 1", "price * kind >= 0"]
    trees = [parse(text, kind="filter") for text in texts]
    live = [Compiler().filter(tree) for tree in trees]
    # Two whole numbers beyond what floating point can tell apart are not told apart.
    rows = [row for row in rows if not any(type(one) is int and one > 2**53 for one in row.values())]
    found = _asked([filter_sql(tree.tree, SQL) for tree in trees], rows)
    for row, answers in zip(rows, found, strict=True):
        for text, check, answer in zip(texts, live, answers, strict=True):
            assert answer is check(row, None, ""), (text, row)


def test_amounts_are_the_same_millionths() -> None:
    rows = [{"price": value} for value in ODD]
    assert [found for (found,) in _asked([amount_sql(("price",), SQL)], rows)] == [millionths(value) for value in ODD]


def test_kept_values_are_the_same_and_told_apart_alike() -> None:
    rows = [{"price": value} for value in ODD]
    kept = scalar_sql(("price",), SQL)
    found = _asked([f"CAST({kept} AS VARCHAR)", SQL.written(kept)], rows)
    wanted = [scalar(value) for value in ODD]
    assert [None if text is None else msgspec.json.decode(text) for text, _ in found] == wanted
    for one, (_, mine) in zip(wanted, found, strict=True):
        for other, (_, theirs) in zip(wanted, found, strict=True):
            if one is not None and other is not None:
                assert (mine == theirs) is (_written(one) == _written(other)), (one, other)


def _written(value: Any) -> str:
    """7, 7.0 and "7" are one value."""
    if isinstance(value, bool):
        return str(value).lower()
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def test_a_filter_that_speaks_of_a_run_is_refused() -> None:
    with pytest.raises(ConditionError, match="within a run only"):
        filter_sql(parse("price > event.price", kind="filter", entry_event=True).tree, SQL)


def test_elements_of_lists_mean_the_same_as_live() -> None:
    inner: tuple[Any, ...] = (
        [], None, "mugs", 3, {"category": "mugs"}, [{"category": "mugs"}],
        [{"category": "hats", "price": 2}, {"price": "3.5"}],
        [{"category": None}], [3, {"category": 3, "tags": ["a", 2]}, {"tags": "a"}], [["mugs"]], ["mugs", 2], ["", 0],
    )  # fmt: skip
    rows = [{"products": value, "other": other} for value in inner for other in ("mugs", 2, ["mugs", 3], None)]
    texts = [f"products[].category {sign} other" for sign in ("==", "!=", "<", "in", "not in")]
    texts += [f"products[].price {sign} 2" for sign in ("==", "!=", "<", "<=", ">", ">=")]
    texts += ['products[].category == "mugs"', 'products[].category != "mugs"', "products[].category == None"]
    texts += [
        'products[].category in ("mugs", 3)',
        "products[].category not in (3, 4)",
        '"mugs" in products[].category',
    ]
    texts += ["products[].tags[] == 2", '"a" in products[].tags[]', "products[].tags", "products[]", "products[] == 2"]
    texts += ["2 < products[].price", "not products[].category", "2 not in products[].tags[]", "other in products[]"]
    trees = [parse(text, kind="filter") for text in texts]
    live = [Compiler().filter(tree) for tree in trees]
    found = _asked([filter_sql(tree.tree, SQL) for tree in trees], rows)
    for row, answers in zip(rows, found, strict=True):
        for text, check, answer in zip(texts, live, answers, strict=True):
            assert answer is check(row, None, ""), (text, row)
