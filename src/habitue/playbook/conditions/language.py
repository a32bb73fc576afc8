"""The language of conditions as data: for completion and hover in editors, from the definitions the parser reads by."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from .facts import FACTS, STAGES
from .names import RFM_CODES, Names
from .paths import ANYWHERE, CALLS, CONSTANTS
from .shapes import PRODUCT_FIELDS, RFM_SCORES
from .vocabulary import PHRASES
from .windows import PERIODS


class Argument(msgspec.Struct, frozen=True):
    """`kind`: event, property, filter, window, segment, channel, topic, occasion, score, text, list, number, salt,
    product, affinity, value."""

    name: str
    kind: str
    required: bool = True


class Function(msgspec.Struct, frozen=True):
    """Something written with brackets. `is_`: what it gives: truth, number, text or any."""

    name: str
    signature: str
    arguments: tuple[Argument, ...]
    is_: str = msgspec.field(name="is")
    says: str
    example: str
    in_filters: bool = False


class Name(msgspec.Struct, frozen=True):
    """A name with its parts, such as `cart.value`."""

    name: str
    is_: str = msgspec.field(name="is")
    says: str
    values: tuple[str, ...] = ()


class Word(msgspec.Struct, frozen=True):
    """An operator, an event, a keyword or a period."""

    name: str
    says: str
    example: str = ""


class Language(msgspec.Struct, frozen=True, kw_only=True):
    functions: tuple[Function, ...]
    names: tuple[Name, ...]
    operators: tuple[Word, ...]
    constants: tuple[str, ...]
    windows: tuple[Word, ...]
    periods: tuple[str, ...]
    events: tuple[Word, ...]
    own: Mapping[str, Any]
    """What the playbook defines: segments with their titles, and the names of channels, topics, occasions, groups and
    stages."""


_EVENT = Argument("event", "event")
_OF = Argument("property", "property")
_FILTERS = Argument("filters", "filter", required=False)
_WINDOW = Argument("window", "window", required=False)
_COUNTED = (_EVENT, _FILTERS, _WINDOW)
_VALUED = (_EVENT, _OF, _FILTERS, _WINDOW)
_VALUE = Argument("value", "value")
_CHOICES = Argument("choices", "list")

_FUNCTIONS: dict[str, tuple[tuple[Argument, ...], str, str, str]] = {
    "count": (_COUNTED, "number", "How often they did it.", 'count("Product Viewed", within="7d") >= 3'),
    "did": (_COUNTED, "truth", "Whether they did it.", 'did("Order Completed", total > 100, within="30d")'),
    "sum": (_VALUED, "number", "What a property adds up to.", 'sum("Order Completed", total, within="365d") >= 500'),
    "min": (_VALUED, "number", "The smallest value of a property.", 'min("Product Viewed", price) < 10'),
    "max": (_VALUED, "number", "The largest value of a property.", 'max("Order Completed", total) > 200'),
    "avg": (_VALUED, "number", "The average of a property.", 'avg("Order Completed", total) > 80'),
    "first": (_VALUED, "any", "The first value of a property.", 'first("Order Completed", coupon) == "WELCOME"'),
    "last": (_VALUED, "any", "The latest value of a property.", 'last("Product Viewed", category) == "watches"'),
    "distinct": (
        _VALUED,
        "number",
        "How many different values a property had.",
        'distinct("Product Viewed", product_id, within="2d") >= 4',
    ),
    "days_since": (
        (_EVENT, _FILTERS),
        "number",
        "How many days ago they last did it; compared by <, <=, > or >=.",
        'days_since("Order Completed") >= 30',
    ),
    "sequence": (
        (
            Argument("events", "event"),
            Argument("apart", "span", required=False),
            Argument("without", "event", required=False),
            _WINDOW,
        ),
        "truth",
        "Events one after the other, none of those in without between them.",
        'sequence("Product Viewed", "Product Added", apart="2h", without="Order Completed", within="7d")',
    ),
    "segment": ((Argument("name", "segment"),), "truth", "Whether they are in another segment.", 'segment("regulars")'),
    "affinity": (
        (Argument("of", "affinity"), Argument("value", "value", required=False)),
        "any",
        "Their favourite category or brand; with a value, that one's share of their interest, from 0 to 1.",
        'affinity("category", "mugs") >= 0.3',
    ),
    "reachable": (
        (Argument("channel", "channel"),),
        "truth",
        "Whether a marketing message could go to them: address, consent as the channel asks for it, no suppression or "
        "pause.",
        'reachable("email")',
    ),
    "consents": (
        (Argument("channel", "channel"), Argument("topic", "topic", required=False)),
        "truth",
        "Whether they said yes to the channel, and not no to the topic.",
        'consents("email", topic="news")',
    ),
    "product": (
        (Argument("id", "product"),),
        "any",
        "A product as they were last told of it: by the event the journey began with, in the cart, on the wish list.",
        'product(last("Product Viewed", product_id)).price < 20',
    ),
    "bucket": (
        (Argument("salt", "salt"), Argument("low", "number"), Argument("high", "number")),
        "truth",
        "Whether they are among these percent of all, drawn by lot once and for ever.",
        'bucket("spring", 0, 10)',
    ),
    "score": (
        (Argument("name", "score"),),
        "number",
        "The latest value told of a score, by an event Score Updated.",
        'score("intent") >= 0.7',
    ),
    "occasion": (
        (Argument("name", "occasion"), Argument("within", "span", required=False)),
        "truth",
        "Whether an occasion of their country is today, or at most so long ahead.",
        'occasion("mothers_day", within="14d")',
    ),
    "starts_with": (
        (_VALUE, Argument("text", "text")),
        "truth",
        "Whether a text begins so.",
        'starts_with(trait.city, "San")',
    ),
    "ends_with": (
        (_VALUE, Argument("text", "text")),
        "truth",
        "Whether a text ends so.",
        'ends_with(trait.email, ".es")',
    ),
    "has_any": (
        (_VALUE, _CHOICES),
        "truth",
        "Whether a list has one of these.",
        'has_any(trait.interests, ("mugs", "watches"))',
    ),
    "has_all": (
        (_VALUE, _CHOICES),
        "truth",
        "Whether a list has all of these.",
        'has_all(trait.interests, ("mugs", "watches"))',
    ),
    "lower": ((_VALUE,), "text", "A text in small letters.", 'lower(trait.city) == "madrid"'),
    "size": ((_VALUE,), "number", "How many elements a list has, or characters a text.", "size(trait.interests) >= 2"),
}

_NAMES: dict[str, tuple[str, str]] = {
    "trait": ("any", "A trait, such as trait.country or trait.address.city; alone, whether it is there."),
    "event": ("any", "A property of the event a journey began with, such as event.product_id; inside journeys only."),
    "run.key": ("text", "The key of the run; inside journeys only."),
    "lifecycle": ("text", "The stage of their life with the shop."),
    **{f"rfm.{score}": ("number", f"The RFM score of {score}, from 1 to 5.") for score in RFM_SCORES},
    "rfm.code": ("text", "The three RFM scores as one code, such as 555."),
    "rfm.group": ("text", "The RFM group, such as champions."),
}

_OPERATORS: dict[str, tuple[str, str]] = {
    "==": ("is equal to; == None asks for nothing", 'trait.country == "ES"'),
    "!=": ("is not equal to; also true of what is missing", 'trait.country != "ES"'),
    "<": ("is less than", "cart.value < 20"),
    "<=": ("is at most", "cart.value <= 20"),
    ">": ("is more than", "cart.value > 20"),
    ">=": ("is at least", "cart.value >= 20"),
    "in": ("is one of a list, or stands in it", 'trait.country in ("ES", "PT")'),
    "not in": ("is none of a list; also true of what is missing", 'trait.country not in ("ES", "PT")'),
    "and": ("both", 'cart.value > 20 and trait.country == "ES"'),
    "or": ("one or the other", 'cart.value > 20 or trait.country == "ES"'),
    "not": ("the opposite", "not cart.is_empty"),
    "+": ("plus", "cart.value + 5 > 50"),
    "-": ("minus", "cart.value - 5 > 50"),
    "*": ("times", "cart.value * 2 > 50"),
    "/": ("divided by; by zero it is nothing", "orders.revenue / orders.count > 50"),
}

_WINDOWS: dict[str, tuple[str, str]] = {
    "within": (
        "the last so long, rolling, or a period of the calendar",
        'count("Product Viewed", within="this month") >= 3',
    ),
    "since": ("from a date on", 'did("Order Completed", since="2026-01-01")'),
    "before": ("up to a date, which does not count any more", 'did("Order Completed", before="2026-01-01")'),
    "between": ("from one date up to another", 'did("Order Completed", between=("2025-01-01", "2026-01-01"))'),
    "tz": (
        "whose calendar a period is of; the shop's when left out",
        'did("Order Completed", within="today", tz="Europe/Madrid")',
    ),
}

_KINDS = {"truth": "truth", "number": "number", "list": "list", "stage": "text", "text": "text"}


def language(names: Names, titles: Mapping[str, str]) -> Language:
    """`names` of a playbook, and its segments' titles."""
    return Language(
        functions=functions(),
        names=(*(Name(name, *said, _values(name, names)) for name, said in _NAMES.items()), *_facts()),
        operators=tuple(Word(name, *said) for name, said in _OPERATORS.items()),
        constants=("True", "False", "None", *CONSTANTS),
        windows=tuple(Word(name, *said) for name, said in _WINDOWS.items()),
        periods=tuple(PERIODS),
        events=tuple(Word(name, _done(name)) for name in sorted(PHRASES)),
        own={
            "segments": dict(titles),
            "channels": sorted(names.channels or ()),
            "topics": sorted(names.topics or ()),
            "occasions": sorted(names.occasions or ()),
            "rfm_groups": sorted(names.rfm_groups or ()),
            "lifecycle_stages": sorted(names.lifecycle_stages or ()),
        },
    )


def functions() -> tuple[Function, ...]:
    """Everything that is written with brackets."""
    return tuple(_function(name) for name in CALLS)


def _function(name: str) -> Function:
    arguments, gives, says, example = _FUNCTIONS[name]
    inside = ", ".join(one.name if one.required else f"[{one.name}]" for one in arguments)
    after = f".{'|'.join(PRODUCT_FIELDS)}" if name == "product" else ""
    return Function(name, f"{name}({inside}){after}", arguments, gives, says, example, name in ANYWHERE)


def _facts() -> list[Name]:
    return [
        Name(
            f"{of}.{field}",
            _KINDS[word.kind],
            f"Whether somebody {word.said}." if word.kind == "truth" else f"{word.said.capitalize()}.",
            STAGES if word.kind == "stage" else (),
        )
        for of, fields in FACTS.items()
        for field, word in fields.items()
    ]


def _values(name: str, names: Names) -> tuple[str, ...]:
    known = {"lifecycle": names.lifecycle_stages, "rfm.group": names.rfm_groups, "rfm.code": RFM_CODES}.get(name)
    return tuple(sorted(known or ()))


def _done(event: str) -> str:
    """`looked at a product`"""
    phrase = PHRASES[event]
    return " ".join(part for part in (phrase.past, phrase.one, phrase.tail) if part)
