"""Shopify's webhooks: a file for each thing they tell of, and the table of topics that leads to them."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, TypeAlias

from habitue.ingest.foreign import Item
from habitue.ingest.rejection import Reject, Rejection

from . import carts, goods, orders, people, privacy
from .delivery import Delivery

Reader: TypeAlias = Callable[[Delivery, dict[str, Any]], list[Item]]

TOPICS: dict[str, Reader] = {
    "carts/create": carts.cart,
    "carts/update": carts.cart,
    "checkouts/create": partial(carts.checkout, "Checkout Started"),
    "checkouts/update": partial(carts.checkout, "Checkout Updated"),
    "checkouts/delete": partial(goods.thing, "Checkout Deleted", "checkout_id"),
    "orders/create": orders.completed,
    "orders/paid": orders.paid,
    "orders/updated": partial(orders.changed, "Order Updated"),
    "orders/edited": orders.edited,
    "orders/cancelled": orders.cancelled,
    "orders/fulfilled": partial(orders.changed, "Order Fulfilled"),
    "orders/partially_fulfilled": partial(orders.changed, "Order Partially Fulfilled"),
    "orders/delete": partial(goods.thing, "Order Deleted", "order_id"),
    "refunds/create": orders.refund,
    "fulfillments/create": partial(orders.fulfillment, "Fulfillment Created"),
    "fulfillments/update": partial(orders.fulfillment, "Fulfillment Updated"),
    "products/create": partial(goods.product, "Product Created"),
    "products/update": partial(goods.product, "Product Updated"),
    "products/delete": partial(goods.thing, "Product Deleted", "product_id"),
    "inventory_levels/update": goods.inventory,
    "inventory_levels/connect": goods.inventory,
    "inventory_levels/disconnect": partial(goods.location, "Inventory Disconnected"),
    "collections/create": partial(goods.thing, "Collection Created", "collection_id"),
    "collections/update": partial(goods.thing, "Collection Updated", "collection_id"),
    "collections/delete": partial(goods.thing, "Collection Deleted", "collection_id"),
    "customers/create": people.customer,
    "customers/update": people.customer,
    "customers/enable": partial(people.account, "Account Enabled"),
    "customers/disable": partial(people.account, "Account Disabled"),
    "customers/delete": partial(people.account, "Customer Deleted"),
    "customers_email_marketing_consent/update": people.consent,
    "customers_marketing_consent/update": people.consent,
    "app/uninstalled": partial(goods.thing, "App Uninstalled", "shop_id"),
    "customers/data_request": partial(privacy.of_customer, "Data Requested"),
    "customers/redact": partial(privacy.of_customer, "Erasure Requested"),
    "shop/redact": privacy.of_shop,
}
"""Topic → what becomes of its body."""


def translate(delivery: Delivery, content: dict[str, Any]) -> list[Item] | Reject:
    """The events a delivery tells of, or why there are none."""
    reader = TOPICS.get(delivery.topic)
    if reader is None:
        return Reject(Rejection.UNKNOWN_TOPIC, f'"{delivery.topic[:80]}" is none of the topics that are understood')
    return reader(delivery, content)


__all__ = ["TOPICS", "Delivery", "translate"]
