"""Customers: who they are, and what they have agreed to be sent."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from habitue.ingest.foreign import Item, known, told
from habitue.ingest.identities import identifiers
from habitue.ingest.values import identity, number, object_of, present, tags, text

from .delivery import Delivery

_SAID = {"subscribed": "Consent Granted", "unsubscribed": "Consent Withdrawn", "pending": "Consent Requested"}
"""State → event. `not_subscribed` is no word of hers; `invalid` and `redacted` are about the address."""


def customer(delivery: Delivery, content: dict[str, Any]) -> list[Item]:
    """What the shop knows of her, without what Shopify withholds: a null must not erase what others told."""
    address = object_of(content.get("default_address"))
    traits = present(
        email=text(content.get("email")),
        phone=text(content.get("phone"), 60),
        firstName=text(content.get("first_name"), 100),
        lastName=text(content.get("last_name"), 100),
        tags=tags(content.get("tags")),
        createdAt=text(content.get("created_at"), 40),
        currency=text(content.get("currency"), 3),
        locale=text(content.get("locale"), 20),
        shopify_orders=number(content.get("orders_count")),
        shopify_spent=number(content.get("total_spent")),
        address=present(
            city=text(address.get("city"), 100),
            state=text(address.get("province"), 100),
            postalCode=text(address.get("zip"), 20),
            country=text(address.get("country_code"), 2),
        ),
    )
    who = customer_identifiers(delivery, content)
    item = known(
        traits,
        id=delivery.event_id("customer", content),
        at=content.get("updated_at"),
        identifiers=who,
        context=delivery.context(),
    )
    return [item, *consents(delivery, content)]


def account(name: str, delivery: Delivery, content: dict[str, Any]) -> list[Item]:
    """Her account was switched on or off, or taken away."""
    return [
        told(
            name,
            id=delivery.event_id(name.lower().replace(" ", "-"), content),
            at=content.get("updated_at"),
            identifiers=customer_identifiers(delivery, content),
            context=delivery.context(),
        )
    ]


def consent(delivery: Delivery, content: dict[str, Any]) -> list[Item]:
    """The consent topics name the customer in one of two ways."""
    return consents(
        delivery,
        {
            **content,
            "id": content.get("customer_id") or content.get("id"),
            "email": content.get("email_address") or content.get("email"),
        },
    )


def consents(delivery: Delivery, customer: Mapping[str, Any]) -> list[Item]:
    """Her word on each channel, at the moment she gave it; told by many topics, kept once."""
    found = []
    for channel in ("email", "sms"):
        said = object_of(customer.get(f"{channel}_marketing_consent"))
        state, at = text(said.get("state"), 40).lower(), text(said.get("consent_updated_at"), 40)
        if state not in _SAID or not at:
            continue
        found.append(
            told(
                _SAID[state],
                id=f"consent:{channel}:{identity(customer.get('id'))}:{state}:{at}",
                at=at,
                properties={
                    "channel": channel,
                    "source": "shopify",
                    **present(
                        email=text(customer.get("email")) if channel == "email" else "",
                        phone=text(customer.get("phone"), 60) if channel == "sms" else "",
                        opt_in_level=text(said.get("opt_in_level"), 40),
                        collected_from=text(said.get("consent_collected_from"), 40),
                    ),
                },
                identifiers=customer_identifiers(delivery, customer),
                context=delivery.context(),
            )
        )
    return found


def customer_identifiers(delivery: Delivery, customer: Mapping[str, Any]) -> dict[str, str]:
    address = object_of(customer.get("default_address"))
    return identifiers(
        shop=delivery.customer(customer.get("id")),
        email=customer.get("email"),
        phone=customer.get("phone"),
        country=address.get("country_code") or "",
    )
