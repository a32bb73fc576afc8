"""The catalogue: products and articles as messages see them, their history, and the feeds they come from."""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from habitue.console import addresses
from habitue.console.roles import EVERYONE, WITH_ENGINE
from habitue.console.visit import Door, NotThere, Visit
from habitue.model.article import Article
from habitue.model.change import Change
from habitue.model.product import Product, is_on_sale, margin, price_at

A_PAGE = 40
HISTORY = 100
CHANGES = 12
HELD = 50
WORDS = {
    "Product Price Dropped": ("got cheaper", "tag"),
    "Product Back in Stock": ("is back in stock", "package"),
    "Product Low in Stock": ("is nearly gone", "hourglass"),
    "Product New in Category": ("is new", "star"),
    "Article Published": ("was published", "file-text"),
}


def show(visit: Visit) -> Response:
    """Products, the most sold first, or those that fit what is searched for."""
    query, page = visit.query("q").strip(), visit.query_number("page") or 0
    found = visit.services.goods.search(query, A_PAGE + 1, page * A_PAGE)
    return visit.page(
        "catalogue/products.html" if visit.is_fragment else "catalogue/list.html",
        place="catalogue",
        kind="products",
        query=query,
        products=[_line(visit, product) for product in found[:A_PAGE]],
        **_pages(visit, "catalogue", query, page, len(found) > A_PAGE),
        **_head(visit),
    )


def show_articles(visit: Visit) -> Response:
    query, page = visit.query("q").strip(), visit.query_number("page") or 0
    found = visit.services.goods.articles(query, A_PAGE + 1, page * A_PAGE)
    return visit.page(
        "catalogue/articles.html" if visit.is_fragment else "catalogue/list.html",
        place="catalogue",
        kind="articles",
        query=query,
        articles=[_article(visit, article) for article in found[:A_PAGE]],
        **_pages(visit, "catalogue/articles", query, page, len(found) > A_PAGE),
        **_head(visit),
    )


def show_product(visit: Visit) -> Response:
    identity, goods = visit.part("product"), visit.services.goods
    product = goods.get([identity]).get(identity)
    if product is None:
        raise NotThere(f"There is no product {identity}. It may have left the catalogue; search for it by name.")
    prices, stocks = goods.prices(product.id, HISTORY), goods.stocks(product.id, HISTORY)
    return visit.page(
        "catalogue/product.html",
        place="catalogue",
        **_line(visit, product),
        margin=margin(product, visit.now),
        pictures=[
            picture
            for url in (product.image_url, *product.image_urls)
            if (picture := addresses.absolute(url, visit.book.shop.url))
        ][:6],
        address=addresses.absolute(product.url, visit.book.shop.url),
        prices=prices,
        stocks=stocks,
        chart=_chart(visit, prices),
    )


def show_feeds(visit: Visit) -> Response:
    return visit.live("catalogue/feeds.html", feeds=visit.services.goods.feeds())


def answer(visit: Visit) -> Response:
    """Let a held price in, or refuse it; with no product named, all that were shown."""
    goods, product = visit.services.goods, visit.form.get("product", "")
    ids = [product] if product else [one.product for one in goods.held_prices(HELD)]
    if visit.form.get("answer") == "let_in":
        goods.let_prices_in(ids, visit.now)
    else:
        goods.refuse_prices(ids, visit.now)
    return visit.redirect(addresses.to("catalogue"))


def _head(visit: Visit) -> dict[str, Any]:
    goods = visit.services.goods
    return {
        "count": goods.count(),
        "count_articles": goods.count_articles(),
        "feeds": goods.feeds() if visit.may(WITH_ENGINE) else [],
        "held": goods.held_prices(HELD) if visit.may(WITH_ENGINE) else [],
        "changes": [_change(change) for change in goods.latest_changes(CHANGES)],
    }


def _pages(visit: Visit, place: str, query: str, page: int, has_more: bool) -> dict[str, Any]:
    parts = place.split("/")
    return {
        "older": addresses.to(*parts, q=query, page=page + 1) if has_more else None,
        "newest": addresses.to(*parts, q=query) if page else None,
    }


def _line(visit: Visit, product: Product) -> dict[str, Any]:
    return {
        "product": product,
        "price_now": price_at(product, visit.now),
        "is_on_sale": is_on_sale(product, visit.now),
        "picture": addresses.absolute(product.image_url, visit.book.shop.url),
    }


def _article(visit: Visit, article: Article) -> dict[str, Any]:
    shop = visit.book.shop.url
    return {
        "article": article,
        "picture": addresses.absolute(article.image_url, shop),
        "address": addresses.absolute(article.url, shop),
    }


def _change(change: Change) -> dict[str, Any]:
    said, icon = WORDS.get(change.name, (change.name, "bolt"))
    properties = change.properties
    name = properties.get("name") or properties.get("title") or next(iter(change.keys), "")
    return {"at": change.at, "said": said, "icon": icon, "name": name, "product": properties.get("product_id")}


def _chart(visit: Visit, prices: list[tuple[int, float, str]]) -> dict[str, Any] | None:
    """What it cost over time; nothing to draw while it has had one price only."""
    if len(prices) < 2:
        return None
    course = [*reversed(prices), (visit.now, prices[0][1], prices[0][2])]
    return {
        "kind": "line",
        "whole": False,
        "steps": True,
        "x": [visit.figures.day_and_hour(at) for at, _, _ in course],
        "series": [{"name": "Price", "data": [price for _, price, _ in course]}],
        "labels": [[visit.figures.price(price) for _, price, _ in course]],
    }


DOORS = (
    Door("/catalogue", show, EVERYONE),
    Door("/catalogue/articles", show_articles, EVERYONE),
    Door("/catalogue/feeds", show_feeds, WITH_ENGINE),
    Door("/catalogue/held", answer, WITH_ENGINE, "POST"),
    Door("/catalogue/products/{product:path}", show_product, EVERYONE),
)
