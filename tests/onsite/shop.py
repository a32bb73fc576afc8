"""The shopper's addresses over stores in memory: a playbook with two topics, Ana, and a letter she got."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import msgspec
from starlette.applications import Starlette
from starlette.testclient import TestClient

from habitue.content.links import Links
from habitue.model.customer import Customer, customer_id
from habitue.model.delivery import DeliveryState
from habitue.model.effect import Send
from habitue.model.event import Event
from habitue.model.instant import HOUR, MINUTE, SECOND, Instant
from habitue.model.occasion import Occasion
from habitue.onsite.doors import Doors
from habitue.onsite.routes import routes
from habitue.playbook.playbook import Channel, Playbook, Shop, Topic
from habitue.store.memory import MemoryDeliveries, MemoryLog

NOON: Instant = 1_779_969_600 * SECOND
KEY = "key"
BROWSER = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36"
LINKS = Links("0123456789abcdef0123456789abcdef", "https://h.example")
ANA = customer_id("anonymous", "anon-ana")
LETTER = Occasion("d1", ANA, "note", "email", "cart", "r1", "ask", "offers")
PLAYBOOK = Playbook(
    name="wick",
    shop=Shop(name="Wick & Co", url="https://shop.example", color="#1f5c4d"),
    channels={"email": Channel(name="email"), "onsite": Channel(name="onsite", consent="implied")},
    topics={
        "offers": Topic(name="offers", title="Offers", description="Now and then."),
        "news": Topic(name="news", title="News & letters"),
    },
)


class HandClock:
    def __init__(self) -> None:
        self.at = NOON

    def now(self) -> Instant:
        return self.at


class People:
    """The one question of `View` that is asked here."""

    def __init__(self) -> None:
        self.known: dict[str, Customer] = {}

    def put(self, customer: Customer) -> None:
        self.known[customer.id] = customer

    def person(self, customer: str) -> bytes | None:
        found = self.known.get(customer)
        return None if found is None else msgspec.msgpack.encode(found)


class Corner:
    def __init__(self) -> None:
        self.clock = HandClock()
        self.log: Any = MemoryLog(self.clock)
        self.deliveries: Any = MemoryDeliveries()
        self.people: Any = People()
        self.decided = -1
        self.playbook: Playbook | None = PLAYBOOK
        self.doors = Doors(
            links=LINKS,
            log=self.log,
            deliveries=self.deliveries,
            view=self.people,
            clock=self.clock,
            playbook=lambda: self.playbook,
            known_key=self._known_key,
            decided=lambda: self.decided,
        )
        self.app = Starlette(routes=routes(self.doors))
        self.browser = TestClient(
            self.app, base_url="https://h.example", headers={"User-Agent": BROWSER}, follow_redirects=False
        )

    async def _known_key(self, key: str) -> bool:
        return key == KEY

    def delivered(self, name: str, channel: str = "onsite", customer: str = ANA, **content: Any) -> None:
        """A message that was accepted an hour ago."""
        effect = Send(
            id=name, customer=customer, at=NOON, expires_at=NOON + 9 * HOUR, journey="cart", run="r1", step="ask",
            version=1, message="note", channel=channel, address="ana@x.example", topic="offers",
        )  # fmt: skip
        self.deliveries.take_in([(len(self.deliveries.list()) + 1, effect)], NOON - HOUR)
        delivery = self.deliveries.get(name)
        piece = {"type": "popup", "title": "Hello Ana", "body": "", "button": "", "url": "", "image": ""} | content
        change = {"state": DeliveryState.ACCEPTED, "updated_at": NOON - HOUR, "content": piece}
        self.deliveries.finish([msgspec.structs.replace(delivery, **change)])

    def events(self) -> list[Event]:
        """All that was told by now, once what is held has waited long enough."""
        with ThreadPoolExecutor(1) as elsewhere:  # Tests with a browser have a loop of their own.
            elsewhere.submit(lambda: asyncio.run(self.doors.hits.release(self.doors))).result()
        return [record.event for record in self.log.scan()]

    def later(self, span: int = MINUTE) -> None:
        self.clock.at += span


def path_of(url: str) -> str:
    return url.removeprefix("https://h.example")


def hidden_and_on(html: str, name: str) -> Sequence[str]:
    """The values a browser would send for a name: hidden fields, and checked switches."""
    fields = re.findall(r"<input[^>]*>", html)
    sent = [one for one in fields if f'name="{name}"' in one and ("hidden" in one or " checked" in one)]
    return [re.search(r'value="([^"]*)"', one)[1] for one in sent]  # type: ignore[index]
