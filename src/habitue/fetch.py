"""Fetches what an operator named from the open internet, and never from inside the house.

An address someone types into a form must not make this machine ask itself, its neighbours or the cloud's metadata
service. Every name is resolved here, every address it has must be public, and the connection goes to the very address
that was checked: a name that answers differently the second time (DNS rebinding) gains nothing. Redirects are walked
one by one, each checked anew.
"""

from __future__ import annotations

import ipaddress
import socket
import ssl
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, BinaryIO, NamedTuple
from urllib.parse import urljoin, urlsplit, urlunsplit

import httpcore
import httpx

from habitue.errors import HabitueError

REDIRECTS_MAX = 5
SILENCE_SECONDS_MAX = 30.0
AGENT = "Habitue (+https://habitue.example/)"
PORTS = {"http": 80, "https": 443}

_NETWORK_ERRORS = (httpcore.NetworkError, httpcore.TimeoutException, httpcore.ProtocolError)
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_PUBLIC_6 = ipaddress.ip_network("2000::/3")
"""The only part of IPv6 that is given out for the open internet. Outside of it lie many ways to write 127.0.0.1."""
_SPECIAL = tuple(
    ipaddress.ip_network(network)
    for network in (
        "192.0.0.0/24",  # Protocols' own; a cloud keeps its metadata in there.
        "192.88.99.0/24",  # Where 6to4 used to begin.
        "168.63.129.16/32",  # Another cloud's, under an address that looks public.
        "3fff::/20",  # For documents.
    )
)

Resolve = Callable[[str, int], list[str]]


class FetchRefused(HabitueError):
    """An address may not be fetched from."""


class FetchFailed(HabitueError):
    """An address could not be fetched from just now."""


class Fetched(NamedTuple):
    """`changed` is False when the server says that nothing is new since `etag` or `last_modified`."""

    changed: bool
    size: int
    etag: str
    last_modified: str
    content_type: str


class _Target(NamedTuple):
    """An address as it was asked for, and the checked place to connect to."""

    url: str
    scheme: str
    host: str
    port: int
    address: str


def addresses(host: str, port: int) -> list[str]:
    """All addresses a name has now."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def is_public(address: str) -> bool:
    """Whether an IP address is one of the open internet, also where it hides an older one inside."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        hidden = ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else None)
        if hidden is None and ip in _NAT64:
            hidden = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
        if hidden is not None:
            return is_public(str(hidden))
        if ip not in _PUBLIC_6:
            return False
    return ip.is_global and not ip.is_multicast and not any(ip in network for network in _SPECIAL)


class Fetcher:
    """Fetches into files, within bounds of size and time.

    `private_hosts`: each a `name` or `name:port` that need not be public.
    """

    def __init__(
        self,
        *,
        bytes_max: int,
        seconds_max: float,
        private_hosts: frozenset[str] = frozenset(),
        resolve: Resolve = addresses,
    ) -> None:
        self._bytes_max = bytes_max
        self._seconds_max = seconds_max
        self._private_hosts = frozenset(host.lower() for host in private_hosts)
        self._resolve = resolve

    def fetch(self, url: str, into: BinaryIO, *, etag: str = "", last_modified: str = "") -> Fetched:
        """Write what the address holds into the file. Raises FetchRefused or FetchFailed."""
        deadline = time.monotonic() + self._seconds_max
        headers = {"user-agent": AGENT, "accept": "*/*", "accept-encoding": "identity"}
        if etag:
            headers["if-none-match"] = etag
        if last_modified:
            headers["if-modified-since"] = last_modified
        transport = _Transport(deadline)
        with httpx.Client(transport=transport, follow_redirects=False, timeout=SILENCE_SECONDS_MAX) as client:
            for _ in range(REDIRECTS_MAX + 1):
                target = self._check(url)
                try:
                    following = self._ask(client, target, headers, into, deadline)
                except (httpx.HTTPError, httpx.InvalidURL, *_NETWORK_ERRORS) as error:
                    if time.monotonic() >= deadline:
                        raise FetchFailed(self._too_late(url)) from None
                    raise FetchFailed(f"{shown(url)}: {type(error).__name__}: {error}") from None
                if isinstance(following, Fetched):
                    return following
                if target.scheme == "https" and urlsplit(following).scheme == "http":
                    raise FetchRefused(f"{shown(url)}: leads from https to http; give the address it should lead to")
                url = following
        raise FetchFailed(f"{shown(url)}: leads on more than {REDIRECTS_MAX} times; give the last address")

    def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> None:
        """Hand the body to the address, which answers with a 2xx. Raises FetchRefused or FetchFailed.

        What it answers is not read, and it cannot lead on: what we say is meant for this address and no other.
        """
        deadline = time.monotonic() + self._seconds_max
        with httpx.Client(
            transport=_Transport(deadline), follow_redirects=False, timeout=SILENCE_SECONDS_MAX
        ) as client:
            target = self._check(url)
            request = _request(client, target, {"user-agent": AGENT, **headers}, "POST", body)
            try:
                response = client.send(request, stream=True)
            except (httpx.HTTPError, httpx.InvalidURL, *_NETWORK_ERRORS) as error:
                raise FetchFailed(f"{shown(url)}: {type(error).__name__}: {error}") from None
            status = response.status_code
            response.close()
        if not 200 <= status < 300:
            raise FetchFailed(f"{shown(url)}: answered {status}, expected 200 to 299")

    def _check(self, url: str) -> _Target:
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError as error:
            raise FetchRefused(f"{shown(url)}: is not an address: {error}") from None
        host = _ascii((parts.hostname or "").rstrip("."), url)
        if parts.scheme not in PORTS or not host:
            raise FetchRefused(f"{shown(url)}: found {parts.scheme or 'no scheme'}, expected http:// or https://")
        port = port or PORTS[parts.scheme]
        try:
            found = self._resolve(host, port)
        except (OSError, UnicodeError) as error:
            raise FetchFailed(f"{shown(url)}: the name {host} cannot be resolved: {error}") from None
        if not found:
            raise FetchFailed(f"{shown(url)}: the name {host} has no address")
        if not self._private_hosts & {host, f"{host}:{port}"}:
            private = [address for address in found if not is_public(address)]
            if private:
                raise FetchRefused(
                    f"{shown(url)}: {host} is {private[0]}, which is not an address of the open internet. If it is "
                    f"yours, name it in the setting catalog.private_hosts: {host}:{port}"
                )
        return _Target(url, parts.scheme, host, port, found[0])

    def _ask(
        self, client: httpx.Client, target: _Target, headers: Mapping[str, str], into: BinaryIO, deadline: float
    ) -> Fetched | str:
        """What came, or the address it leads on to."""
        request = _request(client, target, headers)
        response = client.send(request, stream=True)
        try:
            if response.has_redirect_location:
                return urljoin(target.url, str(response.headers.get("location", "")))
            if response.status_code == 304:
                return _fetched(response, 0, changed=False)
            if response.status_code != 200:
                raise FetchFailed(f"{shown(target.url)}: answered {response.status_code}, expected 200")
            return _fetched(response, self._take(response, into, deadline, target.url), changed=True)
        finally:
            response.close()

    def _take(self, response: httpx.Response, into: BinaryIO, deadline: float, url: str) -> int:
        size = 0
        # As it comes: unpacking is done, within bounds, by whoever reads the file. In pieces as they come, too: put
        # together to a size, those of a trickle would only be seen after hours.
        for chunk in response.iter_raw():
            size += len(chunk)
            if size > self._bytes_max:
                raise FetchRefused(f"{shown(url)}: is larger than {self._bytes_max:,} bytes (catalog.feed_bytes_max)")
            if time.monotonic() > deadline:
                raise FetchFailed(self._too_late(url))
            into.write(chunk)
        return size

    def _too_late(self, url: str) -> str:
        return f"{shown(url)}: was not there after {self._seconds_max:g} seconds (catalog.fetch_seconds_max)"


class _Transport(httpx.BaseTransport):
    """Bounds all waits together: httpx bounds each, and a server that says a byte at a time is never silent."""

    def __init__(self, deadline: float) -> None:
        # As httpx makes it; without proxies of the environment.
        context = httpx.create_ssl_context(trust_env=False)
        self._pool = httpcore.ConnectionPool(ssl_context=context, network_backend=_Network(deadline))

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        address = httpcore.URL(
            scheme=request.url.raw_scheme,
            host=request.url.raw_host,
            port=request.url.port,
            target=request.url.raw_path,
        )
        response = self._pool.handle_request(
            httpcore.Request(
                request.method,
                address,
                headers=request.headers.raw,
                content=request.stream,
                extensions=request.extensions,
            )
        )
        return httpx.Response(response.status, headers=response.headers, stream=_Stream(response))

    def close(self) -> None:
        self._pool.close()


class _Stream(httpx.SyncByteStream):
    def __init__(self, response: httpcore.Response) -> None:
        self._response = response

    def __iter__(self) -> Iterator[bytes]:
        return self._response.iter_stream()

    def close(self) -> None:
        self._response.close()


class _Network(httpcore.SyncBackend):
    """The network, in which no wait goes beyond the deadline."""

    def __init__(self, deadline: float) -> None:
        self._deadline = deadline

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        left = _left(self._deadline, timeout)
        return _Wire(super().connect_tcp(host, port, left, local_address, socket_options), self._deadline)


class _Wire(httpcore.NetworkStream):
    def __init__(self, stream: httpcore.NetworkStream, deadline: float) -> None:
        self._stream = stream
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, _left(self._deadline, timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, _left(self._deadline, timeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        left = _left(self._deadline, timeout)
        return _Wire(self._stream.start_tls(ssl_context, server_hostname, left), self._deadline)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


def _left(deadline: float, timeout: float | None) -> float:
    """How long this wait may be. Raises ReadTimeout where there is no time left."""
    left = deadline - time.monotonic()
    if left <= 0:
        raise httpcore.ReadTimeout("the time for all of it is over")
    return left if timeout is None else min(timeout, left)


def shown(url: str) -> str:
    """An address without the password in it, for logs and screens."""
    try:
        parts = urlsplit(url)
        if "@" not in parts.netloc:
            return url
        return urlunsplit(parts._replace(netloc="…@" + parts.netloc.rpartition("@")[2]))
    except ValueError:
        return "an address that cannot be read"


def _ascii(host: str, url: str) -> str:
    """A name in the letters the network knows: `café.example` → `xn--caf-dma.example`."""
    try:
        return host if host.isascii() else host.encode("idna").decode("ascii")
    except UnicodeError as error:
        raise FetchRefused(f"{shown(url)}: {host} cannot be the name of a host: {error}") from None


def _request(
    client: httpx.Client, target: _Target, headers: Mapping[str, str], method: str = "GET", body: bytes | None = None
) -> httpx.Request:
    """Asks the checked address, under the name that was meant: in `Host`, and to the certificate."""
    parts = urlsplit(target.url)
    literal = f"[{target.address}]" if ":" in target.address else target.address
    url = urlunsplit((target.scheme, f"{literal}:{target.port}", parts.path or "/", parts.query, ""))
    name = f"[{target.host}]" if ":" in target.host else target.host
    host = name if target.port == PORTS[target.scheme] else f"{name}:{target.port}"
    request = client.build_request(
        method, url, headers={**headers, "host": host}, content=body, extensions={"sni_hostname": target.host}
    )
    if parts.username:
        auth = httpx.BasicAuth(httpx.URL(target.url).username, httpx.URL(target.url).password)
        request = next(auth.auth_flow(request))
    return request


def _fetched(response: httpx.Response, size: int, *, changed: bool) -> Fetched:
    given = response.headers
    return Fetched(
        changed,
        size,
        given.get("etag", "")[:500],
        given.get("last-modified", "")[:100],
        given.get("content-type", "")[:200],
    )
