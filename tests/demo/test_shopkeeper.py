"""The shopkeeper: hears of wishes through the API, lowers one price at a time, and is not to be shaken off."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import msgspec
import pytest

from habitue.api.products import ProductDescription
from habitue.demo.goods import Good
from habitue.demo.prices import Prices, Reduction, reductions_of
from habitue.demo.shopkeeper import PERCENTS, Shopkeeper, lowered
from habitue.model.instant import DAY, HOUR
from habitue.model.product import Product

NOW = 20_000 * DAY
BUNTING, TEACUP = "47566", "22699"


class Api:
    """Stands in for the API: tells the wishes once, and keeps the prices it is told."""

    def __init__(self, wished: list[str]) -> None:
        self.told: dict[str, ProductDescription] = {}
        self.asked: list[dict[str, list[str]]] = []
        self.authorization = ""
        self.enough = threading.Event()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                query = parse_qs(urlsplit(self.path).query)
                outer.asked.append(query)
                outer.authorization = self.headers["Authorization"]
                fresh = [] if "cursor" in query else [{"properties": {"product_id": one}} for one in wished]
                self._answer({"data": fresh, "resume": "later"})

            def do_PUT(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                outer.told[self.path.rsplit("/", 1)[1]] = msgspec.json.decode(body, type=ProductDescription)
                self._answer({})
                if len(outer.told) == 2:
                    outer.enough.set()

            def _answer(self, body: dict[str, Any]) -> None:
                said = json.dumps(body).encode()
                self.send_response(200)
                self.send_header("Content-Length", str(len(said)))
                self.end_headers()
                self.wfile.write(said)

            def log_message(self, *_: Any) -> None:
                pass

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


@pytest.fixture
def api() -> Iterator[Api]:
    api = Api([BUNTING, "nothing we sell", TEACUP, BUNTING])
    yield api
    api.server.shutdown()
    api.server.server_close()


def shopkeeper(stock: list[Good], prices: Prices, port: int) -> Shopkeeper:
    return Shopkeeper(stock, prices, lambda: NOW, host="127.0.0.1", port=port, token="hab_1", between_seconds=0.01)


def product(stock: list[Good], code: str) -> Product:
    return next(good.product for good in stock if good.product.id == code)


def test_what_is_wished_for_gets_cheaper_and_the_catalogue_is_told_for_how_long(stock: list[Good], api: Api) -> None:
    prices = Prices(lambda: NOW)
    keeper = shopkeeper(stock, prices, api.server.server_port)
    keeper.start()
    assert api.enough.wait(30)
    keeper.stop()
    assert list(api.told) == [BUNTING, TEACUP]
    told = api.told[BUNTING]
    assert told.price == 4.95
    assert told.sale_price == lowered(product(stock, BUNTING)) == prices.today(product(stock, BUNTING)) < 4.5
    assert told.sale_until is not None
    assert told.sale_until.timestamp() * 1_000_000 == NOW + DAY
    assert api.authorization == "Bearer hab_1"
    assert api.asked[0]["name"] == ["Product Added to Wishlist"]


def test_a_price_is_not_lowered_twice(stock: list[Good], api: Api) -> None:
    prices = Prices(lambda: NOW, {BUNTING: Reduction(3.0, NOW + HOUR)})
    keeper = shopkeeper(stock, prices, api.server.server_port)
    keeper.hear()
    assert keeper.lower_next() is None
    assert keeper.lower_next() == TEACUP
    assert list(api.told) == [TEACUP]
    assert prices.today(product(stock, BUNTING)) == 3.0


def test_every_reduction_is_worth_a_letter(stock: list[Good]) -> None:
    for good in stock:
        if good.product.price >= 0.5:
            assert 10 <= 100 * (1 - lowered(good.product) / good.product.price) <= max(PERCENTS) + 1


def test_reductions_of_an_earlier_run_are_found_in_the_catalogue(stock: list[Good]) -> None:
    one = msgspec.structs.replace(product(stock, BUNTING), sale_price=3.96, sale_until=NOW + 1)
    over = msgspec.structs.replace(product(stock, TEACUP), sale_price=2.0, sale_until=NOW)
    assert reductions_of([one, over], NOW) == {BUNTING: Reduction(3.96, NOW + 1)}


def test_it_stops_when_told_even_when_nobody_answers(stock: list[Good]) -> None:
    keeper = shopkeeper(stock, Prices(lambda: NOW), 1)
    keeper.start()
    keeper.stop()
    assert not keeper.is_running
