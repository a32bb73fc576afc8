"""What the API answers, and what it is told. Fields that a newer server adds are passed over."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

import msgspec


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What was read."""


class Taken(Answer, frozen=True, kw_only=True):
    """Events that are on disk: their ids, and the customer ids they name."""

    events: list[str]
    customers: list[str]


class CustomerLine(Answer, frozen=True, kw_only=True):
    """A customer in a list."""

    id: str
    known_as: str
    last_seen_at: datetime | None = None


class Identifier(Answer, frozen=True, kw_only=True):
    """What else she is known by."""

    kind: str
    value: str
    last_known_at: datetime


class InSegment(Answer, frozen=True, kw_only=True):
    """A segment she is in."""

    name: str
    since: datetime


class InJourney(Answer, frozen=True, kw_only=True):
    """A journey she is on."""

    name: str
    key: str
    entered_at: datetime
    next_at: datetime | None = None


class InCart(Answer, frozen=True, kw_only=True):
    """A product in her cart."""

    product_id: str
    name: str
    quantity: float
    price: float


class Cart(Answer, frozen=True, kw_only=True):
    """Her cart as it stands."""

    count: float
    value: float
    lines: list[InCart]


class Viewed(Answer, frozen=True, kw_only=True):
    """A product she looked at."""

    product_id: str
    at: datetime


class Customer(Answer, frozen=True, kw_only=True):
    """A customer, whole."""

    id: str
    user_id: str | None = None
    anonymous_ids: list[str] = []
    identifiers: list[Identifier] = []
    joined_ids: list[str] = []
    first_seen_at: datetime | None = None
    last_seen_at: datetime | None = None
    traits: dict[str, Any] = {}
    timezone: str = ""
    locale: str = ""
    segments: list[InSegment] = []
    journeys: list[InJourney] = []
    cart: Cart = Cart(count=0, value=0, lines=[])
    viewed: list[Viewed] = []
    orders: int = 0
    revenue: float = 0.0
    refunds: float = 0.0
    first_order_at: datetime | None = None
    last_order_at: datetime | None = None


class Event(Answer, frozen=True, kw_only=True):
    """An event of the log."""

    position: int
    id: str
    source: str
    type: str
    name: str
    occurred_at: datetime
    received_at: datetime
    user_id: str | None = None
    anonymous_id: str | None = None
    previous_id: str | None = None
    identifiers: dict[str, str] = {}
    properties: dict[str, Any] = {}
    traits: dict[str, Any] = {}
    context: dict[str, Any] = {}


class Decision(Answer, frozen=True, kw_only=True):
    """A line of the ledger."""

    id: str
    customer: str
    at: datetime
    outcome: str
    reason: str
    why: str
    journey: str | None = None
    run: str | None = None
    step: str | None = None
    message: str | None = None
    channel: str | None = None
    segment: str | None = None
    detail: dict[str, Any] = {}


class Delivery(Answer, frozen=True, kw_only=True):
    """One attempt to say a message on one channel."""

    id: str
    customer: str
    message: str
    channel: str
    address: str
    state: str
    created_at: datetime
    updated_at: datetime
    reason: str | None = None
    detail: str | None = None
    subject: str | None = None
    attempts: int = 0
    journey: str | None = None
    run: str | None = None
    step: str | None = None
    retry_at: datetime | None = None


class Consent(Answer, frozen=True, kw_only=True):
    """The latest word on a channel, or on a topic of it."""

    channel: str
    topic: str
    granted: bool
    at: datetime
    source: str


class Suppressed(Answer, frozen=True, kw_only=True):
    """An address that is not written to any more."""

    channel: str
    address: str
    since: datetime
    why: str


class Consents(Answer, frozen=True, kw_only=True):
    """All that stands between a customer and a message."""

    customer: str
    consents: list[Consent]
    suppressed: list[Suppressed]


class Segment(Answer, frozen=True, kw_only=True):
    """A segment of the playbook in force."""

    name: str
    title: str
    description: str
    condition: str
    plain: str
    size: int


class Member(Answer, frozen=True, kw_only=True):
    """A customer in a segment."""

    customer: str
    since: datetime


class WriteKey(Answer, frozen=True, kw_only=True):
    """A write key, with which events are sent."""

    key: str
    source: str
    kind: str
    has_secret: bool
    created_at: datetime
    withdrawn_at: datetime | None = None


class ApiKey(Answer, frozen=True, kw_only=True):
    """An API key. `token` is there only when it was just made."""

    id: str
    name: str
    scopes: list[str]
    hint: str
    created_at: datetime
    last_used_at: datetime | None = None
    withdrawn_at: datetime | None = None
    token: str | None = None


class NewEvent(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Something a customer did. One of the ids, an e-mail address or a phone must say who.

    `id` tells it from other events: sent again, it is kept once.
    """

    name: str
    user_id: str | None = None
    anonymous_id: str | None = None
    email: str | None = None
    phone: str | None = None
    properties: dict[str, Any] = {}
    context: dict[str, Any] = {}
    occurred_at: datetime | None = None
    id: str | None = None


class NewCustomer(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is known of a customer. A trait of None is removed; what is left out stays."""

    user_id: str | None = None
    anonymous_id: str | None = None
    email: str | None = None
    phone: str | None = None
    traits: dict[str, Any] = {}
    timezone: str | None = None
    locale: str | None = None
    occurred_at: datetime | None = None
    id: str | None = None


class NewConsent(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What she said, and the proof of it: `text` is exactly what she read."""

    channel: str
    state: Literal["granted", "withdrawn"]
    topic: str = ""
    source: str = ""
    text: str = ""
    text_version: str = ""
    locale: str = ""
    ip: str = ""
    agent: str = ""
    actor: str = ""
    occurred_at: datetime | None = None
    id: str | None = None
