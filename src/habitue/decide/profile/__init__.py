"""What an event tells of a person: one function per event name, each independent of the order of arrival."""

from __future__ import annotations

from collections.abc import Callable

from habitue.model.customer import Customer
from habitue.model.event import IDENTIFIED, Event

from .cart import put_cart_emptied, put_cart_viewed, put_product_added, put_product_removed
from .consents import put_bounced, put_marked_as_spam
from .orders import put_order_completed, put_order_refunded, put_product_viewed
from .traits import put_context, put_identified

FACTS: dict[str, tuple[Callable[[Customer, Event], None], ...]] = {
    IDENTIFIED: (put_identified,),
    "Product Viewed": (put_product_viewed,),
    "Product Added": (put_product_added,),
    "Wishlist Product Added to Cart": (put_product_added,),
    "Product Removed": (put_product_removed,),
    "Cart Viewed": (put_cart_viewed,),
    "Cart Cleared": (put_cart_emptied,),
    "Order Completed": (put_order_completed,),
    "Order Refunded": (put_order_refunded,),
    "Order Cancelled": (put_order_refunded,),
    "Email Bounced": (put_bounced,),
    "Email Marked as Spam": (put_marked_as_spam,),
}

CART_EVENTS = frozenset(
    {
        "Product Added",
        "Wishlist Product Added to Cart",
        "Product Removed",
        "Cart Viewed",
        "Cart Cleared",
        "Order Completed",
    }
)
"""Events that can change the cart."""


def put_facts(customer: Customer, event: Event) -> None:
    at = event.occurred_at
    if event.source != "habitue":  # Our own receipts are not signs of life.
        if at > customer.last_seen_at:
            customer.last_seen_at = at
        if at < customer.first_seen_at or not customer.first_seen_at:
            customer.first_seen_at = at
    if event.context:
        put_context(customer, event)
    for put in FACTS.get(event.name, ()):
        put(customer, event)
