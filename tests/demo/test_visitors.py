"""Simulated visitors: plausible, the same for the same seed, marked as what they are, and hard to shake off."""

from __future__ import annotations

import json
import threading
from collections import Counter
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from habitue.demo.goods import Good
from habitue.demo.people import person
from habitue.demo.stream import Stream
from habitue.demo.visitors import Item, Visitors
from habitue.ingest.envelope import receive_batch
from habitue.ingest.settings import IngestSettings
from habitue.model.instant import DAY
from habitue.model.trust import Level

PEOPLE = [person(str(number), "United Kingdom") for number in range(12_346, 12_396)]


def visitors(stock: list[Good], seed: int = 7, run: str = "r1") -> Visitors:
    return Visitors(stock, PEOPLE, seed=seed, run=run, origin="http://shop.test")


def items(stock: list[Good], sessions: int = 300, **named: Any) -> list[Item]:
    crowd = visitors(stock, **named)
    return [step.item for _ in range(sessions) for step in crowd.session()]


def test_the_same_seed_sends_the_same_people(stock: list[Good]) -> None:
    assert items(stock, 50) == items(stock, 50)
    assert items(stock, 50) != items(stock, 50, seed=8)


def test_two_runs_share_no_ids(stock: list[Good]) -> None:
    first, second = items(stock, 50), items(stock, 50, run="r2")
    assert not {item["messageId"] for item in first} & {item["messageId"] for item in second}
    assert not {item["anonymousId"] for item in first} & {item["anonymousId"] for item in second}


def test_every_event_says_that_it_is_simulated(stock: list[Good]) -> None:
    found = items(stock)
    assert all(item["context"]["simulated"] is True for item in found)
    assert len({item["messageId"] for item in found}) == len(found)


def test_they_look_more_than_they_take_and_take_more_than_they_order(stock: list[Good]) -> None:
    names = Counter(item.get("event", item["type"]) for item in items(stock, 600))
    assert names["Product Viewed"] > names["Product Added"] > names["Checkout Started"] > names["Order Completed"] > 10
    assert names["identify"] > 100
    assert names["Consent Granted"] > names["Consent Withdrawn"] > 0


def test_whoever_orders_has_signed_in(stock: list[Good]) -> None:
    for item in items(stock, 600):
        if item.get("event") == "Order Completed":
            assert item["userId"]
            assert item["properties"]["products"]


def test_ingest_takes_every_event_and_finds_nothing_wrong(stock: list[Good]) -> None:
    found = items(stock, 150)
    received = receive_batch({"batch": found}, "visitors", Level.SERVER, 20_000 * DAY, IngestSettings())
    assert received.dead == []
    assert len(received.events) == len(found)


class Ingest:
    """Stands in for the server: refuses as often as told, then keeps what comes."""

    def __init__(self, refusals: int) -> None:
        self.items: list[Item] = []
        self.authorization = ""
        self.enough = threading.Event()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                nonlocal refusals
                body = self.rfile.read(int(self.headers["Content-Length"]))
                refused, refusals = refusals > 0, refusals - 1
                self.send_response(503 if refused else 200)
                self.end_headers()
                if not refused:
                    outer.authorization = self.headers["Authorization"]
                    outer.items += json.loads(body)["batch"]
                    if len(outer.items) >= 40:
                        outer.enough.set()

            def log_message(self, *args: object) -> None:
                pass

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self.thread.start()

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def ingest(request: pytest.FixtureRequest) -> Iterator[Ingest]:
    server = Ingest(getattr(request, "param", 0))
    yield server
    server.close()


@pytest.mark.parametrize("ingest", [0, 2], indirect=True, ids=["at once", "after two refusals"])
def test_what_they_do_reaches_the_server_once_and_in_order(stock: list[Good], ingest: Ingest) -> None:
    port = ingest.server.server_port
    stream = Stream(
        visitors(stock), host="127.0.0.1", port=port, write_key="key-1", speed=100_000, sessions_per_minute=1_200
    )
    stream.start()
    assert ingest.enough.wait(30)
    stream.stop()
    ids = [item["messageId"] for item in ingest.items]
    assert len(set(ids)) == len(ids)
    assert all(item["timestamp"].endswith("Z") for item in ingest.items)
    assert ingest.authorization == "Basic a2V5LTE6"


def test_they_stop_when_told_even_when_nobody_answers(stock: list[Good], ingest: Ingest) -> None:
    port = ingest.server.server_port
    ingest.close()
    stream = Stream(visitors(stock), host="127.0.0.1", port=port, write_key="key-1", speed=100_000)
    stream.start()
    stream.stop()
    assert stream.sent == 0
    assert not stream.is_running


def test_stopping_visitors_that_never_came_is_fine(stock: list[Good]) -> None:
    Stream(visitors(stock), host="127.0.0.1", port=1, write_key="key-1").stop()
