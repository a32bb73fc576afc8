"""Who may say what: for every name with a meaning, the lowest level that is believed, and what is made of the others.

This is the whole table. `ingest/trust.py` applies it to every event, the console and docs/trust.md show it.
"""

from __future__ import annotations

from typing import NamedTuple

from .trust import Level

ORDER_CLAIMED = "Order Claimed"
"""What a page says of an order: the cart is empty and the visit came to its end, and nothing was sold yet."""


class Claim(NamedTuple):
    """`least`: from which level on it is believed. `weaker`: the name it gets from a level below; without one it is a
    dead letter. `why`: what the level is there for.
    """

    about: str
    names: tuple[str, ...]
    least: Level
    weaker: str = ""
    why: str = ""

    @property
    def otherwise(self) -> str:
        """What becomes of it from a lower level, in words."""
        if self.least is Level.BROWSER:
            return "–"
        return f"becomes `{self.weaker}`" if self.weaker else "dead letter"


ORDERS = "Orders"
EVENTS: tuple[Claim, ...] = (
    Claim(
        "What a visitor does",
        (
            "Page Viewed",
            "Screen Viewed",
            "Identified",
            "Aliased",
            "Group Joined",
            "Products Searched",
            "Product List Viewed",
            "Product List Filtered",
            "Product Clicked",
            "Product Viewed",
            "Product Details Opened",
            "Product Added",
            "Product Removed",
            "Product Added to Wishlist",
            "Product Removed from Wishlist",
            "Wishlist Product Added to Cart",
            "Product Shared",
            "Product Reviewed",
            "Cart Viewed",
            "Cart Cleared",
            "Cart Shared",
            "Checkout Started",
            "Checkout Step Viewed",
            "Checkout Step Completed",
            "Payment Info Entered",
            "Promotion Viewed",
            "Promotion Clicked",
            "Coupon Entered",
            "Coupon Applied",
            "Coupon Denied",
            "Coupon Removed",
            ORDER_CLAIMED,
        ),
        Level.BROWSER,
        why="It is believed of this visitor. Any name that stands nowhere in this table is, too.",
    ),
    Claim(
        "Less than before",
        (
            "Consent Requested",
            "Consent Withdrawn",
            "Unsubscribed",
            "Messages Paused",
            "Messages Resumed",
            "Segment Consent Preference Updated",
        ),
        Level.BROWSER,
        why="A no, a pause and a wish to be asked are believed of this visitor.",
    ),
    Claim(
        "A yes to a channel with an address",
        ("Consent Granted",),
        Level.SERVER,
        weaker="Consent Requested",
        why="Anybody can write an address into a page. A yes to `onsite`, `ads` and a consent platform's `category` "
        "concerns the browser it was given in, and is believed.",
    ),
    Claim(
        ORDERS,
        ("Order Completed",),
        Level.SERVER,
        weaker=ORDER_CLAIMED,
        why="The cart is emptied, so that nobody is reminded of it; an order and its money count when a server, a "
        "webhook or an import says so.",
    ),
    Claim(
        ORDERS,
        (
            "Order Updated",
            "Order Edited",
            "Order Paid",
            "Order Fulfilled",
            "Order Partially Fulfilled",
            "Order Refunded",
            "Order Cancelled",
        ),
        Level.SERVER,
        why="What happens to an order happens in the shop.",
    ),
    Claim(
        "What became of an email",
        (
            "Email Sent",
            "Email Delivered",
            "Email Opened",
            "Email Link Clicked",
            "Email Opened by Machine",
            "Email Link Followed by Machine",
            "Email Bounced",
            "Email Marked as Spam",
        ),
        Level.SERVER,
        why="It ends writing to an address. A server may tell of another mail system's.",
    ),
    Claim(
        "What became of our messages",
        (
            "Message Displayed",
            "Message Clicked",
            "Message Dismissed",
            "Message Failed",
            "Message Expired",
            "Message Unknown",
        ),
        Level.CHANNEL,
        why="Only Habitue knows.",
    ),
    Claim(
        "Changes of the catalogue",
        (
            "Product Price Dropped",
            "Product Back in Stock",
            "Product Low in Stock",
            "Product New in Category",
            "Article Published",
        ),
        Level.SERVER,
        why="They are made of what the shop says of its goods.",
    ),
    Claim(
        "What people ask the shop for",
        ("Erasure Requested", "Data Requested", "Customer Deleted"),
        Level.SERVER,
        why="The shop knows who asked.",
    ),
    Claim(
        "Journeys asked for",
        ("Journey Requested",),
        Level.SERVER,
        why="A program of the shop's asks, with words of its own: a page would put its words into the shop's mouth.",
    ),
    Claim(
        "Orders to Habitue",
        (
            "Playbook Applied",
            "Customer Retried",
            "Customer Split",
            "Customer Erased",
            "Ledger Pruned",
            "Erased",
        ),
        Level.OPERATOR,
        why="They are given in the console and by commands.",
    ),
)

BY_NAME: dict[str, Claim] = {name: claim for claim in EVENTS for name in claim.names}
ORDER_NAMES: frozenset[str] = frozenset(name for claim in EVENTS if claim.about == ORDERS for name in claim.names)

CONSENTS: frozenset[str] = frozenset({"Consent Granted", "Consent Requested", "Consent Withdrawn", "Unsubscribed"})
"""What is kept in the ledger of consents, with how it was made sure of."""

OF_THE_BROWSER: frozenset[str] = frozenset({"onsite", "ads", "category"})
"""Channels and purposes that have no address: a yes to them is of the browser it was given in."""

SERVER_TRAITS: frozenset[str] = frozenset(
    {
        "admin", "aov", "average_order_value", "balance", "blocked", "churn_risk", "clv", "credit", "credit_limit",
        "customer_group", "customer_lifetime_value", "discount", "discount_group", "email_verified", "employee",
        "first_order_at", "first_order_date", "fraud", "gift_card_balance", "is_employee", "is_staff", "is_verified",
        "is_vip", "last_order_at", "last_order_date", "lifetime_value", "loyalty", "loyalty_card", "loyalty_level",
        "loyalty_points", "loyalty_tier", "ltv", "membership", "membership_level", "membership_tier", "order_count",
        "orders", "orders_count", "phone_verified", "points", "points_balance", "price_group", "revenue", "rfm",
        "risk", "role", "segment", "segments", "staff", "store_credit", "tags", "tier", "total_orders",
        "total_revenue", "total_spend", "total_spent", "verified", "verified_email", "vip", "vip_level", "wallet",
        "wallet_balance", "wholesale",
    }
)  # fmt: skip
"""Traits that nobody fills into a form: what somebody is worth to the shop, and what the shop grants them."""


class Field(NamedTuple):
    """The same for what an event carries beside its name: `otherwise` says what becomes of it from a lower level."""

    about: str
    what: str
    least: Level
    otherwise: str


FIELDS: tuple[Field, ...] = (
    Field("Who it was", "anonymous id", Level.BROWSER, "–"),
    Field(
        "Who it was",
        "user id, previous id",
        Level.SERVER,
        "kept as a claim that leads to nobody, unless it is [proven](#proofs)",
    ),
    Field(
        "Who it was",
        "email, phone, the shop's number, external ids",
        Level.SERVER,
        "kept as a claim that leads to nobody",
    ),
    Field("Who it was", "device, push token", Level.BROWSER, "never taken from somebody who is known"),
    Field("Traits", "what a person could fill into a form", Level.BROWSER, "does not replace what a server told"),
    Field("Traits", "what the shop knows or grants: see the list below", Level.SERVER, "left out"),
)


def spelled(trait: str) -> str:
    """A trait's name in the spelling of the list: `Loyalty Points` and `loyaltyPoints` are `loyaltypoints`."""
    return "".join(letter for letter in trait.lower() if letter.isalnum())


SPELLED_TRAITS: frozenset[str] = frozenset(map(spelled, SERVER_TRAITS))
