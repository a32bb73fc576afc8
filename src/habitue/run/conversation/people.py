"""The cast of a conversation: who they are to the shop, on which device, and what is in their baskets."""

from __future__ import annotations

import re
from typing import Any

import msgspec

from habitue.model.customer import customer_id

_PRODUCT = re.compile(
    r"""(?:(?P<count>\d+)\s*[×x]?\s+)?                                  # 2 ×
        (?:"(?P<quoted>[^"]+)"|(?:(?:an?|the|some)\s+)?(?P<bare>[^"(),]+?))  # "Red Mug", a red mug
        \s*(?:\((?P<facts>[^()]*)\))?\s*""",  # (P1, 4.95, Mugs)
    re.VERBOSE,
)


class Person(msgspec.Struct):
    """`signed_in`: the devices on which the shop knows who she is."""

    name: str
    zone: str
    signed_in: set[str] = set()
    devices: list[str] = []
    cart: dict[str, dict[str, Any]] = {}
    order: str = ""
    """The id of her latest order."""
    email: str = ""
    """The address they gave last."""

    def anonymous_id(self, device: str) -> str:
        if device not in self.devices:
            self.devices.append(device)
        return f"{self.name}'s {device}"

    def customer_ids(self) -> list[str]:
        """Every customer id she can have: the known one first."""
        return [
            customer_id("user", self.name),
            *(customer_id("anonymous", self.anonymous_id(device)) for device in list(self.devices)),
        ]


class Goods:
    """Products by name: what was once said of one need not be said again."""

    def __init__(self) -> None:
        self._known: dict[str, dict[str, Any]] = {}

    def read(self, text: str) -> dict[str, Any]:
        """`2 × "Red Mug" (P1, 4.95, Mugs)` as an event's properties. Raises ValueError."""
        match = _PRODUCT.fullmatch(text.strip())
        name = (match["quoted"] or match["bare"] or "").strip() if match else ""
        if match is None or not name:
            raise ValueError(f'expected a product such as "Red Mug" (P1, 4.95, Mugs), found {text.strip()}')
        product = self._known.setdefault(name.casefold(), {"product_id": _slug(name), "name": name, "price": 10.0})
        if match["facts"] is not None:
            product |= _facts(match["facts"])
        return {**product, **({"quantity": int(match["count"])} if match["count"] else {})}

    def read_list(self, text: str) -> list[dict[str, Any]]:
        """Several, parted by commas or `and`."""
        parts = [""]
        for token in re.findall(r'"[^"]*"|\([^()]*\)|,|\s+and\s+|.', text):
            if token.strip() in (",", "and"):
                parts.append("")
            else:
                parts[-1] += token
        return [self.read(part) for part in parts if part.strip()]


def _facts(text: str) -> dict[str, Any]:
    """`P1, 4.95, Mugs`: id, price and category; later ones may be left out."""
    parts = [part.strip() for part in text.split(",")]
    if len(parts) > 3:
        raise ValueError(f"expected at most an id, a price and a category in brackets, found ({text})")
    facts: dict[str, Any] = {"product_id": parts[0]} if parts[0] else {}
    if len(parts) > 1:
        try:
            facts["price"] = float(parts[1])
        except ValueError:
            raise ValueError(f"expected a price such as 4.95, found {parts[1]}") from None
    if len(parts) > 2:
        facts["category"] = parts[2]
    return facts


def _slug(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", name.casefold()).strip("-") or "product"


def total(products: list[dict[str, Any]]) -> float:
    amount: float = sum(product["price"] * product.get("quantity", 1) for product in products)
    return round(amount, 2)
