"""A mapping's mistakes are told all at once, with file and line."""

from __future__ import annotations

import pytest

from habitue.importing.mapping import Kind
from habitue.importing.mapping_file import MappingError, check_columns, read_mapping

GOOD = """
kind: orders
columns:
  Receipt: order_id
  Date: time
  Sum: total
  Points: properties.points as number
templates: {user_id: "pos-{Card No}"}
time: {format: "%d.%m.%Y", zone: Europe/Istanbul}
"""


def problems(kind: Kind, text: str) -> list[str]:
    with pytest.raises(MappingError) as refused:
        read_mapping("m.yaml", text, kind)
    return [str(problem) for problem in refused.value.problems]


def test_a_mapping_says_what_each_column_is() -> None:
    mapping, mentions = read_mapping("m.yaml", GOOD, "orders")
    assert [(one.name, one.field, one.kind) for one in mapping.columns][-1] == ("Points", "properties.points", "number")
    assert mapping.zone == "Europe/Istanbul"
    assert {mention.name for mention in mentions} == {"Receipt", "Date", "Sum", "Points", "Card No"}


def test_all_mistakes_are_told_with_their_lines_and_what_was_meant() -> None:
    text = """kind: orders
columns:
  Receipt: ordr_id
  Date: time as nmber
constants:
  context: {a: 1}
time:
  format: DD.MM.YYYY
  zone: Europe/Istambul
encoding: hex
curency: TRY
statuses: {X: done}
templates: {user_id: "{Card"}
"""
    said = problems("orders", text)
    expected = [
        '3: files of orders have no field "ordr_id". Did you mean "order_id"?',
        '4: unknown kind of value "nmber". Did you mean "number"?',
        "6: ",
        '8: "DD.MM.YYYY" is no time format',
        '9: unknown time zone "Europe/Istambul". Did you mean "Europe/Istanbul"?',
        '10: unknown encoding "hex"',
        '11: unknown field "curency". Did you mean "currency"?',
        "12: expected completed or refunded",
        '13: "{Card" is no template',
    ]
    for start in expected:
        assert any(one.startswith(f"m.yaml:{start}") for one in said), (start, said)


def test_a_column_the_file_does_not_have_is_pointed_out() -> None:
    _, mentions = read_mapping("m.yaml", GOOD, "orders")
    with pytest.raises(MappingError) as refused:
        check_columns(mentions, ["Receipt", "Datum", "Sum", "Points", "Card No"])
    assert str(refused.value).startswith('m.yaml:5: unknown column "Date". Did you mean "Datum"?')


@pytest.mark.parametrize(
    ("kind", "text", "says"),
    [
        ("events", "columns: {a: time, b: email}", "nothing says what happened"),
        ("events", "columns: {a: event, b: email}", "nothing says when"),
        ("orders", "columns: {a: order_id, b: time}", "nothing says who it was"),
        ("orders", "columns: {a: email, b: time}", "nothing says which order"),
        ("products", "columns: {a: id}", "products need the field name and price"),
        ("customers", "kind: orders", "this mapping is for orders"),
        ("customers", "columns: {a: email}\nconsents: {channel: email}", "a consent needs the column"),
        ("events", "event: X\ncolumns: {a: email}\nconstants: {time: soon}", 'the constant time: "soon" is not'),
        ("events", "- a", "expected the mapping with fields here"),
        ("events", "a: &x 1", "anchors and aliases"),
        ("events", "", "the file is empty"),
    ],
)
def test_what_is_missing_is_said(kind: Kind, text: str, says: str) -> None:
    assert says in "\n".join(problems(kind, text))
