"""The same over real sockets: those who hold connections open are shown out, and everybody else is answered."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator
from typing import Any

import pytest
import uvicorn

from habitue.http.bounds import Bounds
from habitue.http.doorkeeper import Keeper

ASKED = b"GET /healthz HTTP/1.1\r\nHost: shop.example\r\n\r\n"
SHORT = Bounds(headers_seconds_max=0.3, idle_seconds_max=0.3, grace_seconds=0.3, trusted=("127.0.0.1",))


async def app(scope: Any, receive: Any, send: Any) -> None:
    while (message := await receive())["type"] == "http.request" and message["more_body"]:
        pass
    if message["type"] == "http.request":
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body", "body": b""})


class Server(uvicorn.Server):
    def install_signal_handlers(self) -> None: ...


@contextlib.contextmanager
def serving(bounds: Bounds) -> Iterator[tuple[str, int]]:
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    keeper = Keeper(bounds, look_seconds=0.05)
    server = Server(uvicorn.Config(app, log_config=None, lifespan="off", http=keeper.protocol, interface="asgi3"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    listening.listen(2048)
    try:
        yield listening.getsockname()
    finally:
        server.should_exit = True
        thread.join(10)


@pytest.fixture(scope="module")
def place() -> Iterator[tuple[str, int]]:
    with serving(SHORT) as address:
        yield address


def said(connection: socket.socket) -> bytes:
    """All that comes until the other end closes."""
    connection.settimeout(10)
    found = b""
    with contextlib.suppress(ConnectionResetError):
        while piece := connection.recv(65_536):
            found += piece
    return found


def test_half_requests_are_shown_out_and_a_whole_one_is_answered_meanwhile(place: tuple[str, int]) -> None:
    halves = [socket.create_connection(place) for _ in range(200)]
    for half in halves:
        half.sendall(b"GET / HTTP/1.1\r\nHost: sh")
    with socket.create_connection(place) as ana:
        ana.sendall(ASKED)
        assert ana.recv(100).startswith(b"HTTP/1.1 204")
    assert {said(half)[:12] for half in halves} == {b"HTTP/1.1 408"}
    for half in halves:
        half.close()


def test_headers_without_end_are_cut_off_long_before_they_fill_the_memory(place: tuple[str, int]) -> None:
    with socket.create_connection(place) as ben:
        ben.sendall(b"GET / HTTP/1.1\r\nA: ")
        sent = 0
        with contextlib.suppress(ConnectionError):
            while sent < 60_000_000:
                sent += ben.send(b"a" * 65_536)
        assert sent < 30_000_000  # What kernels keep on both sides, and not what the server read.


def test_a_body_that_trickles_is_shown_out(place: tuple[str, int]) -> None:
    with socket.create_connection(place) as cleo:
        cleo.sendall(b"POST / HTTP/1.1\r\nHost: shop.example\r\nContent-Length: 100000\r\n\r\n{")
        assert said(cleo).startswith(b"HTTP/1.1 408")
