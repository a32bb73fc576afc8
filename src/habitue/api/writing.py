"""Events that programs send: the same road as everybody's, except that one bad event keeps the others from going."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from hashlib import blake2b
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from habitue.model import powers
from habitue.model.customer import customer_id
from habitue.model.event import Event
from habitue.model.identifier import ANONYMOUS, IDENTIFIERS, USER

from .gate import require_all
from .operation import Call
from .problems import Fault, invalid

WRITING = ("unavailable",)
"""What may go wrong wherever events are written."""

Occurred = Annotated[
    datetime,
    Meta(tz=True, description="When it happened, with a time zone; now when left out. Never later than now."),
]
UserId = Annotated[str, Meta(max_length=255, description="The shop's own id of a signed-in customer.")]
AnonymousId = Annotated[str, Meta(max_length=255, description="The id of a visitor's device.")]
Phone = Annotated[str, Meta(max_length=60, description="With the country code.")]
EventId = Annotated[
    str,
    Meta(min_length=1, max_length=255, description="Tells this event from others: sent again, it is kept once."),
]


class Taken(msgspec.Struct, frozen=True, kw_only=True):
    """The events are on disk. They are decided on in the next moment."""

    events: Annotated[list[str], Meta(description="The ids of the events, in order.")]
    customers: Annotated[
        list[str],
        Meta(
            description="The customer ids that the events name, in order. Reading one leads to whoever she is by then."
        ),
    ]


async def take(call: Call[Any, Any], items: Sequence[dict[str, Any]], pointers: Sequence[str]) -> Taken:
    """Keep all events, or none: raises ApiError that points at each item that cannot be one."""
    events, faults = [], []
    for index, (item, pointer) in enumerate(zip(items, pointers, strict=True)):
        if not item.get("messageId"):
            item["messageId"] = _event_id(call, index)
        read = call.services.intake.read(item, call.key.name)
        if isinstance(read, Event):
            require_all(call.key, powers.of_event(read.name), f'the event "{read.name}" at {pointer}')
            events.append(read)
        else:
            faults.append(Fault(pointer=pointer, detail=f"{read.reason}: {_in_our_words(read.detail)}"))
    if faults:
        raise invalid(faults[:100])
    await call.services.intake.keep(events, call.body_bytes)
    return Taken(events=[event.id for event in events], customers=[named_by(event) for event in events])


def _in_our_words(detail: str) -> str:
    """The road speaks Segment's language; who asks here does not."""
    for theirs, ours in (("userId", "user_id"), ("anonymousId", "anonymous_id"), ("messageId", "id")):
        detail = detail.replace(theirs, ours)
    return detail


def _event_id(call: Call[Any, Any], index: int) -> str:
    """Made of the idempotency key: should the answer be lost on its way to the disk, events still are not kept twice.

    Empty without one: then nothing tells a repeated event from a new one.
    """
    if not call.idempotency_key:
        return ""
    return "api-" + blake2b(f"{call.key.id} {index} {call.idempotency_key}".encode(), digest_size=12).hexdigest()


def named_by(event: Event) -> str:
    """The customer id of the most telling thing the event says."""
    if event.user_id:
        return customer_id(USER, event.user_id)
    for kind in IDENTIFIERS:
        if kind in event.identifiers and IDENTIFIERS[kind].strong:
            return customer_id(kind, event.identifiers[kind])
    if event.anonymous_id:
        return customer_id(ANONYMOUS, event.anonymous_id)
    kind = next(kind for kind in IDENTIFIERS if kind in event.identifiers)
    return customer_id(kind, event.identifiers[kind])


def without_nothing(**item: Any) -> dict[str, Any]:
    """An item in Segment's shape: what was not said is left out, times are text."""
    return {
        name: value.isoformat() if isinstance(value, datetime) else value
        for name, value in item.items()
        if value is not None and value is not msgspec.UNSET
    }
