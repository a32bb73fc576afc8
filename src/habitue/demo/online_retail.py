"""The history of the shop: every order of the file as a client would have sent it, shifted so that it ends yesterday.

The events go through the same ingest as live traffic. Their message ids come from invoice and customer numbers alone:
importing twice adds nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from typing import Any, Protocol
from zoneinfo import ZoneInfo

import msgspec

from .goods import Good, goods
from .orders import LAST_DAY, Orders
from .people import Person, person

Item = dict[str, Any]
"""One event as it stands in a client's batch, before anything of ours has looked at it."""

BATCH = 500
PRODUCTS_MAX = 200
"""Clients may send 32 KB an event. About 190 invoices are longer than this: their smallest lines are left out of
`products`, never out of `revenue`."""
_LONDON = ZoneInfo("Europe/London")
_SIGNED_UP_BEFORE = timedelta(minutes=10)
_CONSENTED_BEFORE = timedelta(minutes=9)


class Taken(Protocol):
    """What became of a batch: how many events were new."""

    @property
    def accepted(self) -> int: ...


class Counts(msgspec.Struct, kw_only=True):
    """What an import came to."""

    orders: int = 0
    refunds: int = 0
    customers: int = 0
    consents: int = 0
    anonymous_orders: int = 0
    products: int = 0
    added: int = 0
    """Events that were not in the log before."""

    @property
    def events(self) -> int:
        return self.orders + self.refunds + self.customers + self.consents


def import_online_retail(
    take: Callable[[dict[str, Any]], Taken],
    today: date,
    progress: Callable[[int], None] | None = None,
) -> Counts:
    """Hand the whole history to `take`, batch by batch, invoice by invoice in order of time.

    `take` gets a parsed client batch; `progress` is told how many events each batch had.
    """
    counts = Counts()
    orders = Orders()
    try:
        stock = goods(orders)
        counts.products = len(stock)
        for batch in _batches(_history(orders, stock, today, counts)):
            counts.added += take({"batch": batch}).accepted
            if progress is not None:
                progress(len(batch))
    finally:
        orders.close()
    return counts


def events(today: date) -> Iterator[Item]:
    """Every event of the history, invoice by invoice in order of time."""
    orders = Orders()
    try:
        yield from _history(orders, goods(orders), today, Counts())
    finally:
        orders.close()


def _history(orders: Orders, stock: Iterable[Good], today: date, counts: Counts) -> Iterator[Item]:
    shift = today - timedelta(days=1) - LAST_DAY
    shelf = {good.product.id: good for good in stock}
    people = {number: person(str(number), country) for number, country in orders.rows("customers")}
    introduced: set[int] = set()

    for invoice, at, number, cancelled, items, postage in orders.rows("invoices"):
        moment = _moment(at, shift)
        buyer = people[number] if number is not None else None
        if buyer is not None and number not in introduced:
            introduced.add(number)
            yield from _introduction(buyer, moment, counts)
        if cancelled:
            counts.refunds += 1
        else:
            counts.orders += 1
            counts.anonymous_orders += buyer is None
        yield _order(invoice, moment, buyer, cancelled, items, postage, shelf)


def _introduction(buyer: Person, moment: datetime, counts: Counts) -> Iterator[Item]:
    """What a shop learns when somebody signs up to order for the first time."""
    counts.customers += 1
    yield _whose(buyer, None) | {
        "type": "identify",
        "messageId": f"online-retail-customer-{buyer.user_id}",
        "timestamp": _iso(moment - _SIGNED_UP_BEFORE),
        "traits": {
            "email": buyer.email,
            "firstName": buyer.first_name,
            "lastName": buyer.last_name,
            "name": f"{buyer.first_name} {buyer.last_name}",
            "timezone": buyer.timezone,
            "locale": buyer.locale,
            "address": {"country": buyer.country},
            "country": buyer.country,
        },
        "context": _context(buyer),
    }
    if buyer.consents:
        counts.consents += 1
        yield _whose(buyer, None) | {
            "type": "track",
            "event": "Consent Granted",
            "messageId": f"online-retail-consent-{buyer.user_id}",
            "timestamp": _iso(moment - _CONSENTED_BEFORE),
            "properties": {"channel": "email", "source": "sign-up form", "text": "Yes, e-mail me"},
            "context": _context(buyer),
        }


def _order(
    invoice: str,
    moment: datetime,
    buyer: Person | None,
    cancelled: bool,
    items: list[tuple[str, float, int]],
    postage: float,
    shelf: dict[str, Good],
) -> Item:
    revenue = round(sum(price * quantity for _, price, quantity in items), 2)
    properties: dict[str, Any] = {
        "order_id": invoice,
        "revenue": revenue,
        "total": round(revenue + postage, 2),
        "currency": "GBP",
        "products": [
            _line(shelf[code], price, int(quantity)) for code, price, quantity in items[:PRODUCTS_MAX] if code in shelf
        ],
    }
    if postage:
        properties["shipping"] = round(postage, 2)
    return _whose(buyer, invoice) | {
        "type": "track",
        "event": "Order Refunded" if cancelled else "Order Completed",
        "messageId": f"online-retail-{'refund' if cancelled else 'order'}-{invoice}",
        "timestamp": _iso(moment),
        "properties": properties,
        "context": _context(buyer),
    }


def _line(good: Good, price: float, quantity: int) -> dict[str, Any]:
    product = good.product
    return {
        "product_id": product.id,
        "name": product.name,
        "category": product.category,
        "price": price,
        "quantity": quantity,
    }


def _whose(buyer: Person | None, invoice: str | None) -> Item:
    return {"userId": buyer.user_id} if buyer is not None else {"anonymousId": f"invoice-{invoice}"}


def _context(buyer: Person | None) -> dict[str, Any]:
    context: dict[str, Any] = {"library": {"name": "online-retail", "version": "1"}}
    return context if buyer is None else context | {"timezone": buyer.timezone, "locale": buyer.locale}


def _moment(at: datetime, shift: timedelta) -> datetime:
    # The file has the shop's own clock; whole days are added to it, so that office hours stay office hours.
    return (at + shift).replace(tzinfo=_LONDON).astimezone(UTC)


def _iso(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%S.000Z")


def _batches(items: Iterable[Item]) -> Iterator[list[Item]]:
    remaining = iter(items)
    while batch := list(islice(remaining, BATCH)):
        yield batch
