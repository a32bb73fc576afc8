"""Products out of a feed: Google Merchant's RSS, Atom, tables and JSON lines, packed or not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO
from xml.etree.ElementTree import Element

from habitue.catalog.attributes import Lacking, product
from habitue.model.product import Product

from .markup import MERCHANT, items, local, space, words
from .problem import ItemUnreadable
from .tables import documents, plain_name, rows
from .unpacking import unpacked


def read_products(file: BinaryIO, bytes_max: int) -> Iterator[Product | ItemUnreadable]:
    """The feed's products in order, and in their place those that cannot be read. The file must be seekable.

    Raises FeedUnreadable when the feed as a whole cannot be read, or no further.
    """
    for attributes in _records(file, bytes_max):
        try:
            yield product(attributes)
        except Lacking as error:
            yield ItemUnreadable(str(error), error.id)


def _records(file: BinaryIO, bytes_max: int) -> Iterator[Mapping[str, Any]]:
    start = unpacked(file, bytes_max).read(512) or b""
    source = unpacked(file, bytes_max)
    match _form(start):
        case "markup":
            yield from (_attributes(element) for element in items(source))
        case "json":
            yield from ({plain_name(name): value for name, value in one.items()} for one in documents(source))
        case _:
            yield from rows(source, start)


def _form(start: bytes) -> str:
    # UTF-16 has a zero in every other byte; what it begins with can still be seen.
    first = start.lstrip(b"\xef\xbb\xbf\xff\xfe\x00 \t\r\n")[:1]
    return {b"<": "markup", b"{": "json", b"[": "json"}.get(first, "table")


def _attributes(item: Element) -> dict[str, Any]:
    """What Google defines wins over what RSS and Atom call the same."""
    plain: dict[str, Any] = {}
    merchant: dict[str, list[str]] = {}
    for child in item:
        name = plain_name(local(child))
        if space(child) == MERCHANT:
            merchant.setdefault(name, []).append(words(child))
        elif name == "link" and child.get("href"):
            if child.get("rel", "alternate") == "alternate":
                plain.setdefault(name, child.get("href"))
        else:
            plain.setdefault(name, []).append(words(child))
    return plain | merchant
