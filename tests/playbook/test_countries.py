"""The law by country: the data is whole, the document shows it as it is, and a customer's country is found."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from habitue.decide.guard.by_country import may_write_unasked, silence_is_leave
from habitue.decide.profile.country import country_of
from habitue.model.customer import Customer
from habitue.model.instant import DAY
from habitue.playbook.countries import CALLING_CODES, LAWS, Law, Rule, law_of
from habitue.playbook.playbook import Playbook, Shop

DOCUMENT = Path(__file__).parents[2] / "docs" / "consent.md"
SHOP = Shop(name="Corner", locale="en-GB")
WORDS = {"opt_in": "opt-in", "soft_opt_in": "soft opt-in", "opt_out": "opt-out"}


def shown(rule: Rule) -> str:
    word = WORDS[rule.consent]
    if rule.customer_for is not None:
        word += f", {rule.customer_for // DAY} days from the order"
    return f"{word}{', confirmed' if rule.confirmed else ''} · {rule.source}"


def row(law: Law) -> str:
    cells = (
        law.country, law.name, shown(law.email), shown(law.sms), law.sms_hours or "–", shown(law.call),
        law.footer or "–", law.register or "–", law.read_in or "–",
    )  # fmt: skip
    return f"| {' | '.join(cells)} |"


@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.country)
def test_the_document_shows_every_row_as_it_is(law: Law) -> None:
    assert row(law) in DOCUMENT.read_text(encoding="utf-8"), f"docs/consent.md should have the line\n{row(law)}"


def test_every_rule_names_its_source() -> None:
    assert {"TR", "ES", "DE", "AT", "FR", "IT", "GB", "US", "CA", "IN", "EU", "*"} == {law.country for law in LAWS}
    for law in LAWS:
        assert all(rule.source for rule in (law.email, law.sms, law.call))
        assert law.rule("onsite") is None


def test_a_country_without_a_row_has_its_unions_or_the_strictest() -> None:
    assert law_of("NL").country == "EU"
    assert law_of("JP").country == law_of("").country == "*"
    assert law_of("JP").email.consent == "opt_in"


def customer(**traits: Any) -> Customer:
    return Customer(id="ana", traits=traits)


@pytest.mark.parametrize(
    ("traits", "found"),
    [
        ({"address": {"country": "Türkiye"}}, ("TR", "address")),
        ({"address": {"country": "de"}, "country": "ES"}, ("DE", "address")),
        ({"country": "Deutschland"}, ("DE", "address")),
        ({"country": "Atlantis", "phone": "+34600111222"}, ("ES", "phone")),
        ({"phone": "+905813334455"}, ("TR", "phone")),
        ({"phone": "+35312345678"}, ("IE", "phone")),
        ({"phone": "0581 333"}, ("GB", "shop")),
        ({"address": "Bath", "country": 7}, ("GB", "shop")),
        ({}, ("GB", "shop")),
    ],
)
def test_her_country_is_her_address_else_her_numbers_else_the_shops(traits: dict[str, Any], found: object) -> None:
    assert country_of(customer(**traits), SHOP) == found


def test_the_number_she_was_last_known_by_counts_before_a_trait() -> None:
    ana = customer(phone="+34600111222")
    ana.identifiers = {"phone": {"+4915112345678": 5, "+33612345678": 9}}
    assert country_of(ana, SHOP) == ("FR", "phone")


def test_a_calling_code_that_countries_share_is_the_shops_or_the_strictest() -> None:
    ana = customer(phone="+12125550100")
    assert country_of(ana, Shop(name="S", country="US")) == ("US", "phone")
    assert country_of(ana, SHOP) == ("CA", "phone")
    assert all(codes for codes in CALLING_CODES.values())


def test_a_customer_counts_as_one_for_as_long_as_the_law_says() -> None:
    canada, spain = law_of("CA").email, law_of("ES").email
    ana = Customer(id="ana", last_order_at=10 * DAY)
    assert silence_is_leave(canada, ana, 740 * DAY)
    assert not silence_is_leave(canada, ana, 741 * DAY)
    assert silence_is_leave(spain, ana, 9_000 * DAY)
    assert not silence_is_leave(spain, Customer(id="ben"), DAY)


def test_pages_show_what_silence_means_where_she_lives() -> None:
    book = Playbook(name="corner", shop=SHOP)
    assert may_write_unasked(book, customer(country="US"), "email", 0)
    assert not may_write_unasked(book, customer(country="TR"), "email", 0)
    assert may_write_unasked(book, customer(country="TR"), "onsite", 0)
