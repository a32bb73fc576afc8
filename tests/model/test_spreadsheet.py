"""Cells of CSV files: none is carried out by a spreadsheet, none is changed by being written and read."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from habitue.importing.reading.delimited import DelimitedRows
from habitue.model.spreadsheet import guarded, unguarded

DANGEROUS = [
    "=cmd|' /C calc'!A0",
    "+1+cmd|'x'!A0",
    "-2+3*A1",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "\n=1",
    "＝1+1",
    "=12",
    "-A1",
]


@pytest.mark.parametrize("text", DANGEROUS)
def test_what_a_spreadsheet_would_carry_out_becomes_text(text: str) -> None:
    assert guarded(text) == f"'{text}"


@pytest.mark.parametrize(
    "text", ["-12.5", "+3", "-1,299.00", "-1e5", "+44 (20) 7946", "12", "Ana", "'quoted'", "", "a=b"]
)
def test_numbers_and_words_stay_as_they_are(text: str) -> None:
    assert guarded(text) == text


@given(st.text(alphabet=st.sampled_from("'=+-@\t\r\n＝a1. ,")))
def test_whatever_is_written_is_read_back(text: str) -> None:
    assert unguarded(guarded(text)) == text


def test_an_import_reads_back_what_was_written(tmp_path: Path) -> None:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(["id", "note"])
    for number, value in enumerate(DANGEROUS):
        writer.writerow([number, guarded(value)])
    file = tmp_path / "people.csv"
    file.write_text(text.getvalue(), "utf-8", newline="")
    rows = [row.cells["note"] for row in DelimitedRows(file)]  # type: ignore[union-attr]
    assert rows == DANGEROUS
