"""A change of the catalogue becomes an event for each whom it concerns, longest interested first, and once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from habitue.model.article import Article
from habitue.model.change import ARTICLE_PUBLISHED, BACK_IN_STOCK, NEW_IN_CATEGORY, PRICE_DROPPED
from habitue.model.customer import Customer
from habitue.model.event import Event
from habitue.model.product import Product
from habitue.run.clock import ManualClock
from habitue.run.occurrences import Occurrences
from habitue.run.ports import Appended, Commit, CustomerRow, Interest
from habitue.store.memory import MemoryLog, MemoryStore
from habitue.store.sqlite import SqliteCatalog

WATCH = Product(id="w1", name="Watch", price=100.0, category="Watches", stock=2)


class Shop:
    """A catalogue with one watch, a log, and a state that knows whom it interests."""

    def __init__(self, folder: Path) -> None:
        self.clock = ManualClock(1_000)
        self.log = MemoryLog(self.clock)
        self.store = MemoryStore()
        self.catalog = SqliteCatalog(folder / "catalog.db")
        self.catalog.put_products([WATCH], source="shop", at=1, tell=False)

    def know(self, *interests: Interest, into: dict[str, str] | None = None) -> None:
        """Commit interests; `into` says who was joined into whom."""
        names = {one.customer for one in interests} | set(into or ()) | set((into or {}).values())
        rows = [self.row(name, (into or {}).get(name)) for name in sorted(names)]
        position = self.store.position() + 1
        self.store.commit(Commit(position=position, now=1, customers=rows, interests=list(interests)))

    def row(self, name: str, into: str | None) -> CustomerRow:
        state = msgspec.msgpack.encode(Customer(id=name, merged_into=into))
        return CustomerRow(name, state, None, "", 1, into is not None)

    def occurrences(self, events_max: int = 2_000) -> Occurrences:
        return Occurrences(self.catalog, self.store, self.log, lambda: 1_000, events_max)

    def drop(self, price: float = 80.0, at: int = 500) -> None:
        self.catalog.put_products([msgspec.structs.replace(WATCH, price=price)], source="shop", at=at)

    def told(self) -> list[Event]:
        return [record.event for record in self.log.scan()]


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    made = Shop(tmp_path)
    yield made
    made.catalog.close()


def names(events: list[Event]) -> list[str]:
    return [event.context["customer_id"] for event in events]


def test_everybody_interested_hears_of_a_lower_price_longest_first(shop: Shop) -> None:
    shop.know(
        Interest("ana", "viewed", "w1", 30),
        Interest("ana", "wished", "w1", 40),
        Interest("ben", "cart", "w1", 10),
        Interest("cleo", "viewed", "hat", 5),
    )
    shop.drop()
    assert shop.occurrences().turn().events == 2
    ben, ana = shop.told()
    assert (ben.name, ben.source, ben.occurred_at) == (PRICE_DROPPED, "habitue", 500)
    assert names([ben, ana]) == ["ben", "ana"]
    assert (ben.properties["why"], ben.properties["place"]) == ("cart", 1)
    assert (ana.properties["why"], ana.properties["place"]) == ("wished", 2)
    assert ana.properties["waited_since"] == "1970-01-01T00:00:00.000030Z"
    assert (ana.properties["product_id"], ana.properties["amount"], ana.properties["stock"]) == ("w1", 20.0, 2)
    assert not shop.occurrences().turn().more


def test_who_came_after_the_change_has_seen_it(shop: Shop) -> None:
    shop.know(Interest("ana", "viewed", "w1", 500), Interest("ben", "viewed", "w1", 501))
    shop.drop(at=500)
    shop.occurrences().turn()
    assert names(shop.told()) == ["ana"]


def test_who_was_joined_into_somebody_hears_once_under_her_name(shop: Shop) -> None:
    shop.know(
        Interest("device", "viewed", "w1", 5),
        Interest("tablet", "viewed", "w1", 6),
        Interest("ana", "viewed", "w1", 30),
        into={"device": "tablet", "tablet": "ana"},
    )
    shop.drop()
    shop.occurrences().turn()
    assert names(shop.told()) == ["ana"]


def test_a_crash_at_any_moment_tells_nobody_twice_and_loses_nobody(shop: Shop) -> None:
    """The progress is lost after each append; what was told is told again, and the log knows it."""
    shop.know(*(Interest(f"c{number}", "viewed", "w1", number // 2) for number in range(7)))
    shop.drop()
    while True:
        before = shop.catalog.told()
        told = shop.occurrences(events_max=2).turn()
        shop.catalog.tell(before)
        shop.occurrences(events_max=2).turn()
        if not told.more:
            break
    assert names(shop.told()) == [f"c{number}" for number in range(7)]
    assert [event.properties["place"] for event in shop.told()] == [1, 2, 3, 4, 5, 6, 7]


def test_many_changes_go_out_together(shop: Shop) -> None:
    shop.know(Interest("ana", "viewed", "w1", 1), Interest("ben", "viewed", "w1", 2))
    for number in range(5):
        shop.drop(90.0 - number, at=500 + number)
    turned = shop.occurrences().turn()
    assert (turned.changes, turned.events) == (5, 10)
    assert len({event.id for event in shop.told()}) == 10


def test_a_batch_ends_within_a_change_and_goes_on_there(shop: Shop) -> None:
    shop.know(*(Interest(f"c{number}", "viewed", "w1", number) for number in range(3)))
    shop.drop(90.0, at=500)
    shop.drop(80.0, at=501)
    occurrences = shop.occurrences(events_max=4)
    assert [occurrences.turn().events for _ in range(3)] == [4, 2, 0]
    assert names(shop.told()) == ["c0", "c1", "c2"] * 2


def test_what_was_looked_at_a_moment_ago_counts(shop: Shop) -> None:
    """Her look lies in the log and is not decided yet: the change waits for it, but not for what comes later."""
    look = Event(id="1", source="web", type="track", name="Product Viewed", occurred_at=400, anonymous_id="a")
    shop.log.append([look])
    shop.drop()
    occurrences = Occurrences(shop.catalog, shop.store, shop.log, shop.store.position)
    assert occurrences.turn().waits
    shop.log.append([msgspec.structs.replace(look, id="2")])
    shop.know(Interest("ana", "viewed", "w1", 400))
    assert occurrences.turn().events == 1


def test_a_new_product_and_an_article_find_those_of_the_category(shop: Shop) -> None:
    shop.know(Interest("ana", "category", "Watches", 1), Interest("ben", "viewed", "w1", 1))
    shop.catalog.put_products([Product(id="w2", name="Diver", price=9, category="Watches")], source="shop", at=500)
    shop.catalog.put_articles([Article(id="a1", title="Care", categories=["Watches"])], source="blog", at=501)
    shop.occurrences().turn()
    assert [(event.name, event.properties["why"]) for event in shop.told()] == [
        (NEW_IN_CATEGORY, "category"),
        (ARTICLE_PUBLISHED, "category"),
    ]
    assert names(shop.told()) == ["ana", "ana"]


def test_nobody_is_told_of_what_interests_nobody(shop: Shop) -> None:
    shop.know(Interest("ben", "viewed", "w1", 1))
    shop.catalog.put_products([Product(id="h1", name="Hat", price=9, category="Hats")], source="shop", at=500)
    shop.catalog.delete_products(["w1"], source="shop", at=501)
    shop.drop(100.0, at=502)
    shop.occurrences().turn()
    assert [event.name for event in shop.told()] == [BACK_IN_STOCK]
    assert shop.catalog.told().number == 2


def test_what_cannot_be_appended_is_told_later(shop: Shop) -> None:
    class Full(MemoryLog):
        def append(self, events: object, dead: object = ()) -> Appended:
            raise OSError("disk full")

    shop.know(Interest("ana", "viewed", "w1", 1))
    shop.drop()
    with pytest.raises(OSError, match="disk full"):
        Occurrences(shop.catalog, shop.store, Full(shop.clock), shop.store.position).turn()
    assert shop.catalog.told().number == 0
    assert shop.occurrences().turn().events == 1
