"""What is known of one person, put in the order people ask for it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from habitue.console import addresses, wording
from habitue.console.visit import Visit
from habitue.decide.conditions.affinity import shares
from habitue.decide.conditions.cart import cart_count, cart_lines, cart_value
from habitue.decide.conditions.wishlist import wished
from habitue.decide.profile.addresses import is_proven
from habitue.decide.profile.consents import all_words, words
from habitue.decide.profile.pausing import paused_until
from habitue.decide.profile.traits import email
from habitue.model.address import spelled
from habitue.model.customer import Consent, Customer, Run
from habitue.model.instant import Instant
from habitue.run.ports import PersonRow

VIEWED_SHOWN = 10
WAITS_LOOKED_BACK = 100
LIKES_SHOWN = 5
SILENCE = {"implied": "unless she refuses", "by_country": "as the law of her country has it"}


@dataclass(frozen=True, slots=True)
class ProductSeen:
    """A product in a cart or on a shelf; `picture` and `url` are full addresses or empty."""

    name: str
    picture: str
    url: str
    price: float | None = None
    quantity: float = 1
    at: Instant | None = None


@dataclass(frozen=True, slots=True)
class ConsentLine:
    """Her latest word on a channel or a topic of it; `silence` says what holds while there is none."""

    title: str
    consent: Consent | None
    silence: str = ""
    is_topic: bool = False


@dataclass(frozen=True, slots=True)
class Waiting:
    """A run of hers and where it stands."""

    run: Run
    journey: str
    step: str | None
    step_id: str | None


def row(visit: Visit, found: PersonRow) -> dict[str, Any]:
    """A line of the list of people."""
    customer = visit.person(found.id)
    return {
        "id": found.id,
        "name": wording.name_of(customer, found.id),
        "mail": email(customer) if customer else "",
        "customer": customer,
        "segments": [visit.words.segment(name) for name in customer.segments] if customer else [],
        "last_seen_at": found.last_seen_at,
    }


def facts(visit: Visit, customer: Customer) -> dict[str, Any]:
    """Everything the sides of a person's page show."""
    parked = next((one for one in visit.services.view.parked() if one.customer == customer.id), None)
    return {
        "customer": customer,
        "name": wording.name_of(customer, customer.id),
        "mail": email(customer),
        "mail_is_proven": is_proven(customer, email(customer)),
        "traits": sorted((name, _trait(value)) for name, value in customer.traits.items() if value is not None),
        "segments": [
            (name, visit.words.segment(name), since)
            for name, since in sorted(customer.segments.items(), key=lambda item: -item[1])
        ],
        "consents": _consents(visit, customer),
        "paused_until": paused_until(customer, visit.now),
        "suppressed": sorted(customer.suppressed.items()),
        "cart": _cart(visit, customer),
        "cart_count": cart_count(customer.cart),
        "cart_value": cart_value(customer.cart),
        "viewed": _viewed(visit, customer),
        "bought": sorted(customer.bought.items(), key=lambda item: (-item[1][0], item[0]))[:6],
        "waits": _waits(visit, customer),
        "visits": [
            (title, one)
            for title, one in (("Latest visit", customer.visit), ("The one before", customer.last_visit))
            if one
        ],
        "likes": [
            (title, shares(customer, of)[:LIKES_SHOWN])
            for title, of in (("Categories", "category"), ("Brands", "brand"))
            if customer.affinities.get(of)
        ],
        "going_on": customer.visit if customer.visit and not _is_over(visit, customer.visit.ended_at) else None,
        "wishes": _wishes(visit, customer),
        "parked": parked,
    }


def _is_over(visit: Visit, ended_at: Instant) -> bool:
    return visit.now > ended_at + visit.book.session_gap


def _trait(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)[:300]


def _consents(visit: Visit, customer: Customer) -> list[ConsentLine]:
    """Each channel with her latest word on it, or what holds without one; below it the topics she spoke of."""
    channels = list(visit.book.channels) or list(wording.CHANNEL_TITLES)
    said = words(customer, email(customer))
    channels += sorted({key.partition(":")[0] for key in said} - set(channels))
    lines: list[ConsentLine] = []
    for channel in channels:
        settings = visit.book.channels.get(channel)
        silence = SILENCE.get(settings.consent if settings else "implied", "not asked, so not written to")
        title = wording.CHANNEL_TITLES.get(channel, channel)
        lines.append(ConsentLine(title, said.get(channel), silence))
        for key, consent in said.items():
            name, _, topic = key.partition(":")
            if name == channel and topic:
                lines.append(ConsentLine(visit.words.topic(topic), consent, is_topic=True))
    return [*lines, *_elsewhere(visit, customer)]


def _elsewhere(visit: Visit, customer: Customer) -> Iterator[ConsentLine]:
    """What was said of other addresses than the one they have now: it stays with those."""
    for address, key, consent in all_words(customer):
        if address not in ("", spelled(email(customer))):
            channel, _, topic = key.partition(":")
            about = visit.words.topic(topic) if topic else wording.CHANNEL_TITLES.get(channel, channel)
            yield ConsentLine(f"{about} · {address}", consent, is_topic=True)


def _cart(visit: Visit, customer: Customer) -> list[ProductSeen]:
    shop = visit.book.shop.url
    return [
        ProductSeen(
            name=line.name or product,
            picture=addresses.absolute(line.image_url, shop),
            url=addresses.absolute(line.url, shop),
            price=line.price,
            quantity=quantity,
        )
        for product, line, quantity in cart_lines(customer.cart)
    ]


def _wishes(visit: Visit, customer: Customer) -> list[ProductSeen]:
    shop = visit.book.shop.url
    return [
        ProductSeen(
            name=wish.name or product,
            picture=addresses.absolute(wish.image_url, shop),
            url=addresses.absolute(wish.url, shop),
            price=wish.price or None,
            at=wish.at,
        )
        for product, wish in wished(customer)
    ]


def _viewed(visit: Visit, customer: Customer) -> list[ProductSeen]:
    shop = visit.book.shop.url
    shelf = []
    for view in customer.viewed[:VIEWED_SHOWN]:
        identity = view.product
        product = visit.services.product(identity)
        shelf.append(
            ProductSeen(
                name=product.name if product else identity,
                picture=addresses.absolute(product.image_url, shop) if product else "",
                url=addresses.absolute(product.url, shop) if product else "",
                price=product.price if product else None,
                at=view.at,
            )
        )
    return shelf


def _waits(visit: Visit, customer: Customer) -> list[Waiting]:
    """Her runs, soonest first. Where each stands is what her latest decision about it says."""
    if not customer.runs:
        return []
    steps: dict[str, str] = {}
    ids = [customer.id, *customer.merged_ids]
    for _, decision in visit.services.view.decisions(customers=ids, limit=WAITS_LOOKED_BACK):
        if decision.run is not None and decision.step is not None:
            steps.setdefault(decision.run, decision.step)
    waits = []
    for run in sorted(customer.runs, key=lambda run: (run.due is None, run.due or 0)):
        step = steps.get(run.id)
        waits.append(Waiting(run, visit.words.journey(run.journey), visit.words.step_named(run.journey, step), step))
    return waits
