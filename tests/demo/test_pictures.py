"""Drawn pictures: the right thing, in the right colours, and the same every time."""

from __future__ import annotations

from importlib.resources import files
from xml.etree import ElementTree

import pytest

from habitue.demo.goods import Good
from habitue.demo.pictures import picture
from habitue.demo.pictures.motifs import motif_for
from habitue.demo.pictures.palettes import BLUE, PINK, RED, palette_for


@pytest.mark.parametrize(
    ("name", "motif"),
    [
        ("Jumbo Bag Woodland Animals", "bag"),
        ("Lunch Box with Cutlery Retrospot", "lunchbox"),
        ("Hot Water Bottle Tea and Sympathy", "hotwater"),
        ("Box of 6 Mini Vintage Crackers", "gift"),
        ("Alarm Clock Bakelike Red", "alarmclock"),
        ("Party Bunting", "bunting"),
    ],
)
def test_the_thing_is_drawn_not_what_is_printed_on_it(name: str, motif: str) -> None:
    assert motif_for(name, "Curiosities") == motif


def test_a_name_without_a_known_thing_gets_its_categorys_motif() -> None:
    assert motif_for("Wonderful Surprise", "Christmas") == "bauble"
    assert motif_for("Wonderful Surprise", "No Such Category") == "gift"


def test_the_first_colour_word_decides_the_palette() -> None:
    assert palette_for("1", "Jumbo Bag Pink Polkadot") is PINK
    assert palette_for("1", "Red Blue Kite") is RED
    assert palette_for("1", "Blue Red Kite") is BLUE


def test_every_product_has_a_whole_picture_that_fetches_nothing(stock: list[Good]) -> None:
    for good in stock:
        product = good.product
        drawn = picture(product.id, product.name, product.category)
        assert len(drawn) < 20_000
        assert "href" not in drawn
        if good.orders > 400:
            ElementTree.fromstring(drawn)


def test_every_motif_is_well_formed() -> None:
    for motif in files("habitue.demo.pictures").joinpath("motifs").iterdir():
        ElementTree.fromstring(f"<g>{motif.read_text('utf-8')}</g>")


def test_the_same_product_always_looks_the_same() -> None:
    first = picture("85123A", "White Hanging Heart T-Light Holder", "Candles & Lights")
    assert first == picture("85123A", "White Hanging Heart T-Light Holder", "Candles & Lights")
