"""The catalogue in SQLite: `catalog.db`, written by whoever hears from the shop and read by everybody."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import closing
from itertools import islice
from pathlib import Path
from typing import NamedTuple, TypeVar

import msgspec

from habitue.model.article import Article
from habitue.model.change import Change, Told
from habitue.model.feed import Feed
from habitue.model.instant import DAY, Instant, Span
from habitue.model.product import HeldPrice, Product, StockLevel
from habitue.run.ports import NO_ALARMS, Alarms, Put
from habitue.store.falling import lowest

from .articles import ArticleBatch
from .database import APPLICATION_ID, Database
from .products import MILLIONTHS, SQL, ProductBatch

CHUNK = 500
"""Products in one transaction of a snapshot: others get their turn in between."""
LOW_STOCK = 3
PRICE_DROP_PERCENT_MAX = 80.0
PRICES_HELD = "prices_held"
CHANGES_KEPT: Span = 90 * DAY
PRICES_KEPT: Span = 730 * DAY
STOCKS_KEPT: Span = 180 * DAY

_decode = msgspec.msgpack.Decoder(Product).decode
_decode_article = msgspec.msgpack.Decoder(Article).decode
_decode_change = msgspec.msgpack.Decoder(Change).decode
_decode_feed = msgspec.msgpack.Decoder(Feed).decode
_encode = msgspec.msgpack.Encoder().encode

_T = TypeVar("_T")


class Snapshot(NamedTuple):
    """A whole catalogue being read. `tell` is False for a source's first: it is all new, and so none of it is news."""

    source: str
    number: int
    known: int
    tell: bool


class SqliteCatalog:
    """A `run.ports.Catalog`, and what templates, the console and the catalogue process read. Safe from any thread."""

    def __init__(
        self,
        path: Path,
        low_stock: int = LOW_STOCK,
        price_drop_percent_max: float = PRICE_DROP_PERCENT_MAX,
        alarms: Alarms = NO_ALARMS,
    ) -> None:
        _adopt(path)
        self._database = Database(path, "catalog")
        self._low_stock = low_stock
        self._price_drop_percent_max = price_drop_percent_max
        self._alarms = alarms

    # --- writing ---------------------------------------------------------------------------------------------------

    def put_products(self, products: Iterable[Product], *, source: str, at: Instant, tell: bool = True) -> Put:
        """Add or describe anew, in one transaction."""
        return self._put(source, at, lambda batch: _in_chunks(products, batch.put), tell=tell)

    def delete_products(
        self, ids: Sequence[str], *, source: str, at: Instant, updated_at: Instant | None = None
    ) -> Put:
        return self._put(source, at, lambda batch: batch.delete(ids, updated_at))

    def put_stock(self, levels: Iterable[StockLevel], *, source: str, at: Instant) -> Put:
        return self._put(source, at, lambda batch: batch.put_stock(levels))

    def put_articles(self, articles: Iterable[Article], *, source: str, at: Instant, tell: bool = True) -> Put:
        with self._database.write() as connection:
            batch = ArticleBatch(connection, source, at, tell=tell)
            _in_chunks(articles, batch.put)
            return batch.came_to

    def delete_articles(self, ids: Sequence[str], *, source: str, at: Instant) -> Put:
        with self._database.write() as connection:
            batch = ArticleBatch(connection, source, at, tell=False)
            batch.delete(ids)
            return batch.came_to

    def put_sold(self, sold: Mapping[str, float]) -> None:
        """Pieces sold by product id: what bestsellers are sorted by."""
        with self._database.write() as connection:
            connection.executemany(SQL["sell"], sold.items())

    def reprice(self, now: Instant, limit: int = CHUNK) -> int:
        """Let sales begin and end whose time has come; returns how many products it touched."""
        with self._database.read() as connection:
            ids = [row[0] for row in connection.execute(SQL["turning"], (now, limit))]
        if ids:
            self._put("", now, lambda batch: batch.reprice(ids))
        return len(ids)

    def next_turn(self) -> Instant | None:
        """When the next sale begins or ends."""
        with self._database.read() as connection:
            found: Instant | None = connection.execute(SQL["next_turn"]).fetchone()[0]
            return found

    def _put(self, source: str, at: Instant, work: Callable[[ProductBatch], None], *, tell: bool = True) -> Put:
        with self._database.write() as connection:
            batch = self._batch(connection, source, at, tell=tell)
            work(batch)
        return self._told_of_held(batch.came_to, at)

    def _batch(
        self, connection: sqlite3.Connection, source: str, at: Instant, *, tell: bool, seen: int = 0
    ) -> ProductBatch:
        most = self._price_drop_percent_max
        return ProductBatch(
            connection, source, at, low_stock=self._low_stock, tell=tell, seen=seen, drop_percent_max=most
        )

    # --- prices that are held --------------------------------------------------------------------------------------

    def held_prices(self, limit: int = 1_000) -> list[HeldPrice]:
        """Prices that wait for an answer, the longest waiting first."""
        with self._database.read() as connection:
            rows = connection.execute(SQL["held"], (limit,)).fetchall()
        return [_held(source, at, _decode(told), _decode(known)) for _, source, at, told, known in rows]

    def count_held(self) -> int:
        return self._number("held_count")

    def let_prices_in(self, ids: Sequence[str], at: Instant) -> int:
        """Believe prices that were held, and let customers hear of them; returns how many."""
        put = self._put("", at, lambda batch: batch.let_in(ids))
        self._clear_held(at)
        return put.changed

    def refuse_prices(self, ids: Sequence[str], at: Instant) -> int:
        """Forget prices that were held; returns how many. Told again, they are held again."""
        with self._database.write() as connection:
            gone = sum(connection.execute(SQL["let_go"], (one,)).rowcount for one in ids)
        self._clear_held(at)
        return gone

    def _told_of_held(self, put: Put, at: Instant) -> Put:
        if put.held:
            said = f"{self.count_held():,} prices fell by more than {self._price_drop_percent_max:g} % and are held"
            self._alarms.sound(PRICES_HELD, "catalogue", f"{said}; `habitue catalog held` shows them", at)
        return put

    def _clear_held(self, at: Instant) -> None:
        if not self.count_held():
            self._alarms.clear(PRICES_HELD, "catalogue", at)

    # --- snapshots -------------------------------------------------------------------------------------------------

    def begin_snapshot(self, source: str) -> Snapshot:
        with self._database.read() as connection:
            known, number = connection.execute(SQL["live_of_source"], (source,)).fetchone()
        return Snapshot(source, number + 1, known, known > 0 or number > 0)

    def put_part(self, snapshot: Snapshot, products: Sequence[Product], at: Instant) -> Put:
        """Some of a snapshot's products, in a transaction of their own."""
        with self._database.write() as connection:
            batch = self._batch(connection, snapshot.source, at, tell=snapshot.tell, seen=snapshot.number)
            batch.put(products)
        return self._told_of_held(batch.came_to, at)

    def keep(self, snapshot: Snapshot, ids: Sequence[str]) -> None:
        """Products the snapshot has, but in a form that cannot be read: they stay as they are known."""
        with self._database.write() as connection:
            connection.executemany(SQL["keep"], [(one, snapshot.source, snapshot.number) for one in ids])

    def missing(self, snapshot: Snapshot) -> int:
        """How many products of the source the snapshot, read to its end, does not have."""
        with self._database.read() as connection:
            asked = (snapshot.source, snapshot.number)
            return int(connection.execute(SQL["missing_count"], asked).fetchone()[0])

    def delete_missing(self, snapshot: Snapshot, at: Instant) -> int:
        """Delete what the snapshot does not have; returns how many."""
        deleted = 0
        while True:
            with self._database.read() as connection:
                asked = (snapshot.source, snapshot.number, CHUNK)
                ids = [row[0] for row in connection.execute(SQL["missing"], asked)]
            if not ids:
                return deleted
            deleted += self.delete_products(ids, source=snapshot.source, at=at).removed

    # --- products --------------------------------------------------------------------------------------------------

    def get(self, ids: Sequence[str]) -> dict[str, Product]:
        """The products that exist, by the id asked for: a product's own, or a variant's id or code."""
        if not ids:
            return {}
        with self._database.read() as connection:
            rows = connection.execute(SQL["get"], (json.dumps(list(ids)),))
            found = {product.id: product for product in (_decode(body) for (body,) in rows)}
            rest = [one for one in ids if one not in found]
            if rest:
                named = connection.execute(SQL["by_alias"], (json.dumps(rest),)).fetchall()
                for name, body in named:
                    found.setdefault(name, _decode(body))
        return found

    def bestsellers(self, category: str, count: int, exclude: Collection[str] = ()) -> list[Product]:
        """The most sold products in stock of a category, most sold first; of all categories when it is empty."""
        unwanted = json.dumps(list(exclude))
        if category:
            return self._products("bestsellers", category, unwanted, count)
        return self._products("bestsellers_of_all", unwanted, count)

    def search(self, query: str = "", count: int = 50, offset: int = 0) -> list[Product]:
        """Products whose id, name, category or brand holds the query, the most sold first."""
        return self._products("search", query.strip().lower(), count, offset)

    def products_after(self, after: str, query: str = "", count: int = 50) -> list[Product]:
        """The same in the order of their ids, after the given one: a list that stays in place while it is read."""
        return self._products("products_after", after, query.strip().lower(), count)

    def categories(self) -> dict[str, int]:
        """Category → how many products, the largest first."""
        with self._database.read() as connection:
            return dict(connection.execute(SQL["categories"]).fetchall())

    def count(self) -> int:
        return self._number("count")

    def prices(self, product: str, limit: int = 100) -> list[tuple[Instant, float, str]]:
        """(since, price, currency), newest first."""
        with self._database.read() as connection:
            rows = connection.execute(SQL["prices"], (product, limit)).fetchall()
        return [(at, price / MILLIONTHS, currency) for at, price, currency in rows]

    def stocks(self, product: str, limit: int = 100) -> list[tuple[Instant, int | None, bool]]:
        """(since, pieces where they are counted, in stock), newest first."""
        with self._database.read() as connection:
            rows = connection.execute(SQL["stocks"], (product, limit)).fetchall()
        return [(at, stock, bool(in_stock)) for at, stock, in_stock in rows]

    def _products(self, name: str, *values: object) -> list[Product]:
        with self._database.read() as connection:
            return [_decode(body) for (body,) in connection.execute(SQL[name], values)]

    # --- articles --------------------------------------------------------------------------------------------------

    def articles(self, query: str = "", count: int = 50, offset: int = 0) -> list[Article]:
        """Articles whose title, summary or categories hold the query, the latest first."""
        return self._articles("latest_articles", query.strip().lower(), count, offset)

    def articles_after(self, after: str, query: str = "", count: int = 50) -> list[Article]:
        """The same in the order of their ids, after the given one."""
        return self._articles("articles_after", after, query.strip().lower(), count)

    def articles_of(self, category: str, count: int = 3) -> list[Article]:
        """The latest articles of a category; of all when it is empty."""
        return self._articles("articles_of_category", category, count) if category else self.articles(count=count)

    def articles_by_id(self, ids: Sequence[str]) -> dict[str, Article]:
        return {article.id: article for article in self._articles("articles", json.dumps(list(ids)))}

    def count_articles(self) -> int:
        return self._number("count_articles")

    def knows_articles_of(self, source: str) -> bool:
        """Whether a source ever brought an article."""
        return self._number("articles_of_source", source) > 0

    def _articles(self, name: str, *values: object) -> list[Article]:
        with self._database.read() as connection:
            return [_decode_article(body) for (body,) in connection.execute(SQL[name], values)]

    # --- changes ---------------------------------------------------------------------------------------------------

    def changes(self, after: int, limit: int = 100) -> list[Change]:
        """Changes in the order they came to be, after a number; 0 is before the first."""
        with self._database.read() as connection:
            return _changes(connection, "changes", after, limit)

    def latest_changes(self, limit: int = 50) -> list[Change]:
        """Newest first."""
        with self._database.read() as connection:
            return _changes(connection, "latest_changes", limit)

    def told(self) -> Told:
        with self._database.read() as connection:
            number, place, since, customer = connection.execute(SQL["progress"]).fetchone()
        return Told(number, place, None if since is None else (since, customer))

    def tell(self, told: Told) -> None:
        """Note how far customers were told."""
        with self._database.write() as connection:
            since, customer = told.after or (None, None)
            connection.execute(SQL["move"], (told.number, told.place, since, customer))

    def forget(self, now: Instant) -> None:
        """Let go of changes everybody was told of and of prices and stock long past; the latest word always stays."""
        with self._database.write() as connection:
            connection.execute(SQL["forget_changes"], (now - CHANGES_KEPT,))
            connection.execute(SQL["forget_prices"], (now - PRICES_KEPT,))
            connection.execute(SQL["forget_stocks"], (now - STOCKS_KEPT,))

    # --- feeds -----------------------------------------------------------------------------------------------------

    def put_feed(self, feed: Feed) -> None:
        """Add a feed, or keep what came of it."""
        with self._database.write() as connection:
            values = (feed.name, feed.url, feed.holds, feed.interval, feed.added_at, feed.due_at, _encode(feed))
            connection.execute(SQL["put_feed"], values)

    def feeds(self) -> list[Feed]:
        with self._database.read() as connection:
            return [_decode_feed(body) for (body,) in connection.execute(SQL["feeds"])]

    def feed(self, name: str) -> Feed | None:
        with self._database.read() as connection:
            row = connection.execute(SQL["feed"], (name,)).fetchone()
        return None if row is None else _decode_feed(row[0])

    def due_feeds(self, now: Instant, limit: int = 10) -> list[Feed]:
        with self._database.read() as connection:
            return [_decode_feed(body) for (body,) in connection.execute(SQL["due_feeds"], (now, limit))]

    def drop_feed(self, name: str) -> bool:
        """Fetch it no more; what it brought stays. False when there is none of that name."""
        with self._database.write() as connection:
            return connection.execute(SQL["drop_feed"], (name,)).rowcount > 0

    def _number(self, name: str, *values: object) -> int:
        with self._database.read() as connection:
            return int(connection.execute(SQL[name], values).fetchone()[0])

    def close(self) -> None:
        self._database.close()


def _held(source: str, at: Instant, told: Product, known: Product) -> HeldPrice:
    return HeldPrice(
        product=known.id,
        name=known.name,
        source=source,
        at=at,
        before=lowest(known),
        price=lowest(told),
        currency=told.currency or known.currency,
    )


def _changes(connection: sqlite3.Connection, name: str, *values: int) -> list[Change]:
    rows = connection.execute(SQL[name], values)
    return [msgspec.structs.replace(_decode_change(body), number=number) for number, body in rows]


def _in_chunks(items: Iterable[_T], put: Callable[[Sequence[_T]], None]) -> None:
    rest = iter(items)
    while chunk := list(islice(rest, CHUNK)):
        put(chunk)


def _adopt(path: Path) -> None:
    """A catalogue of before it had versions does not say that it is ours."""
    if not path.exists():
        return
    with closing(sqlite3.connect(path, timeout=10)) as connection:
        names = {row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        if names == {"products"} and connection.execute("PRAGMA application_id").fetchone()[0] == 0:
            connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
