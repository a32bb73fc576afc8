"""A shop's webhooks through the whole application: from the key to the customer and the catalogue."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from starlette.testclient import TestClient
from tests.ingest.webhooks import (
    SECRET,
    SHOP,
    shopify_customer,
    shopify_line,
    shopify_order,
    shopify_product,
    shopify_refund,
    signature,
)

from habitue import wire
from habitue.decide.profile.sharing import has_allowed
from habitue.model.customer import Customer
from habitue.wire import Parts
from habitue.wire.site import application

CART = "68778783ad298f1c80c3bafcddeea02f"


@pytest.fixture
def parts(tmp_path: Path) -> Iterator[Parts]:
    made = wire.create(tmp_path, environ={})
    yield made
    made.close()


class Sender:
    def __init__(self, parts: Parts, client: TestClient) -> None:
        self.parts = parts
        self.key = parts.keys.create("gifts", parts.clock.now(), kind="shopify", secret=SECRET).key
        self.client = client

    def send(self, topic: str, content: Any) -> int:
        body = msgspec.json.encode(content)
        headers = {"X-Shopify-Topic": topic, "X-Shopify-Shop-Domain": SHOP, "X-Shopify-Hmac-Sha256": signature(body)}
        return self.client.post(f"/webhooks/shopify/{self.key}", content=body, headers=headers).status_code

    def people(self) -> list[Customer]:
        """Everybody known, once all that was told is decided."""
        self.parts.crank().turn(1_000, self.parts.clock.now())
        states = [self.parts.view.person(customer) for customer in self.parts.store.customer_ids()]
        known = [msgspec.msgpack.decode(state, type=Customer) for state in states if state is not None]
        return [person for person in known if person.merged_into is None]

    def names(self) -> list[str]:
        return [record.event.name for record in self.parts.log.scan()]


@pytest.fixture
def shop(parts: Parts) -> Iterator[Sender]:
    with TestClient(application(parts), follow_redirects=False) as client:
        yield Sender(parts, client)


def test_an_order_is_in_the_log_and_a_product_in_the_catalogue_when_the_answer_comes(shop: Sender) -> None:
    assert shop.send("orders/create", shopify_order()) == 200
    assert shop.send("products/create", shopify_product()) == 200
    assert shop.names() == ["Order Completed", "Consent Granted", "Product Created"]
    assert shop.parts.catalog.get(["632910392"])["632910392"].name == "Tea cup"


def test_what_a_nameless_cart_held_is_hers_who_ordered_and_her_refund_comes_off(shop: Sender) -> None:
    cart = {"token": CART, "line_items": [shopify_line()], "updated_at": "2026-11-22T11:00:00Z"}
    shop.send("carts/update", cart)
    shop.send("products/update", shopify_product())
    (visitor,) = shop.people()
    assert (list(visitor.cart.lines), visitor.orders) == (["632910392"], 0)
    refunded = shopify_order(refunds=[shopify_refund()], updated_at="2026-11-22T06:59:00-05:00")
    for topic, content in (
        ("orders/updated", refunded),  # It overtook the order.
        ("orders/create", shopify_order()),
        ("orders/paid", shopify_order()),
        ("orders/create", shopify_order()),
        ("customers/update", shopify_customer()),
    ):
        assert shop.send(topic, content) == 200
    (ana,) = shop.people()
    assert (ana.orders, ana.revenue) == (1, 31_500_000 - 13_250_000)
    assert (ana.traits["firstName"], list(ana.cart.lines)) == ("Ana", [])
    assert has_allowed(ana, "email")


def test_a_key_that_was_withdrawn_is_refused(shop: Sender) -> None:
    shop.parts.keys.revoke(shop.key, shop.parts.clock.now())
    assert shop.send("orders/create", shopify_order()) == 401


def test_the_webhooks_key_lets_nobody_speak_unsigned(shop: Sender) -> None:
    event = {"type": "track", "event": "Order Completed", "userId": "ana", "writeKey": shop.key}
    assert shop.client.post("/v1/track", json=event).status_code == 400
