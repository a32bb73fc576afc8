"""Cells as people write them."""

from __future__ import annotations

import contextlib
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from habitue.importing.reasons import RowReason, RowRefused
from habitue.importing.times import Times, is_format
from habitue.importing.values import identity, number
from habitue.model.instant import from_datetime


@pytest.mark.parametrize(
    ("text", "decimal", "expected"),
    [
        ("12.50", ".", 12.5),
        ("1,250.50", ".", 1250.5),
        ("-3", ".", -3),
        ("(3.20)", ".", -3.2),
        ("£ 12.50", ".", 12.5),
        ("12.50 EUR", ".", 12.5),
        ("1.250,50", ",", 1250.5),
        ("1 250,50 €", ",", 1250.5),
        ("12,5", ",", 12.5),
        (7, ".", 7),
    ],
)
def test_numbers_are_read_as_they_are_written(text: object, decimal: str, expected: float) -> None:
    assert number(text, decimal) == expected


@pytest.mark.parametrize("text", ["", "-", "12,50", "1,2,3", "1.2.3", "twelve", "1e999", "9" * 40, True, None, [1]])
def test_what_is_no_number_is_refused_and_never_guessed(text: object) -> None:
    with pytest.raises(RowRefused) as refused:
        number(text)
    assert refused.value.reason == RowReason.NOT_A_NUMBER


@given(st.text(max_size=30), st.sampled_from([".", ","]))
def test_no_text_breaks_the_reader_of_numbers(text: str, decimal: str) -> None:
    with contextlib.suppress(RowRefused):
        assert abs(number(text, decimal)) < 1e15


def test_ids_lose_the_fraction_that_data_frames_add() -> None:
    assert [identity(value) for value in (12345.0, "12345.0", 12345, " 12345 ", "1.0.0", "00123")] == [
        "12345", "12345", "12345", "12345", "1.0.0", "00123",
    ]  # fmt: skip


def test_an_id_that_a_spreadsheet_rounded_is_refused() -> None:
    with pytest.raises(RowRefused) as refused:
        identity("1.00012E+12")
    assert refused.value.reason == RowReason.ROUNDED_ID


AT = from_datetime(datetime(2026, 5, 1, 10, 0, tzinfo=UTC))


@pytest.mark.parametrize(
    ("formats", "zone", "text"),
    [
        ((), "UTC", "2026-05-01T10:00:00Z"),
        ((), "UTC", "2026-05-01 13:00:00 +0300"),
        ((), "UTC", "2026-05-01 10:00:00 UTC"),
        ((), "Europe/Istanbul", "2026-05-01 13:00"),
        (("%d.%m.%Y %H:%M",), "Europe/Istanbul", "01.05.2026 13:00"),
        (("iso", "%m/%d/%Y %I:%M %p"), "UTC", "05/01/2026 10:00 AM"),
        (("seconds",), "Europe/Istanbul", "1777629600"),
        (("milliseconds",), "UTC", "1777629600000.0"),
        (("excel",), "UTC", "46143.4166666667"),
    ],
)
def test_times_are_read_in_the_formats_that_are_said(formats: tuple[str, ...], zone: str, text: str) -> None:
    assert Times(formats, zone).read(text) == AT


@pytest.mark.parametrize("text", ["", "soon", "31.02.2026", "2026-13-01", "99999999999999999999"])
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(RowRefused) as refused:
        Times(("iso", "%d.%m.%Y", "seconds")).read(text)
    assert refused.value.reason == RowReason.NO_TIME


@pytest.mark.parametrize("text", ["1970-01-01", "1899-12-30"])
def test_what_empty_dates_become_is_not_believed(text: str) -> None:
    with pytest.raises(RowRefused) as refused:
        Times().read(text)
    assert refused.value.reason == RowReason.TIME_NOT_BELIEVED


@given(st.text(max_size=25))
def test_no_text_breaks_the_reader_of_times(text: str) -> None:
    with contextlib.suppress(RowRefused):
        Times(("iso", "seconds", "excel", "%d.%m.%Y")).read(text)


def test_a_format_must_tell_the_day() -> None:
    assert is_format("%d.%m.%Y")
    assert is_format("excel")
    assert not is_format("%H:%M")
    assert not is_format("DD.MM.YYYY")
