"""What the shopper's addresses need of the rest of the system."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

import msgspec

from habitue.content.links import Links
from habitue.model.address import spelled
from habitue.model.customer import Customer, customer_id
from habitue.model.event import Event
from habitue.model.occasion import Occasion
from habitue.playbook.playbook import Playbook
from habitue.run.ports import Clock, Deliveries, Log, View

from .hits import Hits

_JOINS_MAX = 20
_decode = msgspec.msgpack.Decoder(Customer).decode


@dataclass(frozen=True, slots=True)
class Doors:
    """`playbook` gives the version in force, None before the first is applied; `known_key` if a write key is good."""

    links: Links
    log: Log
    deliveries: Deliveries
    view: View
    clock: Clock
    playbook: Callable[[], Playbook | None]
    known_key: Callable[[str], Awaitable[bool]]
    lift: Callable[[str, str], None] = lambda channel, address: None
    """Takes an erased address off the suppression list: its owner has asked to be written to again."""

    hits: Hits = field(default_factory=Hits)
    """Clicks and opens that wait for what comes with them."""
    decided: Callable[[], int] = lambda: -1
    """The last log position that the state has taken in."""

    async def append(self, events: Sequence[Event]) -> None:
        """Durable when it returns. In a thread: the log waits for the disk."""
        if events:
            await asyncio.to_thread(self.log.append, list(events))

    async def person(self, customer: str) -> Customer | None:
        """Who has this id by now: the customer she was joined into, if she was."""
        return await asyncio.to_thread(self._follow, customer)

    async def sent_to(self, occasion: Occasion) -> str:
        """The address a link was sent to, which alone it may speak for; empty for a page's, or where nobody knows."""
        if occasion.channel == "onsite":
            return ""
        sent = await asyncio.to_thread(self.deliveries.get, occasion.delivery)
        return spelled(sent.address) if sent is not None else ""

    async def visitor_ids(self, anonymous_id: str) -> list[str]:
        """All customer ids of the person behind a browser, those of her earlier selves included."""
        own = customer_id("anonymous", anonymous_id)
        person = await self.person(own)
        if person is None:
            return [own]
        return list(dict.fromkeys([person.id, *person.merged_ids, own]))

    def _follow(self, customer: str) -> Customer | None:
        for _ in range(_JOINS_MAX):
            state = self.view.person(customer)
            if state is None:
                return None
            person = _decode(state)
            if person.merged_into is None:
                return person
            customer = person.merged_into
        return None
