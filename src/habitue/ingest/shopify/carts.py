"""Carts and checkouts: what is in them, and whose they are as far as anybody knows."""

from __future__ import annotations

from typing import Any

from habitue.ingest.foreign import Item, told
from habitue.ingest.identities import identifiers
from habitue.ingest.values import objects, present, text

from . import orders
from .delivery import Delivery


def cart(delivery: Delivery, content: dict[str, Any]) -> list[Item]:
    """The whole cart as it is now. It names nobody; its token leads to the person once she checks out."""
    token = text(content.get("token"), 200) or text(content.get("id"), 200)
    products = [orders.line(one) for one in objects(content.get("line_items"))]
    return [
        told(
            "Cart Viewed" if products else "Cart Cleared",
            id=delivery.event_id("cart", content, object_id=token),
            at=content.get("updated_at"),
            properties=present(cart_id=token, products=products, note=text(content.get("note"))),
            identifiers=identifiers(external=(orders.CART, token)),
            context=delivery.context(),
        )
    ]


def checkout(name: str, delivery: Delivery, content: dict[str, Any]) -> list[Item]:
    """She began to pay. Where she can go on is in `checkout_url`."""
    token = text(content.get("token"), 200)
    properties = orders.order_properties(content)
    properties.pop("order_id", None)  # It is the checkout's; there is no order yet.
    return [
        told(
            name,
            id=delivery.event_id(name.lower().replace(" ", "-"), content, object_id=token),
            at=content.get("updated_at"),
            properties={
                **properties,
                **present(
                    checkout_id=token,
                    checkout_url=text(content.get("abandoned_checkout_url"), 1_000),
                    completed_at=text(content.get("completed_at"), 40),
                ),
            },
            identifiers=orders.order_identifiers(delivery, content),
            context=delivery.context(**present(locale=text(content.get("customer_locale"), 20))),
        )
    ]
