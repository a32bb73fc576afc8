"""How much one connection may be: in bytes, in headers, in time, and in number."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """Each stands a good way above what browsers, mail clients and servers' libraries do."""

    header_bytes_max: int = 32 * 1024
    """Of a request's address and headers together."""
    headers_max: int = 100
    body_bytes_max: int = 64 * 1024 * 1024
    """What is read at all. Whoever reads a body has a smaller limit of its own, and says so in its own words."""
    headers_seconds_max: float = 10.0
    body_seconds_max: float = 120.0
    grace_seconds: float = 10.0
    """How long a body or an answer may take whatever its rate."""
    bytes_per_second_min: float = 1024.0
    """The rate after the grace, both of a body that comes and of an answer that goes."""
    idle_seconds_max: float = 5.0
    """How long a connection may wait for its next request; clients see it close and open another."""
    linger_seconds_max: float = 10.0
    """How long the last bytes may take to leave once we have closed it."""
    connections_max: int = 2_000
    connections_per_peer_max: int = 200
    trusted: tuple[str, ...] = ()
    """Proxies, which bring many people's requests: addresses and networks, or `*`. They count over all only."""

    def exempts(self, host: str) -> bool:
        """Whether this peer may have as many connections as there are."""
        return "*" in self.trusted or any(_covers(network, host) for network in self.trusted)


def peer_of(host: str) -> str:
    """Whom connections are counted for: an address, or for IPv6 the network that one customer of a provider has."""
    if ":" not in host:
        return host
    return str(ipaddress.ip_network(f"{host.partition('%')[0]}/64", strict=False))


def _covers(network: str, host: str) -> bool:
    try:
        return ipaddress.ip_address(host.partition("%")[0]) in ipaddress.ip_network(network, strict=False)
    except ValueError:
        return network == host
