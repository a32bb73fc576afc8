"""The storefront: pages that can be bought from, and what each tells the browser to send."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from importlib.resources import files
from typing import Any

import pytest
from starlette.testclient import TestClient

from habitue.demo.categories import categories
from habitue.demo.goods import Good
from habitue.demo.people import person
from habitue.demo.prices import Prices, Reduction
from habitue.demo.storefront.app import Shop, storefront
from habitue.demo.storefront.shelf import Shelf
from habitue.demo.storefront.visitor import user_id_of
from habitue.model.instant import HOUR

SHOP = Shop(
    write_key="key-1",
    habitue_url="http://habitue.test:8080",
    console_url="http://habitue.test:8080/console",
    mailbox_url="http://mail.test",
    secret="not so secret",
    user_secret="what user ids are signed with",
    speed=60,
)


PRICES = Prices(lambda: 14 * HOUR, {"47566": Reduction(3.96, 20 * HOUR)})


TOLD: list[dict[str, Any]] = []
"""What the shop's server told Habitue."""


@pytest.fixture(scope="module")
def application(stock: list[Good]) -> Any:
    return storefront(SHOP, stock, PRICES, lambda: 14 * HOUR, TOLD.extend)


@pytest.fixture
def ana(application: Any) -> TestClient:
    return TestClient(application)


def told(page: str) -> dict[str, Any]:
    found = re.search(r'<script type="application/json" id="tell">(.*?)</script>', page)
    assert found is not None
    content: dict[str, Any] = json.loads(found[1])
    return content


def sign_in(client: TestClient, email: str = "Ana@Shop.example", consents: bool = True) -> str:
    answer = client.post("/sign-in", json={"first_name": "Ana", "email": email, "consents": consents})
    assert answer.status_code == 200
    return str(answer.json()["user_id"])


def test_the_front_page_shows_bestsellers_and_every_category(ana: TestClient) -> None:
    page = ana.get("/").text
    assert "White Hanging Heart T-Light Holder" in page
    for category in categories():
        assert f'href="/category/{category.slug}"' in page


def test_every_page_says_that_visitors_are_simulated_and_how_fast_time_runs(ana: TestClient) -> None:
    page = ana.get("/category/bags").text
    assert "the other visitors are simulated" in page
    assert "60×" in page
    assert 'href="http://habitue.test:8080/console"' in page
    assert 'href="http://mail.test"' in page


def test_a_product_page_tells_the_product_with_all_its_properties(ana: TestClient) -> None:
    page = told(ana.get("/product/roses-regency-teacup-and-saucer-22699").text)
    [(event, properties)] = page["events"]
    assert event == "Product Viewed"
    assert properties == {
        "product_id": "22699",
        "sku": "22699",
        "name": "Roses Regency Teacup and Saucer",
        "category": "Mugs & Teaware",
        "price": 2.95,
        "currency": "GBP",
        "value": 2.95,
        "quantity": 1,
        "url": "/product/roses-regency-teacup-and-saucer-22699",
        "image_url": "/pictures/22699.svg",
    }
    assert (page["writeKey"], page["habitue"]) == ("key-1", "http://habitue.test:8080")


def test_a_product_is_found_by_its_number_whatever_the_words_before_it(ana: TestClient) -> None:
    answer = ana.get("/product/an-older-name-22699", follow_redirects=False)
    assert answer.headers["location"] == "/product/roses-regency-teacup-and-saucer-22699"


def test_a_category_lists_its_products_sorted_and_tells_them(ana: TestClient) -> None:
    [(event, properties)] = told(ana.get("/category/mugs-and-teaware?sort=price-down").text)["events"]
    assert (event, properties["category"]) == ("Product List Viewed", "Mugs & Teaware")
    prices = [product["price"] for product in properties["products"]]
    assert prices == sorted(prices, reverse=True)
    assert [product["position"] for product in properties["products"]] == list(range(1, 25))


@pytest.mark.parametrize("page", ["0", "-3", "999999999", "x", "²"])
def test_a_page_number_out_of_reach_shows_the_nearest_page(ana: TestClient, page: str) -> None:
    assert ana.get(f"/category/bags?page={page}").status_code == 200


def test_a_search_finds_by_the_beginnings_of_words(ana: TestClient, stock: list[Good]) -> None:
    page = ana.get("/search?q=red+retro+bag").text
    assert told(page)["events"] == [["Products Searched", {"query": "red retro bag"}]]
    assert "Jumbo Bag Red Retrospot" in page
    assert Shelf(stock).search("zzzz") == []
    assert Shelf(stock).search("   ") == []


@pytest.mark.parametrize("path", ["/category/none", "/product/none-1", "/pictures/none.svg", "/nowhere"])
def test_what_is_not_there_answers_404_with_something_to_look_at(ana: TestClient, path: str) -> None:
    answer = ana.get(path)
    assert answer.status_code == 404
    assert "Not on this shelf" in answer.text


def test_hostile_words_cannot_leave_the_page_data(ana: TestClient) -> None:
    page = ana.get("/search", params={"q": "</script><script>alert(1)</script>"}).text
    assert "<script>alert(1)" not in page
    assert told(page)["events"][0][1]["query"] == "</script><script>alert(1)</script>"


def test_signing_in_needs_no_password_and_gives_the_same_id_every_time(ana: TestClient, application: Any) -> None:
    assert sign_in(ana, "Ana@Shop.example") == sign_in(TestClient(application), " ana@shop.example ")
    shopper = told(ana.get("/").text)["shopper"]
    assert (shopper["first_name"], shopper["email"], shopper["consents"]) == ("Ana", "ana@shop.example", True)


def test_the_shops_server_says_who_signed_in_at_which_browser_and_what_they_agreed_to(ana: TestClient) -> None:
    TOLD.clear()
    form = {"first_name": "Ana", "email": "ana@shop.example", "consents": True, "anonymous_id": "a1", "text": "Yes"}
    answer = ana.post("/sign-in", json=form).json()
    assert [(one["userId"], one["anonymousId"]) for one in TOLD] == [(answer["user_id"], "a1")] * 2
    assert TOLD[0]["traits"] == {"email": "ana@shop.example", "firstName": "Ana"}
    assert (TOLD[1]["event"], TOLD[1]["properties"]["text"]) == ("Consent Granted", "Yes")


def test_the_page_gets_a_hash_that_proves_who_is_signed_in(ana: TestClient) -> None:
    user = sign_in(ana)
    made = hmac.new(SHOP.user_secret.encode(), user.encode(), hashlib.sha256).hexdigest()
    assert told(ana.get("/").text)["userHash"] == made


def test_an_order_is_what_the_server_makes_of_it_whatever_the_page_reckoned(ana: TestClient) -> None:
    sign_in(ana)
    TOLD.clear()
    lines = [{"product_id": "22699", "quantity": 2}, {"product_id": "none", "quantity": 1}]
    form = {"order_id": "MW-1", "cart_id": "c1", "lines": lines, "anonymous_id": "a1", "total": 0.01}
    assert ana.post("/orders", json=form).json() == {"order_id": "MW-1", "total": 9.85}
    [order] = TOLD
    assert (order["event"], order["properties"]["revenue"]) == ("Order Completed", 5.9)
    assert [line["quantity"] for line in order["properties"]["products"]] == [2]


def test_strangers_and_empty_baskets_order_nothing(ana: TestClient) -> None:
    TOLD.clear()
    form: dict[str, Any] = {"order_id": "MW-1", "cart_id": "c1", "lines": [{"product_id": "22699", "quantity": 2}]}
    assert ana.post("/orders", json=form).status_code == 400
    sign_in(ana)
    TOLD.clear()
    assert ana.post("/orders", json={**form, "lines": []}).status_code == 400
    assert ana.post("/orders", json={}).status_code == 400
    assert not TOLD


def test_whoever_signs_in_with_an_imported_address_is_that_customer() -> None:
    assert user_id_of(person("17850", "United Kingdom").email) == "17850"


@pytest.mark.parametrize(
    "form", [{}, {"first_name": "Ana", "email": "nothing", "consents": True}, {"first_name": "Ana", "email": "a@b.c"}]
)
def test_signing_in_takes_a_name_an_address_and_a_choice(ana: TestClient, form: dict[str, Any]) -> None:
    answer = ana.post("/sign-in", json=form)
    assert answer.status_code == 400
    assert answer.json()["message"]


def test_consent_is_asked_with_no_answer_given_beforehand(ana: TestClient) -> None:
    for path in ("/sign-in", "/checkout"):
        page = ana.get(path).text
        assert page.count('name="consents"') == page.count('name="consents" value="yes" required') * 2 == 2
        assert " checked" not in page


def test_a_forged_cookie_is_a_strangers(ana: TestClient) -> None:
    ana.cookies.set("shopper", "eyJ1c2VyX2lkIjoiMTc4NTAifQ.forged")
    assert told(ana.get("/").text)["shopper"] is None


def test_signing_out_forgets_her(ana: TestClient) -> None:
    sign_in(ana)
    ana.post("/sign-out")
    assert told(ana.get("/").text)["shopper"] is None


@pytest.mark.parametrize("wanted", ["https://evil.example", "//evil.example", "/\\evil.example"])
def test_signing_in_never_leads_to_another_site(ana: TestClient, wanted: str) -> None:
    assert 'data-next="/"' in ana.get("/sign-in", params={"next": wanted}).text


def test_the_official_client_is_served_unmodified_with_its_parts(ana: TestClient) -> None:
    vendored = files("habitue.demo").joinpath("static/vendor")
    sums = [line.split(maxsplit=1) for line in vendored.joinpath("SHA256SUMS").read_text("utf-8").splitlines()]
    for digest, name in sums:
        assert hashlib.sha256(ana.get(f"/vendor/{name}").content).hexdigest() == digest
    assert ana.get("/analytics-next/bundles/schemaFilter.bundle.a6a77355d52c20e3a83d.js").status_code == 200


def test_pictures_are_drawn_on_demand(ana: TestClient) -> None:
    answer = ana.get("/pictures/85123A.svg")
    assert answer.headers["content-type"].startswith("image/svg+xml")
    assert answer.text.startswith("<svg")


def test_signing_in_leads_back_to_where_she_was(ana: TestClient) -> None:
    page = ana.get("/product/roses-regency-teacup-and-saucer-22699").text
    back = "/product/roses-regency-teacup-and-saucer-22699"
    assert f'href="/sign-in?next={back}"' in page
    assert f'data-next="{back}"' in ana.get(f"/sign-in?next={back}").text


def test_every_page_offers_the_newsletter_and_tells_the_words_of_it(ana: TestClient) -> None:
    page = ana.get("/").text
    assert 'id="newsletter"' in page
    assert told(page)["newsletter"] in page.replace("&amp;", "&")


def test_a_reduced_price_is_the_price_everywhere_until_it_ends(ana: TestClient, stock: list[Good]) -> None:
    page = ana.get("/product/party-bunting-47566").text
    assert "£3.96" in page
    assert "<s>£4.95</s>" in page
    assert "Reduced until Thursday, 21:00" in page
    assert told(page)["events"][0][1]["price"] == 3.96
    [today] = ana.get("/products.json?ids=47566").json()
    assert (today["price"], today["regular_price"]) == (3.96, 4.95)
    over = TestClient(
        storefront(SHOP, stock, Prices(lambda: 20 * HOUR, {"47566": Reduction(3.96, 20 * HOUR)}), int, TOLD.extend)
    )
    assert "£3.96" not in over.get("/product/party-bunting-47566").text


def test_a_product_can_be_wished_for(ana: TestClient) -> None:
    assert 'id="wish"' in ana.get("/product/party-bunting-47566").text
    assert 'id="wishes"' in ana.get("/wish-list").text
