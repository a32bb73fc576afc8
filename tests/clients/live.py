"""A live server for real clients: uvicorn, the routes of ingest, a log on disk, and weather one can order."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from habitue.ingest.keys import WriteKeys, fixed_keys
from habitue.ingest.routes import routes
from habitue.ingest.settings import IngestSettings, TrustRules
from habitue.ingest.writer import LogWriter
from habitue.model.event import Event
from habitue.model.trust import Level
from habitue.run.clock import SystemClock
from habitue.store.sqlite.log import SqliteLog

KEY = "WRITE_KEY"
LONG_KEY = "WRITE_KEY_1234567890123456789"
BELIEVING = IngestSettings(trust=TrustRules(orders="browser", identity="browser"))
"""What clients say is looked at as they said it, whatever a page would be believed."""
"""RudderStack's client for browsers believes no shorter one."""


class Weather:
    """Between the clients and the server: puts requests off, or loses the answer after the events were kept."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self.put_off: list[int] = []
        """Statuses for the next requests with events, which then never reach the server."""
        self.answers_lost = 0
        """How many of the next answers become a 503 although the events were kept."""
        self.requests: list[tuple[str, int, dict[str, str]]] = []
        """(path, status, request headers) of every POST."""
        self.under_way = 0
        """POSTs that were not answered yet: what they bring may be on disk before their answer is."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "POST":
            await self._app(scope, receive, send)
            return
        self.under_way += 1
        try:
            await self._weather(scope, receive, send)
        finally:
            self.under_way -= 1

    async def _weather(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self.put_off:
            await self._later(self.put_off.pop(0), scope, receive, send)
        elif self.answers_lost:
            self.answers_lost -= 1
            await self._app(scope, receive, _nowhere)
            await self._later(503, scope, receive, send)
        else:
            await self._app(scope, receive, self._noting(scope, send))

    async def _later(self, status: int, scope: Scope, receive: Receive, send: Send) -> None:
        headers = {
            "Retry-After": "1",
            "Access-Control-Allow-Origin": "*",
            "Access-Control-Expose-Headers": "Retry-After",
        }
        body = b'{"success":false,"code":"overloaded","message":"later"}'
        await Response(body, status, headers)(scope, receive, self._noting(scope, send))

    def _noting(self, scope: Scope, send: Send) -> Send:
        async def noting(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = {name.decode(): value.decode() for name, value in scope["headers"]}
                self.requests.append((scope["path"], message["status"], headers))
            await send(message)

        return noting


async def _nowhere(message: Message) -> None:
    pass


class Live:
    """Where the server is, and what it kept."""

    def __init__(self, url: str, log: SqliteLog, weather: Weather) -> None:
        self.url = url
        self.log = log
        self.weather = weather

    def events(self) -> list[Event]:
        return [record.event for record in self.log.scan()]

    def by_type(self) -> dict[str, Event]:
        return {event.type: event for event in self.events()}

    def dead(self) -> list[Any]:
        return list(self.log.dead_letters())

    def wait_for(self, count: int) -> list[Event]:
        """The events, once there are so many and all was answered; or those there are after fifteen seconds."""
        wait_until(lambda: len(self.events()) >= count and not self.weather.under_way)
        return self.events()


def wait_until(is_true: Callable[[], bool], seconds: float = 15.0) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if is_true():
            return True
        time.sleep(0.02)
    return False


@contextmanager
def live_server(folder: Path, pages: Path | None = None, settings: IngestSettings | None = None) -> Iterator[Live]:
    """On a free port of loopback. `pages`: a folder whose files are served under `/pages/`."""
    clock, settings = SystemClock(), settings or BELIEVING
    log = SqliteLog(folder / "log.db", clock)
    keys = WriteKeys(fixed_keys({KEY: "shop", LONG_KEY: "shop"}, Level.SERVER))
    every: list[BaseRoute] = list(routes(LogWriter(log, settings), keys, settings, clock))
    if pages is not None:
        every.append(Mount("/pages", StaticFiles(directory=pages, html=True)))
    every.append(Route("/favicon.ico", lambda request: Response()))
    weather = Weather(Starlette(routes=every))
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = uvicorn.Server(uvicorn.Config(weather, log_level="error", lifespan="off"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        try:
            yield Live(f"http://127.0.0.1:{listener.getsockname()[1]}", log, weather)
        finally:
            server.should_exit = True
            thread.join(10)
            log.close()
