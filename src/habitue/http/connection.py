"""One connection, held to its bounds: uvicorn's own protocol, which knows none, with a count of all that comes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from enum import Enum
from typing import Any, Protocol

from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import ServerState

from .bounds import Bounds

_CHUNK_OVERHEAD = 8
"""How many bytes of framing a chunk of one byte may cost. More is no body, but somebody who keeps us busy."""


class Phase(Enum):
    """What the connection waits for."""

    BEGINNING = "beginning"
    """Its first request."""
    IDLE = "idle"
    """Its next request."""
    HEADERS = "headers"
    BODY = "body"
    ANSWER = "answer"
    """Us."""


class Refusal(Enum):
    """What is said before the connection is closed, which is the only language that fits: no request is whole yet."""

    TOO_SLOW = (408, b"Request Timeout")
    BODY_TOO_LARGE = (413, b"Content Too Large")
    HEADERS_TOO_LARGE = (431, b"Request Header Fields Too Large")
    TOO_MANY_CONNECTIONS = (503, b"Service Unavailable")

    @property
    def answer(self) -> bytes:
        status, phrase = self.value
        wait = b"retry-after: 5\r\n" if status == 503 else b""
        head = b"HTTP/1.1 %d %s\r\ncontent-type: text/plain; charset=utf-8\r\n" % (status, phrase)
        return head + wait + b"content-length: %d\r\nconnection: close\r\n\r\n%s" % (len(phrase), phrase)


class OutOfBounds(Exception):
    """Ends the parsing of a request that is too large."""


class Doorkeeper(Protocol):
    """Who knows of all connections."""

    bounds: Bounds
    now: Callable[[], float]

    def let_in(self, connection: Connection) -> bool: ...
    def gone(self, connection: Connection) -> None: ...


class Connection(HttpToolsProtocol):
    """Counts as it reads. What takes too long is seen by `look`, which is called about once a second.

    So no request pays for a timer of its own.
    """

    def __init__(
        self,
        keeper: Doorkeeper,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self._keeper = keeper
        self._bounds = keeper.bounds
        self._now = keeper.now
        self._refusal: Refusal | None = None
        self._header_bytes = 0
        self._header_count = 0
        self._body_bytes = 0
        self._unparsed_bytes = 0
        """Received in this phase and not seen as anything yet: a header that does not end, framing without a body."""
        self._write_paused_at: float | None = None
        self._unsent_bytes = 0
        self._closing_since: float | None = None
        self._seen_at = keeper.now()
        self.phase = Phase.BEGINNING
        self.since = self._seen_at

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        if not self._keeper.let_in(self):
            self.refuse(Refusal.TOO_MANY_CONNECTIONS)

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self._keeper.gone(self)

    def data_received(self, data: bytes) -> None:
        if self.transport.is_closing():
            return  # Refused. What still comes is nobody's business.
        phase, since = self.phase, self.since
        super().data_received(data)
        if self.phase is not phase or self.since != since:
            return  # Where in these bytes the phase began is not told; the next ones count whole.
        if phase in (Phase.HEADERS, Phase.BODY):
            self._unparsed_bytes += len(data)
            allowed = self._bounds.header_bytes_max + (_CHUNK_OVERHEAD + 1) * self._body_bytes
            if self._unparsed_bytes > allowed:
                self.refuse(Refusal.HEADERS_TOO_LARGE)

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._header_bytes = self._header_count = 0
        self._enter(Phase.HEADERS)

    def on_url(self, url: bytes) -> None:
        self._count_header(len(url))
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        self._header_count += 1
        self._count_header(len(name) + len(value))
        if self.phase is Phase.HEADERS:  # A trailer is counted and forgotten: it must not pass for a header.
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        super().on_headers_complete()
        self._body_bytes = 0
        self._enter(Phase.BODY)

    def on_body(self, body: bytes) -> None:
        self._body_bytes += len(body)
        if self._body_bytes > self._bounds.body_bytes_max:
            self._end_parsing(Refusal.BODY_TOO_LARGE)
        super().on_body(body)

    def on_message_complete(self) -> None:
        super().on_message_complete()
        self._enter(Phase.IDLE if self.cycle.response_complete else Phase.ANSWER)

    def on_response_complete(self) -> None:
        super().on_response_complete()
        if self.phase is Phase.ANSWER and not self.pipeline:
            self._enter(Phase.IDLE)

    def send_400_response(self, msg: str) -> None:
        if self._refusal is None:
            super().send_400_response(msg)
        else:
            self.refuse(self._refusal)

    def pause_writing(self) -> None:
        super().pause_writing()
        self._write_paused_at, self._unsent_bytes = self._now(), self.transport.get_write_buffer_size()

    def resume_writing(self) -> None:
        super().resume_writing()
        self._write_paused_at = None

    @property
    def is_waiting(self) -> bool:
        """Whether nothing was asked that is not answered."""
        asked = self.cycle is not None and not self.cycle.response_complete
        return not asked and self.phase in (Phase.BEGINNING, Phase.IDLE, Phase.HEADERS)

    def look(self, now: float) -> None:
        """Close it if it has taken longer than it may."""
        if self.transport.is_closing():
            self._close_for_good(now)
            return
        if self.phase is Phase.BODY and self.flow.read_paused:
            self.since += now - self._seen_at  # It is us who do not read.
        self._seen_at = now
        if self._write_paused_at is not None and self._reads_too_slowly(now - self._write_paused_at):
            self.transport.abort()
        elif self._is_late(now - self.since):
            self.refuse(Refusal.TOO_SLOW)

    def refuse(self, refusal: Refusal) -> None:
        """Say why, unless an answer is under way or nothing was asked, and close."""
        cycle = self.cycle
        if cycle is not None and not cycle.response_complete and self.phase is Phase.HEADERS:
            cycle.keep_alive = False  # The answer to the request before is not to suffer.
            return
        answering = cycle is not None and not cycle.response_complete and cycle.response_started
        asked = self.phase in (Phase.HEADERS, Phase.BODY, Phase.ANSWER)
        if (asked and not answering) or refusal is Refusal.TOO_MANY_CONNECTIONS:
            self.transport.write(refusal.answer)
        self.transport.close()

    def _enter(self, phase: Phase) -> None:
        self.phase, self.since, self._unparsed_bytes = phase, self._now(), 0

    def _count_header(self, size: int) -> None:
        self._header_bytes += size
        bounds = self._bounds
        if self._header_bytes > bounds.header_bytes_max or self._header_count > bounds.headers_max:
            self._end_parsing(Refusal.HEADERS_TOO_LARGE)

    def _end_parsing(self, refusal: Refusal) -> None:
        self._refusal = refusal
        raise OutOfBounds

    def _is_late(self, seconds: float) -> bool:
        bounds = self._bounds
        match self.phase:
            case Phase.BEGINNING | Phase.HEADERS:
                return seconds > bounds.headers_seconds_max
            case Phase.IDLE:
                return seconds > bounds.idle_seconds_max
            case Phase.BODY:
                return seconds > bounds.body_seconds_max or self._body_bytes < self._due_bytes(seconds)
            case Phase.ANSWER:
                return False

    def _reads_too_slowly(self, seconds: float) -> bool:
        return self._unsent_bytes - self.transport.get_write_buffer_size() < self._due_bytes(seconds)

    def _due_bytes(self, seconds: float) -> float:
        return (seconds - self._bounds.grace_seconds) * self._bounds.bytes_per_second_min

    def _close_for_good(self, now: float) -> None:
        """Closed politely, a connection lives until its last bytes have left, which a reader can put off for ever."""
        self._closing_since = now if self._closing_since is None else self._closing_since
        if now - self._closing_since > self._bounds.linger_seconds_max:
            self.transport.abort()
