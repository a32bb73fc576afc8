"""An API key: what a program signs in with, and the closed list of what it may be allowed to do."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from .instant import Instant

PREFIX = "hab_"
"""How every token begins, so that people and secret scanners know one when they see it."""


class Scope(StrEnum):
    """One thing a key may do. A key has any number of them; none includes another."""

    CUSTOMERS_READ = "customers:read"
    CUSTOMERS_WRITE = "customers:write"
    EVENTS_READ = "events:read"
    EVENTS_WRITE = "events:write"
    CONSENTS_READ = "consents:read"
    CONSENTS_WRITE = "consents:write"
    CATALOGUE_READ = "catalogue:read"
    CATALOGUE_WRITE = "catalogue:write"
    KEYS_READ = "keys:read"
    KEYS_WRITE = "keys:write"
    PRIVACY_WRITE = "privacy:write"


SENTENCES: dict[Scope, str] = {
    Scope.CUSTOMERS_READ: "Read customers, segments, decisions and deliveries.",
    Scope.CUSTOMERS_WRITE: "Describe customers: their ids and traits.",
    Scope.EVENTS_READ: "Read events.",
    Scope.EVENTS_WRITE: "Send events.",
    Scope.CONSENTS_READ: "Read who agreed to what.",
    Scope.CONSENTS_WRITE: "Record that somebody agreed or refused.",
    Scope.CATALOGUE_READ: "Read products and articles.",
    Scope.CATALOGUE_WRITE: "Put products and articles in, and take them out.",
    Scope.KEYS_READ: "List write keys and API keys.",
    Scope.KEYS_WRITE: "Make API keys and write keys that may do and say no more than this one, and withdraw any.",
    Scope.PRIVACY_WRITE: "Have a person erased.",
}
"""What each scope allows, in the words of the documentation."""


class ApiKey(msgspec.Struct, frozen=True, kw_only=True):
    """A key as it is kept: never the token itself, of which `hint` is the recognisable beginning.

    `name` is also the source that events sent with it get.
    """

    id: str
    name: str
    scopes: tuple[Scope, ...]
    hint: str
    created_at: Instant
    last_used_at: Instant | None = None
    withdrawn_at: Instant | None = None


class KeptAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """An answer kept for a request with an idempotency key; `fingerprint` tells the request from another."""

    fingerprint: bytes
    status: int
    body: bytes
