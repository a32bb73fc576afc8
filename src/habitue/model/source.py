"""A source: one place events come from. Its kind says which dialect it speaks and whether what it sends is signed."""

from __future__ import annotations

from typing import Literal, NamedTuple

import msgspec

from .instant import Instant

SERVER = "server"
SHOPIFY = "shopify"
WOOCOMMERCE = "woocommerce"


class Kind(NamedTuple):
    """`secret`: what a source of this kind signs with: nothing, a secret the shop gives us, or one we may make up."""

    secret: Literal["none", "theirs", "either"]
    sentence: str


KINDS: dict[str, Kind] = {
    "browser": Kind("none", "A shop's pages, by Segment's, RudderStack's, Jitsu's or PostHog's client or our bridge."),
    "app": Kind("none", "A mobile app."),
    SERVER: Kind("none", "A program of the shop's."),
    "ga4": Kind("none", "Whatever sends GA4's Measurement Protocol; the key is its api_secret."),
    "clevertap": Kind("none", "Whatever sends to CleverTap's upload API; the key is its passcode."),
    SHOPIFY: Kind("theirs", "A Shopify shop's webhooks, signed with the app's client secret."),
    WOOCOMMERCE: Kind("either", "A WooCommerce shop's webhooks, signed with the secret entered there."),
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
