"""WooCommerce's webhooks: orders and their changes of state, customers, products and coupons."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, NamedTuple, TypeAlias
from urllib.parse import urlsplit

from habitue.model.currency import read_code

from .foreign import Item, known, told
from .identities import identifiers
from .rejection import Reject, Rejection
from .values import amount, identity, number, object_of, objects, present, text, total

_ORDERED = frozenset({"processing", "completed"})
"""States in which an order counts: it is paid, or will be on delivery. `on-hold` waits for a bank transfer."""
_HOST = re.compile(r"[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?")
_DESCRIPTION_CHARACTERS_MAX = 8_000
_PING = re.compile(rb"webhook_id=\d{1,20}")


class Delivery(NamedTuple):
    """`host` is the shop's; `digest` stands for the body, which is all there is to tell deletions apart by."""

    topic: str
    host: str
    digest: str

    def event_id(self, kind: str, content: Mapping[str, Any]) -> str:
        """The same object in the same state is the same event, whatever the delivery's number."""
        state = text(content.get("date_modified_gmt"), 40) or self.digest
        return f"{kind}:{identity(content.get('id'))}:{state}"

    def customer(self, customer_id: Any) -> str:
        """How a customer of this shop is known; guests have the number 0, which is nobody's."""
        plain = identity(customer_id)
        return f"woocommerce:{self.host}:{plain}" if plain and self.host else ""

    def context(self) -> dict[str, Any]:
        return {"library": {"name": "woocommerce"}, "channel": "server"}


def delivery(headers: Mapping[str, str], source: str, body: bytes) -> Delivery:
    """Read from the headers; only the body is signed."""
    try:
        host = (urlsplit(headers.get("x-wc-webhook-source", "")).hostname or "").lower()
    except ValueError:
        host = ""
    return Delivery(
        topic=headers.get("x-wc-webhook-topic", "").strip().lower(),
        host=host if _HOST.fullmatch(host) else source,
        digest=hashlib.sha256(body).hexdigest()[:32],
    )


def is_ping(headers: Mapping[str, str], body: bytes) -> bool:
    """Whether this is the unsigned form a new webhook is tried with; it says nothing and changes nothing."""
    return "x-wc-webhook-signature" not in headers and _PING.fullmatch(body.strip()) is not None


def _order(delivery: Delivery, content: dict[str, Any]) -> list[Item]:
    """The order as it stands, and once each: that it was placed, refunded, cancelled."""
    order_id, status = identity(content.get("id")), text(content.get("status"), 40).removeprefix("wc-")
    properties = order_properties(content)
    modified_at = content.get("date_modified_gmt")

    def tell(name: str, id: str, at: Any, **more: Any) -> Item:
        return told(
            name,
            id=id,
            at=at,
            properties={**properties, **more},
            identifiers=order_identifiers(delivery, content),
            context=delivery.context(),
        )

    found = [tell("Order Updated", delivery.event_id("order-updated", content), modified_at)]
    if status in _ORDERED:
        placed_at = content.get("date_paid_gmt") or content.get("date_created_gmt")
        found.insert(0, tell("Order Completed", f"order-completed:{order_id}", placed_at))
    if status == "cancelled":
        found.append(tell("Order Cancelled", f"order-cancelled:{order_id}", modified_at))
    refunds = objects(content.get("refunds"))
    for one in refunds:
        more = {"total": _back(one.get("total")), **present(reason=text(one.get("reason")), products=[])}
        refund = tell("Order Refunded", f"order-refunded:{identity(one.get('id'))}", modified_at, **more)
        refund["properties"].pop("products", None)  # Which of them, the list does not say.
        found.append(refund)
    if status == "refunded" and not refunds:
        found.append(tell("Order Refunded", f"order-refunded:order:{order_id}", modified_at))
    return found


def _refunded(order: Mapping[str, Any]) -> float | str | None:
    """All that was given back so far; None where the body does not list refunds."""
    if not isinstance(order.get("refunds"), list):
        return None
    refunds = objects(order.get("refunds"))
    if not refunds and text(order.get("status"), 40).removeprefix("wc-") == "refunded":
        return amount(order.get("total"))
    return abs(total(one.get("total") for one in refunds))


def _back(given: Any) -> float | str:
    """What a refund of the list gives back, without its minus; what cannot be read stays as it is written."""
    found = amount(given)
    return found if isinstance(found, str) else abs(found or 0.0)


def _customer(delivery: Delivery, content: dict[str, Any]) -> list[Item]:
    billing = object_of(content.get("billing"))
    traits = present(
        email=text(content.get("email")) or text(billing.get("email")),
        phone=text(billing.get("phone"), 60),
        firstName=text(content.get("first_name"), 100) or text(billing.get("first_name"), 100),
        lastName=text(content.get("last_name"), 100) or text(billing.get("last_name"), 100),
        username=text(content.get("username"), 100),
        createdAt=text(content.get("date_created_gmt"), 40),
        address=present(
            city=text(billing.get("city"), 100),
            state=text(billing.get("state"), 100),
            postalCode=text(billing.get("postcode"), 20),
            country=text(billing.get("country"), 2),
        ),
    )
    return [
        known(
            traits,
            id=delivery.event_id("customer", content),
            at=content.get("date_modified_gmt"),
            identifiers=identifiers(
                shop=delivery.customer(content.get("id")),
                email=traits.get("email"),
                phone=billing.get("phone"),
                country=billing.get("country") or "",
            ),
            context=delivery.context(),
        )
    ]


def _customer_deleted(delivery: Delivery, content: dict[str, Any]) -> list[Item]:
    return [
        told(
            "Customer Deleted",
            id=delivery.event_id("customer-deleted", content),
            identifiers=identifiers(shop=delivery.customer(content.get("id"))),
            context=delivery.context(),
        )
    ]


def _product(name: str, delivery: Delivery, content: dict[str, Any]) -> list[Item]:
    return [
        told(
            name,
            id=delivery.event_id("product", content),
            at=content.get("date_modified_gmt"),
            properties=product_properties(content),
            context=delivery.context(),
        )
    ]


def _coupon(name: str, delivery: Delivery, content: dict[str, Any]) -> list[Item]:
    properties = present(
        coupon_id=identity(content.get("id")),
        code=text(content.get("code"), 100),
        amount=number(content.get("amount")),
        discount_type=text(content.get("discount_type"), 40),
        expires_at=text(content.get("date_expires_gmt"), 40),
    )
    return [
        told(
            name,
            id=delivery.event_id(name.lower().replace(" ", "-"), content),
            at=content.get("date_modified_gmt"),
            properties=properties,
            context=delivery.context(),
        )
    ]


def _gone(name: str, field: str, delivery: Delivery, content: dict[str, Any]) -> list[Item]:
    """Of what is deleted, the shop tells nothing but the number."""
    return [
        told(
            name,
            id=delivery.event_id(name.lower().replace(" ", "-"), content),
            properties=present(**{field: identity(content.get("id"))}),
            context=delivery.context(),
        )
    ]


def order_properties(order: Mapping[str, Any]) -> dict[str, Any]:
    """An order in the vocabulary's words. Money comes as text."""
    lines = objects(order.get("line_items"))
    currency = read_code(order.get("currency"))
    coupons = objects(order.get("coupon_lines"))
    return present(
        order_id=identity(order.get("id")),
        order_number=text(order.get("number"), 40),
        order_names=[key] if (key := text(order.get("order_key"), 100)) else [],
        updated_at=text(order.get("date_modified_gmt"), 40),
        affiliation=text(order.get("created_via"), 40),
        status=text(order.get("status"), 40).removeprefix("wc-"),
        total=amount(order.get("total"), currency),
        revenue=total((line.get("total") for line in lines), currency) if lines else None,
        shipping=amount(order.get("shipping_total"), currency),
        tax=amount(order.get("total_tax"), currency),
        discount=amount(order.get("discount_total"), currency),
        refunded=_refunded(order),
        coupon=next((text(one.get("code"), 100) for one in coupons if text(one.get("code"))), ""),
        currency=text(order.get("currency"), 3).upper(),
        payment_method=text(order.get("payment_method"), 100),
        products=[
            present(
                product_id=identity(line.get("product_id")),
                variant_id=identity(line.get("variation_id")),
                sku=text(line.get("sku"), 100),
                name=text(line.get("name"), 200),
                price=amount(line.get("price")),
                quantity=number(line.get("quantity")),
            )
            for line in lines
        ],
    )


def order_identifiers(delivery: Delivery, order: Mapping[str, Any]) -> dict[str, str]:
    billing = object_of(order.get("billing"))
    return identifiers(
        shop=delivery.customer(order.get("customer_id")),
        email=billing.get("email"),
        phone=billing.get("phone"),
        country=billing.get("country") or "",
    )


def product_properties(content: Mapping[str, Any]) -> dict[str, Any]:
    pictures = [text(one.get("src"), 1_000) for one in objects(content.get("images"), 20)]
    return present(
        product_id=identity(content.get("id")),
        parent_id=identity(content.get("parent_id")),
        name=text(content.get("name"), 200),
        url=text(content.get("permalink"), 1_000),
        description=text(content.get("description"), _DESCRIPTION_CHARACTERS_MAX),
        sku=text(content.get("sku"), 100),
        status=text(content.get("status"), 40),
        price=number(content.get("price")),
        regular_price=number(content.get("regular_price")),
        sale_price=number(content.get("sale_price")),
        stock=number(content.get("stock_quantity")),
        stock_status=text(content.get("stock_status"), 40),
        categories=[text(one.get("name"), 100) for one in objects(content.get("categories"), 50)],
        tags=[text(one.get("name"), 100) for one in objects(content.get("tags"), 50)],
        image_urls=[picture for picture in pictures if picture],
        updated_at=text(content.get("date_modified_gmt"), 40),
    )


Reader: TypeAlias = Callable[[Delivery, dict[str, Any]], list[Item]]

TOPICS: dict[str, Reader] = {
    "order.created": _order,
    "order.updated": _order,
    "order.restored": _order,
    "order.deleted": partial(_gone, "Order Deleted", "order_id"),
    "customer.created": _customer,
    "customer.updated": _customer,
    "customer.restored": _customer,
    "customer.deleted": _customer_deleted,
    "product.created": partial(_product, "Product Created"),
    "product.updated": partial(_product, "Product Updated"),
    "product.restored": partial(_product, "Product Updated"),
    "product.deleted": partial(_gone, "Product Deleted", "product_id"),
    "coupon.created": partial(_coupon, "Coupon Created"),
    "coupon.updated": partial(_coupon, "Coupon Updated"),
    "coupon.restored": partial(_coupon, "Coupon Updated"),
    "coupon.deleted": partial(_gone, "Coupon Deleted", "coupon_id"),
}
"""Topic → what becomes of its body."""


def translate(delivery: Delivery, content: dict[str, Any]) -> list[Item] | Reject:
    """The events a delivery tells of, or why there are none."""
    reader = TOPICS.get(delivery.topic)
    if reader is None:
        return Reject(Rejection.UNKNOWN_TOPIC, f'"{delivery.topic[:80]}" is none of the topics that are understood')
    return reader(delivery, content)
