"""The wish list: of each product the latest word counts, and a word that comes late finds its place."""

from __future__ import annotations

from habitue.decide.outcome import Outcome
from habitue.model.customer import Customer, Wish
from habitue.model.event import Event
from habitue.model.instant import Span

from .interests import WISHED, tell, wished_keys
from .money import MILLIONTHS, millionths
from .text import product_id, text

WISHES_MAX = 100
TAKEN_OFF_MAX = 20
"""Of products taken off again, so many of the latest are remembered, for wishes that come late."""


def put_wished(customer: Customer, event: Event, position: int, gap: Span, outcome: Outcome) -> None:
    price = millionths(event.properties.get("price"))
    _say(
        customer,
        event,
        Wish(
            at=event.occurred_at,
            wished=True,
            name=text(event.properties, "name"),
            price=0.0 if price is None else price / MILLIONTHS,
            category=text(event.properties, "category"),
            brand=text(event.properties, "brand"),
            image_url=text(event.properties, "image_url", 1000),
            url=text(event.properties, "url", 1000),
            position=position,
        ),
        outcome,
    )


def put_taken_off(customer: Customer, event: Event, position: int, gap: Span, outcome: Outcome) -> None:
    """Removed, or moved into the cart."""
    _say(customer, event, Wish(at=event.occurred_at, wished=False, position=position), outcome)


def _say(customer: Customer, event: Event, said: Wish, outcome: Outcome) -> None:
    identity = product_id(event.properties)
    if not identity:
        return
    before = wished_keys(customer)
    _keep(customer, identity, said)
    _drop_oldest(customer)
    tell(customer, outcome, WISHED, before, wished_keys(customer))


def _keep(customer: Customer, identity: str, said: Wish) -> None:
    known = customer.wishes.get(identity)
    customer.wishes[identity] = said if known is None else max(said, known, key=_order)


def _order(wish: Wish) -> tuple[object, ...]:
    """The rest decides between words of earlier versions, which have no position."""
    return (
        *(wish.at, wish.position, not wish.wished, wish.name, wish.price),
        *(wish.category, wish.brand, wish.image_url, wish.url),
    )


def _drop_oldest(customer: Customer) -> None:
    wishes = customer.wishes
    for is_wished, most in ((True, WISHES_MAX), (False, TAKEN_OFF_MAX)):
        known = [product for product, wish in wishes.items() if wish.wished is is_wished]
        if len(known) > most:
            ordered = sorted((wishes[product].at, wishes[product].position, product) for product in known)
            for _, _, product in ordered[:-most]:
                del wishes[product]


def join_wishes(into: Customer, other: Customer) -> None:
    for identity, wish in other.wishes.items():
        _keep(into, identity, wish)
    _drop_oldest(into)
