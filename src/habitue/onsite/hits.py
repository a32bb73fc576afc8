"""Clicks and opens, held for a moment: whether a hit is a machine's is only seen by those that come with it.

A mail filter opens a letter like a browser does, and then follows every link in it at once. The first of these looks
like a person's click; so each waits two seconds for what else comes of the same letter, and is told with a judgement
that no later hit can change. Nobody waits for it: the reader has long been led on. The judgement is in the event, so
that a replay needs none. A process that is killed loses the hits of its last two seconds, never the reader's way.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

import structlog

from habitue.model.customer import Customer
from habitue.model.delivery import Delivery
from habitue.model.event import Event
from habitue.model.instant import HOUR, Instant
from habitue.model.occasion import Occasion
from habitue.run.ports import Deliveries
from habitue.run.receipts import (
    EMAIL_FOLLOWED_BY_MACHINE,
    EMAIL_LINK_CLICKED,
    EMAIL_OPENED,
    EMAIL_OPENED_BY_MACHINE,
    receipt,
)

from .machines import Hit, Visitor, machines_among

HOLD_SECONDS = 2.0
_VISITORS_MAX = 10_000
_REMEMBERED = HOUR
_HELD_MAX = 20_000
"""Beyond it hits are judged at once, with those that are there."""

_BY_MACHINE = {EMAIL_LINK_CLICKED: EMAIL_FOLLOWED_BY_MACHINE, EMAIL_OPENED: EMAIL_OPENED_BY_MACHINE}
_say = structlog.get_logger("habitue.onsite")


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What a hit becomes: its event's name, what makes its id, and the page it led to."""

    name: str
    what: str
    occasion: Occasion
    hit: Hit
    context: dict[str, str] = field(default_factory=dict)
    properties: dict[str, str] = field(default_factory=dict)


class Desk(Protocol):
    """What telling needs of the doors."""

    @property
    def deliveries(self) -> Deliveries: ...

    async def append(self, events: Sequence[Event]) -> None: ...

    async def person(self, customer: str) -> Customer | None: ...


class Hits:
    """Held by delivery; `keep` returns at once."""

    def __init__(self, hold_seconds: float = HOLD_SECONDS) -> None:
        self._hold_seconds = hold_seconds
        self._held: dict[str, list[Receipt]] = {}
        self._count = 0
        self._known: OrderedDict[tuple[str, Visitor], Instant] = OrderedDict()
        """Who was found to be a machine at which delivery: what comes from there later needs no company."""
        self._tasks: set[asyncio.Task[None]] = set()

    def keep(self, desk: Desk, one: Receipt) -> None:
        """Hold it until what belongs to it has come."""
        delivery = one.occasion.delivery
        group = self._held.setdefault(delivery, [])
        group.append(one)
        self._count += 1
        if len(group) == 1:
            seconds = self._hold_seconds if self._count < _HELD_MAX else 0.0
            task = asyncio.get_running_loop().create_task(self._after(desk, delivery, seconds))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def release(self, desk: Desk) -> None:
        """Tell all that is held, now: the process is about to end."""
        for delivery in list(self._held):
            await self._tell(desk, delivery)

    async def _after(self, desk: Desk, delivery: str, seconds: float) -> None:
        await asyncio.sleep(seconds)
        await self._tell(desk, delivery)

    async def _tell(self, desk: Desk, delivery: str) -> None:
        group = self._held.pop(delivery, [])
        self._count -= len(group)
        if not group:
            return
        try:
            sent = await asyncio.to_thread(desk.deliveries.get, delivery)
            person = await desk.person(group[0].occasion.customer)
            customer = person.id if person is not None else None
            await desk.append([_event(one, machine, sent, customer) for one, machine in self._judged(group, sent)])
        except Exception:  # noqa: BLE001 - the reader is where they wanted to be; a full disk is our own matter
            _say.exception("receipts_lost", delivery=delivery, receipts=len(group))

    def _judged(self, group: Sequence[Receipt], sent: Delivery | None) -> list[tuple[Receipt, bool]]:
        delivery = group[0].occasion.delivery
        hits = [one.hit for one in group]
        known = {hit.visitor for hit in hits if self._is_known(delivery, hit)}
        machines = machines_among(hits, sent.updated_at if sent is not None else None) | known
        for visitor in machines:
            self._known[delivery, visitor] = hits[-1].at
        while len(self._known) > _VISITORS_MAX:
            self._known.popitem(last=False)
        return [(one, one.hit.visitor in machines) for one in group]

    def _is_known(self, delivery: str, hit: Hit) -> bool:
        at = self._known.get((delivery, hit.visitor))
        return at is not None and hit.at - at < _REMEMBERED


def _event(one: Receipt, machine: bool, sent: Delivery | None, customer: str | None) -> Event:
    """One per link and delivery, and one more for machines, under names that no plan speaks of unasked."""
    address = {"email": sent.address} if sent is not None and sent.channel == "email" else {}
    return receipt(
        _BY_MACHINE[one.name] if machine else one.name,
        f"{one.what}:machine" if machine else one.what,
        one.occasion,
        one.hit.at,
        customer=customer,
        context=one.context,
        machine=machine,
        **one.properties,
        **address,
    )
