"""Believable traffic for the figures: visitors in sessions, ten segments, four journeys. Seeded, always the same."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

from habitue.model.event import PLAYBOOK_APPLIED, Event
from habitue.model.instant import SECOND, Instant
from habitue.playbook.load import load
from habitue.playbook.playbook import Playbook

START: Instant = 1_780_000_000 * SECOND
PLAYBOOK = Path(__file__).parent / "playbook"
CATEGORIES = ("mugs", "bags", "candles", "garden", "kitchen", "cards", "toys", "clocks")


def files() -> dict[str, str]:
    return {
        path.relative_to(PLAYBOOK).as_posix(): path.read_text(encoding="utf-8")
        for path in sorted(PLAYBOOK.rglob("*"))
        if path.is_file()
    }


def playbook() -> Playbook:
    return load(files())


def applied(version: int, at: Instant = START) -> Event:
    return Event(
        id=f"playbook-{version}",
        source="habitue",
        type="control",
        name=PLAYBOOK_APPLIED,
        occurred_at=at,
        properties={"version": version},
    )


def sessions(customers: int, seed: int = 1, first: int = 0, at: Instant = START) -> Iterator[list[Event]]:
    """Endless sessions of one customer each, 3 to 15 events of looking, filling the cart, ordering.

    Every third visitor stays anonymous. All of a session lies within minutes of `at`.
    """
    chance = random.Random(seed)
    number = first
    while True:
        session = _session(chance, number, chance.randrange(customers), chance.randint(3, 15), at)
        number += len(session)
        yield session


def arrivals(customers: int, at: Instant = START) -> Iterator[list[Event]]:
    """Everyone's first visit, three events each, once."""
    chance = random.Random(0)
    for who in range(customers):
        yield _session(chance, 3 * who, who, 3, at)


def _session(chance: random.Random, first: int, who: int, length: int, at: Instant) -> list[Event]:
    ids = {"anonymous_id": f"device-{who}"} if who % 3 == 0 else {"user_id": f"user-{who}"}
    return [
        _event(chance, number, ids, number - first - 1, who, at + number)
        for number in range(first + 1, first + 1 + length)
    ]


def _event(chance: random.Random, number: int, ids: dict[str, str], index: int, who: int, at: Instant) -> Event:
    product = chance.randrange(4_000)
    goods = {
        "product_id": f"P{product}",
        "name": f"Product {product}",
        "category": CATEGORIES[product % 8],
        "price": 1 + product % 40 + 0.95,
        "currency": "EUR",
        "url": f"https://shop.example/p/{product}",
        "image_url": f"https://shop.example/i/{product}.jpg",
    }
    draw = chance.random()
    if index == 0 and who % 3 and draw < 0.2:
        traits = {"email": f"user{who}@example.com", "firstName": "Ana", "country": "ES"}
        return _made(number, "Identified", at, ids, {}, "identify", traits)
    if draw < 0.30:
        return _made(number, "Page Viewed", at, ids, {"path": "/c/mugs", "title": "Mugs"}, "page")
    if draw < 0.40:
        return _made(number, "Product List Viewed", at, ids, {"category": CATEGORIES[product % 8]})
    if draw < 0.92:
        return _made(number, "Product Viewed", at, ids, goods)
    if draw < 0.97:
        return _made(number, "Product Added", at, ids, {**goods, "quantity": 1, "cart_id": f"cart-{who}"})
    if draw < 0.985:
        return _made(number, "Consent Granted", at, ids, {"channel": "email", "source": "checkout"})
    total = goods["price"]
    return _made(
        number,
        "Order Completed",
        at,
        ids,
        {"order_id": f"O{number}", "total": total, "products": [{**goods, "quantity": 1}]},
    )


def _made(
    number: int,
    name: str,
    at: Instant,
    ids: dict[str, str],
    properties: dict[str, object],
    type_: str = "track",
    traits: dict[str, object] | None = None,
) -> Event:
    return Event(
        id=f"message-{number:012d}",
        source="bench",
        type=type_,  # type: ignore[arg-type]
        name=name,
        occurred_at=at,
        properties=properties,
        traits=traits or {},
        context={"library": {"name": "analytics.js"}, "locale": "en-GB", "timezone": "Europe/Madrid"},
        **ids,
    )
