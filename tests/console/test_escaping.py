"""Whatever people and programs write into names, events and templates is shown as text, on every page."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from starlette.testclient import TestClient
from tests.console.conftest import signed_in
from tests.console.sample import Sample
from tests.console.sample_playbook import FILES

from habitue.model.customer import customer_id
from habitue.run.ports import Commit, DeadLetter, Parked

EVIL = "<script>alert('x')</script><img src=x onerror=alert(1)>\"'{{7*7}}"
EVE = customer_id("user", EVIL)
PLACES = [
    "",
    "people",
    f"people/{EVE}",
    "segments",
    "segments/newcomers",
    "journeys",
    "journeys/second_order",
    "messages",
    "messages/cart_waiting",
    "messages/browse_reminder?channel=onsite",
    "messages/browse_reminder",
    "messages/browse_reminder?view=text",
    "ledger",
    "deliveries",
    "dead-letters",
    "people?q=" + "%3Cscript%3Ealert('x')",
    "ledger?customer=%3Cscript%3Ealert('x')&reason=%22%3E%3Cscript%3Ealert(",
    "segments/%3Cscript%3Ealert('x')",
    "sign-in?next=/console/%22%3E%3Cscript%3Ealert('x')",
]


@pytest.fixture(scope="module")
def eve(tmp_path_factory: pytest.TempPathFactory) -> TestClient:
    """The console of a shop in which Eve wrote something hostile wherever she could."""
    with pytest.MonkeyPatch.context() as patch:
        for path, text in FILES.items():
            hostile = re.sub(
                r"^(\s*)(title|description): (.*)$", r"\1\2: '\3 <script>alert(1)</script>'", text, flags=re.M
            )
            if path in ("segments.yaml", "journeys/second_order.yaml", "messages/cart_waiting.yaml"):
                patch.setitem(FILES, path, hostile)
        shop = Sample()
        shop.apply()
        shop.turn()
    product = {
        "product_id": EVIL,
        "name": EVIL,
        "price": 3,
        "category": EVIL,
        "url": "javascript:alert(1)",
        "image_url": "javascript:alert(1)",
    }
    say = {"user_id": EVIL}
    shop.take(
        shop.event("identify", "Identified", **say, traits={"name": EVIL, "email": f"{EVIL}@example.com", EVIL: EVIL}),
        shop.event("track", "Consent Granted", **say, properties={"channel": EVIL, "topic": EVIL, "source": EVIL}),
        shop.event("track", EVIL, **say, properties={EVIL: EVIL}, source=EVIL),
        shop.event("track", "Product Viewed", **say, properties=product),
        shop.event("track", "Product Added", **say, properties=product),
        shop.event("track", "Order Completed", **say, properties={"total": EVIL, "products": [product]}),
        shop.event("track", "Product Added", **say, properties=product),
        shop.event("track", "Products Searched", **say, properties={"query": EVIL}),
    )
    shop.clock.set(shop.clock.now() + 3_600_000_000)
    shop.turn()
    shop.log.append([], [DeadLetter(source=EVIL, reason=EVIL, detail=EVIL, body=EVIL)])
    shop.store.commit(
        Commit(
            position=shop.store.position(),
            now=shop.clock.now(),
            version=1,
            parked=[Parked(customer=EVE, position=1, error=EVIL, at=shop.clock.now())],
        )
    )
    return signed_in(shop, Path(tmp_path_factory.mktemp("eve")))


@pytest.mark.parametrize("place", PLACES)
def test_hostile_text_stays_text(eve: TestClient, place: str) -> None:
    page = eve.get(f"/console/{place}").text
    assert "<script>alert" not in page
    assert "<img src=x" not in page
    assert not re.search(r"(href|src)=[\"']?javascript:", page)
    assert not re.search(r"=\"[^\"]*\"[^ />]", re.sub(r">[^<]*<", "><", page)), "an attribute was broken out of"


def test_hostile_text_is_there_to_be_seen(eve: TestClient) -> None:
    page = eve.get(f"/console/people/{EVE}").text
    assert "&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;" in page
    assert "{{7*7}}" in page


def test_a_picture_from_anywhere_but_the_web_is_not_asked_for(eve: TestClient) -> None:
    pictures = re.findall(r'<img[^>]+src="([^"]*)"', eve.get(f"/console/people/{EVE}").text)
    assert all(address.startswith("http") for address in pictures)
