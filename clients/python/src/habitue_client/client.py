"""The client for programs that wait for each answer."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from types import TracebackType
from typing import Any, Literal, Self, TypeVar

import httpx

from . import asks
from .asking import Ask, Page, Retries, after, read, wait_seconds
from .errors import NoAnswer, ProblemError
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

T = TypeVar("T")


class Client:
    """Asks one Habitue. `address` is where it is reached, such as `https://habitue.shop.example`.

    Customers are named by customer id or as `kind:value`, such as `user:ana` or `email:ana@shop.example`. Whoever does
    the same thing again after a crash passes the `idempotency_key` of the first time. Use it in a `with` statement, or
    call `close`. Safe to share between threads.
    """

    def __init__(
        self,
        address: str,
        api_key: str,
        *,
        timeout_seconds: float = 30.0,
        retries: Retries = Retries(),  # noqa: B008 - frozen
        transport: httpx.BaseTransport | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._http = httpx.Client(
            base_url=address.rstrip("/"),
            headers={"Authorization": f"Bearer {api_key}", "User-Agent": "habitue-client-python/0.1.0"},
            timeout=timeout_seconds,
            transport=transport,
        )
        self._retries = retries
        self._sleep = sleep

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the connections."""
        self._http.close()

    # --- customers -------------------------------------------------------------------------------------------------

    def customers(self, query: str = "", *, limit: int = asks.PAGE) -> Iterator[CustomerLine]:
        """Customers found by a part of user id, e-mail address or name, in the order they were first met."""
        return self._all(asks.customers(query, limit))

    def customer(self, customer: str) -> Customer:
        """All that is known of her. Raises NotFound."""
        return self.ask(asks.customer(customer))

    def write_customer(
        self,
        *,
        user_id: str | None = None,
        anonymous_id: str | None = None,
        email: str | None = None,
        phone: str | None = None,
        traits: dict[str, Any] | None = None,
        timezone: str | None = None,
        locale: str | None = None,
        occurred_at: datetime | None = None,
        id: str | None = None,
        idempotency_key: str | None = None,
    ) -> Taken:
        """Describe a customer, known or new."""
        said = NewCustomer(
            user_id=user_id,
            anonymous_id=anonymous_id,
            email=email,
            phone=phone,
            traits=traits or {},
            timezone=timezone,
            locale=locale,
            occurred_at=occurred_at,
            id=id,
        )
        return self.ask(asks.write_customer(said, idempotency_key))

    def customer_events(self, customer: str, *, name: str | None = None, limit: int = asks.PAGE) -> Iterator[Event]:
        """Her events, newest first."""
        return self._all(asks.customer_events(customer, name, limit))

    def customer_decisions(
        self,
        customer: str,
        *,
        outcome: str | None = None,
        reason: str | None = None,
        journey: str | None = None,
        message: str | None = None,
        limit: int = asks.PAGE,
    ) -> Iterator[Decision]:
        """What was decided about her and why, newest first."""
        return self._all(asks.customer_decisions(customer, outcome, reason, journey, message, limit))

    def consents(self, customer: str) -> Consents:
        """What she agreed to and refused."""
        return self.ask(asks.consents(customer))

    def write_consent(
        self,
        customer: str,
        channel: str,
        state: Literal["granted", "withdrawn"],
        *,
        topic: str = "",
        address: str = "",
        source: str = "",
        text: str = "",
        text_version: str = "",
        locale: str = "",
        ip: str = "",
        agent: str = "",
        actor: str = "",
        occurred_at: datetime | None = None,
        id: str | None = None,
        idempotency_key: str | None = None,
    ) -> Taken:
        """Record that she agreed or refused; `text` is exactly what she read."""
        said = NewConsent(
            channel=channel,
            state=state,
            topic=topic,
            address=address,
            source=source,
            text=text,
            text_version=text_version,
            locale=locale,
            ip=ip,
            agent=agent,
            actor=actor,
            occurred_at=occurred_at,
            id=id,
        )
        return self.ask(asks.write_consent(customer, said, idempotency_key))

    def consent_history(self, customer: str, *, limit: int = asks.PAGE) -> Iterator[ConsentWord]:
        """Every word she ever said on consent, with its proof, newest first."""
        return self._all(asks.consent_history(customer, limit))

    def erase_customer(self, customer: str) -> Erasure:
        """Have her destroyed everywhere; the receipt says how far it has come."""
        return self.ask(asks.erase_customer(customer))

    def erasure(self, number: int) -> Erasure:
        """The receipt of an erasure. Raises NotFound."""
        return self.ask(asks.erasure(number))

    # --- events ----------------------------------------------------------------------------------------------------

    def events(
        self,
        *,
        name: str | None = None,
        source: str | None = None,
        customer: str | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        limit: int = asks.PAGE,
    ) -> Iterator[Event]:
        """The log, oldest first, to its present end. `since` and `until` are moments of reception."""
        return self._all(asks.events(name, source, customer, since, until, None, limit))

    def event_page(
        self,
        cursor: str | None = None,
        *,
        name: str | None = None,
        source: str | None = None,
        customer: str | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        limit: int = asks.PAGE,
    ) -> Page[Event]:
        """One page of the log. Keep its `resume` and come back with it, to go on from there."""
        return self.ask(asks.events(name, source, customer, since, until, cursor, limit))

    def write_events(self, events: Sequence[NewEvent], *, idempotency_key: str | None = None) -> Taken:
        """Send events; all are kept, or none and Invalid says which are wrong."""
        return self.ask(asks.write_events(events, idempotency_key))

    def track(
        self,
        name: str,
        *,
        user_id: str | None = None,
        anonymous_id: str | None = None,
        email: str | None = None,
        phone: str | None = None,
        properties: dict[str, Any] | None = None,
        occurred_at: datetime | None = None,
        id: str | None = None,
        idempotency_key: str | None = None,
    ) -> Taken:
        """Send one event."""
        event = NewEvent(
            name=name,
            user_id=user_id,
            anonymous_id=anonymous_id,
            email=email,
            phone=phone,
            properties=properties or {},
            occurred_at=occurred_at,
            id=id,
        )
        return self.write_events([event], idempotency_key=idempotency_key)

    # --- decisions, deliveries, segments ---------------------------------------------------------------------------

    def decisions(
        self,
        *,
        customer: str | None = None,
        outcome: str | None = None,
        reason: str | None = None,
        journey: str | None = None,
        message: str | None = None,
        limit: int = asks.PAGE,
    ) -> Iterator[Decision]:
        """The ledger, newest first."""
        return self._all(asks.decisions(customer, outcome, reason, journey, message, limit))

    def deliveries(
        self,
        *,
        customer: str | None = None,
        state: str | None = None,
        channel: str | None = None,
        message: str | None = None,
        limit: int = asks.PAGE,
    ) -> Iterator[Delivery]:
        """What became of messages, newest first."""
        return self._all(asks.deliveries(customer, state, channel, message, limit))

    def delivery(self, delivery: str) -> Delivery:
        """One delivery. Raises NotFound."""
        return self.ask(asks.delivery(delivery))

    def segments(self, *, limit: int = asks.PAGE) -> Iterator[Segment]:
        """Segments with their sizes."""
        return self._all(asks.segments(limit))

    def members(self, segment: str, *, limit: int = asks.PAGE) -> Iterator[Member]:
        """Who is in a segment."""
        return self._all(asks.members(segment, limit))

    # --- catalogue -------------------------------------------------------------------------------------------------

    def products(self, query: str = "", *, limit: int = asks.PAGE) -> Iterator[Product]:
        """Products whose words hold the query, in the order of their ids."""
        return self._all(asks.products(query, limit))

    def product(self, product: str) -> Product:
        """One product. Raises NotFound."""
        return self.ask(asks.product(product))

    def put_products(self, products: Sequence[NewProduct], *, tell: bool = True) -> Put:
        """Describe up to 500 products, each whole; others stay. `tell` False: no customer hears of it."""
        return self.ask(asks.put_products(products, tell))

    def delete_product(self, product: str) -> None:
        """Take a product out. Raises NotFound."""
        self.ask(asks.delete_product(product))

    def articles(self, query: str = "", *, limit: int = asks.PAGE) -> Iterator[Article]:
        """Articles whose words hold the query, in the order of their ids."""
        return self._all(asks.articles(query, limit))

    def article(self, article: str) -> Article:
        """One article. Raises NotFound."""
        return self.ask(asks.article(article))

    def put_articles(self, articles: Sequence[Article], *, tell: bool = True) -> Put:
        """Describe up to 500 articles, each whole; others stay. `tell` False: no customer hears of it."""
        return self.ask(asks.put_articles(articles, tell))

    def delete_article(self, article: str) -> None:
        """Take an article out. Raises NotFound."""
        self.ask(asks.delete_article(article))

    # --- keys ------------------------------------------------------------------------------------------------------

    def write_keys(self, *, limit: int = asks.PAGE) -> Iterator[WriteKey]:
        """Write keys, oldest first."""
        return self._all(asks.write_keys(limit))

    def make_write_key(
        self,
        source: str,
        *,
        kind: str | None = None,
        secret: str | None = None,
        idempotency_key: str | None = None,
    ) -> WriteKey:
        """A new write key for a source."""
        return self.ask(asks.make_write_key(source, kind, secret, idempotency_key))

    def withdraw_write_key(self, key: str) -> None:
        """By the key or its id. From now on, events with it are refused."""
        self.ask(asks.withdraw_write_key(key))

    def own_key(self) -> ApiKey:
        """The key this client asks with."""
        return self.ask(asks.own_key())

    def api_keys(self, *, limit: int = asks.PAGE) -> Iterator[ApiKey]:
        """API keys, oldest first."""
        return self._all(asks.api_keys(limit))

    def make_api_key(self, name: str, scopes: Sequence[str], *, idempotency_key: str | None = None) -> ApiKey:
        """A new API key; its `token` is shown this once."""
        return self.ask(asks.make_api_key(name, scopes, idempotency_key))

    def withdraw_api_key(self, id: str) -> None:
        """From now on it opens nothing."""
        self.ask(asks.withdraw_api_key(id))

    # --- asking ----------------------------------------------------------------------------------------------------

    def ask(self, ask: Ask[T]) -> T:
        """Ask until there is an answer or it is not worth asking again. Raises ProblemError or NoAnswer."""
        tried, waited = 0, 0.0
        while True:
            tried += 1
            problem: ProblemError | None = None
            failure: httpx.TransportError | None = None
            try:
                return read(ask, self._send(ask))
            except ProblemError as said:
                problem = said
            except httpx.TransportError as said:
                failure = said
            pause = wait_seconds(self._retries, tried, waited, problem)
            if pause is None:
                raise problem or NoAnswer(f"no answer from {self._http.base_url}: {failure!r}") from failure
            waited += pause
            self._sleep(pause)

    def _send(self, ask: Ask[T]) -> httpx.Response:
        return self._http.request(
            ask.method, ask.path, params=ask.query or None, content=ask.body, headers=ask.headers()
        )

    def _all(self, first: Ask[Page[T]]) -> Iterator[T]:
        ask: Ask[Page[T]] | None = first
        while ask is not None:
            page = self.ask(ask)
            yield from page.data
            ask = after(ask, page)
