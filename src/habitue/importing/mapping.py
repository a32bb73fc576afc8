"""A mapping: which column of a file is which field, and how its times, numbers and words are written."""

from __future__ import annotations

import re
from typing import Any, Literal, TypeAlias, get_args

import msgspec

Kind: TypeAlias = Literal["events", "customers", "products", "orders"]
KINDS: tuple[Kind, ...] = get_args(Kind)

As: TypeAlias = Literal["", "text", "number", "boolean", "date", "time", "list", "json"]
AS: tuple[As, ...] = get_args(As)

WHO: dict[str, str] = {
    "user_id": "the shop's id of a known customer",
    "anonymous_id": "the id of a visitor nobody knows by name",
    "email": "her e-mail address",
    "phone": "her phone number; without a leading + it is read for the country",
    "country": "the country (ISO 3166, TR) that her phone number is written for",
    "shop_id": "her id in the shop's own system, as shopify:DOMAIN:ID or woocommerce:HOST:ID; usually a template",
    "device_id": "the id of her phone or tablet",
}
"""Who it was: field → what it holds."""

_EVERY = {"time": "when it happened", "id": "what tells one row from all others of this kind"} | WHO
_LINE = {
    "line.product_id": "the product bought",
    "line.sku": "its stock keeping unit",
    "line.name": "its name",
    "line.category": "its category",
    "line.brand": "its brand",
    "line.variant": "its variant",
    "line.price": "the price of one piece",
    "line.quantity": "how many pieces",
    "line.total": "the price of all pieces, where the price of one is not told",
    "line.url": "its page",
    "line.image_url": "its picture",
}
FIELDS: dict[Kind, dict[str, str]] = {
    "events": _EVERY
    | {
        "event": "what happened; any name",
        "type": "the kind of call, in files that clients' calls were recorded in",
        "message_id": "the id as a client sent it, taken as it stands",
        "previous_id": "of an alias call",
        "group_id": "of a group call",
        "name": "of a page or screen call",
        "properties": "an object with what is said about the event",
        "traits": "an object with what identify says of her",
        "context": "an object with the circumstances",
    },
    "customers": _EVERY | {"traits": "an object with what is known of her"},
    "orders": _EVERY
    | {
        "order_id": "the order's number",
        "status": "a word such as paid, refunded, cancelled",
        "total": "what was paid in all",
        "revenue": "what the products cost",
        "subtotal": "the same before discounts",
        "shipping": "what delivery cost",
        "tax": "the tax in it",
        "discount": "what was taken off",
        "currency": "the currency of this order",
        "coupon": "the code that was used",
        "refunded_total": "how much was given back",
        "refunded_at": "when it was given back",
        "cancelled_at": "when it was cancelled",
        "products": "a list of objects, one for each product bought",
    }
    | _LINE,
    "products": {
        "id": "the product's id, as events name it",
        "name": "what it is called",
        "price": "its regular price",
        "sale_price": "its price in a sale",
        "sale_from": "when the sale begins",
        "sale_until": "when it ends",
        "cost": "what the shop pays for it",
        "category": "the category it is found under",
        "category_path": "the way to it, as `Women > Coats`",
        "brand": "its brand",
        "gender": "whom it is made for",
        "availability": "a word such as `in stock`",
        "stock": "how many pieces there are",
        "url": "its page",
        "image_url": "its picture",
        "image_urls": "further pictures, with commas between",
        "description": "what is said of it",
        "sku": "its stock keeping unit",
        "gtin": "its number under the bar code",
        "group": "what its variants share",
        "created_at": "since when it is sold",
        "updated_at": "when the shop last changed it",
    },
}
"""Kind of file → its fields and what they hold."""

PREFIXES: dict[Kind, tuple[str, ...]] = {
    "events": ("properties.", "context.", "traits.", "external."),
    "customers": ("traits.", "context.", "external."),
    "orders": ("properties.", "context.", "external.", "line."),
    "products": ("labels.",),
}
"""Fields with a name of the author's choice behind a dot; `external.loyalty` is an id of that type."""

NUMBERS = frozenset({
    "total", "revenue", "subtotal", "shipping", "tax", "discount", "refunded_total", "line.price", "line.quantity",
    "line.total", "price", "sale_price", "cost", "stock",
})  # fmt: skip
TIMES = frozenset(["time", "refunded_at", "cancelled_at", "sale_from", "sale_until", "created_at", "updated_at"])
IDS = frozenset({*WHO, "id", "message_id", "previous_id", "group_id", "order_id", "line.product_id", "line.sku"})

MEANINGS = ("completed", "refunded", "refunded in part", "cancelled", "refund", "skip")
"""What an order's status can mean. `refunded` and `cancelled` were completed before; `refund` is a slip of its own."""

_PATH = re.compile(r"[^.\s][^.]*(\.[^.]+){0,3}")


class Column(msgspec.Struct, frozen=True):
    """A column of the file and the field it is. Within an object, a dot leads in: `customer.email`."""

    name: str
    field: str
    kind: As = ""


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """Where a file says whether a customer consents."""

    channel: str
    topic: str = ""
    answer: str = ""
    """The column with yes or no. Without one, a time in `at` is a yes."""
    at: str = ""
    """The column with the time of her word; without one, the row's time."""
    source: str = ""
    """Who says that she consented, and where. A yes without it is no proof and is left out; a no always counts."""
    text: str = ""


class Mapping(msgspec.Struct, frozen=True, kw_only=True):
    """How to read one kind of file. `source` is what its events are from, whatever the file is called."""

    kind: Kind
    columns: tuple[Column, ...] = ()
    constants: dict[str, Any] = {}
    templates: dict[str, str] = {}
    """Field → text with columns in braces: `pos-{Card}`. Nothing where one of them is empty."""
    source: str = "import"
    event: str = ""
    """The name of every event in the file."""
    events: dict[str, str] = {}
    """A word in the event's column → the event's name."""
    statuses: dict[str, str] = {}
    """A word in the status column → one of `MEANINGS`."""
    consents: tuple[Answer, ...] = ()
    time_formats: tuple[str, ...] = ()
    zone: str = "UTC"
    currency: str = ""
    country: str = ""
    encoding: str = "utf-8"
    delimiter: str = ""
    decimal: str = "."
    missing: tuple[str, ...] = ()

    def has(self, field: str) -> bool:
        """Whether anything fills the field."""
        return (
            field in self.constants or field in self.templates or any(column.field == field for column in self.columns)
        )

    def columns_read(self) -> set[str]:
        """The columns of the file that are read, whichever way; of a path, its beginning too."""
        names = {column.name for column in self.columns}
        names |= {name for text in self.templates.values() for name in template_columns(text)}
        names |= {name for answer in self.consents for name in (answer.answer, answer.at) if name}
        return names | {name.split(".", 1)[0] for name in names}


def is_field(kind: Kind, field: str) -> bool:
    """Whether files of this kind have such a field."""
    if field in FIELDS[kind]:
        return True
    prefix = next((one for one in PREFIXES[kind] if field.startswith(one)), None)
    return prefix is not None and _PATH.fullmatch(field[len(prefix) :]) is not None


def lacking(mapping: Mapping) -> str:
    """What a mapping must say and does not, as a sentence; empty when it is complete."""
    if mapping.kind == "products":
        absent = [field for field in ("id", "name", "price") if not mapping.has(field)]
        return f"products need the field {' and '.join(absent)}; map a column to it" if absent else ""
    known = ("user_id", "anonymous_id", "email", "phone", "shop_id", "device_id")
    external = any(column.field.startswith("external.") for column in mapping.columns)
    if not external and not any(mapping.has(field) for field in known):
        return f"nothing says who it was; map a column to one of {', '.join(known)}"
    if mapping.kind == "events" and not mapping.event and not (mapping.has("event") or mapping.has("type")):
        return 'nothing says what happened; map a column to "event", or say event: NAME for all rows'
    if mapping.kind == "orders" and not mapping.has("order_id"):
        return 'nothing says which order it is; map a column to "order_id"'
    if mapping.kind != "customers" and not mapping.has("time"):
        return 'nothing says when it happened; map a column to "time"'
    return ""


_BRACES = re.compile(r"\{([^{}]+)\}")


def template_columns(text: str) -> list[str]:
    """The columns a template names."""
    return [name.strip() for name in _BRACES.findall(text)]


def is_template(text: str) -> bool:
    """Whether every brace in it belongs to a column's name."""
    return bool(_BRACES.search(text)) and not set("{}") & set(_BRACES.sub("", text))


def filled(text: str, values: dict[str, str]) -> str:
    """The template with its columns' values."""
    return _BRACES.sub(lambda found: values[found[1].strip()], text)
