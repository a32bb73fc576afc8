"""What a message may speak of: the customer and the occasion, as they are at the moment of the decision."""

from __future__ import annotations

from typing import Any

from habitue.decide.conditions.cart import cart_count, cart_lines, cart_value
from habitue.decide.profile.told import told
from habitue.decide.profile.traits import email
from habitue.model.customer import Customer, Run
from habitue.model.instant import Instant, Span, to_iso


def letter(customer: Customer, run: Run, now: Instant, gap: Span) -> dict[str, Any]:
    """The `data` of a `Send`; its shape is described there and in docs/templates.md. `gap` parts two visits."""
    return {
        "customer": _person(customer),
        "event": {"name": run.event_name, **run.event},  # A product's own name is what templates mean by event.name.
        "cart": _cart(customer),
        "viewed": [view.product for view in customer.viewed],
        "bought": [
            {"category": category, "times": times, "last_at": to_iso(at)}
            for category, (times, at) in sorted(customer.bought.items(), key=lambda item: (-item[1][0], item[0]))
        ],
        **told(customer, now, gap),
        "run": {
            "id": run.id,
            "journey": run.journey,
            "key": run.key,
            "entered_at": to_iso(run.entered_at),
            "trusted": run.trusted,
        },
    }


def _person(customer: Customer) -> dict[str, Any]:
    traits = customer.traits
    return {
        "id": customer.id,
        "user_id": customer.user_id,
        "email": email(customer),
        "first_name": _text(traits.get("firstName")) or _text(traits.get("first_name")),
        "name": _text(traits.get("name")),
        "traits": dict(traits),
        "claimed": list(customer.claimed_traits),
        "timezone": customer.timezone,
        "locale": customer.locale,
        "orders": customer.orders,
    }


def _cart(customer: Customer) -> dict[str, Any]:
    cart = customer.cart
    return {
        "cart_id": cart.cart_id,
        "count": cart_count(cart),
        "value": cart_value(cart),
        "items": [
            {
                "product_id": product,
                "name": line.name,
                "price": line.price,
                "quantity": quantity,
                "category": line.category,
                "image_url": line.image_url,
                "url": line.url,
            }
            for product, line, quantity in cart_lines(cart)
        ],
    }


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
