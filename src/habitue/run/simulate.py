"""A simulation: an invented shop, seeded visitors, a clock that runs as fast as it can be computed.

For trying a playbook before there is any history. The visitors do not react to messages: what comes out is how many
messages there would be, to whom, when and what stopped the others; not what they would earn.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from habitue.model.event import IDENTIFIED, PAGE_VIEWED, Event, Record
from habitue.model.instant import DAY, HOUR, MINUTE, SECOND, Instant, from_datetime, to_datetime
from habitue.playbook.playbook import Playbook
from habitue.run.backtest import Report, backtest

CATEGORIES = ("mugs", "bags", "candles", "garden", "kitchen", "cards", "toys", "clocks")
PRODUCTS = 400
ZONES = ("Europe/London", "Europe/Istanbul", "America/New_York", "Asia/Tokyo")
BUSY_HOURS = (0, 0, 0, 0, 0, 0, 1, 2, 3, 4, 5, 5, 6, 5, 4, 4, 4, 5, 6, 8, 9, 8, 5, 2)
"""How busy each hour of the visitor's own day is, where she lives, relative to the others."""


class Visitor(msgspec.Struct, frozen=True):
    """One invented person: how likely she is to buy on a visit, whether she is known, whether she allows e-mail."""

    number: int
    zone: str
    likes: str
    buys: float
    known: bool
    allows: bool


def simulate(
    playbook: Playbook,
    *,
    seed: int,
    days: int,
    people: int,
    start: Instant,
    journey: str | None = None,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Report:
    """Let `people` visit for `days` under the playbook, and report. The same seed, for ever the same report."""
    events = lives(seed, people, days, start)
    records = (Record(position, event.occurred_at, event) for position, event in enumerate(events))
    return backtest(records, playbook, journey=journey, since=start, until=start + days * DAY, progress=progress)


def lives(seed: int, people: int, days: int, start: Instant) -> list[Event]:
    """All that the invented people do, in the order of time."""
    chance = random.Random(seed)  # noqa: S311 (a game, not a secret)
    return sorted(_lives(chance, people, days, start), key=lambda event: (event.occurred_at, event.id))


def _lives(chance: random.Random, people: int, days: int, start: Instant) -> Iterator[Event]:
    for number in range(people):
        visitor = Visitor(
            number,
            chance.choice(ZONES),
            chance.choice(CATEGORIES),
            chance.betavariate(1, 8),
            chance.random() < 0.6,
            chance.random() < 0.7,
        )
        visits = _poisson(chance, days / 5)
        for visit, day in enumerate(sorted(chance.uniform(0, days) for _ in range(visits))):
            hour = chance.choices(range(24), BUSY_HOURS)[0]
            at = _next(hour, visitor.zone, start + int(day) * DAY, chance.randrange(HOUR))
            yield from _visit(chance, visitor, visit, at)


def _next(hour: int, zone: str, after: Instant, past: int) -> Instant:
    """So many microseconds past this hour of a place's day, within 24 hours after the given instant."""
    local = to_datetime(after).astimezone(ZoneInfo(zone))
    at = from_datetime(local.replace(hour=hour, minute=0, second=0, microsecond=0)) + past
    return at if at >= after else at + DAY


def _visit(chance: random.Random, visitor: Visitor, visit: int, at: Instant) -> Iterator[Event]:
    """A visit: the home page, some products, perhaps a cart, perhaps an order. Known people sign in at their first."""
    scribe = _Scribe(visitor, visit, at)
    yield scribe.writes(PAGE_VIEWED, 0, path="/")
    if visit == 0 and visitor.known:
        name = f"visitor{visitor.number}"
        traits = {"email": f"{name}@example.com", "firstName": name.title(), "timezone": visitor.zone}
        yield scribe.writes(IDENTIFIED, 20 * SECOND, traits=traits)
        consent = "Consent Granted" if visitor.allows else "Consent Withdrawn"
        yield scribe.writes(consent, SECOND, channel="email", source="simulation")
    goods = [_product(chance, visitor) for _ in range(1 + _poisson(chance, 2.5))]
    for product in goods:
        yield scribe.writes("Product Viewed", chance.randrange(10 * SECOND, 3 * MINUTE), **product)
    if chance.random() < 0.25 + visitor.buys:
        chosen = goods[-1]
        yield scribe.writes(
            "Product Added", 30 * SECOND, **chosen, quantity=1, cart_id=f"cart-{visitor.number}-{visit}"
        )
        if chance.random() < 2 * visitor.buys:
            yield scribe.writes("Checkout Started", MINUTE, products=[{**chosen, "quantity": 1}], value=chosen["price"])
            yield scribe.writes(
                "Order Completed",
                2 * MINUTE,
                order_id=f"order-{visitor.number}-{visit}",
                total=chosen["price"],
                currency="EUR",
                products=[{**chosen, "quantity": 1}],
            )


class _Scribe:
    """Writes a visit down event by event, each some time after the last."""

    def __init__(self, visitor: Visitor, visit: int, at: Instant) -> None:
        self._visitor = visitor
        self._visit = visit
        self._at = at
        self._count = 0

    def writes(self, event: str, later: int, /, *, traits: dict[str, str] | None = None, **properties: Any) -> Event:
        self._at += later
        self._count += 1
        visitor = self._visitor
        return Event(
            id=f"sim-{visitor.number}-{self._visit}-{self._count}",
            source="simulation",
            type="identify" if event == IDENTIFIED else "page" if event == PAGE_VIEWED else "track",
            name=event,
            occurred_at=self._at,
            anonymous_id=f"sim-device-{visitor.number}",
            user_id=f"sim-{visitor.number}" if visitor.known and (self._visit or self._count > 1) else None,
            properties=properties,
            traits=traits or {},
            context={"timezone": visitor.zone, "locale": "en-GB"},
        )


def _product(chance: random.Random, visitor: Visitor) -> dict[str, Any]:
    number = chance.randrange(PRODUCTS)
    category = visitor.likes if chance.random() < 0.6 else CATEGORIES[number % len(CATEGORIES)]
    return {
        "product_id": f"{category}-{number}",
        "name": f"{category.title()} no. {number}",
        "category": category,
        "price": 2 + number % 45 + 0.95,
        "currency": "EUR",
    }


def _poisson(chance: random.Random, mean: float) -> int:
    """Knuth's draw; the means here are small."""
    count, product = 0, chance.random()
    limit = 2.718281828459045**-mean
    while product > limit:
        count += 1
        product *= chance.random()
    return count
