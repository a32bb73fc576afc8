"""What an event tells of a person: one function per event name, each independent of the order of arrival."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from habitue.decide.outcome import Outcome
from habitue.model.customer import Customer
from habitue.model.event import IDENTIFIED, Event
from habitue.model.instant import Span

from .cart import put_cart_emptied, put_cart_viewed, put_product_added, put_product_removed
from .consents import put_bounced, put_marked_as_spam
from .interests import CART, cart_keys, tell
from .orders import put_order_cancelled, put_order_completed, put_order_refunded
from .traits import put_context, put_identified
from .viewed import POINTS, put_liking, put_product_viewed
from .visits import STAGE_OF, put_visit
from .wishes import put_taken_off, put_wished

Put: TypeAlias = Callable[[Customer, Event], None]
PutAndTell: TypeAlias = Callable[[Customer, Event, Outcome], None]

FACTS: dict[str, tuple[Put, ...]] = {
    IDENTIFIED: (put_identified,),
    "Email Bounced": (put_bounced,),
    "Email Marked as Spam": (put_marked_as_spam,),
}


def _cart(put: Put) -> PutAndTell:
    """A change of the cart, which is also a change of what she is interested in."""

    def put_and_tell(customer: Customer, event: Event, outcome: Outcome) -> None:
        before = cart_keys(customer)
        put(customer, event)
        tell(customer, outcome, CART, before, cart_keys(customer))

    return put_and_tell


def _sold(put: PutAndTell) -> PutAndTell:
    """A change of her orders, which is also one of the shop's takings: told twice, an order is sold once."""

    def put_and_tell(customer: Customer, event: Event, outcome: Outcome) -> None:
        orders, revenue = customer.orders, customer.revenue
        put(customer, event, outcome)
        outcome.sold = (customer.orders - orders, customer.revenue - revenue)

    return put_and_tell


SHOPPING: dict[str, tuple[PutAndTell, ...]] = {
    "Product List Viewed": (put_liking,),
    "Product Viewed": (put_product_viewed, put_liking),
    "Product Details Opened": (put_liking,),
    "Product Added to Wishlist": (put_wished, put_liking),
    "Product Removed from Wishlist": (put_taken_off,),
    "Wishlist Product Added to Cart": (put_taken_off, _cart(put_product_added), put_liking),
    "Product Added": (_cart(put_product_added), put_liking),
    "Product Removed": (_cart(put_product_removed),),
    "Cart Viewed": (_cart(put_cart_viewed),),
    "Cart Cleared": (_cart(put_cart_emptied),),
    "Order Completed": (_cart(put_cart_emptied), _sold(put_order_completed)),
    "Order Refunded": (_sold(put_order_refunded),),
    "Order Cancelled": (_sold(put_order_cancelled),),
}
"""What also changes something outside her state: which products lead to her, what the shop has sold."""

FACT_EVENTS: dict[str, frozenset[str]] = {
    "cart": frozenset(
        {
            "Product Added",
            "Wishlist Product Added to Cart",
            "Product Removed",
            "Cart Viewed",
            "Cart Cleared",
            "Order Completed",
        }
    ),
    "wishlist": frozenset(
        {"Product Added to Wishlist", "Product Removed from Wishlist", "Wishlist Product Added to Cart"}
    ),
    "recently_viewed": frozenset({"Product Viewed"}),
    "visit": frozenset(STAGE_OF),
    "last_visit": frozenset(STAGE_OF),
    "orders": frozenset({"Order Completed", "Order Refunded", "Order Cancelled"}),
    "affinity": frozenset({*POINTS, "Order Completed"}),
}
"""By what a condition calls it: the events that can change it."""


def put_facts(customer: Customer, event: Event, gap: Span, outcome: Outcome) -> None:
    """`gap`: a pause longer than this begins a new visit."""
    at = event.occurred_at
    if event.source != "habitue":  # Our own receipts are not signs of life.
        if at > customer.last_seen_at:
            customer.last_seen_at = at
        if at < customer.first_seen_at or not customer.first_seen_at:
            customer.first_seen_at = at
    if event.context:
        put_context(customer, event)
    name = event.name
    for put in FACTS.get(name, ()):
        put(customer, event)
    for put_and_tell in SHOPPING.get(name, ()):
        put_and_tell(customer, event, outcome)
    stage = STAGE_OF.get(name)
    if stage is not None:
        put_visit(customer, event, stage, gap)
