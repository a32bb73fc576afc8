"""Writes products and their stock: what is newer than what is known, and what customers may want to hear of it."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import msgspec

from habitue.model.change import Change
from habitue.model.instant import Instant
from habitue.model.product import BACKORDER, PREORDER, Product, StockLevel, Variant, price_at, price_turns_at
from habitue.run.ports import Put
from habitue.store.changes import Before, changes, offer, offers
from habitue.store.falling import falls, priced_as

from .queries import Queries

SQL = Queries("catalog.sql")
MILLIONTHS = 1_000_000
PRICE_MAX = 1e12
STOCK_MAX = 10**9
"""Beyond these nothing is sold, and no database counts."""
SOLD_WITHOUT_STOCK = (PREORDER, BACKORDER)

_replace = msgspec.structs.replace
_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Product).decode


class Row(NamedTuple):
    """A product as the table holds it."""

    source: str
    updated_at: Instant
    priced_at: Instant
    deleted_at: Instant | None
    product: Product


class ProductBatch:
    """One transaction's work. `seen` is the number of the snapshot that is being read, 0 for anything else.

    A price that falls by more than `drop_percent_max` is held: the rest of what is told of the product is believed.
    """

    def __init__(
        self,
        connection: sqlite3.Connection,
        source: str,
        at: Instant,
        *,
        low_stock: int,
        tell: bool,
        seen: int = 0,
        drop_percent_max: float = 100.0,
    ) -> None:
        self._connection = connection
        self._source = source
        self._at = at
        self._low_stock = low_stock
        self._tell = tell
        self._seen = seen
        self._drop_percent_max = drop_percent_max
        self._rows: dict[str, Row | None] = {}
        self._counts: Counter[str] = Counter()

    @property
    def came_to(self) -> Put:
        return Put(**self._counts)

    # --- what is offered -------------------------------------------------------------------------------------------

    def put(self, products: Sequence[Product]) -> None:
        self._read(product.id for product in products)
        levels = self._levels(products)
        held = {row[0] for row in self._connection.execute(SQL["held_of"], (json.dumps([one.id for one in products]),))}
        for product in products:
            self._put(product, levels, is_held=product.id in held)

    def let_in(self, ids: Sequence[str]) -> None:
        """Believe the prices that were held."""
        self._read(ids)
        for one, source, body in self._connection.execute(SQL["held_bodies"], (json.dumps(list(ids)),)).fetchall():
            known = self._rows[one]
            if known is not None and known.deleted_at is None:
                self._counts["changed"] += 1
                self._write(known, priced_as(_decode(body), known.product), source, known.updated_at)
            self._connection.execute(SQL["let_go"], (one,))

    def _put(self, product: Product, levels: dict[str, tuple[int, Instant]], *, is_held: bool) -> None:
        known, stamp = self._rows[product.id], self._stamp(product.updated_at)
        if known is not None and stamp < known.updated_at:
            self._counts["stale"] += 1
            self._touch(product.id, known)
            return
        product = self._priced(known, _with_newer_stock(product, stamp, levels), is_held=is_held)
        if known is not None and known.deleted_at is None and _same(known.product, product):
            self._counts["unchanged"] += 1
            self._touch(product.id, known._replace(updated_at=stamp))
            return
        self._counts["added" if known is None or known.deleted_at is not None else "changed"] += 1
        self._write(known, product, self._source, stamp)

    def _priced(self, known: Row | None, told: Product, *, is_held: bool) -> Product:
        """As it was told, but for a price that is held."""
        if known is not None and falls(known.product, told, self._drop_percent_max):
            self._counts["held"] += 1
            self._connection.execute(SQL["hold"], (told.id, self._source, self._at, _encode(told)))
            return priced_as(known.product, told)
        if is_held:
            self._connection.execute(SQL["let_go"], (told.id,))
        return told

    def delete(self, ids: Sequence[str], updated_at: Instant | None) -> None:
        self._read(ids)
        stamp = self._stamp(updated_at)
        for one in ids:
            known = self._rows[one]
            if known is None:
                self._counts["unknown"] += 1
            elif known.deleted_at is not None:
                self._counts["unchanged"] += 1
            elif stamp < known.updated_at:
                self._counts["stale"] += 1
            else:
                self._counts["removed"] += 1
                self._connection.execute(SQL["delete"], (one, self._at, stamp))
                self._connection.execute(SQL["let_go"], (one,))
                self._rows[one] = known._replace(deleted_at=self._at, updated_at=stamp)

    def reprice(self, ids: Sequence[str]) -> None:
        """Look again at products whose sale begins or ends."""
        self._read(ids)
        for one in ids:
            known = self._rows[one]
            if known is not None:
                self._counts["changed"] += 1
                self._write(known, known.product, known.source, known.updated_at)

    # --- how many there are ----------------------------------------------------------------------------------------

    def put_stock(self, levels: Iterable[StockLevel]) -> None:
        for level in levels:
            level = _replace(level, quantity=max(-STOCK_MAX, min(STOCK_MAX, level.quantity)))
            found = self._holders(level)
            self._read(product for product, _ in found)
            if not any(self._rows[product] for product, _ in found):
                self._counts["unknown"] += 1
            for product, variant in found:
                known = self._rows[product]
                if known is not None:
                    self._put_level(level, known, variant)

    def _holders(self, level: StockLevel) -> list[tuple[str, str]]:
        """(product, variant or nothing) of all that a level speaks of."""
        if level.product_id:
            return [(level.product_id, level.variant_id)]
        kind, name = ("variant", level.variant_id) if level.variant_id else ("item", level.inventory_item_id)
        products = [row[0] for row in self._connection.execute(SQL["named"], (kind, name))]
        self._read(products)
        return [
            (product, variant.id)
            for product in products
            if (row := self._rows[product]) is not None
            for variant in row.product.variants
            if name in (variant.id if kind == "variant" else variant.inventory_item_id,)
        ]

    def _put_level(self, level: StockLevel, known: Row, variant: str) -> None:
        holder = f"v{variant}" if variant else f"p{known.product.id}"
        stamp = self._stamp(level.updated_at)
        before = self._connection.execute(SQL["level"], (holder, level.location)).fetchone()
        if (before is not None and stamp < before[1]) or (not level.location and stamp < known.updated_at):
            self._counts["stale"] += 1
            return
        stock = _stock(known.product, variant)
        self._connection.execute(SQL["put_level"], (holder, level.location, level.quantity, stamp))
        if level.location:
            # What the shop told of the product later than this level has it in its sum already.
            counted = stamp <= known.updated_at
            total = stock if counted else _total(stock, before[0] if before else None, level.quantity)
            if total is not None:
                self._connection.execute(SQL["put_level"], (holder, "", total, stamp))
        else:
            total = level.quantity
        if total == stock or total is None:
            self._counts["unchanged"] += 1
            return
        self._counts["changed"] += 1
        self._write(known, _with_stock(known.product, {variant: total}), known.source, known.updated_at)

    def _levels(self, products: Iterable[Product]) -> dict[str, tuple[int, Instant]]:
        holders = [f"p{product.id}" for product in products]
        holders += [f"v{variant.id}" for product in products for variant in product.variants]
        rows = self._connection.execute(SQL["levels"], (json.dumps(holders),))
        return {holder: (quantity, at) for holder, quantity, at in rows}

    # --- rows ------------------------------------------------------------------------------------------------------

    def _stamp(self, updated_at: Instant | None) -> Instant:
        """A shop whose clock is ahead must not shut out what it says next."""
        return self._at if updated_at is None else min(updated_at, self._at)

    def _read(self, ids: Iterable[str]) -> None:
        wanted = [one for one in dict.fromkeys(ids) if one not in self._rows]
        if not wanted:
            return
        self._rows.update(dict.fromkeys(wanted))
        rows = self._connection.execute(SQL["known"], (json.dumps(wanted),))
        for one, source, updated_at, priced_at, deleted_at, body in rows:
            self._rows[one] = Row(source, updated_at, priced_at, deleted_at, _decode(body))

    def _touch(self, product: str, row: Row) -> None:
        self._rows[product] = row._replace(source=self._source)
        self._connection.execute(SQL["touch"], (product, self._source, row.updated_at, self._seen))

    def _write(self, known: Row | None, product: Product, source: str, stamp: Instant) -> None:
        at, price = self._at, price_at(product, self._at)
        values = (
            product.id,
            source,
            product.category,
            product.in_stock,
            f"{product.id} {product.name} {product.category} {product.brand}".lower(),
            stamp,
            at,
            price_turns_at(product, at),
            self._seen,
            _encode(product),
        )
        self._connection.execute(SQL["put"], values)
        self._rows[product.id] = Row(source, stamp, at, None, product)
        if known is None or _names(known.product) != _names(product):
            self._connection.execute(SQL["unname"], (product.id,))
            self._connection.executemany(SQL["name"], [(*name, product.id) for name in _names(product)])
        before = None if known is None else _before(known)
        self._keep_history(before, product, price)
        if self._tell:
            self._keep_changes(changes(before, product, price, at, self._low_stock))

    def _keep_history(self, before: Before | None, product: Product, price: float) -> None:
        now = offer(product, price)
        if before is None or (before.offer.price, before.offer.currency) != (price, product.currency):
            amount = round(min(price, PRICE_MAX) * MILLIONTHS)
            self._connection.execute(SQL["put_price"], (product.id, self._at, amount, product.currency))
        if before is None or (before.offer.stock, before.offer.in_stock) != (now.stock, now.in_stock):
            self._connection.execute(SQL["put_stock"], (product.id, self._at, _bounded(now.stock), now.in_stock))

    def _keep_changes(self, found: Iterable[Change]) -> None:
        for change in found:
            self._counts["changes"] += 1
            self._connection.execute(SQL["add_change"], (change.at, change.name, _encode(change)))


def _before(known: Row) -> Before:
    """What was deleted could not be bought, whatever its last description says."""
    product = known.product
    price = price_at(product, known.priced_at)
    was, variants = offer(product, price), offers(product, price, known.priced_at)
    if known.deleted_at is not None:
        was = was._replace(in_stock=False)
        variants = {one: each._replace(in_stock=False) for one, each in variants.items()}
    return Before(product, was, variants)


def _bounded(stock: int | None) -> int | None:
    return None if stock is None else max(-STOCK_MAX, min(STOCK_MAX, stock))


def _same(known: Product, told: Product) -> bool:
    return _replace(known, updated_at=None) == _replace(told, updated_at=None)


def _names(product: Product) -> list[tuple[str, str]]:
    found = [("sku", product.sku)]
    for variant in product.variants:
        found += [("variant", variant.id), ("sku", variant.sku), ("item", variant.inventory_item_id)]
    return [(kind, name) for kind, name in found if name]


def _stock(product: Product, variant: str) -> int | None:
    if not variant:
        return product.stock
    return next((one.stock for one in product.variants if one.id == variant), None)


def _total(known: int | None, before: int | None, now: int) -> int:
    """All there is, after one place told its number.

    Of a place that never told one before nobody knows how many of the known sum were its own. The sum stays then: a
    false "sold out", and the false "back in stock" after it, would be worse than a number that is a little old.
    """
    if known is None:
        return now
    return max(known, now) if before is None else known + now - before


def _with_newer_stock(product: Product, stamp: Instant, levels: dict[str, tuple[int, Instant]]) -> Product:
    """A description may be older than the latest word on how many there are."""
    newer: dict[str, int] = {}
    holders = [("", f"p{product.id}"), *((variant.id, f"v{variant.id}") for variant in product.variants)]
    for variant, holder in holders:
        quantity, at = levels.get(holder, (0, -1))
        if at > stamp:
            newer[variant] = quantity
    return _with_stock(product, newer) if newer else product


def _with_stock(product: Product, quantities: dict[str, int]) -> Product:
    """The product with the numbers given, by variant id, or by nothing for the product itself."""
    if "" in quantities:
        stock = quantities[""]
        in_stock = stock > 0 or product.availability in SOLD_WITHOUT_STOCK
        product = _replace(product, stock=stock, in_stock=in_stock)
    variants = [_variant_with_stock(variant, quantities.get(variant.id)) for variant in product.variants]
    if variants == product.variants:
        return product
    counted = [variant.stock for variant in variants]
    stock_of_all = None if None in counted else sum(max(0, one or 0) for one in counted)
    return _replace(
        product,
        variants=variants,
        stock=stock_of_all,
        in_stock=any(variant.in_stock for variant in variants),
    )


def _variant_with_stock(variant: Variant, quantity: int | None) -> Variant:
    if quantity is None:
        return variant
    return _replace(variant, stock=quantity, in_stock=quantity > 0 or variant.backorder)
