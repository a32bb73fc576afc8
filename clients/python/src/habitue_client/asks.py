"""Every question there is, built once for both clients."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from .asking import Ask, Page, delete, get, post, put
from .types import (
    ApiKey,
    Article,
    Consents,
    ConsentWord,
    Customer,
    CustomerLine,
    Decision,
    Delivery,
    Erasure,
    Event,
    Member,
    NewConsent,
    NewCustomer,
    NewEvent,
    NewProduct,
    Product,
    Put,
    Segment,
    Taken,
    WriteKey,
)

PAGE = 100


def customers(query: str, limit: int) -> Ask[Page[CustomerLine]]:
    return get(["customers"], Page[CustomerLine], {"query": query, "limit": limit})


def customer(one: str) -> Ask[Customer]:
    return get(["customers", one], Customer)


def write_customer(said: NewCustomer, key: str | None) -> Ask[Taken]:
    return post(["customers"], Taken, said, key)


def customer_events(one: str, name: str | None, limit: int) -> Ask[Page[Event]]:
    return get(["customers", one, "events"], Page[Event], {"name": name, "limit": limit})


def customer_decisions(
    one: str, outcome: str | None, reason: str | None, journey: str | None, message: str | None, limit: int
) -> Ask[Page[Decision]]:
    query = {"outcome": outcome, "reason": reason, "journey": journey, "message": message, "limit": limit}
    return get(["customers", one, "decisions"], Page[Decision], query)


def events(
    name: str | None,
    source: str | None,
    customer: str | None,
    since: datetime | None,
    until: datetime | None,
    cursor: str | None,
    limit: int,
) -> Ask[Page[Event]]:
    query = {"name": name, "source": source, "customer": customer, "since": since, "until": until}
    return get(["events"], Page[Event], {**query, "cursor": cursor, "limit": limit})


def write_events(new: Sequence[NewEvent], key: str | None) -> Ask[Taken]:
    return post(["events"], Taken, {"events": new}, key)


def decisions(
    customer: str | None,
    outcome: str | None,
    reason: str | None,
    journey: str | None,
    message: str | None,
    limit: int,
) -> Ask[Page[Decision]]:
    query = {"customer": customer, "outcome": outcome, "reason": reason, "journey": journey, "message": message}
    return get(["decisions"], Page[Decision], {**query, "limit": limit})


def deliveries(
    customer: str | None, state: str | None, channel: str | None, message: str | None, limit: int
) -> Ask[Page[Delivery]]:
    query = {"customer": customer, "state": state, "channel": channel, "message": message, "limit": limit}
    return get(["deliveries"], Page[Delivery], query)


def delivery(one: str) -> Ask[Delivery]:
    return get(["deliveries", one], Delivery)


def consents(one: str) -> Ask[Consents]:
    return get(["customers", one, "consents"], Consents)


def write_consent(one: str, said: NewConsent, key: str | None) -> Ask[Taken]:
    return post(["customers", one, "consents"], Taken, said, key)


def consent_history(one: str, limit: int) -> Ask[Page[ConsentWord]]:
    return get(["customers", one, "consents", "history"], Page[ConsentWord], {"limit": limit})


def erase_customer(one: str) -> Ask[Erasure]:
    return delete(["customers", one], Erasure)


def erasure(number: int) -> Ask[Erasure]:
    return get(["erasures", str(number)], Erasure)


def products(query: str, limit: int) -> Ask[Page[Product]]:
    return get(["catalogue", "products"], Page[Product], {"query": query, "limit": limit})


def product(one: str) -> Ask[Product]:
    return get(["catalogue", "products", one], Product)


def put_products(given: Sequence[NewProduct], tell: bool) -> Ask[Put]:
    return put(["catalogue", "products"], Put, {"products": given, "tell": tell})


def delete_product(one: str) -> Ask[None]:
    return delete(["catalogue", "products", one], type(None))


def articles(query: str, limit: int) -> Ask[Page[Article]]:
    return get(["catalogue", "articles"], Page[Article], {"query": query, "limit": limit})


def article(one: str) -> Ask[Article]:
    return get(["catalogue", "articles", one], Article)


def put_articles(given: Sequence[Article], tell: bool) -> Ask[Put]:
    return put(["catalogue", "articles"], Put, {"articles": given, "tell": tell})


def delete_article(one: str) -> Ask[None]:
    return delete(["catalogue", "articles", one], type(None))


def segments(limit: int) -> Ask[Page[Segment]]:
    return get(["segments"], Page[Segment], {"limit": limit})


def members(segment: str, limit: int) -> Ask[Page[Member]]:
    return get(["segments", segment, "members"], Page[Member], {"limit": limit})


def write_keys(limit: int) -> Ask[Page[WriteKey]]:
    return get(["write-keys"], Page[WriteKey], {"limit": limit})


def make_write_key(source: str, kind: str | None, secret: str | None, key: str | None) -> Ask[WriteKey]:
    said = {"source": source, "kind": kind, "secret": secret}
    return post(["write-keys"], WriteKey, {name: text for name, text in said.items() if text is not None}, key)


def withdraw_write_key(one: str) -> Ask[None]:
    return delete(["write-keys", one], type(None))


def own_key() -> Ask[ApiKey]:
    return get(["api-keys", "own"], ApiKey)


def api_keys(limit: int) -> Ask[Page[ApiKey]]:
    return get(["api-keys"], Page[ApiKey], {"limit": limit})


def make_api_key(name: str, scopes: Sequence[str], key: str | None) -> Ask[ApiKey]:
    return post(["api-keys"], ApiKey, {"name": name, "scopes": list(scopes)}, key)


def withdraw_api_key(one: str) -> Ask[None]:
    return delete(["api-keys", one], type(None))
