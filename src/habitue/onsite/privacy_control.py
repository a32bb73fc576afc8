"""Says that Global Privacy Control is heeded here: https://www.w3.org/TR/gpc/."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from .doors import Doors

SINCE = "2026-11-22"
"""When this was first true."""


async def support(doors: Doors, request: Request) -> Response:
    """`Sec-GPC: 1` is kept as an objection to sharing; see docs/consent.md."""
    headers = {"Cache-Control": "public, max-age=86400", "Access-Control-Allow-Origin": "*"}
    return JSONResponse({"gpc": True, "lastUpdate": SINCE}, headers=headers)
