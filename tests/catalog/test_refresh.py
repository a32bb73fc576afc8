"""A feed fetched: the catalogue is what the feed says, and a broken export does not empty the shop."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from habitue.catalog.refresh import Bounds, refresh
from habitue.fetch import Fetcher
from habitue.model.change import BACK_IN_STOCK, NEW_IN_CATEGORY, PRICE_DROPPED
from habitue.model.feed import Feed
from habitue.model.instant import DAY, HOUR, MINUTE
from habitue.model.product import Product, Variant
from habitue.store.alarms import AlarmFile
from habitue.store.sqlite import SqliteCatalog

from .shop import Answer, Shop, open_shop

NOW = 1_000 * DAY


@pytest.fixture
def shop() -> Iterator[Shop]:
    with open_shop() as made:
        yield made


@pytest.fixture
def catalog(tmp_path: Path) -> Iterator[SqliteCatalog]:
    made = SqliteCatalog(tmp_path / "catalog.db")
    yield made
    made.close()


class Clerk:
    """Fetches a feed from the shop again and again, an hour apart."""

    def __init__(self, shop: Shop, catalog: SqliteCatalog, holds: str = "products") -> None:
        self._shop = shop
        self._catalog = catalog
        self.now = NOW
        self.feed = Feed(
            name="merchant",
            url=shop.url("/feed"),
            holds=holds,  # type: ignore[arg-type]
            interval=HOUR,
            added_at=NOW,
            due_at=NOW,
        )
        self._fetcher = Fetcher(
            bytes_max=1_000_000,
            seconds_max=30,
            private_hosts=frozenset({"shop.test"}),
            resolve=lambda *_: ["127.0.0.1"],
        )

    def fetch(self, body: bytes | None, force: bool = False, **headers: str) -> Feed:
        self._shop.pages = {} if body is None else {"/feed": Answer(body, headers=headers)}
        self.now += HOUR
        bounds = Bounds(1_000_000, 20.0)
        self.feed = refresh(self.feed, self._catalog, self._fetcher, lambda: self.now, bounds, force=force)
        return self.feed


def table(*rows: str) -> bytes:
    return ("id\ttitle\tprice\tproduct_type\n" + "\n".join(row.replace(" | ", "\t") for row in rows)).encode()


TEN = [f"p{number} | Product {number} | {number + 10}.00 EUR | Things" for number in range(10)]


@pytest.fixture
def clerk(shop: Shop, catalog: SqliteCatalog) -> Clerk:
    """Has fetched a feed of ten products once."""
    made = Clerk(shop, catalog)
    assert made.fetch(table(*TEN)).detail == "10 added, 0 changed, 0 deleted"
    return made


def names(catalog: SqliteCatalog) -> list[str]:
    return [change.name for change in reversed(catalog.latest_changes())]


def test_the_first_fetch_is_no_news(clerk: Clerk, catalog: SqliteCatalog) -> None:
    assert (clerk.feed.state, catalog.count(), names(catalog)) == ("fetched", 10, [])
    assert clerk.feed.due_at == clerk.now + HOUR


def test_later_ones_tell_what_changed(clerk: Clerk, catalog: SqliteCatalog) -> None:
    rows = ["p0 | Product 0 | 5.00 EUR | Things", *TEN[1:], "p10 | Product 10 | 1.00 EUR | Things"]
    feed = clerk.fetch(table(*rows))
    assert (feed.added, feed.changed, feed.removed) == (1, 1, 0)
    assert names(catalog) == [PRICE_DROPPED, NEW_IN_CATEGORY]


def test_what_a_feed_lacks_is_deleted(clerk: Clerk, catalog: SqliteCatalog) -> None:
    assert clerk.fetch(table(*TEN[2:])).removed == 2
    assert catalog.count() == 8
    clerk.fetch(table(*TEN))
    assert names(catalog) == [BACK_IN_STOCK, BACK_IN_STOCK]


@pytest.mark.parametrize("rest", [TEN[3:], []], ids=["three of ten are missing", "all are missing"])
def test_too_much_is_not_deleted_unless_somebody_says_so(clerk: Clerk, catalog: SqliteCatalog, rest: list[str]) -> None:
    feed = clerk.fetch(table(*rest))
    assert (feed.state, feed.removed, catalog.count()) == ("refused", 0, 10)
    assert f"{10 - len(rest)} of 10 products" in feed.detail
    assert "--force" in feed.detail
    assert clerk.fetch(table(*rest), force=True).removed == 10 - len(rest)
    assert catalog.count() == len(rest)


def test_what_others_brought_is_left_alone(clerk: Clerk, catalog: SqliteCatalog) -> None:
    catalog.put_products([catalog.get(["p9"])["p9"]], source="shopify", at=NOW + 2 * DAY)
    assert clerk.fetch(table(*TEN[1:9])).removed == 1
    assert sorted(catalog.get(["p0", "p9"])) == ["p9"]


def test_an_item_that_cannot_be_read_is_said_and_not_deleted(clerk: Clerk, catalog: SqliteCatalog) -> None:
    feed = clerk.fetch(table("p0 | Product 0 | soon | Things", *TEN[1:]))
    assert (feed.state, feed.unreadable, feed.removed, catalog.count()) == ("fetched", 1, 0, 10)
    assert "p0: 'soon' is no price" in feed.detail


def test_a_feed_that_breaks_off_deletes_nothing(clerk: Clerk, catalog: SqliteCatalog) -> None:
    items = "".join(f"<item><id>p{n}</id><title>P</title><price>1</price></item>" for n in range(5))
    feed = clerk.fetch(f"<rss><channel>{items}<item><id>".encode())
    assert feed.state == "failed"
    assert "not sound XML" in feed.detail
    assert catalog.count() == 10


def test_what_did_not_change_is_not_read_again(clerk: Clerk, catalog: SqliteCatalog) -> None:
    clerk.fetch(table(*TEN), etag='"1"')
    assert clerk.fetch(table(*TEN), etag='"1"').state == "unchanged"
    assert clerk.fetch(table(*TEN), etag='"1"', force=True).state == "fetched"


def test_a_shop_that_is_down_is_asked_again_soon_and_then_less_often(clerk: Clerk) -> None:
    waits = []
    for _ in range(8):
        feed = clerk.fetch(None)
        waits.append((feed.due_at - clerk.now) // MINUTE)
    assert waits == [1, 2, 4, 8, 16, 32, 60, 60]
    assert (feed.state, feed.failures, feed.succeeded_at) == ("failed", 8, NOW + HOUR)
    assert "answered 404" in feed.detail
    assert clerk.fetch(table(*TEN)).failures == 0


def test_articles_stay_when_the_feed_moves_on(shop: Shop, catalog: SqliteCatalog) -> None:
    clerk = Clerk(shop, catalog, holds="articles")
    item = "<item><guid>{0}</guid><title>Title {0}</title><category>Watches</category></item>"
    for number in (1, 2):
        clerk.fetch(f"<rss><channel>{item.format(number)}</channel></rss>".encode())
    assert catalog.count_articles() == 2
    assert [change.properties["article_id"] for change in catalog.latest_changes()] == ["2"]


def test_a_price_that_falls_too_far_is_held_and_the_rest_is_taken_in(clerk: Clerk, catalog: SqliteCatalog) -> None:
    feed = clerk.fetch(table("p0 | Product 0, misread | 1.00 EUR | Things", *TEN[1:]))
    assert "1 prices fell by more than is likely" in feed.detail
    product = catalog.get(["p0"])["p0"]
    assert (product.price, product.name, names(catalog)) == (10, "Product 0, misread", [])
    (held,) = catalog.held_prices()
    assert (held.product, held.before, held.price, held.source) == ("p0", 10, 1, "merchant")


def test_a_held_price_that_is_let_in_is_told_and_not_asked_about_again(clerk: Clerk, catalog: SqliteCatalog) -> None:
    cheap = table("p0 | Product 0 | 1.00 EUR | Things", *TEN[1:])
    clerk.fetch(cheap)
    assert catalog.let_prices_in(["p0"], clerk.now) == 1
    assert (catalog.get(["p0"])["p0"].price, names(catalog)) == (1, [PRICE_DROPPED])
    clerk.fetch(cheap)
    assert catalog.held_prices() == []


def test_a_price_told_within_bounds_again_is_not_held_any_more(clerk: Clerk, catalog: SqliteCatalog) -> None:
    clerk.fetch(table("p0 | Product 0 | 1.00 EUR | Things", *TEN[1:]))
    clerk.fetch(table(*TEN))
    assert (catalog.held_prices(), catalog.get(["p0"])["p0"].price, names(catalog)) == ([], 10, [])


def test_a_refused_price_is_forgotten_until_it_is_told_again(clerk: Clerk, catalog: SqliteCatalog) -> None:
    cheap = table("p0 | Product 0 | 1.00 EUR | Things", *TEN[1:])
    clerk.fetch(cheap)
    assert catalog.refuse_prices(["p0"], clerk.now) == 1
    assert catalog.held_prices() == []
    clerk.fetch(cheap)
    assert len(catalog.held_prices()) == 1


@pytest.mark.parametrize(
    ("told", "is_held"),
    [
        ({"price": 20.0}, False),
        ({"price": 19.99}, True),
        ({"price": 100.0, "sale_price": 1.0, "sale_from": NOW + 9 * DAY}, True),
        ({"price": 0.0}, True),
        ({"price": 1.0, "currency": "USD"}, False),
        ({"price": 100.0, "variants": [Variant(id="v1", price=1.0)]}, True),
        ({"price": 100.0, "variants": [Variant(id="v2", price=1.0)]}, False),
    ],
)
def test_whoever_tells_a_price_it_is_held_alike(catalog: SqliteCatalog, told: dict[str, Any], is_held: bool) -> None:
    known: dict[str, Any] = {"id": "p1", "name": "Watch", "currency": "EUR", "price": 100.0}
    catalog.put_products([Product(**known, variants=[Variant(id="v1")])], source="api", at=NOW)
    put = catalog.put_products([Product(**known | told)], source="woo", at=NOW + HOUR)
    assert (put.held, catalog.count_held()) == (int(is_held), int(is_held))


def test_an_alarm_sounds_while_prices_wait(tmp_path: Path) -> None:
    alarms = AlarmFile(tmp_path / "alarms.db")
    catalog = SqliteCatalog(tmp_path / "catalog.db", alarms=alarms)
    for price in (100.0, 1.0):
        catalog.put_products([Product(id="p1", name="Watch", price=price)], source="api", at=NOW)
    assert [alarm.kind for alarm in alarms.standing()] == ["prices_held"]
    catalog.refuse_prices(["p1"], NOW)
    assert alarms.standing() == []
