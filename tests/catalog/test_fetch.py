"""Fetching: from the open internet and from nowhere else, within bounds."""

from __future__ import annotations

import base64
import contextlib
import io
import socket
import threading
from collections.abc import Iterator

import pytest

from habitue.fetch import Fetcher, FetchFailed, FetchRefused, is_public, shown

from .shop import Answer, Shop, open_shop


@pytest.fixture
def shop() -> Iterator[Shop]:
    with open_shop() as made:
        yield made


def here(_host: str, _port: int) -> list[str]:
    """A resolver of a world in which every name is this machine."""
    return ["127.0.0.1"]


def fetcher(shop: Shop, *allowed: str, bytes_max: int = 10_000, seconds_max: float = 30.0) -> Fetcher:
    hosts = allowed or (f"shop.test:{shop.port}",)
    return Fetcher(bytes_max=bytes_max, seconds_max=seconds_max, private_hosts=frozenset(hosts), resolve=here)


def test_what_is_there_is_fetched_under_its_own_name(shop: Shop) -> None:
    shop.pages["/feed?a=b"] = Answer(b"products", headers={"etag": '"1"', "content-type": "text/xml"})
    into = io.BytesIO()
    fetched = fetcher(shop).fetch(shop.url("/feed?a=b"), into)
    assert (fetched.changed, fetched.size, fetched.etag, fetched.content_type) == (True, 8, '"1"', "text/xml")
    assert into.getvalue() == b"products"
    ((_, headers),) = shop.asked
    assert headers["host"] == f"shop.test:{shop.port}"


def test_what_did_not_change_is_not_fetched_again(shop: Shop) -> None:
    shop.pages["/feed"] = Answer(b"products", headers={"etag": '"1"'})
    assert not fetcher(shop).fetch(shop.url("/feed"), io.BytesIO(), etag='"1"').changed


def test_a_name_and_password_in_the_address_are_sent_and_not_shown(shop: Shop) -> None:
    shop.pages["/feed"] = Answer(b"products")
    url = f"http://ana:se%20cret@shop.test:{shop.port}/feed"
    fetcher(shop).fetch(url, io.BytesIO())
    ((_, headers),) = shop.asked
    assert base64.b64decode(headers["authorization"].removeprefix("Basic ")) == b"ana:se cret"
    assert shown(url) == f"http://…@shop.test:{shop.port}/feed"
    with pytest.raises(FetchFailed) as failed:
        fetcher(shop).fetch(url + "/nothing", io.BytesIO())
    assert "se%20cret" not in str(failed.value)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.0.0.8",
        "172.16.3.4",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",
        "224.0.0.1",
        "255.255.255.255",
        "::1",
        "::",
        "fe80::1",
        "fe80::1%eth0",
        "fd00:ec2::254",
        "::ffff:127.0.0.1",
        "::ffff:169.254.169.254",
        "64:ff9b::7f00:1",
        "2002:7f00:1::",
        "ff02::1",
        "::127.0.0.1",
        "::ffff:0:127.0.0.1",
        "64:ff9b:1::7f00:1",
        "fec0::1",
        "5f00::1",
        "3fff::1",
        "192.0.0.192",
        "192.88.99.1",
        "168.63.129.16",
    ],
)
def test_addresses_inside_the_house_are_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", ["93.184.216.34", "2606:2800:220:1::1", "::ffff:93.184.216.34"])
def test_addresses_of_the_open_internet_are(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd",
        "ftp://shop.test/feed",
        "gopher://127.0.0.1/",
        "//shop.test/feed",
        "http:///feed",
        "http://",
        "feed.xml",
        "http://shop.test:99999/",
        "http://[::1/",
        "http://127.0.0.1/",
        "http://2130706433/",
        "http://localhost/",
        "http://[::ffff:127.0.0.1]/",
    ],
)
def test_everything_else_is_refused(url: str) -> None:
    with pytest.raises((FetchRefused, FetchFailed)):
        Fetcher(bytes_max=10, seconds_max=1).fetch(url, io.BytesIO())


def test_a_name_that_leads_inside_is_refused_and_nobody_is_asked(shop: Shop) -> None:
    with pytest.raises(FetchRefused, match=r"127\.0\.0\.1.*catalog\.private_hosts"):
        fetcher(shop, "another.test").fetch(shop.url("/feed"), io.BytesIO())
    assert shop.asked == []


def test_one_private_address_among_public_ones_is_enough_to_refuse(shop: Shop) -> None:
    mixed = Fetcher(bytes_max=10, seconds_max=1, resolve=lambda *_: ["93.184.216.34", "10.0.0.1"])
    with pytest.raises(FetchRefused, match=r"10\.0\.0\.1"):
        mixed.fetch(shop.url("/feed"), io.BytesIO())


def test_a_redirect_inside_is_refused(shop: Shop) -> None:
    for place in (f"http://metadata.test:{shop.port}/secret", "file:///etc/passwd"):
        shop.pages["/feed"] = Answer(status=302, headers={"location": place})
        with pytest.raises(FetchRefused):
            fetcher(shop).fetch(shop.url("/feed"), io.BytesIO())
    assert {path for path, _ in shop.asked} == {"/feed"}


def test_a_redirect_to_where_it_may_is_followed(shop: Shop) -> None:
    shop.pages["/old"] = Answer(status=301, headers={"location": "/new"})
    shop.pages["/new"] = Answer(b"products")
    into = io.BytesIO()
    fetcher(shop).fetch(shop.url("/old"), into)
    assert into.getvalue() == b"products"


def test_a_redirect_without_end_is_left(shop: Shop) -> None:
    shop.pages["/feed"] = Answer(status=302, headers={"location": "/feed"})
    with pytest.raises(FetchFailed, match="leads on more than"):
        fetcher(shop).fetch(shop.url("/feed"), io.BytesIO())


def test_a_name_that_answers_differently_later_gains_nothing(shop: Shop) -> None:
    """The connection goes to the address that was checked: the name is asked for once a hop, never by the client."""
    shop.pages["/feed"] = Answer(b"products")
    answers = iter([["127.0.0.1"], ["10.0.0.1"]])
    into = io.BytesIO()
    Fetcher(
        bytes_max=100,
        seconds_max=30,
        private_hosts=frozenset({f"shop.test:{shop.port}"}),
        resolve=lambda *_: next(answers),
    ).fetch(shop.url("/feed"), into)
    assert into.getvalue() == b"products"
    assert next(answers) == ["10.0.0.1"]


def test_more_than_it_may_be_is_refused(shop: Shop) -> None:
    shop.pages["/feed"] = Answer(b"x" * 10_001)
    with pytest.raises(FetchRefused, match="larger than 10,000 bytes"):
        fetcher(shop).fetch(shop.url("/feed"), io.BytesIO())


def test_longer_than_it_may_take_is_left(shop: Shop) -> None:
    shop.pages["/feed"] = Answer(b"x")
    with pytest.raises(FetchFailed, match="was not there after"):
        fetcher(shop, seconds_max=0.0).fetch(shop.url("/feed"), io.BytesIO())


@pytest.mark.parametrize("status", [401, 404, 500])
def test_an_answer_that_is_no_feed_is_said(shop: Shop, status: int) -> None:
    shop.pages["/feed"] = Answer(b"sorry", status)
    with pytest.raises(FetchFailed, match=f"answered {status}, expected 200"):
        fetcher(shop).fetch(shop.url("/feed"), io.BytesIO())


def test_a_name_in_letters_of_its_own_is_asked_for_in_those_of_the_network(shop: Shop) -> None:
    shop.pages["/feed"] = Answer(b"products")
    fetcher(shop, "xn--caf-dma.test").fetch(shop.url("/feed", "café.test"), io.BytesIO())
    ((_, headers),) = shop.asked
    assert headers["host"] == f"xn--caf-dma.test:{shop.port}"


@contextlib.contextmanager
def trickling(beginning: bytes) -> Iterator[int]:
    """A server that says its beginning and then a byte at a time for as long as anybody listens."""
    listening = socket.create_server(("127.0.0.1", 0))
    gone = threading.Event()

    def trickle() -> None:
        connection, _ = listening.accept()
        with connection, contextlib.suppress(OSError):
            connection.sendall(beginning)
            while not gone.wait(0.02):
                connection.sendall(b"a")

    thread = threading.Thread(target=trickle, daemon=True)
    thread.start()
    try:
        yield listening.getsockname()[1]
    finally:
        gone.set()
        thread.join(5)
        listening.close()


@pytest.mark.parametrize(
    "beginning",
    [b"HTTP/1.1 200 OK\r\nx-long: ", b"HTTP/1.1 200 OK\r\ncontent-length: 1000000\r\n\r\n", b"HTTP/1.1 200 OK\r\n\r\n"],
    ids=["in its headers", "in a body of known length", "in a body of any length"],
)
def test_a_feed_that_trickles_does_not_outlive_its_time(beginning: bytes) -> None:
    with trickling(beginning) as port:
        hurried = Fetcher(
            bytes_max=10_000_000, seconds_max=0.3, private_hosts=frozenset({f"shop.test:{port}"}), resolve=here
        )
        with pytest.raises(FetchFailed, match=r"was not there after 0\.3 seconds"):
            hurried.fetch(f"http://shop.test:{port}/feed", io.BytesIO())
