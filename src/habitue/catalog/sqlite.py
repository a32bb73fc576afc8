"""The catalogue in one SQLite file, `catalog.db`, written by an import and read by everybody."""

from __future__ import annotations

import json
import re
import sqlite3
import threading
from collections.abc import Collection, Iterable, Mapping, Sequence
from importlib.resources import files
from pathlib import Path

import msgspec

from habitue.model.product import Product

_NAMED = re.compile(r"^-- name: (\w+)\n(.*?);\s*$", re.MULTILINE | re.DOTALL)
_QUERIES = dict(_NAMED.findall(files(__package__).joinpath("catalog.sql").read_text("utf-8")))
_BUSY_SECONDS = 10.0


class SqliteCatalog:
    """Safe from any thread: each has its own connection."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._local = threading.local()
        self._connections: list[sqlite3.Connection] = []
        with self._connection as connection:
            connection.execute("PRAGMA journal_mode = WAL")
            for name in ("create", "create_by_category", "create_by_sold"):
                connection.execute(_QUERIES[name])

    def put(self, products: Iterable[Product], sold: Mapping[str, float] | None = None) -> int:
        """Add or describe anew, in one transaction; returns how many. `sold`: pieces sold by product id."""
        pieces = sold or {}
        rows = [
            {
                "id": product.id,
                "category": product.category,
                "sold": pieces.get(product.id),
                "in_stock": product.in_stock,
                "search": f"{product.id} {product.name} {product.category}".lower(),
                "body": msgspec.msgpack.encode(product),
            }
            for product in products
        ]
        with self._connection as connection:
            connection.executemany(_QUERIES["upsert"], rows)
        return len(rows)

    def get(self, ids: Sequence[str]) -> dict[str, Product]:
        """The products that exist, by id."""
        found = self._products("get", ids=json.dumps(list(ids))) if ids else []
        return {product.id: product for product in found}

    def bestsellers(self, category: str, count: int, exclude: Collection[str] = ()) -> list[Product]:
        """The most sold products in stock of a category, most sold first; of all categories when it is empty."""
        unwanted = json.dumps(list(exclude))
        if category:
            return self._products("bestsellers", category=category, exclude=unwanted, count=count)
        return self._products("bestsellers_of_all", exclude=unwanted, count=count)

    def search(self, query: str = "", count: int = 50) -> list[Product]:
        """Products whose id, name or category holds the query, the most sold first."""
        return self._products("search", query=query.strip().lower(), count=count)

    def categories(self) -> dict[str, int]:
        """Category → how many products, the largest first."""
        return dict(self._connection.execute(_QUERIES["categories"]).fetchall())

    def count(self) -> int:
        return int(self._connection.execute(_QUERIES["count"]).fetchone()[0])

    def close(self) -> None:
        for connection in self._connections:
            connection.close()
        self._connections.clear()
        self._local = threading.local()

    def _products(self, name: str, **values: object) -> list[Product]:
        rows = self._connection.execute(_QUERIES[name], values)
        return [msgspec.msgpack.decode(body, type=Product) for (body,) in rows]

    @property
    def _connection(self) -> sqlite3.Connection:
        known: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if known is None:
            # Closed by whichever thread closes the catalogue; otherwise each is used by its own thread alone.
            known = sqlite3.connect(self._path, timeout=_BUSY_SECONDS, check_same_thread=False)
            self._local.connection = known
            self._connections.append(known)
        return known
