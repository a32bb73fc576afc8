"""The topics every app must serve: a customer asks for her data, or is to be forgotten."""

from __future__ import annotations

from typing import Any

from habitue.ingest.foreign import Item, told
from habitue.ingest.identities import identifiers
from habitue.ingest.values import identity, object_of, present

from .delivery import Delivery

_ORDERS_MAX = 1_000


def of_customer(name: str, delivery: Delivery, content: dict[str, Any]) -> list[Item]:
    """Kept on the customer herself; who carries it out finds it there."""
    customer = object_of(content.get("customer"))
    request = identity(object_of(content.get("data_request")).get("id"))
    return [
        told(
            name,
            id=f"{delivery.topic}:{identity(customer.get('id'))}:{request or delivery.event}",
            properties={
                "source": "shopify",
                "scope": "customer",
                **present(
                    shop=delivery.shop,
                    request_id=request,
                    shop_customer_id=identity(customer.get("id")),
                    orders=_orders(content.get("orders_requested") or content.get("orders_to_redact")),
                ),
            },
            identifiers=identifiers(
                shop=delivery.customer(customer.get("id")), email=customer.get("email"), phone=customer.get("phone")
            ),
            context=delivery.context(),
        )
    ]


def of_shop(delivery: Delivery, content: dict[str, Any]) -> list[Item]:
    """The shop has left: everybody it told of is to be forgotten. It is about nobody in particular."""
    return [
        told(
            "Erasure Requested",
            id=f"{delivery.topic}:{identity(content.get('shop_id'))}:{delivery.event}",
            properties={"source": "shopify", "scope": "shop", **present(shop=delivery.shop)},
            context=delivery.context(),
        )
    ]


def _orders(listed: Any) -> list[str]:
    return [found for found in map(identity, listed[:_ORDERS_MAX]) if found] if isinstance(listed, list) else []
