"""How much ingest takes at once, and under which address clients find it."""

from __future__ import annotations

from typing import Literal

import msgspec


class TrustRules(msgspec.Struct, frozen=True, kw_only=True):
    """What a shop decided otherwise than the table, in its settings."""

    orders: Literal["server", "browser"] = "server"
    identity: Literal["server", "browser"] = "server"
    server_traits: frozenset[str] = frozenset()
    """More traits that public levels may not tell, as `claims.spelled` writes them."""


class IngestSettings(msgspec.Struct, frozen=True, kw_only=True):
    """Limits protect the process, not the clients' wishes: each stands a good way above what real clients send."""

    body_bytes_max: int = 4 * 1024 * 1024
    """Both as received and after unpacking: a small gzip body may hide a huge one."""
    keyless_body_bytes_max: int = 1024 * 1024
    """As received, of a body that alone says whose it is: it is read before anybody is known to have sent it."""
    event_bytes_max: int = 32 * 1024
    """Segment's own limit. A larger event becomes a dead letter; the rest of its batch is kept."""
    batch_events_max: int = 2_500
    nesting_levels_max: int = 32
    """Deeper values break encoders and readers further on; no real client comes near."""
    waiting_events_max: int = 50_000
    """Events received and not on disk yet. Beyond it new requests are put off, so that memory stays bounded."""
    waiting_bytes_max: int = 64 * 1024 * 1024
    """The same, counted in bytes of their requests' bodies."""
    overload_retry_seconds: int = 2
    failure_retry_seconds: int = 5
    events_per_second_per_key: float = 0.0
    """What one write key may send in the long run; 0: as much as it likes."""
    events_burst_per_key: int = 10_000
    """What a key that was silent for long may send at once."""
    bytes_per_day_per_key: float = 0.0
    """What one write key may send in a day, in unpacked bytes; 0: as much as it likes."""
    bytes_burst_per_key: int = 1
    """What a key that was silent for long may send at once, in bytes."""
    new_addresses_per_hour_per_ip: int = 20
    """Email addresses that a public key's events may name from one network address and had not named before."""
    new_addresses_per_hour_per_key: int = 1_000
    """The same, of one source."""
    default_country: str = ""
    """The country (ISO 3166) that phone numbers without a country code are read for. Empty: they are not read."""
    trust: TrustRules = TrustRules()
    """What is believed of public keys beyond the table."""
    public_url: str = ""
    """Where clients reach this server, such as `https://events.shop.example`. Empty: under a host that is known."""
    hosts: frozenset[str] = frozenset()
    """Hosts a request may name as ours, such as `events.shop.example` or `localhost:8080`."""
