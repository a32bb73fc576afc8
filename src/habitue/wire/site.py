"""The one HTTP application: ingest, links, on-site pieces, console, health and metrics on one port."""

from __future__ import annotations

import asyncio
import math
import resource
import socket
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from functools import partial

import structlog
import uvicorn
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from habitue import console
from habitue.api import health, metrics
from habitue.api.ports import Tally
from habitue.console.addresses import BASE
from habitue.console.gate import SESSION_COOKIE
from habitue.errors import HabitueError
from habitue.http.bounds import Bounds
from habitue.http.doorkeeper import Keeper
from habitue.ingest import routes as ingest
from habitue.ingest.doors import allowances_of
from habitue.ingest.keys import WriteKeys
from habitue.ingest.rejection import Refused
from habitue.ingest.signed import SignedSources
from habitue.ingest.writer import LogWriter
from habitue.onsite import routes as onsite
from habitue.onsite.doors import Doors
from habitue.playbook.conditions.plain import plain
from habitue.run.lifeline import Lifeline
from habitue.run.supervisor import DRAIN_SECONDS, read_status
from habitue.settings import Settings
from habitue.store.failures import StoreBusy, StoreDamaged, StoreFull

from . import privacy
from .control import apply_playbook, checked, split_customer
from .filling import fill_apart
from .goods import ShopGoods
from .parts import CONSOLE_FILE, Parts
from .preview import Preview
from .programs import programs
from .questions import PastApart, plan_apart, rehearse_apart
from .rehearsing import BACKTESTS_FOLDER
from .room import Room, RoomyLog
from .soundness import damaged_file

log = structlog.get_logger()

_DESCRIPTORS_KEPT = 128
"""Files of our own that must be opened whatever comes in from outside."""


def application(parts: Parts) -> Starlette:
    """Everything that answers HTTP. Ingest comes first: it has the most requests."""
    settings = parts.settings
    limits = parts.ingest_settings
    writer = LogWriter(RoomyLog(parts.log, Room(parts.data, settings.disk), partial(_tell_refused, parts)), limits)
    allowances = allowances_of(limits)

    past = PastApart(parts)

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        yield
        await doors.hits.release(doors)
        await writer.close()  # What was promised nobody yet is written all the same.
        past.close()

    tally = Tally()
    sources = metrics.Sources(
        log=parts.log,
        store=parts.store,
        view=parts.view,
        deliveries=parts.deliveries,
        clock=parts.clock,
        processes=lambda: read_status(parts.data),
        waiting_events=lambda: writer.waiting_events,
        requests_put_off=lambda: allowances.put_off,
        api_requests=tally.samples,
        alarms=parts.alarms,
    )
    keys = WriteKeys(parts.keys.sender)
    doors = _onsite_doors(parts, keys)
    signed = SignedSources(lambda key, kind: parts.keys.signed_source(key, kind, parts.clock.now()))
    routes: list[BaseRoute] = [
        *ingest.routes(
            writer, keys, limits, parts.clock, allowances, signed, ShopGoods(lambda: parts.catalog), parts.alarms
        ),
        *onsite.routes(doors),
        *programs(parts, writer, tally),
        *health.routes(parts.log, parts.view, sources.processes, parts.alarms),
        *metrics.routes(sources, settings.http.metrics_token.reveal()),
        *console.routes(_console_services(parts, past)),
    ]
    app = Starlette(
        routes=routes,
        lifespan=lifespan,
        middleware=[Middleware(SafeHeaders), Middleware(Warming, past=past)],
        exception_handlers={
            ClientDisconnect: _gone,
            StoreDamaged: partial(_damaged, parts),
            StoreFull: _no_room,
            StoreBusy: _no_room,
            sqlite3.OperationalError: _no_room,
        },
    )
    # Some clients take a redirect for a yes.
    app.router.redirect_slashes = False
    return app


async def _damaged(parts: Parts, _request: Request, error: Exception) -> Response:
    """Whoever asks is told no lie: what cannot be read is not taken for what is not there."""
    log.error("damaged", error=str(error))
    parts.alarms.sound("file_damaged", damaged_file(error), str(error), parts.clock.now())
    return PlainTextResponse("This cannot be read just now.\n", 503, {"retry-after": "60"})


def _tell_refused(parts: Parts, why: str) -> None:
    parts.alarms.sound("disk_full", str(parts.data), why, parts.clock.now())


async def _gone(_request: Request, _error: Exception) -> Response:
    """Whoever hangs up before she has said it all hears no answer, and nothing was done: no failure of ours."""
    return Response(status_code=400)


async def _no_room(_request: Request, error: Exception) -> Response:
    """A disk that takes nothing is no fault of the one who asks: they may come again."""
    log.error("not_written", error=str(error))
    return PlainTextResponse("This cannot be kept just now. Try again in a moment.\n", 503, {"retry-after": "5"})


def _onsite_doors(parts: Parts, keys: WriteKeys) -> Doors:
    async def known_key(key: str) -> bool:
        try:
            await keys.sender(key)
        except Refused:
            return False
        return True

    return Doors(
        links=parts.links,
        log=parts.log,
        deliveries=parts.deliveries,
        view=parts.view,
        clock=parts.clock,
        playbook=parts.latest_playbook,
        known_key=known_key,
        lift=parts.suppressions.lift,
        decided=parts.store.position,
    )


def _console_services(parts: Parts, past: PastApart) -> console.Services:
    return console.Services(
        view=parts.view,
        log=parts.log,
        deliveries=parts.deliveries,
        playbooks=parts.playbooks,
        load_playbook=parts.required_playbook,
        clock=parts.clock,
        preview=Preview(parts.catalog, parts.clock, parts.public_url),
        plain=plain,
        alarms=parts.alarms,
        accounts=parts.accounts,
        keys=parts.keys,
        privacy=_privacy(parts),
        goods=parts.catalog,
        planning=console.Planning(
            check=checked, plan=partial(plan_apart, parts), apply=partial(apply_playbook, parts, filler=fill_apart)
        ),
        drafts=console.Drafts(parts.data / CONSOLE_FILE),
        past=past,
        backtest=partial(rehearse_apart, parts),
        backtests=console.Shelf(parts.data / BACKTESTS_FOLDER),
        public_url=parts.public_url,
        product=lambda product: parts.catalog.get([product]).get(product),
        hint=parts.settings.http.sign_in_hint,
        secure=parts.public_url.startswith("https://"),
        identifying=parts.settings.privacy.identifying.split(","),
    )


def _privacy(parts: Parts) -> console.Privacy:
    return console.Privacy(
        export=partial(privacy.export, parts),
        erase=partial(privacy.request_erasure, parts),
        receipts=partial(privacy.receipts, parts),
        requests=partial(privacy.open_requests, parts),
        close_request=partial(privacy.close_request, parts),
        audit=partial(privacy.audit, parts),
        split=partial(split_customer, parts),
    )


class SafeHeaders:
    """Headers that every answer carries unless a room sets its own: no guessing of types, no leaking addresses."""

    HEADERS = ((b"x-content-type-options", b"nosniff"), (b"referrer-policy", b"strict-origin-when-cross-origin"))

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = message.setdefault("headers", [])
                given = {name for name, _ in headers}
                headers.extend(header for header in self.HEADERS if header[0] not in given)
            await send(message)

        await self._app(scope, receive, send_with_headers)


_SESSION = SESSION_COOKIE.encode()


class Warming:
    """Has the past open by the time somebody who came to the console asks for it."""

    def __init__(self, app: ASGIApp, past: PastApart) -> None:
        self._app = app
        self._past = past

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if (
            scope["type"] == "http"
            and scope["path"].startswith(BASE)
            and not self._past.is_there
            and _has_session(scope)
        ):
            with suppress(HabitueError, OSError):
                await asyncio.to_thread(self._past.start)
        await self._app(scope, receive, send)


def _has_session(scope: Scope) -> bool:
    """Strangers have no such cookie: for them no process is started."""
    return any(name == b"cookie" and _SESSION in value for name, value in scope["headers"])


def serve(parts: Parts, line: Lifeline, listening: socket.socket) -> None:
    """Answer requests on the supervisor's socket until told to stop; requests under way are answered first."""
    http = parts.settings.http
    keeper = Keeper(bounds_of(parts.settings))
    config = uvicorn.Config(
        application(parts),
        access_log=False,
        log_config=None,
        server_header=False,
        proxy_headers=bool(http.trusted_proxies),
        forwarded_allow_ips=http.trusted_proxies,
        http=keeper.protocol,
        ws="none",
        lifespan="on",
        timeout_keep_alive=math.ceil(http.idle_seconds_max),
        # Open streams (live pages) end with the process; everything else is long done by then.
        timeout_graceful_shutdown=int(DRAIN_SECONDS / 3),
    )
    _Server(config, line).run(sockets=[listening])


def bounds_of(settings: Settings) -> Bounds:
    """What one connection may be, within what this process may have open."""
    http = settings.http
    return Bounds(
        header_bytes_max=http.header_bytes_max,
        # Doors read, and forget, a few times what they take, so that a client hears why it was refused.
        body_bytes_max=16 * settings.limits.body_bytes_max,
        headers_seconds_max=http.headers_seconds_max,
        body_seconds_max=http.body_seconds_max,
        idle_seconds_max=http.idle_seconds_max,
        connections_max=min(http.connections_max, _descriptors() - _DESCRIPTORS_KEPT),
        connections_per_peer_max=http.connections_per_peer_max,
        trusted=tuple(proxy.strip() for proxy in http.trusted_proxies.split(",") if proxy.strip()),
    )


def _descriptors() -> int:
    """How many files and connections this process may have open, after asking for as many as it may ask for."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < hard:
        with suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return max(resource.getrlimit(resource.RLIMIT_NOFILE)[0], 2 * _DESCRIPTORS_KEPT)


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, line: Lifeline) -> None:
        super().__init__(config)
        self._line = line

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._line.say_ready()
