"""The API for programs: every operation there is, the document about them, and the page to read it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import BaseRoute, Match, Route
from starlette.types import Receive, Scope, Send

from . import (
    api_keys,
    articles,
    consents,
    customers,
    decisions,
    deliveries,
    erasures,
    events,
    openapi,
    products,
    segments,
    write_keys,
)
from .door import Door
from .gate import Gate
from .operation import BASE, Operation
from .ports import Services
from .reference import POLICY, page

OPERATIONS: tuple[Operation[Any, Any], ...] = (
    *customers.OPERATIONS,
    *events.OPERATIONS,
    *decisions.OPERATIONS,
    *deliveries.OPERATIONS,
    *consents.OPERATIONS,
    *segments.OPERATIONS,
    *products.OPERATIONS,
    *articles.OPERATIONS,
    *erasures.OPERATIONS,
    *write_keys.OPERATIONS,
    *api_keys.OPERATIONS,
)


def routes(services: Services, gate: Gate, operations: Sequence[Operation[Any, Any]] = OPERATIONS) -> list[BaseRoute]:
    """Everything below `/api/v1`, `/api/openapi.json` and `/api/docs`."""

    @cache
    def written() -> dict[str, Any]:
        return openapi.document(operations, services.address)

    @cache
    def html() -> str:
        return page(written())

    async def read_document(_request: Request) -> Response:
        return Response(
            msgspec.json.encode(written()), media_type="application/json", headers={"Cache-Control": "max-age=300"}
        )

    async def read_page(_request: Request) -> Response:
        return HTMLResponse(html(), headers={"Content-Security-Policy": POLICY, "Cache-Control": "max-age=300"})

    return [
        Route("/api/openapi.json", read_document),
        Route("/api/docs", read_page),
        _Below(Door(operations, services, gate)),
    ]


class _Below(BaseRoute):
    """Everything below the base, whatever stands in it: a pattern would not take a line break."""

    def __init__(self, door: Door) -> None:
        self._door = door

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        here = scope["type"] == "http" and f"{scope['path']}/".startswith(f"{BASE}/")
        return (Match.FULL if here else Match.NONE), {}

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._door(scope, receive, send)
