"""What an event tells of a person: one function per event name, each independent of the order of arrival."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TypeAlias

from habitue.decide.outcome import Outcome
from habitue.model.claims import ORDER_CLAIMED
from habitue.model.customer import Customer
from habitue.model.event import IDENTIFIED, Event, Record
from habitue.model.instant import Span

from .addresses import LINK_OPENED, put_addresses, put_link_opened
from .cart import LINES_MAX, put_cart_emptied, put_cart_viewed, put_product_added, put_product_removed
from .consent_words import SAYS_CONSENT
from .consents import put_bounced, put_marked_as_spam
from .interests import CART, cart_keys, in_cart, tell
from .orders import ORDER_WORDS, put_order_cancelled, put_order_completed, put_order_refunded, put_order_word
from .pausing import PAUSED, RESUMED, put_paused, put_resumed
from .text import product_id
from .traits import put_context, put_identified
from .viewed import POINTS, put_liking, put_list_viewed, put_product_viewed
from .visits import NOTES, put_visit
from .wishes import put_taken_off, put_wished

Put: TypeAlias = Callable[[Customer, Event, int], None]
"""The number is the event's place in the log: of two events of one instant, the later there is the later."""
PutAll: TypeAlias = Callable[[Customer, Event, int, Span, Outcome], None]


def _alone(put: Put) -> PutAll:
    """A fact that concerns nothing but her own state."""
    return lambda customer, event, position, gap, outcome: put(customer, event, position)


def _cart(put: Put) -> PutAll:
    """A change of the cart, which is also one of the products that lead to her."""

    def put_and_tell(customer: Customer, event: Event, position: int, gap: Span, outcome: Outcome) -> None:
        before = cart_keys(customer)
        put(customer, event, position)
        tell(customer, outcome, CART, before, cart_keys(customer))

    return put_and_tell


def _line(put: Put) -> PutAll:
    """The same where the event speaks of one product, and the cart has room for it."""
    put_and_compare = _cart(put)

    def put_and_tell(customer: Customer, event: Event, position: int, gap: Span, outcome: Outcome) -> None:
        if len(customer.cart.lines) >= LINES_MAX:
            put_and_compare(customer, event, position, gap, outcome)
            return
        product = product_id(event.properties)
        before = in_cart(customer, product)
        put(customer, event, position)
        after = in_cart(customer, product)
        if (before is None) is not (after is None):
            outcome.interests.append((customer.id, CART, product, after))

    return put_and_tell


def _sold(put: PutAll) -> PutAll:
    """A change of her orders, which is also one of the shop's takings: told twice, an order is sold once."""

    def put_and_tell(customer: Customer, event: Event, position: int, gap: Span, outcome: Outcome) -> None:
        orders, revenue = customer.orders, customer.revenue
        put(customer, event, position, gap, outcome)
        outcome.sold = (customer.orders - orders, customer.revenue - revenue)

    return put_and_tell


FACTS: dict[str, tuple[PutAll, ...]] = {
    IDENTIFIED: (_alone(put_identified),),
    "Product Details Opened": (put_liking,),
    "Product Added to Wishlist": (put_wished, put_liking),
    "Product Removed from Wishlist": (put_taken_off,),
    "Wishlist Product Added to Cart": (put_taken_off, _line(put_product_added), put_liking),
    "Product Added": (_line(put_product_added), put_liking),
    "Product Removed": (_line(put_product_removed),),
    "Cart Viewed": (_cart(put_cart_viewed),),
    "Cart Cleared": (_cart(put_cart_emptied),),
    "Order Completed": (_cart(put_cart_emptied), _sold(put_order_completed)),
    ORDER_CLAIMED: (_cart(put_cart_emptied),),
    "Order Refunded": (_sold(put_order_refunded),),
    "Order Cancelled": (_sold(put_order_cancelled),),
    "Email Bounced": (_alone(put_bounced),),
    "Email Marked as Spam": (_alone(put_marked_as_spam),),
    PAUSED: (_alone(put_paused),),
    RESUMED: (_alone(put_resumed),),
    LINK_OPENED: (_alone(put_link_opened),),
}
for _name in ORDER_WORDS:
    FACTS[_name] = (_sold(put_order_word),)
for _name, _note in NOTES.items():
    FACTS[_name] = (*FACTS.get(_name, ()), put_visit(_note))
# The most frequent ones tell of the visit by themselves.
FACTS["Product Viewed"] = (put_product_viewed,)
FACTS["Product List Viewed"] = (put_list_viewed,)

FACT_EVENTS: dict[str, frozenset[str]] = {
    "cart": frozenset(
        {
            "Product Added",
            "Wishlist Product Added to Cart",
            "Product Removed",
            "Cart Viewed",
            "Cart Cleared",
            "Order Completed",
            ORDER_CLAIMED,
        }
    ),
    "wishlist": frozenset(
        {"Product Added to Wishlist", "Product Removed from Wishlist", "Wishlist Product Added to Cart"}
    ),
    "recently_viewed": frozenset({"Product Viewed"}),
    "visit": frozenset(NOTES),
    "last_visit": frozenset(NOTES),
    "orders": frozenset({"Order Completed", "Order Refunded", "Order Cancelled", *ORDER_WORDS}),
    "consent": SAYS_CONSENT,
    "address": frozenset({IDENTIFIED, LINK_OPENED}),
    "pause": frozenset({PAUSED, RESUMED}),
    "affinity": frozenset({*POINTS, "Order Completed"}),
    "reach": frozenset({IDENTIFIED, "Email Bounced", "Email Marked as Spam", "Order Completed"}),
    "identifier": frozenset(),
    "device": frozenset(),
    "clock": frozenset(),
}
"""By what a condition calls it: the events that can change it. The last three come with events of any name: an
identifier, a device, the time zone of a browser."""


ALWAYS_KEPT = frozenset(
    {IDENTIFIED, LINK_OPENED, "Email Bounced", "Email Marked as Spam", *FACT_EVENTS["pause"], *FACT_EVENTS["orders"]}
)
"""Whom, where and whether she may be written to is asked before every message; orders are what everything is for."""

Facts: TypeAlias = Mapping[str, tuple[PutAll, ...]]


def facts_for(asked: Iterable[str]) -> Facts:
    """Enough of them for these to be known, each as a condition calls it, and those that are always kept."""
    kept = ALWAYS_KEPT.union(*(FACT_EVENTS[fact] for fact in asked))
    return {name: puts for name, puts in FACTS.items() if name in kept}


def put_facts(customer: Customer, record: Record, gap: Span, outcome: Outcome, facts: Facts = FACTS) -> None:
    """`gap`: a pause longer than this begins a new visit."""
    event, position = record.event, record.position
    at = event.occurred_at
    if event.source != "habitue":  # Our own receipts are not signs of life.
        if at > customer.last_seen_at:
            customer.last_seen_at = at
        if at < customer.first_seen_at or not customer.first_seen_at:
            customer.first_seen_at = at
    if event.context:
        put_context(customer, event, position)
    if event.identifiers or event.traits:
        put_addresses(customer, event)
    for put in facts.get(event.name, ()):
        put(customer, event, position, gap, outcome)
