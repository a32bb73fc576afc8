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


class Wished(Answer, frozen=True, kw_only=True):
    """A product on her wish list."""

    product_id: str
    name: str
    price: float
    at: datetime


class Liking(Answer, frozen=True, kw_only=True):
    """How much a category or brand draws her: its share, from 0 to 1."""

    name: str
    share: float


class Visit(Answer, frozen=True, kw_only=True):
    """A visit to the shop: how far she came, and where she was last seen."""

    started_at: datetime
    ended_at: datetime
    minutes: float
    stage: str
    deepest: str
    page: str
    pages: int
    products: list[str] = []
    categories: list[str] = []
    brands: list[str] = []
    price_lowest: float | None = None
    price_highest: float | None = None


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
    wish_list: list[Wished] = []
    visit: Visit | None = None
    last_visit: Visit | None = None
    favourite_categories: list[Liking] = []
    favourite_brands: list[Liking] = []
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
    address: str = ""
    """The email address it holds for: first the one they have now."""


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
    paused_until: datetime | None = None


class ConsentWord(Answer, frozen=True, kw_only=True):
    """A line of the consent ledger, kept as proof."""

    id: str
    channel: str
    topic: str
    state: str
    said_at: datetime
    recorded_at: datetime
    event: str
    origin: str
    address: str = ""
    source: str = ""
    method: str = ""
    text: str = ""
    text_version: str = ""
    locale: str = ""
    ip: str = ""
    agent: str = ""
    actor: str = ""


class Destroyed(Answer, frozen=True, kw_only=True):
    """How many of what were destroyed where."""

    place: str
    what: str
    count: int
    at: datetime


class Erasure(Answer, frozen=True, kw_only=True):
    """The receipt of an erasure; `finished_at` is None while it is being carried out."""

    number: int
    mark: str
    actor: str
    requested_at: datetime
    finished_at: datetime | None = None
    destroyed: list[Destroyed] = []


class Put(Answer, frozen=True, kw_only=True):
    """What became of what was put into the catalogue; `stale` was older than what is known."""

    added: int
    changed: int
    unchanged: int
    stale: int


class Variant(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A size or colour that is bought for itself."""

    id: str
    name: str = ""
    sku: str = ""
    price: float | None = None
    sale_price: float | None = None
    stock: int | None = None
    in_stock: bool = True
    backorder: bool = False
    options: dict[str, str] = {}
    image_url: str = ""


class ProductText(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a product says in one language."""

    name: str = ""
    description: str = ""
    url: str = ""


class NewProduct(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A product, whole: what is left out is not known of it any more."""

    id: str
    name: str
    price: float
    currency: str = ""
    sale_price: float | None = None
    sale_from: datetime | None = None
    sale_until: datetime | None = None
    cost: float | None = None
    stock: int | None = None
    in_stock: bool = True
    category: str = ""
    category_path: list[str] = []
    brand: str = ""
    gender: str = ""
    description: str = ""
    url: str = ""
    image_url: str = ""
    image_urls: list[str] = []
    group: str = ""
    sku: str = ""
    gtin: str = ""
    variants: list[Variant] = []
    locales: dict[str, ProductText] = {}
    labels: dict[str, str] = {}
    updated_at: datetime | None = None


class Product(NewProduct, frozen=True, kw_only=True):
    """A product as the shop described it last; `price_now` has a sale in it."""

    price_now: float


class Article(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An article, whole."""

    id: str
    title: str
    url: str = ""
    summary: str = ""
    image_url: str = ""
    categories: list[str] = []
    author: str = ""
    locale: str = ""
    published_at: datetime | None = None
    updated_at: datetime | None = None


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
    """A write key, with which events are sent. `key` is None where it is secret and may say more than you may."""

    key: str | None
    source: str
    kind: str
    has_secret: bool
    created_at: datetime
    withdrawn_at: datetime | None = None
    id: str = ""


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
    address: str = ""
    """Of email: the address a yes is about; empty: those known by then."""
    source: str = ""
    text: str = ""
    text_version: str = ""
    locale: str = ""
    ip: str = ""
    agent: str = ""
    actor: str = ""
    occurred_at: datetime | None = None
    id: str | None = None
