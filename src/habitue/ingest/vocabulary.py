"""Names of Segment's e-commerce vocabulary: version 2 is canonical, version 1 is still sent and means the same."""

from __future__ import annotations

VERSION_1: dict[str, str] = {
    "Viewed Product": "Product Viewed",
    "Viewed Product Category": "Product List Viewed",
    "Clicked Product": "Product Clicked",
    "Added Product": "Product Added",
    "Removed Product": "Product Removed",
    "Viewed Cart": "Cart Viewed",
    "Started Order": "Checkout Started",
    "Viewed Checkout Step": "Checkout Step Viewed",
    "Completed Checkout Step": "Checkout Step Completed",
    "Updated Order": "Order Updated",
    "Completed Order": "Order Completed",
    "Refunded Order": "Order Refunded",
    "Cancelled Order": "Order Cancelled",
    "Searched Products": "Products Searched",
    "Viewed Promotion": "Promotion Viewed",
    "Clicked Promotion": "Promotion Clicked",
}
"""Version 1 name → version 2 name."""

COMMERCE: frozenset[str] = frozenset(VERSION_1.values()) | {
    "Product List Filtered",
    "Payment Info Entered",
    "Coupon Entered",
    "Coupon Applied",
    "Coupon Denied",
    "Coupon Removed",
    "Order Paid",
    "Order Edited",
    "Order Fulfilled",
    "Order Partially Fulfilled",
    "Product Added to Wishlist",
    "Product Removed from Wishlist",
    "Wishlist Product Added to Cart",
    "Product Shared",
    "Cart Shared",
    "Product Reviewed",
}
"""Events whose properties have types the vocabulary fixes."""

NUMBERS: tuple[str, ...] = (
    "price",
    "quantity",
    "position",
    "value",
    "revenue",
    "total",
    "subtotal",
    "shipping",
    "tax",
    "discount",
    "refunded",
    "step",
)
"""Properties that are numbers, on the event and on each of its products. Shops send many of them as strings."""
