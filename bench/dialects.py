"""How fast each dialect is read: from the bytes of a request to canonical events, in one process, nothing written."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from functools import partial
from itertools import chain, islice
from typing import Any

from bench import workload
from bench.ingest import bodies
from habitue.ingest import clevertap, ga4, posthog, shopify, woocommerce
from habitue.ingest.body import parsed
from habitue.ingest.envelope import batch_of
from habitue.ingest.foreign import receive_translated
from habitue.ingest.pipeline import Received, Reception
from habitue.ingest.settings import IngestSettings
from habitue.model.event import Event
from habitue.model.instant import to_iso
from habitue.model.trust import Level

EVENTS, PER_REQUEST, SECONDS = 2_000, 100, 3.0
RECEPTION = Reception(source="shop", level=Level.SERVER, received_at=workload.START, country="GB")
SETTINGS = IngestSettings()

Read = Callable[[bytes], Received]


def measure() -> dict[str, float]:
    """Events per second by dialect. Bodies are made beforehand and read again and again."""
    return {name: _rate(read, made()) for name, (read, made) in _DIALECTS.items()}


def _rate(read: Read, made: list[bytes]) -> float:
    count, started = 0, time.perf_counter()
    while (spent := time.perf_counter() - started) < SECONDS:
        for body in made:
            received = read(body)
            if received.dead or not received.events:
                raise RuntimeError(f"not read: {received.dead[:1]}")
            count += len(received.events)
    return count / spent


def _segment(body: bytes) -> Received:
    return batch_of(parsed(body), RECEPTION, SETTINGS)


def _posthog(body: bytes) -> Received:
    return posthog.capture(parsed(body), RECEPTION, SETTINGS).received


def _clevertap(body: bytes) -> Received:
    upload = clevertap.receive_upload(parsed(body), RECEPTION, SETTINGS)
    assert isinstance(upload, clevertap.Upload)
    return upload.received


def _ga4(body: bytes) -> Received:
    return receive_translated(parsed(body), partial(ga4.translate_hit, digest="d1"), RECEPTION, SETTINGS)


def _shopify(body: bytes) -> Received:
    delivery = shopify.Delivery("orders/create", "gifts.myshopify.com", "e1", "2026-10")
    return receive_translated(parsed(body), partial(shopify.translate, delivery), RECEPTION, SETTINGS)


def _woocommerce(body: bytes) -> Received:
    delivery = woocommerce.Delivery("order.created", "gifts.example", "d1")
    return receive_translated(parsed(body), partial(woocommerce.translate, delivery), RECEPTION, SETTINGS)


def _events() -> list[Event]:
    return list(islice(chain.from_iterable(workload.sessions(200_000, 7)), EVENTS))


def _batches(item: Callable[[Event], dict[str, Any]], around: Callable[[list[Any]], Any], size: int) -> list[bytes]:
    items = [item(event) for event in _events()]
    return [json.dumps(around(items[at : at + size])).encode() for at in range(0, len(items), size)]


def _captures() -> list[bytes]:
    def item(event: Event) -> dict[str, Any]:
        properties = {**event.properties, "$lib": "posthog-node", "$is_server": True}
        who = event.user_id or event.anonymous_id
        return {"event": event.name, "distinct_id": who, "uuid": event.id, "properties": properties}

    return _batches(item, lambda items: {"api_key": "k", "batch": items}, PER_REQUEST)


def _uploads() -> list[bytes]:
    def item(event: Event) -> dict[str, Any]:
        who = {"identity": event.user_id} if event.user_id else {"objectId": event.anonymous_id}
        when = event.occurred_at // 1_000_000
        return {**who, "ts": when, "type": "event", "evtName": event.name, "evtData": event.properties}

    return _batches(item, lambda items: {"d": items}, PER_REQUEST)


def _hits() -> list[bytes]:
    def item(event: Event) -> dict[str, Any]:
        product = {"item_id": event.properties.get("product_id", "p1"), "item_name": "Mug", "price": 4.95}
        return {"name": "view_item", "params": {"currency": "GBP", "items": [product]}}

    return _batches(item, lambda items: {"client_id": "1.2", "events": items}, 25)


def _shopify_orders() -> list[bytes]:
    return [json.dumps(_shopify_order(number)).encode() for number in range(200)]


def _shopify_order(number: int) -> dict[str, Any]:
    lines = [
        {"id": line, "product_id": line, "variant_id": line, "title": "Mug", "price": "4.95", "quantity": 1}
        for line in range(1, 4)
    ]
    customer = {"id": number + 1, "email": f"c{number}@shop.example", "first_name": "Ana", "phone": None}
    at = to_iso(workload.START)
    return {
        "id": number + 1, "email": customer["email"], "created_at": at, "updated_at": at, "currency": "GBP",
        "total_price": "14.85", "subtotal_price": "14.85", "customer": customer, "line_items": lines,
    }  # fmt: skip


def _woocommerce_orders() -> list[bytes]:
    return [json.dumps(_woocommerce_order(number)).encode() for number in range(200)]


def _woocommerce_order(number: int) -> dict[str, Any]:
    lines = [
        {"id": n, "product_id": n, "name": "Mug", "price": 4.95, "quantity": 1, "total": "4.95"} for n in (1, 2, 3)
    ]
    billing = {"first_name": "Ana", "email": f"c{number}@shop.example", "country": "GB"}
    at = to_iso(workload.START)[:19]
    return {
        "id": number + 1, "status": "processing", "currency": "GBP", "total": "14.85", "customer_id": number + 1,
        "date_created_gmt": at, "date_modified_gmt": at, "billing": billing, "line_items": lines,
    }  # fmt: skip


_DIALECTS: dict[str, tuple[Read, Callable[[], list[bytes]]]] = {
    "segment": (_segment, lambda: bodies(EVENTS, PER_REQUEST, 7)),
    "posthog": (_posthog, _captures),
    "clevertap": (_clevertap, _uploads),
    "ga4": (_ga4, _hits),
    "shopify": (_shopify, _shopify_orders),
    "woocommerce": (_woocommerce, _woocommerce_orders),
}
