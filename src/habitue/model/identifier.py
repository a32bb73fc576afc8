"""External identifiers: what besides a user id and an anonymous id tells who someone is."""

from __future__ import annotations

from typing import NamedTuple


class Identifier(NamedTuple):
    """What an identifier of one kind is worth.

    `strong`: whoever shares one is the same person, unless both are known users. A weak one, such as a phone's push
    token, says on which device someone was, and belongs to whoever was there last.
    `limit`: how many of the kind one person may have before a further one no longer joins anybody to her.
    """

    strong: bool
    limit: int


USER = "user"
ANONYMOUS = "anonymous"
SHOP = "shop"
EMAIL = "email"
PHONE = "phone"
EXTERNAL = "external"
DEVICE = "device"
PUSH = "push"

IDENTIFIERS: dict[str, Identifier] = {
    SHOP: Identifier(strong=True, limit=5),
    EMAIL: Identifier(strong=True, limit=5),
    PHONE: Identifier(strong=True, limit=5),
    EXTERNAL: Identifier(strong=True, limit=20),
    DEVICE: Identifier(strong=False, limit=20),
    PUSH: Identifier(strong=False, limit=20),
}
"""Kinds in `Event.identifiers`, the most telling first. A user id comes before all of them, an anonymous id after.

Spelling: `shop` is `shopify:<shop domain>:<id>` or `woocommerce:<host>:<id>`; `email` is lower-case; `phone` is E.164
(`+442079460000`); `external` is `<type>:<id>`; `device` is the device's id; `push` is `ios:<token>`, `android:<token>`
or `web:<endpoint>`.
"""
