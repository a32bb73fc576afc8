"""Amounts as shops, spreadsheets and people of many countries write them."""

from __future__ import annotations

from decimal import Decimal

import pytest
from babel import Locale
from babel.numbers import format_currency, format_decimal
from hypothesis import given
from hypothesis import strategies as st

from habitue.model.amount import AMOUNT_MAX, MILLIONTHS, read_amount
from habitue.model.currency import CODES, decimals

LOCALES = [
    "de_DE", "de_CH", "de_AT", "en_GB", "en_US", "en_IN", "fr_FR", "fr_CH", "it_IT", "es_ES", "pt_BR", "pt_PT", "nl_NL",
    "tr_TR", "pl_PL", "cs_CZ", "sv_SE", "da_DK", "nb_NO", "fi_FI", "hu_HU", "ro_RO", "bg_BG", "el_GR", "ru_RU", "uk_UA",
    "ja_JP", "ko_KR", "zh_CN", "ar_EG", "fa_IR", "hi_IN", "he_IL",
]  # fmt: skip
CURRENCIES = ["EUR", "USD", "GBP", "TRY", "JPY", "KWD", "CHF", "PLN", "SEK", "INR"]


@pytest.mark.parametrize(
    ("text", "amount", "currency"),
    [
        ("1.299,00", "1299", ""),
        ("1,299.00", "1299", ""),
        ("1 299,00", "1299", ""),
        ("1\u00a0299,00 EUR", "1299", "EUR"),
        ("1\u202f299,00 €", "1299", "EUR"),
        ("1\u2009299,00", "1299", ""),
        ("1'299.00", "1299", ""),
        ("1\u2019299.00 CHF", "1299", "CHF"),
        ("1,29,900.00", "129900", ""),
        ("€ 30.00", "30", "EUR"),
        ("€30.00", "30", "EUR"),
        ("30,00", "30", ""),
        ("19,90", "19.9", ""),
        ("30,00 EUR", "30", "EUR"),
        ("(30.00)", "-30", ""),
        ("-30", "-30", ""),
        ("-€30.00", "-30", "EUR"),
        ("€ -30,00", "-30", "EUR"),
        ("30,00-", "-30", ""),
        ("\u221230", "-30", ""),
        ("CHF 30.\u2013", "30", "CHF"),
        ("$1,299.00 USD", "1299", "USD"),
        ("\u0661\u066c\u0662\u0669\u0669\u066b\u0665\u0660", "1299.5", ""),
        ("\u200f30", "30", ""),
        ("1e3", "1000", ""),
    ],
)
def test_an_amount_is_read_as_it_is_meant(text: str, amount: str, currency: str) -> None:
    assert read_amount(text) == (int(Decimal(amount) * MILLIONTHS), currency)


@pytest.mark.parametrize(
    ("text", "currency", "amount"),
    [
        ("1,299", "", "1299"),
        ("1,299", "EUR", "1299"),
        ("1,299", "KWD", "1.299"),
        ("1.299", "", "1.299"),
        ("1.299", "EUR", "1.299"),
        ("1.299 €", "", "1299"),
        ("1.299 KWD", "", "1.299"),
        ("0,250", "", "0.25"),
        ("0.250 EUR", "", "0.25"),
        ("12,99", "KWD", "12.99"),
        ("1.299.000", "KWD", "1299000"),
    ],
)
def test_a_single_mark_before_three_digits_goes_by_the_currency(text: str, currency: str, amount: str) -> None:
    found = read_amount(text, currency)
    assert found is not None
    assert found.millionths == Decimal(amount) * MILLIONTHS


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "-",
        "twelve",
        "from 15.00 EUR",
        "15.00 - 20.00 EUR",
        "15/20",
        "1,2,3",
        "1.2.3",
        "2026-01-01",
        "10:30",
        "1 2",
        "30 percent",
        "30%",
        "EUR 5 USD",
        "1.00.00,5",
        "--5",
        "9" * 40,
        "1e999",
        "\u00bd",
        "€",
        True,
        None,
        [1],
        float("nan"),
        float("inf"),
        10**15,
        -(10**15),
    ],
)
def test_what_is_no_amount_is_not_guessed(text: object) -> None:
    assert read_amount(text) is None


@pytest.mark.parametrize(("text", "decimal", "amount"), [("1,299", ",", "1.299"), ("1.299", ",", "1299")])
def test_a_decimal_sign_that_is_said_settles_it(text: str, decimal: str, amount: str) -> None:
    found = read_amount(text, decimal=decimal)
    assert found is not None
    assert found.millionths == Decimal(amount) * MILLIONTHS


@given(st.decimals(-(10**9), 10**9, places=6))
def test_no_digit_is_lost(amount: Decimal) -> None:
    found = read_amount(str(amount))
    assert found is not None
    assert found.millionths == amount * MILLIONTHS


@given(st.sampled_from(LOCALES), st.sampled_from(CURRENCIES), st.integers(-(10**9), 10**9))
def test_what_any_country_writes_with_its_currency_is_read_back_equal(name: str, currency: str, minor: int) -> None:
    amount = Decimal(minor).scaleb(-decimals(currency))
    locale = Locale.parse(name)
    written = format_currency(amount, currency, locale=locale, numbering_system="default", format_type="standard")
    coded = format_currency(amount, currency, format="¤¤ #,##0.00", locale=locale, numbering_system="default")
    for text in (written, coded):
        found = read_amount(text, currency)
        assert found is not None, text
        assert found.millionths == amount * MILLIONTHS, text
        assert found.currency in ("", currency), text


@given(st.sampled_from(LOCALES), st.integers(-(10**9), 10**9))
def test_what_any_country_writes_without_a_currency_is_read_back_equal(name: str, cents: int) -> None:
    amount = Decimal(cents).scaleb(-2)
    text = format_decimal(amount, format="#,##0.00", locale=name, numbering_system="default")
    found = read_amount(text)
    assert found is not None, text
    assert found.millionths == amount * MILLIONTHS


@given(st.text(max_size=70), st.sampled_from(["", "EUR", "KWD"]), st.sampled_from(["", ".", ","]))
def test_no_text_breaks_the_reader(text: str, currency: str, decimal: str) -> None:
    found = read_amount(text, currency, decimal)
    assert found is None or abs(found.millionths) < AMOUNT_MAX * MILLIONTHS


def test_currencies_have_the_decimals_of_their_standard() -> None:
    assert [decimals(code) for code in ("EUR", "JPY", "KWD", "")] == [2, 0, 3, 2]
    assert {"EUR", "TRY", "USD"} <= CODES
