"""Files as people send them: one bad row costs that row, and nothing is ever read whole."""

from __future__ import annotations

import gzip
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from habitue.importing.reading.open import open_rows
from habitue.importing.reading.rows import LINE_CHARACTERS_MAX, NotReadable, Row, Spoilt
from habitue.importing.reasons import RowReason

from .conftest import file


def cells(path: Path, **more: str) -> list[dict[str, object]]:
    return [row.cells for row in open_rows(path, **more) if isinstance(row, Row)]


def spoilt(path: Path, **more: str) -> list[tuple[int, RowReason]]:
    return [(row.number, row.reason) for row in open_rows(path, **more) if isinstance(row, Spoilt)]


def test_cells_may_hold_delimiters_quotes_and_lines(tmp_path: Path) -> None:
    path = file(tmp_path, "a.csv", 'id,says\r\n1,"a, ""b"" and\nc"\r\n\r\n2,\r\n')
    assert cells(path) == [{"id": "1", "says": 'a, "b" and\nc'}, {"id": "2", "says": None}]
    assert [row.number for row in open_rows(path)] == [2, 5]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_what_the_header_has_most_of(tmp_path: Path, delimiter: str) -> None:
    path = file(tmp_path, "a.csv", f"id{delimiter}name\n1{delimiter}Ana\n")
    assert cells(path) == [{"id": "1", "name": "Ana"}]


def test_a_byte_order_mark_is_no_part_of_the_first_columns_name(tmp_path: Path) -> None:
    assert cells(file(tmp_path, "a.csv", b"\xef\xbb\xbfid,name\n1,Ana\n")) == [{"id": "1", "name": "Ana"}]
    assert cells(file(tmp_path, "a.jsonl", b'\xef\xbb\xbf{"id": 1}\n')) == [{"id": 1}]


def test_an_encoding_that_is_said_is_read_and_one_that_is_not_costs_the_row(tmp_path: Path) -> None:
    path = file(tmp_path, "a.csv", "id,name\n1,Zoë\n2,Ben\n".encode("windows-1252"))
    assert cells(path, encoding="windows-1252")[0]["name"] == "Zoë"
    assert cells(path) == [{"id": "2", "name": "Ben"}]
    assert spoilt(path) == [(2, RowReason.BAD_ENCODING)]


def test_a_quote_that_never_closes_costs_its_line_alone(tmp_path: Path) -> None:
    lines = "".join(f"{number},Ben\n" for number in range(3, 3_000))
    path = file(tmp_path, "a.csv", f'id,name\n1,"Ana\n2,Cleo\n{lines}')
    assert len(cells(path)) == 2_998
    assert spoilt(path) == [(2, RowReason.NOT_A_ROW)]


def test_rows_with_other_lengths_are_told_and_the_rest_is_read(tmp_path: Path) -> None:
    path = file(tmp_path, "a.csv", "id,name\n1\n2,Ben,extra\n3,Cleo,,\n4,Ana\n")
    assert [row["id"] for row in cells(path)] == ["3", "4"]
    assert spoilt(path) == [(2, RowReason.WRONG_LENGTH), (3, RowReason.WRONG_LENGTH)]


def test_a_line_without_an_end_is_never_held_whole(tmp_path: Path) -> None:
    path = file(tmp_path, "a.csv", "id,name\n1," + "x" * (3 * LINE_CHARACTERS_MAX) + "\n2,Ben\n")
    assert cells(path) == [{"id": "2", "name": "Ben"}]
    assert spoilt(path) == [(2, RowReason.LINE_TOO_LONG)]


def test_broken_json_lines_are_told_and_nan_is_nothing(tmp_path: Path) -> None:
    path = file(tmp_path, "a.jsonl", '{"a": NaN}\n{"a":\n[1]\n\n{"a": "\\ud83d"}\n\xff\n')
    assert cells(path)[0] == {"a": None}
    assert [number for number, _ in spoilt(path)] == [2, 3, 6]


def test_parquet_comes_as_plain_json_values(tmp_path: Path) -> None:
    table = pa.table(
        {
            "at": [datetime(2026, 5, 1, 10, tzinfo=UTC)],
            "day": [date(2026, 5, 1)],
            "price": [Decimal("12.50")],
            "nothing": [float("nan")],
            "lines": [[{"sku": "w1"}]],
        }
    )
    pq.write_table(table, tmp_path / "a.parquet")
    assert cells(tmp_path / "a.parquet") == [
        {
            "at": "2026-05-01T10:00:00+00:00",
            "day": "2026-05-01",
            "price": 12.5,
            "nothing": None,
            "lines": [{"sku": "w1"}],
        }
    ]


def test_packed_files_are_unpacked_on_the_way(tmp_path: Path) -> None:
    assert cells(file(tmp_path, "a.csv.gz", gzip.compress(b"id\n1\n"))) == [{"id": "1"}]
    assert cells(file(tmp_path, "a.jsonl.gz", gzip.compress(b'{"id": 1}\n'))) == [{"id": 1}]


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("a.csv", b"", "empty"),
        ("a.jsonl", b"\n", "empty"),
        ("a.csv", "id,name\n".encode("utf-16"), "UTF-16"),
        ("a.csv", b"id,id\n1,2\n", 'called "id"'),
        ("a.json", b'[\n{"id": 1}]\n', "jq -c"),
        ("a.parquet", b"PAR1 no", "no Parquet file"),
        ("a.parquet.gz", b"", "unpack it"),
        ("a.xlsx", b"PK", "expected one of .csv"),
        ("a.csv.gz", gzip.compress(b"id,name\n" * 90_000, mtime=0)[:-20], "ends too early"),
    ],
)
def test_what_cannot_be_read_at_all_is_said_with_what_to_do(
    tmp_path: Path, name: str, content: bytes, says: str
) -> None:
    with pytest.raises(NotReadable, match=says):
        list(open_rows(file(tmp_path, name, content)))
