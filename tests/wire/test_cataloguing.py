"""From a look at a product to the letter that says it costs less, with every part but the mail server."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest
from tests.catalog.shop import Answer, open_shop
from typer.testing import CliRunner

from habitue import wire
from habitue.cli import app
from habitue.model.event import Event
from habitue.model.feed import Feed
from habitue.model.instant import DAY, MINUTE
from habitue.model.product import Product
from habitue.run.clock import ManualClock
from habitue.run.lifeline import Lifeline
from habitue.run.occurrences import Occurrences
from habitue.run.playbook_files import read_directory
from habitue.wire import Parts, cataloguing

ROOT = Path(__file__).parents[2]
NOON = 20_000 * DAY + 12 * 60 * MINUTE
MUG = Product(id="P1", name="Red Mug", price=4.95, category="Mugs", stock=1)


class Shop:
    """A data directory with the gift shop's playbook, a clock that is moved, and Ana and Ben, who allow e-mail."""

    def __init__(self, data: Path) -> None:
        self.parts: Parts = wire.create(data, environ={})
        self.clock = ManualClock(NOON - DAY)
        self.parts.__dict__["clock"] = self.clock
        wire.apply_playbook(self.parts, read_directory(ROOT / "playbooks" / "giftshop"), "test")
        self.crank = self.parts.crank()
        for person in ("ana", "ben"):
            self.say(person, "Identified", type="identify", traits={"email": f"{person}@example.com"})
            self.say(person, "Consent Granted", properties={"channel": "email"})
        self.clock.set(NOON)

    def say(self, person: str, name: str, **more: object) -> None:
        fields = {"type": "track", "user_id": person, "occurred_at": self.clock.now()} | more
        event = msgspec.convert(
            {"id": f"{person}-{name}-{self.clock.now()}", "source": "web", "name": name} | fields, Event
        )
        self.parts.log.append([event])
        self.turn()

    def turn(self) -> None:
        while any(self.crank.turn(1_000, self.clock.now())):
            pass

    def tell(self) -> int:
        told = Occurrences(self.parts.catalog, self.parts.view, self.parts.log, self.parts.store.position).turn()
        self.turn()
        return told.events

    def letters(self) -> list[tuple[str, str]]:
        """(address, message), in the order they were decided."""
        sent = (effect for _, effect in self.parts.store.effects(0, 99))
        return [(effect.address, effect.message) for effect in sent if effect.channel == "email"]


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    made = Shop(tmp_path)
    yield made
    made.parts.close()


def look(shop: Shop, person: str) -> None:
    shop.say(person, "Product Viewed", properties={"product_id": "P1", "name": "Red Mug", "category": "Mugs"})


def test_the_one_piece_that_got_cheaper_is_offered_to_whom_it_interested_longest(shop: Shop) -> None:
    shop.parts.catalog.put_products([MUG], source="shop", at=shop.clock.now(), tell=False)
    look(shop, "ben")
    shop.clock.advance(MINUTE)
    look(shop, "ana")
    shop.clock.advance(2 * DAY)
    shop.turn()
    before = shop.letters()
    shop.parts.catalog.put_products([msgspec.structs.replace(MUG, price=3.95)], source="shop", at=shop.clock.now())
    assert shop.tell() == 2
    assert shop.letters()[len(before) :] == [("ben@example.com", "price_drop")]
    assert shop.tell() == 0


def test_a_wish_and_a_basket_lead_back_to_her_as_well(shop: Shop) -> None:
    shop.parts.catalog.put_products([MUG], source="shop", at=shop.clock.now(), tell=False)
    shop.say("ana", "Product Added to Wishlist", properties={"product_id": "P1", "name": "Red Mug"})
    shop.say("ben", "Product Added", properties={"product_id": "P1", "name": "Red Mug", "quantity": 1, "price": 4.95})
    shop.clock.advance(MINUTE)
    shop.parts.catalog.put_products([msgspec.structs.replace(MUG, price=3.0)], source="shop", at=shop.clock.now())
    shop.tell()
    told = [record.event for record in shop.parts.log.scan() if record.event.name == "Product Price Dropped"]
    assert sorted(event.properties["why"] for event in told) == ["cart", "wished"]


def test_who_orders_it_is_not_told_what_she_could_have_saved(shop: Shop) -> None:
    shop.parts.catalog.put_products([MUG], source="shop", at=shop.clock.now(), tell=False)
    shop.say("ana", "Product Added", properties={"product_id": "P1", "quantity": 1, "price": 4.95})
    shop.say("ana", "Order Completed", properties={"order_id": "1", "products": [{"product_id": "P1", "price": 4.95}]})
    shop.clock.advance(MINUTE)
    shop.parts.catalog.put_products([msgspec.structs.replace(MUG, price=3.0)], source="shop", at=shop.clock.now())
    assert shop.tell() == 0


def test_the_process_fetches_what_is_due_and_tells_what_it_brought(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cataloguing, "FEEDS_EVERY_SECONDS", 0.02)
    monkeypatch.setattr(cataloguing, "GLANCE_SECONDS", 0.02)
    catalog = shop.parts.catalog
    look(shop, "ana")
    with open_shop() as web:
        host = f"127.0.0.1:{web.port}"
        hosts = msgspec.structs.replace(shop.parts.settings.catalog, private_hosts=host)
        shop.parts.settings = msgspec.structs.replace(shop.parts.settings, catalog=hosts)
        now = shop.clock.now()
        feed = Feed(
            name="shop", url=f"http://{host}/feed", holds="products", interval=60 * MINUTE, added_at=0, due_at=now
        )
        web.pages["/feed"] = Answer(b"id\ttitle\tprice\nP1\tRed Mug\t4.95 GBP\n")
        catalog.put_feed(feed)
        line = Lifeline()
        process = threading.Thread(target=cataloguing.catalogue, args=(shop.parts, line))
        process.start()
        try:
            until(lambda: catalog.count() == 1)
            web.pages["/feed"] = Answer(b"id\ttitle\tprice\nP1\tRed Mug\t2.95 GBP\n")
            shop.clock.advance(61 * MINUTE)
            until(lambda: any(record.event.name == "Product Price Dropped" for record in shop.parts.log.scan()))
        finally:
            line.stop()
            process.join()
    found = catalog.feed("shop")
    assert found is not None
    assert (found.state, found.changed) == ("fetched", 1)
    assert catalog.told().number == 1


def until(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_a_feed_is_added_fetched_and_removed_by_hand(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = str(tmp_path / "data")

    def habitue(*words: str) -> str:
        result = CliRunner().invoke(app, ["catalog", *words, "--data", data])
        return result.output or str(result.exception)

    with open_shop() as web:
        url = f"http://127.0.0.1:{web.port}/feed"
        web.pages["/feed"] = Answer(b"id\ttitle\tprice\tbrand\nw1\tWatch\t80 EUR\tTok\n")
        assert "every 1h" in habitue("feed", "add", "shop", url)
        assert "catalog.private_hosts" in habitue("feed", "fetch", "shop")
        monkeypatch.setenv("HABITUE_CATALOG__PRIVATE_HOSTS", f"127.0.0.1:{web.port}")
        assert "1 added, 0 changed, 0 deleted" in habitue("feed", "fetch", "shop")
    assert "fetched" in habitue("feed", "list")
    wire.create(Path(data)).log.close()
    assert "Watch" in habitue("search", "tok")
    assert "80.00" in habitue("show", "w1")
    assert "no product" in habitue("show", "w9")
    assert "what it brought stays" in habitue("feed", "remove", "shop")
    assert "There are no feeds" in habitue("feed", "list")
