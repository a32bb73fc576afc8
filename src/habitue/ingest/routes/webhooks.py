"""Where shops' own systems send: raw bytes whose signature is checked first, and 200 once what they tell is on disk."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import Any

import structlog
from starlette.requests import Request
from starlette.responses import Response

from habitue.ingest import shopify, woocommerce
from habitue.ingest.doors import Address, Doors, only_post, yes
from habitue.ingest.foreign import receive_translated
from habitue.ingest.goods import GOODS, CatalogueNews
from habitue.ingest.pipeline import Received, Reception
from habitue.ingest.shopify.delivery import delivery as shopify_delivery
from habitue.ingest.signed import SignedSource, SignedSources
from habitue.ingest.writer import NotWritten
from habitue.model.source import KINDS, SHOPIFY, WOOCOMMERCE

_log = structlog.get_logger(__name__)


def addresses(doors: Doors, sources: SignedSources, catalogue: CatalogueNews | None) -> list[Address]:
    webhooks = Webhooks(doors, sources, catalogue)
    return [
        Address("/webhooks/shopify/{key}", doors.door(webhooks.shopify, 503)),
        # WooCommerce counts failures and gives up after five; 503 and 429 are the same to it.
        Address("/webhooks/woocommerce/{key}", doors.door(webhooks.woocommerce, 503)),
    ]


class Webhooks:
    """The endpoints. No rate is set for a shop: what it tells us it does not tell twice."""

    def __init__(self, doors: Doors, sources: SignedSources, catalogue: CatalogueNews | None) -> None:
        self._doors = doors
        self._sources = sources
        self._catalogue = catalogue

    async def shopify(self, request: Request) -> Response:
        """401 for what Shopify did not sign; any other no would only be sent again until Shopify gives the hook up."""
        only_post(request)
        source = await self._sources.source(request.path_params["key"], SHOPIFY)
        if source is None:
            return _unsigned()
        body, headers = await self._doors.body(request), request.headers
        signature = headers.get("x-shopify-hmac-sha256") or headers.get("shopify-hmac-sha256") or ""
        if not _has_signed(source, SHOPIFY, body, signature):
            return _unsigned()
        delivery = shopify_delivery(headers, source.name, body)
        return await self._keep(source, SHOPIFY, delivery.topic, body, partial(shopify.translate, delivery))

    async def woocommerce(self, request: Request) -> Response:
        """The ping a new webhook is tried with is unsigned, and nothing but exactly 200 lets it be saved."""
        only_post(request)
        source = await self._sources.source(request.path_params["key"], WOOCOMMERCE)
        if source is None:
            return _unsigned()
        body, headers = await self._doors.body(request), request.headers
        if woocommerce.is_ping(headers, body):
            return yes()
        if not _has_signed(source, WOOCOMMERCE, body, headers.get("x-wc-webhook-signature", "")):
            return _unsigned()
        delivery = woocommerce.delivery(headers, source.name, body)
        return await self._keep(source, WOOCOMMERCE, delivery.topic, body, partial(woocommerce.translate, delivery))

    async def _keep(self, source: SignedSource, kind: str, topic: str, body: bytes, translate: Any) -> Response:
        doors = self._doors
        content = await doors.content(body)
        reception = Reception(
            source=source.name, level=KINDS[kind].level, received_at=doors.now(), country=doors.settings.default_country
        )
        received: Received = await doors.work(
            len(body), receive_translated, content, translate, reception, doors.settings
        )
        about = GOODS[kind].get(topic)
        if about is not None and self._catalogue is not None and isinstance(content, dict):
            await _tell(partial(self._catalogue.take, kind, about, source.name, content, reception.received_at))
        await doors.keep("", received, len(body))
        return yes()


def _has_signed(source: SignedSource, kind: str, body: bytes, signature: str) -> bool:
    signed = source.has_signed(body, signature)
    if not signed:
        _log.warning("webhook_not_signed", kind=kind, source=source.name)
    return signed


async def _tell(catalogue: Any) -> None:
    """Before the yes, so that no product is lost; the log comes after, and a repetition changes neither."""
    try:
        await asyncio.to_thread(catalogue)
    except Exception as failure:
        _log.exception("catalogue_not_told")
        raise NotWritten("the catalogue could not be written") from failure


def _unsigned() -> Response:
    """The same for a wrong key and a wrong signature: who guesses learns nothing."""
    body = b'{"success":false,"code":"wrong_signature","message":"the signature is not that of this source\'s secret"}'
    return Response(body, 401, media_type="application/json")
