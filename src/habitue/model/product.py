"""A product of the shop's catalogue."""

from __future__ import annotations

import msgspec


class Product(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """`price` is in the shop's currency; `url` and `image_url` may be relative to the shop."""

    id: str
    name: str
    price: float
    category: str = ""
    url: str = ""
    image_url: str = ""
    description: str = ""
    in_stock: bool = True
