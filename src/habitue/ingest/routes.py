"""The addresses unmodified clients send to: 200 once the events are on disk, 400 for what never will be.

No other 4xx and never a redirect: some clients send again for ever unless it is a 400, and some take a 3xx for a yes.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import urlsplit

import msgspec
import orjson
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from habitue.run.ports import Clock

from .body import parsed, read_body, unpacked
from .cors import cors_headers, preflight_headers
from .envelope import receive_batch, receive_event
from .keys import KeysUnavailable, WriteKeys, write_key
from .pipeline import Received
from .project import project_settings
from .rejection import Refusal, Refused
from .settings import IngestSettings
from .times import read_time
from .writer import LogWriter, NotWritten, Overloaded

BATCH = "batch"
METRICS = "metrics"
CALLS: dict[str, str] = {
    "t": "track",
    "i": "identify",
    "p": "page",
    "s": "screen",
    "g": "group",
    "a": "alias",
    "b": BATCH,
    "m": METRICS,
    "track": "track",
    "identify": "identify",
    "page": "page",
    "screen": "screen",
    "group": "group",
    "alias": "alias",
    "batch": BATCH,
    "import": BATCH,
}
"""The last part of the address → the kind of call."""

_INLINE_BYTES_MAX = 262_144
_YES = orjson.dumps({"success": True})

Endpoint = Callable[[Request], Awaitable[Response]]


def routes(writer: LogWriter, keys: WriteKeys, settings: IngestSettings, clock: Clock) -> list[Route]:
    """All routes of ingest; everything below `/v1/` is its own. Each with and without a trailing slash."""
    ingest = Ingest(writer, keys, settings, clock)
    addresses: list[tuple[str, Endpoint]] = [
        ("/v1/projects/{key}/settings", ingest.settings),
        ("/v1/{call}", ingest.calls),
        ("/beacon/v1/{call}", ingest.calls),
        ("/api/s/{call}", ingest.calls),
    ]
    methods = ["GET", "POST", "OPTIONS", "PUT", "PATCH", "DELETE"]
    return [Route(path + slash, endpoint, methods=methods) for path, endpoint in addresses for slash in ("", "/")]


class Ingest:
    """The endpoints, and what they share."""

    def __init__(self, writer: LogWriter, keys: WriteKeys, settings: IngestSettings, clock: Clock) -> None:
        self._writer = writer
        self._keys = keys
        self._settings = settings
        self._clock = clock

    async def calls(self, request: Request) -> Response:
        """Take the events in, and answer when they are durable."""
        if request.method == "OPTIONS":
            return Response(headers=preflight_headers(request))
        try:
            await self._take_in(request)
        except Refused as refused:
            return _refusal(request, refused)
        except Overloaded as overload:
            return _later(request, 429, "overloaded", str(overload), self._settings.overload_retry_seconds)
        except NotWritten:
            # The cause is in our log; a stranger need not know what our disk says.
            message = "the events could not be kept; send them again"
            return _later(request, 503, "not_written", message, self._settings.failure_retry_seconds)
        except KeysUnavailable as failure:
            return _later(request, 503, "keys_unavailable", str(failure), self._settings.failure_retry_seconds)
        except ClientDisconnect:
            return Response(status_code=400)  # Nobody hears it. Nothing was kept, and nothing was promised.
        return Response(_YES, headers=cors_headers(request), media_type="application/json")

    async def settings(self, request: Request) -> Response:
        """What clients fetch when they start."""
        if request.method == "OPTIONS":
            return Response(headers=preflight_headers(request))
        key = request.path_params["key"]
        try:
            if request.method not in ("GET", "HEAD"):
                raise Refused(Refusal.WRONG_METHOD, "settings are fetched with GET")
            await self._keys.source(key)
        except Refused as refused:
            return _refusal(request, refused)
        except KeysUnavailable as failure:
            return _later(request, 503, "keys_unavailable", str(failure), self._settings.failure_retry_seconds)
        address = urlsplit(self._settings.public_url or str(request.base_url))
        host = address.netloc + address.path.rstrip("/") + "/v1"
        body = orjson.dumps(project_settings(key, host, address.scheme))
        return Response(body, headers=cors_headers(request), media_type="application/json")

    async def _take_in(self, request: Request) -> None:
        call = _call(request)
        if call == METRICS:
            return  # The browser client's measurements of itself.
        settings = self._settings
        packed = await read_body(request.stream(), settings.body_bytes_max)
        body = unpacked(packed, settings.body_bytes_max)
        # A large body takes many milliseconds to read; other requests should not have to wait for it.
        work = asyncio.to_thread if len(body) > _INLINE_BYTES_MAX else _at_once
        content = await work(parsed, body)
        source = await self._keys.source(write_key(request.headers, request.query_params, content))
        received = await work(self._received, request, call, content, source)
        await self._writer.append(received.events, received.dead, len(body))

    def _received(self, request: Request, call: str, content: Any, source: str) -> Received:
        now, settings = self._clock.now(), self._settings
        sent_at = read_time(request.headers.get("sentat"))
        ip = request.client.host if request.client is not None else None
        if call == BATCH:
            return receive_batch(content, source, now, settings, sent_at=sent_at, ip=ip)
        return receive_event(content, call, source, now, settings, sent_at=sent_at, ip=ip)


async def _at_once(function: Callable[..., Any], *arguments: Any) -> Any:
    return function(*arguments)


def _call(request: Request) -> str:
    name = request.path_params["call"]
    call = CALLS.get(name)
    if call is None:
        raise Refused(Refusal.UNKNOWN_CALL, f'"{name}" is not a call; expected one of {", ".join(CALLS)}')
    if request.method != "POST":
        raise Refused(Refusal.WRONG_METHOD, f"events are sent with POST, not with {request.method}")
    return call


def _refusal(request: Request, refused: Refused) -> Response:
    return _answer(request, 400, refused.code.value, refused.message, {})


def _later(request: Request, status: int, code: str, message: str, seconds: int) -> Response:
    return _answer(request, status, code, message, {"Retry-After": str(seconds)})


def _answer(request: Request, status: int, code: str, message: str, headers: dict[str, str]) -> Response:
    # RudderStack's Python client reads `code` and `message`; without them it takes a 400 for a passing failure.
    body = msgspec.json.encode({"success": False, "code": code, "message": message})
    return Response(body, status, headers={**cors_headers(request), **headers}, media_type="application/json")
