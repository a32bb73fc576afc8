"""Every dialect's reader by name, each over one request's content as it was parsed: what the fuzzing goes through."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from habitue.ingest import clevertap, ga4, posthog, shopify, woocommerce
from habitue.ingest.envelope import receive_batch
from habitue.ingest.foreign import Item, receive_translated
from habitue.ingest.pipeline import Received, Reception
from habitue.ingest.rejection import Refused, Reject
from habitue.ingest.settings import IngestSettings
from habitue.model.trust import Level

from .shop import NOON

RECEPTION = Reception(source="shop", level=Level.SERVER, received_at=NOON, country="GB")
Translate = Callable[[dict[str, Any]], list[Item] | Reject]


def read_translated(translate: Translate, content: Any) -> Received:
    return receive_translated(content, translate, RECEPTION, IngestSettings())


def read_upload(content: Any) -> Received:
    result = clevertap.receive_upload(content, RECEPTION, IngestSettings())
    return Received([], []) if isinstance(result, Reject) else result.received


def read_batch(content: Any) -> Received:
    return receive_batch({"batch": [content]}, RECEPTION.source, Level.SERVER, NOON, IngestSettings())


def read_captured(content: Any) -> Received:
    try:
        return posthog.capture(content, RECEPTION, IngestSettings()).received
    except Refused:
        return Received([], [])


def _shopify(topic: str) -> Translate:
    return partial(shopify.translate, shopify.Delivery(topic, "gifts.myshopify.com", "e1", "2026-10"))


def _woocommerce(topic: str) -> Translate:
    return partial(woocommerce.translate, woocommerce.Delivery(topic, "gifts.example", "d1"))


READERS: dict[str, Callable[[Any], Received]] = {
    "segment": read_batch,
    "posthog": read_captured,
    **{f"shopify {topic}": partial(read_translated, _shopify(topic)) for topic in shopify.TOPICS},
    **{f"woocommerce {topic}": partial(read_translated, _woocommerce(topic)) for topic in woocommerce.TOPICS},
    "clevertap": read_upload,
    "ga4": partial(read_translated, partial(ga4.translate_hit, digest="d1")),
}
