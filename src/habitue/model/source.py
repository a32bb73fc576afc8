"""A source: one place events come from. Its kind says which dialect it speaks and whether what it sends is signed."""

from __future__ import annotations

from typing import Literal, NamedTuple

import msgspec

from .instant import Instant
from .trust import Level

SERVER = "server"
SHOPIFY = "shopify"
WOOCOMMERCE = "woocommerce"


class Kind(NamedTuple):
    """`secret`: what a source of this kind signs with: nothing, a secret the shop gives us, or one we may make up.

    `level`: how far it is believed; see `claims.py` for what that means.
    """

    secret: Literal["none", "theirs", "either"]
    level: Level
    sentence: str


KINDS: dict[str, Kind] = {
    "browser": Kind(
        "none", Level.BROWSER, "A shop's pages, by Segment's, RudderStack's, Jitsu's or PostHog's client or our bridge."
    ),
    "app": Kind("none", Level.APP, "A mobile app."),
    SERVER: Kind("none", Level.SERVER, "A program of the shop's; its key is a secret."),
    "ga4": Kind("none", Level.SERVER, "Whatever sends GA4's Measurement Protocol; the key is its api_secret."),
    "clevertap": Kind("none", Level.SERVER, "Whatever sends to CleverTap's upload API; the key is its passcode."),
    SHOPIFY: Kind("theirs", Level.WEBHOOK, "A Shopify shop's webhooks, signed with the app's client secret."),
    WOOCOMMERCE: Kind("either", Level.WEBHOOK, "A WooCommerce shop's webhooks, signed with the secret entered there."),
}
"""Kind → what it means. A key of a kind that signs opens its own webhook address and no other."""


class WriteKey(msgspec.Struct, frozen=True, kw_only=True):
    """A key, and the source that events sent with it get. The secret itself is never part of it."""

    key: str
    source: str
    created_at: Instant
    kind: str = SERVER
    has_secret: bool = False
    rotated_at: Instant | None = None
    revoked_at: Instant | None = None


class Sender(NamedTuple):
    """Who speaks with a key: the source its events get, and how far it is believed."""

    source: str
    level: Level
    user_secret: bytes = b""
    """What the shop signs its users' ids with; empty where nothing may be signed."""
