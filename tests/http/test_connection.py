"""A connection is held to its bounds: in bytes, in headers, in time and in number. Time is turned by hand."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

import pytest
import uvicorn
from uvicorn.server import ServerState

from habitue.http.bounds import Bounds, peer_of
from habitue.http.connection import Connection
from habitue.http.doorkeeper import Keeper

BOUNDS = Bounds(
    header_bytes_max=1_000,
    headers_max=20,
    body_bytes_max=5_000,
    headers_seconds_max=10,
    body_seconds_max=60,
    grace_seconds=10,
    bytes_per_second_min=10,
    idle_seconds_max=5,
    linger_seconds_max=3,
    connections_max=3,
    connections_per_peer_max=2,
    trusted=("10.0.0.0/8",),
)
ASKED = b"GET /healthz HTTP/1.1\r\nHost: shop.example\r\n\r\n"
SENT = b"POST /v1/track HTTP/1.1\r\nHost: shop.example\r\nContent-Length: 4000\r\n\r\n"


class Wire(asyncio.Transport):
    """A transport whose other end is the test."""

    def __init__(self, host: str) -> None:
        super().__init__()
        self.host = host
        self.said = b""
        self.unread = 0
        self.closing = False
        self.aborted = False

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        return {"peername": (self.host, 40_000), "sockname": ("127.0.0.1", 8080)}.get(name, default)

    def write(self, data: Any) -> None:
        self.said += bytes(data)

    def get_write_buffer_size(self) -> int:
        return self.unread

    def is_closing(self) -> bool:
        return self.closing

    def close(self) -> None:
        self.closing = True

    def abort(self) -> None:
        self.closing = self.aborted = True

    def pause_reading(self) -> None: ...
    def resume_reading(self) -> None: ...


class House:
    """A server without sockets: `come` opens a connection, `wait` lets time pass."""

    def __init__(self, bounds: Bounds = BOUNDS) -> None:
        self.seconds = 0.0
        self.keeper = Keeper(bounds, lambda: self.seconds)
        self.config = uvicorn.Config(
            self._app, log_config=None, lifespan="off", interface="asgi3", http=self.keeper.protocol
        )
        self.config.load()
        self.state = ServerState()
        self.seen: list[bytes] = []
        self.headers: list[tuple[bytes, bytes]] = []
        self.may_read = asyncio.Event()
        self.may_read.set()

    def come(self, host: str = "198.51.100.7") -> tuple[Connection, Wire]:
        connection = Connection(self.keeper, self.config, self.state, {}, asyncio.get_running_loop())
        wire = Wire(host)
        connection.connection_made(wire)
        return connection, wire

    async def say(self, connection: Connection, data: bytes) -> None:
        connection.data_received(data)
        for _ in range(5):
            await asyncio.sleep(0)

    def wait(self, seconds: float) -> None:
        """In steps of a second, as it is in life."""
        for _ in range(int(seconds)):
            self.seconds += 1
            self.keeper.look()

    async def _app(self, scope: Any, receive: Callable[[], Awaitable[Any]], send: Any) -> None:
        body, more = b"", scope["type"] == "http"
        while more:
            await self.may_read.wait()
            message = await receive()
            if message["type"] == "http.disconnect":
                return
            body, more = body + message["body"], message["more_body"]
        self.seen.append(body)
        self.headers = list(scope["headers"])
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body", "body": b""})


def run(story: Callable[[House], Coroutine[Any, Any, None]]) -> None:
    async def told() -> None:
        house = House()
        try:
            await story(house)
        finally:
            house.may_read.set()
            for connection in list(house.state.connections):
                connection.connection_lost(None)
            await asyncio.gather(*house.state.tasks)

    asyncio.run(told())


def test_a_request_within_its_bounds_is_answered_and_the_connection_waits_for_the_next() -> None:
    async def story(house: House) -> None:
        ana, wire = house.come()
        for _ in range(3):
            await house.say(ana, ASKED)
            house.wait(4)
        assert wire.said.count(b"204") == 3
        assert not wire.closing

    run(story)


@pytest.mark.parametrize(
    "headers",
    [
        b"A: " + b"a" * 2_000 + b"\r\n\r\n",
        b"A: b\r\n" * 30 + b"\r\n",
        b"A" * 2_000 + b": b\r\n\r\n",
    ],
)
def test_headers_beyond_the_bound_are_refused(headers: bytes) -> None:
    async def story(house: House) -> None:
        ana, wire = house.come()
        await house.say(ana, b"GET / HTTP/1.1\r\n" + headers)
        assert wire.said.startswith(b"HTTP/1.1 431")
        assert wire.closing
        assert not house.seen

    run(story)


def test_an_address_beyond_the_bound_is_refused() -> None:
    async def story(house: House) -> None:
        ana, wire = house.come()
        await house.say(ana, b"GET /" + b"a" * 2_000 + b" HTTP/1.1\r\n\r\n")
        assert wire.said.startswith(b"HTTP/1.1 431")

    run(story)


def test_a_header_that_does_not_end_is_refused_before_it_fills_the_memory() -> None:
    async def story(house: House) -> None:
        ana, wire = house.come()
        await house.say(ana, b"GET / HTTP/1.1\r\nA: ")
        for _ in range(5):
            await house.say(ana, b"a" * 500)
        assert wire.said.startswith(b"HTTP/1.1 431")
        assert wire.closing

    run(story)


def test_half_a_request_is_shown_out_after_the_time_for_headers_however_it_trickles() -> None:
    async def story(house: House) -> None:
        ana, wire = house.come()
        await house.say(ana, b"GET / HTTP/1.1\r\n")
        for _ in range(12):
            house.wait(1)
            await house.say(ana, b"A")
        assert wire.said.startswith(b"HTTP/1.1 408")
        assert wire.closing

    run(story)


def test_who_comes_and_says_nothing_is_shown_out() -> None:
    async def story(house: House) -> None:
        _, wire = house.come()
        house.wait(10)
        assert not wire.closing
        house.wait(1)
        assert (wire.closing, wire.said) == (True, b"")

    run(story)


def test_who_has_said_all_is_shown_out_sooner() -> None:
    async def story(house: House) -> None:
        ana, wire = house.come()
        await house.say(ana, ASKED)
        house.wait(6)
        assert wire.closing

    run(story)


def test_a_body_that_trickles_is_refused_once_its_grace_is_over() -> None:
    async def story(house: House) -> None:
        ana, wire = house.come()
        await house.say(ana, SENT)
        for _ in range(12):
            house.wait(1)
            await house.say(ana, b"a")
        assert wire.said.startswith(b"HTTP/1.1 408")
        assert not house.seen

    run(story)


def test_a_body_at_a_fair_rate_may_take_as_long_as_bodies_may_and_no_longer() -> None:
    async def story(house: House) -> None:
        ana, wire = house.come()
        await house.say(ana, SENT)
        for _ in range(60):
            house.wait(1)
            await house.say(ana, b"a" * 20)
        assert not wire.closing
        house.wait(1)
        assert wire.said.startswith(b"HTTP/1.1 408")

    run(story)


def test_nobody_is_late_while_it_is_us_who_do_not_read() -> None:
    async def story(house: House) -> None:
        ana, wire = house.come()
        house.may_read.clear()
        await house.say(ana, SENT)
        ana.flow.pause_reading()
        house.wait(100)
        assert not wire.closing

    run(story)


def test_a_body_beyond_what_is_read_at_all_is_refused() -> None:
    async def story(house: House) -> None:
        ana, wire = house.come()
        await house.say(ana, SENT.replace(b"4000", b"9000") + b"a" * 6_000)
        assert wire.said.startswith(b"HTTP/1.1 413")
        assert wire.closing

    run(story)


def test_framing_without_a_body_is_refused() -> None:
    async def story(house: House) -> None:
        ana, wire = house.come()
        await house.say(ana, b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n")
        for _ in range(5):
            await house.say(ana, b"0" * 500)
        assert wire.closing

    run(story)


def test_small_chunks_are_read_and_a_trailer_never_becomes_a_header() -> None:
    async def story(house: House) -> None:
        ana, wire = house.come()
        await house.say(ana, b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n")
        for _ in range(800):
            await house.say(ana, b"1\r\na\r\n")
        await house.say(ana, b"0\r\nX-Forwarded-For: 10.0.0.1\r\n\r\n")
        assert house.seen == [b"a" * 800]
        assert [name for name, _ in house.headers] == [b"transfer-encoding"]
        assert wire.said.startswith(b"HTTP/1.1 204")

    run(story)


def test_who_does_not_read_the_answer_is_dropped() -> None:
    async def story(house: House) -> None:
        ana, wire = house.come()
        await house.say(ana, SENT)
        wire.unread = 100_000
        ana.pause_writing()
        for _ in range(12):
            house.wait(1)
            await house.say(ana, b"a" * 20)
            wire.unread -= 1
        assert wire.aborted

    run(story)


def test_who_reads_the_answer_slowly_and_steadily_is_not() -> None:
    async def story(house: House) -> None:
        ana, wire = house.come()
        await house.say(ana, SENT)
        wire.unread = 100_000
        ana.pause_writing()
        for _ in range(40):
            wire.unread -= 20
            house.wait(1)
            await house.say(ana, b"a" * 20)
        assert not wire.closing

    run(story)


def test_last_words_nobody_reads_keep_no_connection_open() -> None:
    async def story(house: House) -> None:
        _, wire = house.come()
        house.wait(11)
        assert (wire.closing, wire.aborted) == (True, False)
        house.wait(5)
        assert wire.aborted

    run(story)


def test_one_address_has_so_many_connections_and_a_proxy_as_many_as_there_are() -> None:
    async def story(house: House) -> None:
        wires = [house.come()[1] for _ in range(3)]
        assert [wire.said[:12] for wire in wires] == [b"", b"", b"HTTP/1.1 503"]
        proxied = House()
        assert [proxied.come("10.1.2.3")[1].said for _ in range(3)] == [b"", b"", b""]

    run(story)


def test_a_full_house_shows_out_whoever_has_waited_longest_and_not_who_is_being_answered() -> None:
    async def story(house: House) -> None:
        ana, anas = house.come("192.0.2.1")
        await house.say(ana, SENT)
        _, bens = house.come("192.0.2.2")
        _, cleos = house.come("192.0.2.3")
        _, new = house.come("192.0.2.4")
        assert (anas.closing, bens.aborted, cleos.closing, new.closing) == (False, True, False, False)
        _, newer = house.come("192.0.2.5")
        assert (cleos.aborted, newer.closing) == (True, False)

    run(story)


def test_who_has_gone_makes_room() -> None:
    async def story(house: House) -> None:
        for _ in range(10):
            ana, wire = house.come()
            ana.connection_lost(None)
            assert wire.said == b""

    run(story)


def test_a_second_request_that_trickles_does_not_cost_the_first_its_answer() -> None:
    async def story(house: House) -> None:
        ana, wire = house.come()
        house.may_read.clear()
        await house.say(ana, ASKED + b"GET / HTTP")
        house.wait(12)
        assert not wire.closing
        house.may_read.set()
        await house.say(ana, b"/")
        assert wire.said.startswith(b"HTTP/1.1 204")
        assert wire.closing

    run(story)


def test_an_ipv6_customer_counts_once_with_all_addresses_of_the_network() -> None:
    assert peer_of("2001:db8:1:2:3::4") == peer_of("2001:db8:1:2::9") != peer_of("2001:db8:1:3::9")
