"""An event: something a customer or the shop did, in canonical form."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from .instant import Instant
from .trust import PUBLIC, Level

EventType = Literal["track", "identify", "page", "screen", "group", "alias", "control"]

# Calls without a name of their own get one, so that every event can be counted by name.
PAGE_VIEWED = "Page Viewed"
SCREEN_VIEWED = "Screen Viewed"
IDENTIFIED = "Identified"
GROUP_JOINED = "Group Joined"
ALIASED = "Aliased"
PLAYBOOK_APPLIED = "Playbook Applied"
"""The control event that puts a playbook version in force at one log position. `properties.version` is its number."""

CUSTOMER_RETRIED = "Customer Retried"
"""The control event that lets a parked customer go on. `properties.customer` is her id."""

CUSTOMER_SPLIT = "Customer Split"
"""The control event that undoes a wrong merge. `properties`: `customer`, her id; `part`, the customer id that was
joined into her and becomes a person of its own again; `actor`, who asked for it."""

CUSTOMER_ERASED = "Customer Erased"
"""The control event that forgets a person. `properties`: `customer`, her id; `erasure`, the number of the request.
Once she is forgotten everywhere, `customer` is taken out and `ordinal` put in: where ids given later begin."""

LEDGER_PRUNED = "Ledger Pruned"
"""The control event that lets go of old decisions and effects. `properties`: `decisions` and `effects`, the sequence
numbers up to which they go."""

ERASED = "Erased"
"""What stands at the position of an event that was erased, or grew older than is kept: nothing about anybody."""


class Event(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One thing that happened. Built by `ingest`, kept in the log for good, read by everything else.

    `occurred_at` is corrected for the sender's clock and never lies after the moment of reception.
    """

    id: str
    source: str
    type: EventType
    name: str
    occurred_at: Instant
    user_id: str | None = None
    anonymous_id: str | None = None
    previous_id: str | None = None
    properties: dict[str, Any] = {}
    traits: dict[str, Any] = {}
    context: dict[str, Any] = {}
    identifiers: dict[str, str] = {}
    """What else tells who it was, by kind, in the one spelling it is known by; see `model/identifier.py`."""
    level: Level = Level.SERVER
    """Who says it. Events from before levels were told are taken for a server's."""
    claims: dict[str, str] = {}
    """Identifiers that the source named and did not prove, by kind, `user` among them. They lead to nobody."""
    proof: str = ""
    """What shows that a public source may say who it was: `user_hash` or `link`. Empty where nothing was shown."""


def speaker(event: Event) -> str:
    """Under whose name an event's id is known. What comes with a public key never stands in a server's place: anybody
    could send the id of an order first, and the order would be taken for a repetition."""
    return f"{event.source} (public)" if event.level in PUBLIC else event.source


def erased(received_at: Instant) -> Event:
    """The empty event: names nobody, so that whoever reads the log passes over it."""
    return Event(id=ERASED, source="habitue", type="track", name=ERASED, occurred_at=received_at)


class Record(msgspec.Struct, frozen=True, array_like=True):
    """An event at its place in the log. Positions rise within a partition, and so does `received_at`."""

    position: int
    received_at: Instant
    event: Event
