"""One delivery of a webhook: what its headers say, and what tells it from all others."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from habitue.ingest.values import identity, object_of, text

_DOMAIN = re.compile(r"[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?")


class Delivery(NamedTuple):
    """`shop` is its domain; `event` the id that repetitions of one delivery share."""

    topic: str
    shop: str
    event: str
    version: str

    def event_id(self, kind: str, content: Mapping[str, Any], *, object_id: str = "") -> str:
        """Shopify delivers twice, late and out of order: the same object in the same state is the same event.

        Where a body tells no state, the delivery's own id must do.
        """
        state = text(content.get("updated_at"), 40) or self.event
        return f"{kind}:{object_id or identity(content.get('id')) or identity(content.get('token'))}:{state}"

    def context(self, **more: Any) -> dict[str, Any]:
        return {"library": {"name": "shopify", "version": self.version}, "channel": "server", **more}

    def customer(self, customer_id: Any) -> str:
        """How a customer of this shop is known, or nothing where there is none."""
        plain = identity(customer_id)
        return f"shopify:{self.shop}:{plain}" if plain and self.shop else ""


def delivery(headers: Mapping[str, str], source: str, body: bytes) -> Delivery:
    """Read from the headers, of the older kind (`X-Shopify-Topic`) or the newer (`Shopify-Topic`).

    Only the body is signed. So nothing the headers say can make a delivery more than its body says.
    """

    def header(name: str) -> str:
        return (headers.get(f"x-shopify-{name}") or headers.get(f"shopify-{name}") or "").strip()

    domain = header("shop-domain").lower()
    return Delivery(
        topic=header("topic").lower(),
        shop=domain if _DOMAIN.fullmatch(domain) else source,
        event=(header("event-id") or header("webhook-id") or hashlib.sha256(body).hexdigest()[:32])[:100],
        version=header("api-version")[:20],
    )


def customer_of(content: Mapping[str, Any]) -> dict[str, Any]:
    """The customer in an order or checkout; null where Shopify withholds protected data."""
    return object_of(content.get("customer"))
