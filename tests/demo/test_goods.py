"""The catalogue: names people can read, prices, and categories that cover the shop."""

from __future__ import annotations

import pytest

from habitue.demo.categories import OTHER, categories, category_of
from habitue.demo.goods import Good, readable_name
from habitue.demo.people import customer_of, person


def test_the_best_known_product_reads_well_and_costs_its_usual_price(stock: list[Good]) -> None:
    heart = next(good for good in stock if good.product.id == "85123A")
    assert heart.product.name == "White Hanging Heart T-Light Holder"
    assert heart.product.price == 2.95
    assert heart.product.category == "Candles & Lights"
    assert heart.product.url == "/product/white-hanging-heart-t-light-holder-85123A"
    assert heart.orders > 2000


def test_the_catalogue_is_ordered_by_how_often_things_are_ordered(stock: list[Good]) -> None:
    assert [good.orders for good in stock] == sorted((good.orders for good in stock), reverse=True)
    assert len({good.product.id for good in stock}) == len(stock) == 3798


def test_more_than_ninety_percent_of_sales_have_a_category(stock: list[Good]) -> None:
    sales = {True: 0.0, False: 0.0}
    for good in stock:
        sales[good.product.category == OTHER.name] += good.pieces * good.product.price
    assert sales[True] / sum(sales.values()) < 0.10


def test_every_product_can_be_sold_and_described(stock: list[Good]) -> None:
    names = {category.name for category in categories()}
    for good in stock:
        assert good.product.price > 0
        assert good.product.name
        assert good.product.description
        assert good.product.category in names


@pytest.mark.parametrize(
    ("description", "name"),
    [
        ("SET/5 RED RETROSPOT LID GLASS BOWLS", "Set of 5 Red Retrospot Lid Glass Bowls"),
        ("ROUND SNACK BOXES SET OF4 WOODLAND ", "Round Snack Boxes Set of 4 Woodland"),
        ("PAPER CHAIN KIT 50'S CHRISTMAS", "Paper Chain Kit 50's Christmas"),
        ("WOOD BLACK BOARD ANT WHITE FINISH", "Wood Black Board Antique White Finish"),
        ("SET 12 COLOUR PENCILS DOLLY GIRL", "Set of 12 Colour Pencils Dolly Girl"),
        ("RED WOOLLY HOTTIE WHITE HEART.", "Red Woolly Hottie White Heart"),
        ("PAPER CRAFT , LITTLE BIRDIE", "Paper Craft, Little Birdie"),
    ],
)
def test_till_receipt_spelling_becomes_a_readable_name(description: str, name: str) -> None:
    assert readable_name(description) == name


@pytest.mark.parametrize(
    ("description", "category"),
    [
        ("GIN + TONIC DIET METAL SIGN", "Home Decoration"),
        ("HOT WATER BOTTLE TEA AND SYMPATHY", "Textiles & Comfort"),
        ("PARTY BUNTING", "Party"),
        ("EGG CUP MILKMAID HEIDI", "Kitchen & Dining"),
        ("ROSES REGENCY TEACUP AND SAUCER", "Mugs & Teaware"),
        ("SOMETHING UNHEARD-OF", OTHER.name),
    ],
)
def test_what_a_thing_is_outweighs_what_is_printed_on_it(description: str, category: str) -> None:
    assert category_of(description) == category


def test_a_derived_address_leads_back_to_its_customer() -> None:
    ana = person("12347", "Iceland")
    assert ana.timezone == "Atlantic/Reykjavik"
    assert customer_of(ana.email.upper()) == "12347"
    assert customer_of("ana@example.com") is None
    assert person("12347", "Iceland") == ana


def test_every_product_lies_in_a_department_and_some_in_a_range(stock: list[Good]) -> None:
    for good in stock:
        assert good.product.category_path[1] == good.product.category
    cakestand = next(good for good in stock if good.product.id == "22423")
    assert (cakestand.product.brand, cakestand.product.category_path) == ("Regency", ["Kitchen & Table", "Baking"])
    assert sum(bool(good.product.brand) for good in stock) > 300
