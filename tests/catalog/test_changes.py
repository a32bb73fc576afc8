"""What is put into the catalogue: the newest word wins, and customers are told what concerns them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from habitue.model.article import Article
from habitue.model.change import (
    ARTICLE_PUBLISHED,
    BACK_IN_STOCK,
    LOW_IN_STOCK,
    NEW_IN_CATEGORY,
    PRICE_DROPPED,
    Change,
    Told,
)
from habitue.model.instant import DAY
from habitue.model.product import Product, StockLevel, Variant
from habitue.run.ports import Put
from habitue.store.sqlite import SqliteCatalog

NOW = 1_000 * DAY
WATCH = Product(id="w1", name="Watch", price=100.0, currency="EUR", category="Watches", brand="Tok", stock=9)


@pytest.fixture
def catalog(tmp_path: Path) -> Iterator[SqliteCatalog]:
    made = SqliteCatalog(tmp_path / "catalog.db")
    yield made
    made.close()


@pytest.fixture
def shop(catalog: SqliteCatalog) -> SqliteCatalog:
    """A catalogue that has known the watch for a while."""
    catalog.put_products([WATCH], source="shop", at=NOW, tell=False)
    return catalog


def put(catalog: SqliteCatalog, at: int, **now: Any) -> list[Change]:
    """Describe the watch anew; what customers may want to hear of it."""
    before = len(catalog.latest_changes(999))
    catalog.put_products([replace(WATCH, **now)], source="shop", at=at)
    return catalog.latest_changes(999)[: len(catalog.latest_changes(999)) - before]


def test_a_lower_price_is_told_with_amount_and_percent(shop: SqliteCatalog) -> None:
    (change,) = put(shop, NOW + 1, price=80.0)
    assert (change.name, change.keys, change.at) == (PRICE_DROPPED, ["w1"], NOW + 1)
    assert change.properties == {
        "product_id": "w1",
        "name": "Watch",
        "price": 80.0,
        "old_price": 100.0,
        "amount": 20.0,
        "percent": 20.0,
        "currency": "EUR",
        "category": "Watches",
        "brand": "Tok",
        "in_stock": True,
        "stock": 9,
    }
    assert shop.prices("w1") == [(NOW + 1, 80.0, "EUR"), (NOW, 100.0, "EUR")]


@pytest.mark.parametrize("now", [{"price": 120.0}, {"price": 100.0}, {"price": 80.0, "currency": "USD"}, {"price": 0}])
def test_a_price_that_did_not_fall_is_not_told(shop: SqliteCatalog, now: dict[str, Any]) -> None:
    assert put(shop, NOW + 1, **now) == []


def test_a_sale_lowers_the_price_at_once(shop: SqliteCatalog) -> None:
    (change,) = put(shop, NOW + 1, sale_price=75.0)
    assert (change.properties["price"], change.properties["percent"]) == (75.0, 25.0)


def test_a_sale_begins_and_ends_by_itself(shop: SqliteCatalog) -> None:
    assert put(shop, NOW + 1, sale_price=75.0, sale_from=NOW + DAY, sale_until=NOW + 2 * DAY) == []
    assert shop.reprice(NOW + DAY - 1) == 0
    assert shop.reprice(NOW + DAY) == 1
    assert [change.properties["price"] for change in shop.latest_changes()] == [75.0]
    assert shop.reprice(NOW + DAY + 1) == 0
    assert shop.reprice(NOW + 2 * DAY) == 1
    assert [price for _, price, _ in shop.prices("w1")] == [100.0, 75.0, 100.0]
    assert len(shop.latest_changes()) == 1


def test_what_returns_is_told(shop: SqliteCatalog) -> None:
    assert put(shop, NOW + 1, in_stock=False, stock=0) == []
    (change,) = put(shop, NOW + 2, stock=5)
    assert (change.name, change.properties["stock"]) == (BACK_IN_STOCK, 5)
    assert shop.stocks("w1") == [(NOW + 2, 5, True), (NOW + 1, 0, False), (NOW, 9, True)]


def test_what_was_deleted_and_returns_is_back_and_not_new(shop: SqliteCatalog) -> None:
    assert shop.delete_products(["w1", "nothing"], source="shop", at=NOW + 1) == Put(removed=1, unknown=1)
    assert shop.get(["w1"]) == {}
    assert (shop.count(), shop.search(), shop.bestsellers("", 9)) == (0, [], [])
    assert [change.name for change in put(shop, NOW + 2)] == [BACK_IN_STOCK]


def test_few_left_is_told_once(shop: SqliteCatalog) -> None:
    (change,) = put(shop, NOW + 1, stock=3)
    assert (change.name, change.properties["stock"], change.properties["threshold"]) == (LOW_IN_STOCK, 3, 3)
    assert put(shop, NOW + 2, stock=2) == []
    assert put(shop, NOW + 3, stock=0, in_stock=False) == []


def test_a_new_product_is_told_by_its_categories(shop: SqliteCatalog) -> None:
    new = Product(id="w2", name="Diver", price=200.0, category="Divers", category_path=["Watches", "Divers"])
    old = replace(new, id="w3", created_at=NOW - 99 * DAY)
    sold_out = replace(new, id="w4", in_stock=False)
    assert shop.put_products([new, old, sold_out], source="shop", at=NOW + 1) == Put(added=3, changes=1)
    (change,) = shop.latest_changes()
    assert (change.name, change.keys) == (NEW_IN_CATEGORY, ["Watches", "Divers", "Watches > Divers"])


def test_a_catalogue_that_is_brought_in_is_no_news(catalog: SqliteCatalog) -> None:
    assert catalog.put_products([WATCH], source="import", at=NOW, tell=False) == Put(added=1)


def test_what_is_older_than_what_is_known_changes_nothing(shop: SqliteCatalog) -> None:
    newer, older = replace(WATCH, price=70.0, updated_at=NOW + 50), replace(WATCH, price=90.0, updated_at=NOW + 40)
    assert shop.put_products([newer], source="shop", at=NOW + 60).changed == 1
    assert shop.put_products([older], source="shop", at=NOW + 61) == Put(stale=1)
    assert shop.get(["w1"])["w1"].price == 70.0
    assert shop.delete_products(["w1"], source="shop", at=NOW + 62, updated_at=NOW + 45) == Put(stale=1)
    assert shop.delete_products(["w1"], source="shop", at=NOW + 63, updated_at=NOW + 55) == Put(removed=1)
    assert shop.put_products([newer], source="shop", at=NOW + 64) == Put(stale=1)
    assert shop.count() == 0


def test_the_same_again_is_no_change(shop: SqliteCatalog) -> None:
    assert shop.put_products([replace(WATCH, updated_at=NOW + 5)], source="shop", at=NOW + 9) == Put(unchanged=1)
    assert shop.put_products([WATCH], source="shop", at=NOW + 10) == Put(unchanged=1)


def test_a_clock_ahead_of_ours_does_not_shut_out_what_comes_next(shop: SqliteCatalog) -> None:
    shop.put_products([replace(WATCH, price=90.0, updated_at=NOW + DAY)], source="shop", at=NOW + 1)
    assert put(shop, NOW + 2, price=80.0)[0].properties["old_price"] == 90.0


SHIRT = Product(
    id="s1",
    name="Shirt",
    price=30.0,
    variants=[
        Variant(id="s1-m", sku="SM", name="M", stock=4, inventory_item_id="i-m"),
        Variant(id="s1-l", sku="SL", name="L", stock=0, in_stock=False, inventory_item_id="i-l"),
    ],
    stock=4,
    updated_at=NOW,
)


@pytest.fixture
def shirts(catalog: SqliteCatalog) -> SqliteCatalog:
    catalog.put_products([SHIRT], source="shop", at=NOW, tell=False)
    return catalog


def test_a_variant_that_returns_concerns_those_who_wait_for_it(shirts: SqliteCatalog) -> None:
    level = StockLevel(variant_id="s1-l", quantity=6)
    assert shirts.put_stock([level], source="shop", at=NOW + 1) == Put(changed=1, changes=1)
    (change,) = shirts.latest_changes()
    assert (change.name, change.keys) == (BACK_IN_STOCK, ["s1-l", "SL"])
    assert {name: change.properties[name] for name in ("product_id", "variant", "stock")} == {
        "product_id": "s1",
        "variant": "L",
        "stock": 6,
    }
    assert shirts.get(["s1"])["s1"].stock == 10


def test_a_product_that_was_sold_out_returns_with_its_variant(shirts: SqliteCatalog) -> None:
    shirts.put_stock([StockLevel(variant_id="s1-m", quantity=0)], source="shop", at=NOW + 1)
    assert not shirts.get(["s1"])["s1"].in_stock
    shirts.put_stock([StockLevel(variant_id="s1-l", quantity=9)], source="shop", at=NOW + 2)
    assert [change.keys for change in shirts.latest_changes()] == [["s1", "s1-l", "SL"]]


def test_products_are_found_by_their_variants_and_codes(shirts: SqliteCatalog) -> None:
    assert {name: product.id for name, product in shirts.get(["s1-m", "SL", "s1", "x"]).items()} == {
        "s1-m": "s1",
        "SL": "s1",
        "s1": "s1",
    }


def level(location: str, quantity: int, at: int) -> StockLevel:
    return StockLevel(inventory_item_id="i-m", location=location, quantity=quantity, updated_at=at)


def medium(catalog: SqliteCatalog) -> int | None:
    return catalog.get(["s1"])["s1"].variants[0].stock


def test_levels_of_several_places_move_the_sum_by_their_difference(shirts: SqliteCatalog) -> None:
    """Four pieces are known: three here, one there."""
    shirts.put_stock([level("here", 3, NOW), level("there", 1, NOW)], source="shop", at=NOW + 1)
    assert medium(shirts) == 4
    shirts.put_stock([level("here", 2, NOW + 2)], source="shop", at=NOW + 3)
    assert medium(shirts) == 3
    assert shirts.put_stock([level("here", 3, NOW + 1)], source="shop", at=NOW + 4).stale == 1
    shirts.put_stock([level("there", 0, NOW + 5)], source="shop", at=NOW + 6)
    assert medium(shirts) == 2


def test_one_place_of_several_that_is_empty_does_not_sell_out_the_rest(shirts: SqliteCatalog) -> None:
    shirts.put_stock([level("there", 0, NOW + 2)], source="shop", at=NOW + 3)
    assert medium(shirts) == 4


def test_a_description_older_than_the_stock_keeps_the_stock(shirts: SqliteCatalog) -> None:
    shirts.put_stock([StockLevel(variant_id="s1-m", quantity=1, updated_at=NOW + 9)], source="shop", at=NOW + 9)
    shirts.put_products([replace(SHIRT, name="Shirt!", updated_at=NOW + 5)], source="shop", at=NOW + 10)
    assert (medium(shirts), shirts.get(["s1"])["s1"].name) == (1, "Shirt!")
    shirts.put_products([replace(SHIRT, updated_at=NOW + 11)], source="shop", at=NOW + 12)
    assert medium(shirts) == 4


def test_stock_of_what_nobody_knows_is_counted(shop: SqliteCatalog) -> None:
    levels = [StockLevel(product_id="x", quantity=1), StockLevel(inventory_item_id="y", quantity=1)]
    assert shop.put_stock(levels, source="shop", at=NOW + 1) == Put(unknown=2)


def test_an_article_is_told_by_its_categories_once(catalog: SqliteCatalog) -> None:
    care = Article(id="a1", title="Care", url="/care", categories=["Watches", "Care"], published_at=NOW - DAY)
    old = replace(care, id="a2", published_at=NOW - 99 * DAY)
    assert catalog.put_articles([care, old], source="blog", at=NOW) == Put(added=2, changes=1)
    (change,) = catalog.latest_changes()
    assert (change.name, change.keys) == (ARTICLE_PUBLISHED, ["Watches", "Care"])
    assert change.properties["title"] == "Care"
    assert catalog.put_articles([replace(care, title="Care!")], source="blog", at=NOW + 1) == Put(changed=1)
    assert catalog.put_articles([replace(care, title="Care!")], source="blog", at=NOW + 2) == Put(unchanged=1)


def test_articles_are_found_by_category_and_words_latest_first(catalog: SqliteCatalog) -> None:
    one = Article(id="a1", title="Care", categories=["Watches"], published_at=5)
    two = Article(id="a2", title="Straps", categories=["watches"], published_at=6)
    catalog.put_articles([one, two], source="blog", at=NOW)
    assert [article.id for article in catalog.articles_of("WATCHES")] == ["a2", "a1"]
    assert [article.id for article in catalog.articles("strap")] == ["a2"]
    assert catalog.delete_articles(["a2", "a9"], source="blog", at=NOW) == Put(removed=1, unknown=1)
    assert [article.id for article in catalog.articles_of("")] == ["a1"]
    assert catalog.articles_by_id(["a1", "a2"]) == {"a1": one}


def test_what_is_long_past_is_forgotten_and_the_latest_word_stays(shop: SqliteCatalog) -> None:
    put(shop, NOW + 1, price=80.0, stock=4)
    put(shop, NOW + 2, price=70.0, stock=5)
    shop.tell(Told(1))
    shop.forget(NOW + 999 * DAY)
    assert [change.number for change in shop.latest_changes()] == [2]
    assert shop.prices("w1") == [(NOW + 2, 70.0, "EUR")]
    assert shop.stocks("w1") == [(NOW + 2, 5, True)]


def test_numbers_beyond_all_measure_are_borne(shop: SqliteCatalog) -> None:
    put(shop, NOW + 1, price=1e300, stock=2**63)
    shop.put_stock([StockLevel(product_id="w1", quantity=10**30)], source="shop", at=NOW + 2)
    assert shop.prices("w1", 1) == [(NOW + 1, 1e12, "EUR")]
    assert shop.stocks("w1", 1) == [(NOW + 2, 10**9, True)]
