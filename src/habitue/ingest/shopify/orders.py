"""Orders: completed once, however many topics tell of it; refunds and cancellations, with the money they move."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from habitue.ingest.foreign import Item, told
from habitue.ingest.identities import identifiers
from habitue.ingest.values import amount, identity, number, object_of, objects, present, tags, text, total
from habitue.model.currency import read_code

from . import people
from .delivery import Delivery, customer_of

CART = "shopify_cart"
"""The type of the external id by which a cart, a checkout and an order are known to be one visitor's."""


def completed(delivery: Delivery, order: dict[str, Any]) -> list[Item]:
    """The order was placed. At the moment it was, whenever and however often we hear of it."""
    placed_at = order.get("processed_at") or order.get("created_at")
    placed = told(
        "Order Completed",
        id=f"order-completed:{identity(order.get('id'))}",
        at=placed_at,
        properties=order_properties(order),
        identifiers=order_identifiers(delivery, order),
        context=_context(delivery, order),
    )
    return [placed, *people.consents(delivery, customer_of(order)), *_refunds(delivery, order)]


def paid(delivery: Delivery, order: dict[str, Any]) -> list[Item]:
    """Shops that subscribe to payments alone still get their orders; those that hear of both get one."""
    return [*completed(delivery, order), _told(delivery, "Order Paid", order)]


def changed(name: str, delivery: Delivery, order: dict[str, Any]) -> list[Item]:
    """The order as it stands now, and the refunds it lists."""
    return [_told(delivery, name, order), *_refunds(delivery, order)]


def edited(delivery: Delivery, content: dict[str, Any]) -> list[Item]:
    """An edit names its order and neither person nor amount. The order's update, which follows, names all of them."""
    edit = object_of(content.get("order_edit"))
    return [
        told(
            "Order Edit Committed",
            id=f"order-edited:{identity(edit.get('id'))}",
            at=edit.get("committed_at") or edit.get("created_at"),
            properties=present(order_id=identity(edit.get("order_id"))),
            context=delivery.context(),
        )
    ]


def cancelled(delivery: Delivery, order: dict[str, Any]) -> list[Item]:
    """The whole order is taken back, once; refunds it lists are told too, and are part of that."""
    cancellation = told(
        "Order Cancelled",
        id=f"order-cancelled:{identity(order.get('id'))}",
        at=order.get("cancelled_at") or order.get("updated_at"),
        properties={**order_properties(order), **present(reason=text(order.get("cancel_reason")))},
        identifiers=order_identifiers(delivery, order),
        context=_context(delivery, order),
    )
    return [cancellation, *_refunds(delivery, order)]


def refund(delivery: Delivery, content: dict[str, Any]) -> list[Item]:
    """A refund by itself names its order and no person. The order's next update names both, and is what counts."""
    refunded = _refund_properties(content, identity(content.get("order_id")))
    return [
        told(
            "Refund Created",
            id=f"refund-created:{identity(content.get('id'))}",
            at=content.get("processed_at") or content.get("created_at"),
            properties=refunded,
            context=delivery.context(),
        )
    ]


def fulfillment(name: str, delivery: Delivery, content: dict[str, Any]) -> list[Item]:
    """A parcel: what is in it and where it is."""
    destination = object_of(content.get("destination"))
    return [
        told(
            name,
            id=delivery.event_id(name.lower().replace(" ", "-"), content),
            at=content.get("updated_at") or content.get("created_at"),
            properties=present(
                order_id=identity(content.get("order_id")),
                fulfillment_id=identity(content.get("id")),
                status=text(content.get("status")),
                shipment_status=text(content.get("shipment_status")),
                carrier=text(content.get("tracking_company")),
                tracking_number=text(content.get("tracking_number")),
                tracking_url=text(content.get("tracking_url"), 1_000),
                products=[line(one) for one in objects(content.get("line_items"))],
            ),
            identifiers=identifiers(
                email=content.get("email"),
                phone=destination.get("phone"),
                country=destination.get("country_code") or "",
            ),
            context=delivery.context(),
        )
    ]


def order_properties(order: Mapping[str, Any]) -> dict[str, Any]:
    """An order or checkout in the vocabulary's words. Money comes as text."""
    discounts = objects(order.get("discount_codes"))
    currency = read_code(order.get("currency"))
    refunded = _refunded(order)
    subtotal = amount(order.get("subtotal_price"), currency)
    return present(
        order_id=identity(order.get("id")),
        order_number=text(order.get("name")) or identity(order.get("order_number")),
        checkout_id=text(order.get("checkout_token")),
        cart_id=text(order.get("cart_token")),
        affiliation=text(order.get("source_name")),
        order_names=_further_names(order),
        updated_at=text(order.get("updated_at"), 40),
        cancelled_at=text(order.get("cancelled_at"), 40),
        total=_total(order, refunded, currency),
        subtotal=subtotal,
        revenue=subtotal,
        shipping=_shipping(order),
        tax=amount(order.get("total_tax"), currency),
        discount=amount(order.get("total_discounts"), currency),
        refunded=refunded,
        coupon=next((text(one.get("code")) for one in discounts if text(one.get("code"))), ""),
        currency=text(order.get("currency"), 3).upper(),
        presentment_currency=text(order.get("presentment_currency"), 3).upper(),
        payment_status=text(order.get("financial_status")),
        fulfillment_status=text(order.get("fulfillment_status")),
        is_test=order.get("test") is True or None,
        landing_site=text(order.get("landing_site"), 1_000),
        tags=tags(order.get("tags")),
        products=[line(one) for one in objects(order.get("line_items"))],
    )


def _further_names(order: Mapping[str, Any]) -> list[str]:
    """What else the shop's pages and letters call the order, besides its id and its name."""
    given = [identity(order.get(field)) for field in ("order_number", "confirmation_number")]
    return [name for name in given if name and name != text(order.get("name")).lstrip("#")]


def _total(order: Mapping[str, Any], refunded: float | None, currency: str) -> float | str | None:
    """What the order comes to before refunds, as it was last edited.

    `current_total_price` follows edits and returns, `total_price` does not follow what was taken out. So it is the
    current one with what was given back, but never more than the price was, unless things were added.
    """
    total, current = amount(order.get("total_price"), currency), amount(order.get("current_total_price"), currency)
    if not isinstance(total, float) or not isinstance(current, float):
        return total
    return max(current, min(total, round(current + (refunded or 0.0), 6)))


def _refunded(order: Mapping[str, Any]) -> float | None:
    """All that was given back so far; None where the body does not list refunds."""
    if not isinstance(order.get("refunds"), list):
        return None
    return total(_refund_properties(one, "")["total"] for one in objects(order.get("refunds")))


def line(item: Mapping[str, Any]) -> dict[str, Any]:
    """One line. A custom item has no product, and so no product id; the rest of it is kept."""
    return present(
        product_id=identity(item.get("product_id")),
        variant_id=identity(item.get("variant_id")),
        sku=text(item.get("sku"), 100),
        name=text(item.get("title"), 200) or text(item.get("name"), 200),
        variant=text(item.get("variant_title"), 200),
        brand=text(item.get("vendor"), 100),
        price=amount(item.get("price")),
        quantity=number(item.get("quantity")),
        discount=amount(item.get("total_discount")),
    )


def order_identifiers(delivery: Delivery, order: Mapping[str, Any]) -> dict[str, str]:
    """All an order or checkout says of who placed it; its cart leads to what she did before she said so."""
    customer = customer_of(order)
    address = object_of(order.get("shipping_address")) or object_of(order.get("billing_address"))
    return identifiers(
        shop=delivery.customer(customer.get("id")),
        email=order.get("email") or order.get("contact_email") or customer.get("email"),
        phone=order.get("phone") or customer.get("phone") or address.get("phone"),
        country=address.get("country_code") or "",
        external=(CART, order.get("cart_token")),
    )


def _told(delivery: Delivery, name: str, order: dict[str, Any]) -> Item:
    return told(
        name,
        id=delivery.event_id(name.lower().replace(" ", "-"), order),
        at=order.get("updated_at"),
        properties=order_properties(order),
        identifiers=order_identifiers(delivery, order),
        context=_context(delivery, order),
    )


def _refunds(delivery: Delivery, order: dict[str, Any]) -> list[Item]:
    """The refunds an order lists, each told once: their ids are the refunds' own. Restocking alone moves no money."""
    found = []
    for one in objects(order.get("refunds")):
        properties = _refund_properties(one, identity(order.get("id")))
        if not properties["total"]:
            continue
        currency = text(order.get("currency"), 3).upper()
        found.append(
            told(
                "Order Refunded",
                id=f"order-refunded:{identity(one.get('id'))}",
                at=one.get("processed_at") or one.get("created_at"),
                properties={**properties, **present(currency=currency)},
                identifiers=order_identifiers(delivery, order),
                context=_context(delivery, order),
            )
        )
    return found


def _refund_properties(refund: Mapping[str, Any], order_id: str) -> dict[str, Any]:
    """The money that went back: what the transactions say, or the lines where there are none."""
    lines = objects(refund.get("refund_line_items"))
    transactions = objects(refund.get("transactions"))
    money = (
        total(
            one.get("amount") for one in transactions if one.get("kind") == "refund" and one.get("status") != "failure"
        )
        if transactions
        else total(amount for one in lines for amount in (one.get("subtotal"), one.get("total_tax")))
    )
    products = [
        {**line(object_of(one.get("line_item"))), **present(quantity=number(one.get("quantity")))} for one in lines
    ]
    return {
        **present(
            order_id=order_id,
            refund_id=identity(refund.get("id")),
            reason=text(refund.get("note")),
            products=[product for product in products if product],
        ),
        "total": money,
    }


def _shipping(order: Mapping[str, Any]) -> float | None:
    given = object_of(object_of(order.get("total_shipping_price_set")).get("shop_money")).get("amount")
    lines = objects(order.get("shipping_lines"))
    return number(given) if given is not None else total(one.get("price") for one in lines) if lines else None


def _context(delivery: Delivery, order: Mapping[str, Any]) -> dict[str, Any]:
    return delivery.context(**present(locale=text(order.get("customer_locale"), 20)))
