"""The catalogue's pages: products and articles as they are, what they cost before, and where they come from."""

from __future__ import annotations

from starlette.testclient import TestClient
from tests.console.conftest import token_of
from tests.console.sample import Sample

from habitue.model.instant import DAY
from habitue.model.product import Product


def test_a_product_shows_its_price_its_past_and_its_stock(shop: Sample, mina: TestClient) -> None:
    product = shop.products[0]
    page = mina.get(f"/console/catalogue/products/{product.id}").text
    assert product.name in page
    assert "Price over time" in page
    assert page.count("12.50") >= 1 and "15.62" in page
    assert "<dt>Stock</dt><dd>3</dd>" in page


def test_products_are_searched_as_one_types(mina: TestClient) -> None:
    part = mina.get("/console/catalogue?q=lantern", headers={"hx-request": "true"}).text
    assert "Paper lantern, set of four" in part and "Brass table bell" not in part and "<html" not in part
    assert "No product matches" in mina.get("/console/catalogue?q=nothing+like+it").text


def test_articles_changes_and_feeds_are_listed(mina: TestClient) -> None:
    page = mina.get("/console/catalogue/articles").text
    assert "How paper lanterns are folded" in page
    assert "got cheaper" in page
    assert "12 products, 3 changed" in page


def test_what_a_feed_says_is_text_whatever_it_holds(shop: Sample, mina: TestClient) -> None:
    hostile = Product(id="a/b?c#d", name="<script>alert(1)</script>", price=1, url="javascript:alert(1)")
    shop.goods.put_products([hostile], source="feed", at=shop.clock.now() + DAY)
    page = mina.get("/console/catalogue/products/a%2Fb%3Fc%23d").text
    assert "&lt;script&gt;alert(1)" in page and "javascript:" not in page


def test_a_product_that_is_gone_says_so(mina: TestClient) -> None:
    answer = mina.get("/console/catalogue/products/none")
    assert answer.status_code == 404 and "left the catalogue" in answer.text


def test_a_held_price_is_shown_and_let_in(shop: Sample, mina: TestClient) -> None:
    for price in (100, 0.1):
        product = Product(id="gong", name="Temple gong", price=price)
        shop.goods.put_products([product], source="feed", at=shop.clock.now(), tell=False)
    page = mina.get("/console/catalogue").text
    assert "Is this price right?" in page and product.name in page
    said = {"product": product.id, "answer": "let_in", "form_token": token_of(mina, "/console/catalogue")}
    mina.post("/console/catalogue/held", data=said)
    assert shop.goods.get([product.id])[product.id].price == 0.1
    assert "Is this price right?" not in mina.get("/console/catalogue").text
