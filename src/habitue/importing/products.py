"""Rows that are products, for the catalogue."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from habitue.model.product import BACKORDER, IN_STOCK, OUT_OF_STOCK, PREORDER, Product

from .fields import Fields, Values, tree
from .making import Made, Refused
from .names import plain_name
from .reading.rows import Row
from .reasons import RowReason, RowRefused
from .values import yes_or_no

AVAILABILITY: dict[str, str] = {
    word: meaning
    for meaning, words in {
        IN_STOCK: "in_stock instock available limited_availability low_stock",
        OUT_OF_STOCK: "out_of_stock outofstock sold_out soldout unavailable discontinued",
        PREORDER: "preorder pre_order presale",
        BACKORDER: "backorder back_order onbackorder on_backorder",
    }.items()
    for word in words.split()
}


class Products:
    """One row, one product."""

    def __init__(self, fields: Fields) -> None:
        self._fields = fields

    def make(self, row: Row) -> Iterator[Made]:
        try:
            yield self._product(self._fields.read(row.cells))
        except RowRefused as refused:
            yield Refused(row.number, refused.reason, refused.detail, row.cells)

    def _product(self, values: Values) -> Product:
        missing = [field for field in ("id", "name", "price") if field not in values]
        if missing:
            raise RowRefused(RowReason.NOT_A_PRODUCT, f"{' and '.join(missing)}: empty")
        found = {field: value for field, value in values.items() if "." not in field}
        found |= {"name": str(values["name"]), "labels": {k: str(v) for k, v in tree(values, "labels").items()}}
        for read in (_put_lists, _put_stock, _put_category):
            read(found)
        if found["price"] < 0:
            raise RowRefused(RowReason.NOT_A_PRODUCT, f"its price is {found['price']}")
        try:
            return msgspec.convert(found | {"currency": self._fields.mapping.currency}, Product, strict=False)
        except msgspec.ValidationError as error:
            raise RowRefused(RowReason.NOT_A_PRODUCT, str(error)) from None

    def rest(self) -> Iterator[Iterable[Made]]:
        return iter(())

    def pass_over(self, row: Row) -> None:
        pass

    def waiting(self) -> bytes:
        return b""

    def go_on(self, waiting: bytes) -> None:
        pass


def _put_lists(found: dict[str, Any]) -> None:
    for field, separator in (("category_path", ">"), ("image_urls", ",")):
        if isinstance(found.get(field), str):
            found[field] = [part.strip() for part in found[field].split(separator) if part.strip()]


def _put_category(found: dict[str, Any]) -> None:
    if found.get("category_path") and "category" not in found:
        found["category"] = found["category_path"][-1]


def _put_stock(found: dict[str, Any]) -> None:
    if "stock" in found:
        found["stock"] = int(found["stock"])
        found["in_stock"] = found["stock"] > 0
    said = found.pop("availability", None)
    if said is None:
        return
    word = AVAILABILITY.get(plain_name(str(said)))
    if word is None:
        yes = yes_or_no(said)
        if yes is None:
            raise RowRefused(RowReason.NOT_A_PRODUCT, f'availability: "{str(said)[:60]}" is no word that is known')
        word = IN_STOCK if yes else OUT_OF_STOCK
    found["availability"] = word
    found["in_stock"] = word != OUT_OF_STOCK
