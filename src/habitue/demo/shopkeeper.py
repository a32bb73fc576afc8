"""The shopkeeper: lowers the price of what people wish for, a thing at a time, so that there is news for them.

A program beside Habitue like any other: it follows the wishes through the API and tells the new price there.
"""

from __future__ import annotations

import http.client
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import quote, urlencode

import msgspec
import orjson
import structlog

from habitue.model.instant import DAY, Instant, Span, to_iso
from habitue.model.product import Product

from .chance import pick
from .goods import Good
from .prices import Prices, Reduction

BETWEEN_SECONDS = 40.0
"""From one reduction to the next, in the wall's time: whoever made a wish sees what comes of it within minutes."""
LASTS: Span = DAY
PERCENTS = (15, 20, 25, 30)
_LOOK_SECONDS = 2.0
_RETRY_SECONDS = 5.0
_WAITING_MAX = 20
_SPARED_BELOW = 0.5
"""Pennies off pennies are no news."""

log = structlog.get_logger(__name__)


class Shopkeeper:
    """A thread that reads which products were wished for, oldest wish first, and waits when the server is not there."""

    def __init__(
        self,
        goods: Sequence[Good],
        prices: Prices,
        now: Callable[[], Instant],
        *,
        host: str,
        port: int,
        token: str,
        between_seconds: float = BETWEEN_SECONDS,
    ) -> None:
        self._products = {good.product.id: good.product for good in goods}
        self._prices, self._now = prices, now
        self._address = (host, port)
        self._headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        self._between = between_seconds
        self._wishes: deque[str] = deque(maxlen=_WAITING_MAX)
        self._asked = {"name": "Product Added to Wishlist", "since": to_iso(now()), "limit": "100"}
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="shopkeeper", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopped.set()
        if self._thread.is_alive():
            self._thread.join(timeout=15)

    @property
    def is_running(self) -> bool:
        return self._thread.is_alive()

    def hear(self) -> None:
        """Note what was wished for since the last time."""
        page = self._ask("GET", f"/api/v1/events?{urlencode(self._asked)}")
        self._asked["cursor"] = page["resume"]
        for event in page["data"]:
            product = self._products.get(str(event["properties"].get("product_id")))
            if product is not None and product.id not in self._wishes and product.price >= _SPARED_BELOW:
                self._wishes.append(product.id)

    def lower_next(self) -> str | None:
        """Reduce what was wished for longest ago; the product's id, or None when it was reduced before."""
        product = self._products[self._wishes[0]]
        if self._prices.reduction(product) is None:
            reduction = Reduction(lowered(product), self._now() + LASTS)
            told = msgspec.to_builtins(product) | {"sale_price": reduction.price, "sale_until": to_iso(reduction.until)}
            del told["id"]
            self._ask("PUT", f"/api/v1/catalogue/products/{quote(product.id, safe='')}", told)
            self._prices.lower(product.id, reduction)
            return self._wishes.popleft()
        self._wishes.popleft()
        return None

    def _run(self) -> None:
        next_at = time.monotonic()
        rest = 0.0
        while not self._stopped.wait(rest):
            rest = min(_LOOK_SECONDS, self._between)
            try:
                self.hear()
                if self._wishes and time.monotonic() >= next_at and self.lower_next() is not None:
                    next_at = time.monotonic() + self._between
            except (OSError, http.client.HTTPException, _Refused) as error:
                log.debug("the API did not answer the shopkeeper", error=str(error))
                rest = _RETRY_SECONDS

    def _ask(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        connection = http.client.HTTPConnection(*self._address, timeout=10)
        try:
            connection.request(method, path, None if body is None else orjson.dumps(body), self._headers)
            answer = connection.getresponse()
            said = answer.read()
        finally:
            connection.close()
        if answer.status != 200:
            raise _Refused(f"{method} {path}: {answer.status} {said[:200]!r}")
        return orjson.loads(said)


class _Refused(Exception):
    """The API answered, but not with what was asked for."""


def lowered(product: Product) -> float:
    """A seventh to nearly a third off, for ever the same for a product."""
    percent = pick(PERCENTS, "reduction", product.id)
    return round(product.price * (100 - percent) / 100, 2)
