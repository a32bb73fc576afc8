"""Ids as clients and spreadsheets write them."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from habitue.model.id_text import RoundedId, id_text, is_nobody, thing_id


@pytest.mark.parametrize("value", [2001, 2001.0, "2001", "2001.0", "2001 ", "\u00a02001", "2001\u200b", "2001.00"])
def test_one_id_has_one_spelling(value: Any) -> None:
    assert id_text(value) == "2001"


@pytest.mark.parametrize("value", ["1.0.0", "00123", "a2001.0", "v1.0", "12e5", "5E7A", "ORD-1.0", "12.50"])
def test_what_only_looks_like_a_number_stays_as_it_is(value: str) -> None:
    assert id_text(value) == value


@pytest.mark.parametrize("value", ["1.00012E+12", "1,00012E+12", "1E+12", "1.00012e+12", "9.1E15", 1.00012e18])
def test_a_rounded_number_is_no_id(value: Any) -> None:
    with pytest.raises(RoundedId):
        id_text(value)


@pytest.mark.parametrize(
    "value",
    [
        "null",
        "(null)",
        '"null"',
        "None",
        "(none)",
        "[object Object]",
        "NaN",
        "0",
        "0.0",
        "not_authenticated",
        "distinct_id",
        "distinctid",
        "id",
        "email",
        "guest",
        "anonymous",
        "{{user.id}}",
        "{{ customer.id }}",
        "${userId}",
        "<%= id %>",
        "{% user %}",
        "%%USER_ID%%",
        "[[user]]",
        "undefined",
        "(not set)",
        "-1",
        "00000000-0000-0000-0000-000000000000",
        "",
    ],
)
def test_what_broken_integrations_send_for_everybody_is_nobody(value: str) -> None:
    assert is_nobody(id_text(value))


@pytest.mark.parametrize("value", ["ana", "12", "guest-17", "idris", "nullis", "ana@shop.example", "a_0", "a{b}"])
def test_an_id_that_only_begins_so_is_somebody(value: str) -> None:
    assert not is_nobody(value)


def test_a_thing_without_an_id_has_none() -> None:
    assert [thing_id(value) for value in (None, True, [], {}, "null", 39910.0)] == ["", "", "", "", "", "39910"]


@given(st.text(max_size=40))
def test_reading_an_id_again_changes_nothing(text: str) -> None:
    try:
        once = id_text(text)
    except RoundedId:
        return
    assert id_text(once) == once
