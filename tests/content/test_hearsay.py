"""Words of browsers are data: what a page told of goods and people is not put into the shop's mouth."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.content.goods import ANA, SHOP, catalog

from habitue.content.data import frame_for
from habitue.content.hearsay import NAME_MAX, believed, clean_words, own_address
from habitue.playbook.playbook import Shop

LISTED = msgspec.structs.replace(SHOP, hosts=("cdn.wick.example",))
EVIL = "https://evil.example/login"


def told(shop: Shop = SHOP, **more: Any) -> dict[str, Any]:
    data = {**ANA, **more}
    return believed(data, frame_for(data, shop, catalog(), 0))


def test_of_a_product_the_catalogue_knows_it_says_name_picture_and_link() -> None:
    forged = {"product_id": "c1", "name": "Your account is locked", "url": EVIL, "image_url": EVIL, "price": 4.5}
    for said in (told(event=forged)["event"], told(cart={"items": [forged]})["cart"]["items"][0]):
        assert (said["name"], said["url"]) == ("Candle", "https://shop.example/p/c1")
        assert said["image_url"] == "https://shop.example/i/c1.svg"
        assert said["price"] == 4.5


def test_of_a_product_nobody_knows_only_what_lies_at_the_shop_is_linked() -> None:
    line = {"product_id": "x", "name": "Lamp", "url": EVIL, "image_url": "/i/lamp.jpg", "link": "//evil.example"}
    said = told(wishlist={"items": [line]})["wishlist"]["items"][0]
    assert (said["name"], said["url"], said["image_url"], said["link"]) == ("Lamp", "", "/i/lamp.jpg", "")


def test_products_within_an_event_are_looked_up_too() -> None:
    said = told(event={"products": [{"product_id": "c2", "name": "Click evil.com"}]})["event"]
    assert said["products"][0]["name"] == "Wax <tall>"


def test_what_a_server_told_stays_as_it_is() -> None:
    event = {"name": "Your repair is ready", "url": "https://repairs.example/7", "note": "a\nb"}
    assert told(event=event, run={"trusted": True})["event"] == event
    assert told(event=event, run={"trusted": False})["event"]["url"] == ""
    assert told(event=event, run={})["event"]["url"] == ""


@pytest.mark.parametrize(
    "url",
    [
        "https://shop.example/p/1?a=b", "http://www.shop.example/", "https://cdn.wick.example/i.jpg", "/p/1", "p/1",
        "?q=1", "#top", "mug.jpg",
    ],
)  # fmt: skip
def test_the_shops_own_addresses_stay(url: str) -> None:
    assert own_address(url, LISTED) == url


@pytest.mark.parametrize(
    "url",
    [
        EVIL, "//evil.example/x", "https://shop.example@evil.example/", "https://shop.example.evil.example/",
        "https:\\\\evil.example", "/\\evil.example", "\\\\evil.example", "javascript:alert(1)", "java\nscript:alert(1)",
        "data:text/html,x", "ht\ttps://evil.example", "mailto:x@evil.example", "https://[evil", "https://evilshop.example",
        "///evil.example/x", "evil.com/login", "203.0.113.9/login",
    ],
)  # fmt: skip
def test_nobody_elses_do(url: str) -> None:
    assert own_address(url, LISTED) == ""


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("Red Mug", "Red Mug"),
        ("Dr.Martens 1460", "Dr. Martens 1460"),
        ("St. Ives No.5, 2.5kg & v1.2", "St. Ives No.5, 2.5kg & v1.2"),
        ("Node.js mug", "Node. js mug"),
        ("Your account is locked: https://evil.example/x now", "Your account is locked: now"),
        ("Log in at evil.com/login today", "Log in at today"),
        ("Log in at www.evil.zz", "Log in at"),
        ("Write to help@evil.com", "Write to"),
        ("Log in at evil.xn--p1ai/login today", "Log in at today"),
        ("Log in at 203.0.113.9/login today", "Log in at today"),
        ("evil\u3002com", ""),
        ("evil\uff0ecom", ""),
        ("pay\u200bpal.com", "pay"),
        ("one\r\ntwo\x00three\u2028four", "one two three four"),
        ("\u202egnp.exe", "gnp. exe"),
    ],
)
def test_a_name_is_one_short_line_without_anything_to_click(said: str, shown: str) -> None:
    assert clean_words(said) == shown


@given(st.text(max_size=300), st.sampled_from(["http://", "https://x.", "www.", "a.com", "x@", "\u3002com ", "/", "."]))
def test_whatever_is_said_nothing_of_it_is_a_link(text: str, more: str) -> None:
    shown = clean_words(text[:150] + more + text[150:])
    assert len(shown) <= NAME_MAX
    assert "://" not in shown and "www." not in shown.lower() and "\n" not in shown
    assert clean_words(shown) == shown or shown.endswith("…")


def test_names_of_people_are_names() -> None:
    said = told(customer={"first_name": "Ana, you won: http://evil.com", "name": "A" * 300, "traits": {"note": EVIL}})
    assert said["customer"]["first_name"] == "Ana, you won:"
    assert len(said["customer"]["name"]) == NAME_MAX
    assert said["customer"]["traits"]["note"] == EVIL  # A server's.


def test_categories_and_pages_are_cleaned_too() -> None:
    said = told(
        bought=[{"category": "Sale at evil.com", "times": 2}],
        visit={"page": "//evil.example", "categories": ["evil.com", "mugs"]},
        affinities={"brands": [{"name": "Orbis\nhttps://evil.example", "share": 1}]},
    )
    assert said["bought"][0]["category"] == "Sale at"
    assert (said["visit"]["page"], said["visit"]["categories"]) == ("", ["", "mugs"])
    assert said["affinities"]["brands"][0]["name"] == "Orbis"
