"""One contract for every catalogue that templates read."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from habitue.catalog.memory import MemoryCatalog
from habitue.model.product import Product
from habitue.store.sqlite import SqliteCatalog

Any = MemoryCatalog | SqliteCatalog

PRODUCTS = [
    Product(id="c1", name="Candle", price=4.5, category="candles"),
    Product(id="c2", name="Wax", price=9, category="candles", url="/p/c2"),
    Product(id="c3", name="Old wick", price=1, category="candles", in_stock=False),
    Product(id="b1", name="Bowl", price=20, category="bowls"),
]
SOLD = {"c1": 5.0, "c2": 9.0, "c3": 99.0, "b1": 7.0}


def put(catalog: Any, products: list[Product], sold: dict[str, float] | None = None) -> None:
    if isinstance(catalog, MemoryCatalog):
        catalog.put(products, sold)
    else:
        catalog.put_products(products, source="shop", at=1)
        catalog.put_sold(sold or {})


@pytest.fixture(params=["memory", "sqlite"])
def catalog(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Any]:
    made: Any = MemoryCatalog() if request.param == "memory" else SqliteCatalog(tmp_path / "catalog.db")
    put(made, PRODUCTS, SOLD)
    yield made
    made.close()


def ids(products: list[Product]) -> list[str]:
    return [product.id for product in products]


def test_products_are_found_by_id(catalog: Any) -> None:
    assert catalog.get(["c2", "gone"]) == {
        "c2": Product(id="c2", name="Wax", price=9.0, category="candles", url="/p/c2")
    }
    assert catalog.get([]) == {}


def test_bestsellers_are_in_stock_and_most_sold_first(catalog: Any) -> None:
    assert ids(catalog.bestsellers("candles", 9)) == ["c2", "c1"]
    assert ids(catalog.bestsellers("", 9)) == ["c2", "b1", "c1"]
    assert ids(catalog.bestsellers("", 9, {"b1"})) == ["c2", "c1"]
    assert ids(catalog.bestsellers("hats", 9)) == []
    assert ids(catalog.bestsellers("", 1)) == ["c2"]


def test_a_product_described_anew_keeps_its_sales(catalog: Any) -> None:
    put(catalog, [Product(id="c2", name="Tall wax", price=8, category="candles")])
    assert catalog.get(["c2"])["c2"].name == "Tall wax"
    assert ids(catalog.bestsellers("candles", 1)) == ["c2"]
    put(catalog, [Product(id="c2", name="Tall wax", price=8, category="candles")], {"c2": 0})
    assert ids(catalog.bestsellers("candles", 1)) == ["c1"]
    assert catalog.count() == 4


def test_products_are_found_by_words(catalog: Any) -> None:
    assert ids(catalog.search("WICK")) == ["c3"]
    assert ids(catalog.search("candles", 2)) == ["c3", "c2"]
    assert ids(catalog.search("100%_")) == []


def test_categories_are_counted(catalog: Any) -> None:
    assert catalog.categories() == {"candles": 3, "bowls": 1}


def test_every_thread_may_read(catalog: Any) -> None:
    found: list[str] = []
    thread = threading.Thread(target=lambda: found.extend(ids(catalog.bestsellers("", 1))))
    thread.start()
    thread.join()
    assert found == ["c2"]


def test_a_catalogue_file_is_there_again_when_opened_again(tmp_path: Path) -> None:
    first = SqliteCatalog(tmp_path / "catalog.db")
    put(first, [Product(id="c1", name="Candle", price=4.5)])
    first.close()
    with closing(SqliteCatalog(tmp_path / "catalog.db")) as again:
        assert again.count() == 1


def test_a_catalogue_of_before_versions_is_begun_anew(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "catalog.db")) as old:
        old.execute("CREATE TABLE products (id TEXT PRIMARY KEY, body BLOB)")
        old.execute("INSERT INTO products VALUES ('c1', x'80')")
        old.commit()
    with closing(SqliteCatalog(tmp_path / "catalog.db")) as catalog:
        assert catalog.count() == 0
