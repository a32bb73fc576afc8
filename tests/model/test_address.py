"""One address has one spelling."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from habitue.model.address import spelled, spellings


@pytest.mark.parametrize(
    "address",
    [
        "ana@bücher.example",
        "Ana@BÜCHER.example",
        "ana@xn--bcher-kva.example",
        "ana@XN--BCHER-KVA.example",
        "ana@bu\u0308cher.example",
        " ana@bücher.example\u200b",
        "\ufeffa\u200bna@bücher.example",
        "\uff41na@bücher\uff0eexample",
    ],
)
def test_an_address_with_letters_of_many_scripts_has_one_spelling(address: str) -> None:
    assert spelled(address) == "ana@xn--bcher-kva.example"


@pytest.mark.parametrize(
    "address", ["İpek@shop.example", "ipek@shop.example", "IPEK@Shop.Example", "\u200bipek@shop.example"]
)
def test_case_is_folded_once_for_every_script(address: str) -> None:
    assert spelled(address) == "ipek@shop.example"


def test_two_letters_that_differ_stay_two() -> None:
    assert spelled("weiß@shop.example") != spelled("weiss@shop.example")
    assert spelled("ana@straße.example") != spelled("ana@strasse.example")


@pytest.mark.parametrize("text", ["", "ana", "bücher", "a" * 300 + "ü@shop.example"])
def test_what_is_no_address_has_no_spelling(text: str) -> None:
    assert spelled(text) == ""


def test_earlier_spellings_of_an_address_are_known() -> None:
    both = ["ana@xn--bcher-kva.example", "ana@bücher.example"]
    assert spellings("ana@bücher.example") == spellings("ana@xn--bcher-kva.example") == both
    assert spellings("ana@shop.example") == ["ana@shop.example"]


@given(st.text(max_size=30), st.text(max_size=30))
def test_spelling_an_address_again_changes_nothing(local: str, domain: str) -> None:
    once = spelled(f"{local}@{domain}")
    assert spelled(once) == once
