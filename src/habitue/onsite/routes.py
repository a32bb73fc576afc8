"""The addresses shoppers, their mail clients and their browsers come to."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial
from importlib.resources import files

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from . import clicks, confirming, feed, leaving, privacy_control
from .doors import Doors

Endpoint = Callable[[Doors, Request], Awaitable[Response]]


def routes(doors: Doors) -> list[Route]:
    """All routes of this room. The script is read once: it belongs to the version that is running."""
    script = files(__package__).joinpath("onsite.js").read_text("utf-8")

    async def onsite_script(request: Request) -> Response:
        headers = {"Cache-Control": "public, max-age=300", "Access-Control-Allow-Origin": "*"}
        return Response(script, media_type="text/javascript", headers=headers)

    addresses: list[tuple[str, Endpoint, list[str]]] = [
        ("/c/{token}", clicks.click, ["GET"]),
        ("/o/{token}.gif", clicks.opened, ["GET"]),
        ("/u/{token}", leaving.unsubscribe, ["GET", "POST"]),
        ("/p/{token}", leaving.preferences, ["GET", "POST"]),
        ("/y/{token}", confirming.confirm, ["GET", "POST"]),
        ("/.well-known/gpc.json", privacy_control.support, ["GET"]),
        ("/v1/onsite/messages", feed.messages, ["GET", "OPTIONS"]),
        ("/v1/onsite/{what}", feed.told, ["POST", "OPTIONS"]),
    ]
    return [
        Route("/onsite.js", onsite_script, methods=["GET"]),
        *(Route(path, _bound(endpoint, doors), methods=methods) for path, endpoint, methods in addresses),
    ]


def _bound(endpoint: Endpoint, doors: Doors) -> Callable[[Request], Awaitable[Response]]:
    return partial(endpoint, doors)
