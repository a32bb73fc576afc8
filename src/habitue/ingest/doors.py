"""The doors of ingest: what every dialect's routes share, from reading a body to the answer its client understands.

200 once the events are on disk, 400 for what never will be. No other 4xx and never a redirect: some clients send again
for ever unless it is a 400, and some take a 3xx for a yes.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, NamedTuple, TypeAlias

import msgspec
import orjson
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from habitue.model.instant import Instant
from habitue.model.source import Sender
from habitue.model.trust import PUBLIC, Level
from habitue.run.ports import NO_ALARMS, Alarms, Clock

from .allowance import Allowances, TooFast
from .body import is_packed, named_keys, parsed, read_body, unpacked
from .cors import cors_headers, preflight_headers
from .keys import KeysUnavailable, WriteKeys
from .new_addresses import NewAddresses
from .pipeline import Received, Reception
from .rejection import Refusal, Refused
from .settings import IngestSettings
from .writer import LogWriter, NotWritten, Overloaded

_INLINE_BYTES_MAX = 262_144
_UNPACKED_INLINE_BYTES_MAX = 8_192
_PARSED_UNKNOWN_BYTES_MAX = 65_536
"""A body of strangers that is parsed to find out whose it is; a larger one is looked through for a known key first."""
_KEYS_TRIED_MAX = 8
SECRET_IN_A_PAGE = "secret_key_in_a_page"  # noqa: S105 – the kind of an alarm
_YES = orjson.dumps({"success": True})

Endpoint: TypeAlias = Callable[[Request], Awaitable[Response]]


class Address(NamedTuple):
    """Where an endpoint is found; the router adds the same with a slash at the end."""

    path: str
    endpoint: Endpoint


class Doors:
    """Handed to each dialect's `addresses`, which wraps its work in `door` and uses the rest from within."""

    def __init__(
        self,
        writer: LogWriter,
        keys: WriteKeys,
        settings: IngestSettings,
        clock: Clock,
        allowances: Allowances | None = None,
        alarms: Alarms = NO_ALARMS,
    ) -> None:
        self._alarms = alarms
        self._writer = writer
        self._keys = keys
        self._clock = clock
        self._allowances = allowances or allowances_of(settings)
        self._new_addresses = NewAddresses(
            settings.new_addresses_per_hour_per_ip, settings.new_addresses_per_hour_per_key, alarms
        )
        self.settings = settings

    def door(self, work: Endpoint, put_off_status: int = 429) -> Endpoint:
        """An endpoint that answers preflights, adds the CORS headers, and turns each failure into the right refusal.

        `put_off_status`: what says "come back later" to the clients of this address.
        """

        async def endpoint(request: Request) -> Response:
            if request.method == "OPTIONS":
                return Response(headers=preflight_headers(request))
            response = await self._answered(request, work, put_off_status)
            response.headers.update(cors_headers(request))
            return response

        return endpoint

    def now(self) -> Instant:
        return self._clock.now()

    def reception(self, request: Request, sender: Sender) -> Reception:
        """What is known of the request before its content is read."""
        return Reception(
            source=sender.source,
            level=self._level(request, sender),
            user_secret=sender.user_secret,
            limit_addresses=self._new_addresses,
            received_at=self.now(),
            ip=sender_ip(request),
            gpc=asks_for_privacy(request),
            country=self.settings.default_country,
        )

    async def admit(self, key: str) -> Sender:
        """The source of a key shown before the body, which is read by nobody yet.

        Raises Refused for a key nobody made, TooFast for one that has nothing left.
        """
        sender = await self.sender(key)
        self._allowances.require(key)
        return sender

    async def body(self, request: Request, bytes_max: int | None = None) -> bytes:
        """The bytes as they were received, which is what signatures are made of. Raises Refused beyond the bound."""
        return await read_body(request.stream(), self.settings.body_bytes_max if bytes_max is None else bytes_max)

    async def unpacked_body(self, request: Request, bytes_max: int | None = None) -> bytes:
        """The same without gzip, for the many who sign nothing. `bytes_max`: of the packed body, if it may be less."""
        return await self.unpack(await self.body(request, bytes_max))

    async def unpack(self, body: bytes) -> bytes:
        """The bytes without gzip or deflate; a few kilobytes may stand for megabytes, so in a thread."""
        bytes_max = self.settings.body_bytes_max
        if is_packed(body) and len(body) > _UNPACKED_INLINE_BYTES_MAX:
            return await asyncio.to_thread(unpacked, body, bytes_max)
        return unpacked(body, bytes_max)

    async def keyless_body(self, request: Request) -> bytes:
        """The unpacked body of a request that shows its key nowhere else."""
        return await self.unpacked_body(request, self.settings.keyless_body_bytes_max)

    async def require_known(self, body: bytes, fields: Sequence[str]) -> None:
        """Raises Refused where a large body names no key that is known under any of these names.

        Parsing it costs many times as much as looking it through.
        """
        if len(body) <= _PARSED_UNKNOWN_BYTES_MAX:
            return  # Small enough to be parsed, and refused with the better reason.
        for key in named_keys(body, fields, _KEYS_TRIED_MAX):
            try:
                await self._keys.sender(key)
            except Refused:
                continue
            return
        raise Refused(Refusal.UNKNOWN_WRITE_KEY, f"the body names no write key of this server as {' or '.join(fields)}")

    async def content(self, body: bytes) -> Any:
        """The JSON value in the bytes. Raises Refused when there is none."""
        return await self.work(len(body), parsed, body)

    async def sender(self, key: str) -> Sender:
        """Who speaks with a write key. Raises Refused for a key nobody made."""
        return await self._keys.sender(key)

    def _level(self, request: Request, sender: Sender) -> Level:
        """How far the request is believed. A secret that stands in a page is none any more."""
        if sender.level in PUBLIC or not is_from_a_browser(request):
            return sender.level
        self._alarms.sound(
            SECRET_IN_A_PAGE,
            sender.source,
            f'A browser sends with a secret key of the source "{sender.source}". What comes from browsers with it is '
            "believed as little as with a public key.",
            self.now(),
        )
        return Level.BROWSER

    async def keep(self, key: str, received: Received, size_bytes: int) -> None:
        """Return when all is on disk. `key` is what the sender showed, or empty where no rate is set for it.

        `size_bytes` is the unpacked body's.

        Raises TooFast when the key may not send so much, Overloaded or NotWritten when nothing could be kept.
        """
        if key:
            self._allowances.draw(key, len(received.events) + len(received.dead), size_bytes)
        await self._writer.append(received.events, received.dead, size_bytes)

    async def work(self, size_bytes: int, function: Callable[..., Any], *arguments: Any) -> Any:
        """Call the function; in a thread where the body is large, so that other requests do not wait for it."""
        if size_bytes > _INLINE_BYTES_MAX:
            return await asyncio.to_thread(function, *arguments)
        return function(*arguments)

    async def _answered(self, request: Request, work: Endpoint, put_off_status: int) -> Response:
        settings = self.settings
        try:
            return await work(request)
        except Refused as refused:
            return _answer(400, refused.code.value, refused.message)
        except Overloaded as overload:
            return _later(put_off_status, "overloaded", str(overload), settings.overload_retry_seconds)
        except TooFast as haste:
            return _later(put_off_status, "too_fast", str(haste), haste.seconds)
        except NotWritten:
            # The cause is in our log; a stranger need not know what our disk says.
            message = "the events could not be kept; send them again"
            return _later(503, "not_written", message, settings.failure_retry_seconds)
        except KeysUnavailable as failure:
            return _later(503, "keys_unavailable", str(failure), settings.failure_retry_seconds)
        except ClientDisconnect:
            return Response(status_code=400)  # Nobody hears it. Nothing was kept, and nothing was promised.


def allowances_of(settings: IngestSettings) -> Allowances:
    return Allowances(
        settings.events_per_second_per_key,
        settings.events_burst_per_key,
        settings.bytes_per_day_per_key,
        settings.bytes_burst_per_key,
    )


def yes() -> Response:
    """What Segment's and RudderStack's clients call a yes; RudderStack's for Python takes no other status than 200."""
    return Response(_YES, media_type="application/json")


def json_answer(value: Any) -> Response:
    return Response(orjson.dumps(value), media_type="application/json")


def sender_ip(request: Request) -> str | None:
    """Where the request came from, as far as the proxies in front are trusted to say."""
    return request.client.host if request.client is not None else None


def asks_for_privacy(request: Request) -> bool:
    """Whether the browser sends Global Privacy Control."""
    return request.headers.get("sec-gpc") == "1"


def is_from_a_browser(request: Request) -> bool:
    """Whether a page sent it: no script on a page can leave these headers out, and no program has a reason to."""
    return "origin" in request.headers or "sec-fetch-site" in request.headers


def only_post(request: Request) -> None:
    if request.method != "POST":
        raise Refused(Refusal.WRONG_METHOD, f"events are sent with POST, not with {request.method}")


def only_get(request: Request, what: str) -> None:
    if request.method not in ("GET", "HEAD"):
        raise Refused(Refusal.WRONG_METHOD, f"{what} are fetched with GET, not with {request.method}")


def _later(status: int, code: str, message: str, seconds: int) -> Response:
    response = _answer(status, code, message)
    response.headers["Retry-After"] = str(seconds)
    return response


def _answer(status: int, code: str, message: str) -> Response:
    # RudderStack's Python client reads `code` and `message`; without them it takes a 400 for a passing failure.
    body = msgspec.json.encode({"success": False, "code": code, "message": message})
    return Response(body, status, media_type="application/json")
