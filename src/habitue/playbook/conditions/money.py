"""Which properties of events are money: what has to be brought into the shop's currency before it is compared."""

from __future__ import annotations

from .tree import Node, Path, Property, walk

AMOUNTS = ("total", "revenue", "value", "subtotal", "shipping", "tax", "discount", "refunded", "price")
LINES = "products"
AMOUNTS_OF_A_LINE = ("price", "total", "discount")
_FIRST = frozenset({*AMOUNTS, LINES})


def is_money(path: Path) -> bool:
    """Whether a currency can change what is read there. Of lists of products it is said of everything in them."""
    return bool(path) and path[0] in _FIRST


def reads_money(where: Node | None) -> bool:
    return where is not None and any(isinstance(node, Property) and is_money(node.path) for node in walk(where))
