"""What goes through the pipeline: what is known of a request, and an event in the making."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any, TypeAlias

import msgspec

from habitue.model.event import EventType
from habitue.model.instant import Instant
from habitue.model.trust import Level

from .rejection import Reject

_NOTHING: dict[str, Any] = {}


def random_id() -> str:
    return uuid.uuid4().hex


def no_limit(draft: Draft) -> None:
    """Whoever is no page may name as many addresses as there are."""


class Reception(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of a whole request: it holds for each item that does not say otherwise."""

    source: str
    level: Level
    """How far the source is believed. Without a default: whoever receives has to say who speaks."""
    received_at: Instant
    call: str | None = None
    """The kind of call the address names; None where each item names its own."""
    sent_at: Instant | None = None
    context: dict[str, Any] = _NOTHING
    integrations: dict[str, Any] = _NOTHING
    ip: str | None = None
    """The sender's address, where the sender is a shopper's browser or phone."""
    anonymous_id: str | None = None
    """The visitor the request names, for items that name none."""
    gpc: bool = False
    """Whether the browser asked, by `Sec-GPC`, that nothing about its visitor be sold or shared."""
    new_id: Callable[[], str] = random_id
    limit_addresses: Callable[[Draft], None] = no_limit
    """Leaves out email addresses where too many new ones come."""
    user_secret: bytes = b""
    """What the shop signs its users' ids with; empty where nothing may be signed."""
    country: str = ""
    """The country (ISO 3166) that phone numbers without a country code are read for; empty: they are not read."""


class Draft:
    """An event in the making. Mutable and alive for microseconds only; the item is ours to change."""

    __slots__ = (
        "anonymous_id",
        "claims",
        "context",
        "id",
        "identifiers",
        "item",
        "name",
        "occurred_at",
        "previous_id",
        "proof",
        "properties",
        "reception",
        "traits",
        "type",
        "user_id",
    )
    type: EventType
    id: str
    name: str
    occurred_at: Instant

    def __init__(self, item: dict[str, Any], reception: Reception) -> None:
        self.item = item
        self.reception = reception
        self.user_id: str | None = None
        self.anonymous_id: str | None = None
        self.previous_id: str | None = None
        self.properties: dict[str, Any] = {}
        self.traits: dict[str, Any] = {}
        self.context: dict[str, Any] = {}
        self.identifiers: dict[str, str] = {}
        self.claims: dict[str, str] = {}
        self.proof = ""


Step: TypeAlias = Callable[[Draft], Reject | None]
