"""Events: read the log in order, or from the newest for one customer; send new ones."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from habitue.decide.naming import names
from habitue.model.api_key import Scope
from habitue.model.event import ERASED, Record
from habitue.model.instant import Instant, from_datetime, to_iso
from habitue.playbook.playbook import IdentityRules
from habitue.run.ports import Log

from . import people
from .operation import Call, Listing, Moment, Nothing, Operation, Page
from .ports import Services
from .problems import Fault, invalid
from .writing import WRITING, AnonymousId, EventId, Occurred, Phone, Taken, UserId, take, without_nothing

READ_AT_ONCE = 500
LOOKED_AT_MAX = 5_000
"""How many events one request may look through for those that pass its filters; then a cursor goes on."""
_NO_RULES = IdentityRules()

Name = Annotated[str, Meta(min_length=1, max_length=255, description="Only events of this name.")]


class EventRead(msgspec.Struct, frozen=True, kw_only=True):
    """An event as it is kept."""

    position: Annotated[int, Meta(description="Its place in the log. Places rise.")]
    id: str
    source: Annotated[str, Meta(description="Which write key or API key it came with; `habitue` for our own.")]
    type: str
    name: str
    occurred_at: Moment
    received_at: Moment
    user_id: str | None
    anonymous_id: str | None
    previous_id: str | None
    identifiers: dict[str, str]
    properties: dict[str, Any]
    traits: dict[str, Any]
    context: dict[str, Any]


class EventPage(Page, frozen=True, kw_only=True):
    """Events, oldest first. A page may be empty and still have a next one: so many events were looked through."""

    data: list[EventRead]
    resume: Annotated[str, Meta(description="A cursor after all that was read, on the last page too: for later.")]


class CustomerEventPage(Page, frozen=True, kw_only=True):
    """A customer's events, newest first."""

    data: list[EventRead]


class EventsAsked(Listing, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which events of the log."""

    name: Name | None = None
    source: Annotated[str, Meta(min_length=1, max_length=40, description="Only events from this source.")] | None = None
    customer: people.Whose | None = None
    since: Annotated[datetime, Meta(tz=True, description="Only events received at or after this moment.")] | None = None
    until: Annotated[datetime, Meta(tz=True, description="Only events received before this moment.")] | None = None


class EventToWrite(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Something a customer did. At least one of the ids, or an e-mail address or a phone, must say who."""

    name: Annotated[str, Meta(min_length=1, max_length=255, description="What happened, such as `Product Viewed`.")]
    user_id: UserId | None = None
    anonymous_id: AnonymousId | None = None
    email: Annotated[str, Meta(max_length=255)] | None = None
    phone: Phone | None = None
    properties: dict[str, Any] = {}
    context: Annotated[dict[str, Any], Meta(description="Circumstances in Segment's words, such as `timezone`.")] = {}
    occurred_at: Occurred | None = None
    id: EventId | None = None


class EventsToWrite(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Some events; all are kept or none."""

    events: Annotated[list[EventToWrite], Meta(min_length=1, max_length=2_500)]


def read(record: Record) -> EventRead:
    event = record.event
    return EventRead(
        position=record.position,
        id=event.id,
        source=event.source,
        type=event.type,
        name=event.name,
        occurred_at=to_iso(event.occurred_at),
        received_at=to_iso(record.received_at),
        user_id=event.user_id,
        anonymous_id=event.anonymous_id,
        previous_id=event.previous_id,
        identifiers=event.identifiers,
        properties=event.properties,
        traits=event.traits,
        context=event.context,
    )


def list_events(services: Services, call: Call[EventsAsked, Nothing]) -> EventPage:
    asked, log = call.query, services.log
    after = call.place(int)
    if after is None:
        after = -1 if asked.since is None else before(log, from_datetime(asked.since))
    until = None if asked.until is None else from_datetime(asked.until)
    wanted = _filter(services, asked)
    found: list[EventRead] = []
    over = False
    at_once = READ_AT_ONCE if _is_picky(asked) else asked.limit
    for looked, record in enumerate(_onward(log, after, at_once), 1):
        if until is not None and record.received_at >= until:
            over = True
            break
        after = record.position
        if record.event.name != ERASED and wanted(record):
            found.append(read(record))
        if len(found) == asked.limit or looked == LOOKED_AT_MAX:
            break
    else:
        over = True
    more = not over and bool(log.read(after, 1))
    return call.page(EventPage, found, after if more else None, resume=call.cursor(after))


def before(log: Log, instant: Instant) -> int:
    """A position: all up to it was received before an instant, and nothing after it. Reception times rise, so halving
    finds it; positions may have gaps."""
    early, step = -1, 1
    while (record := _at_or_after(log, early + step)) is not None and record.received_at < instant:
        early, step = record.position, step * 2
    late = early + step if record is None else record.position
    while late - early > 1:
        middle = (early + late) // 2
        record = _at_or_after(log, middle)
        if record is not None and record.received_at < instant:
            early = record.position
        else:
            late = middle
    return early


def _at_or_after(log: Log, position: int) -> Record | None:
    return next(iter(log.read(position - 1, 1)), None)


def _onward(log: Log, after: int, at_once: int) -> Iterator[Record]:
    while records := log.read(after, at_once):
        yield from records
        after = records[-1].position


def _is_picky(asked: EventsAsked) -> bool:
    return (asked.name, asked.source, asked.customer) != (None, None, None)


def _filter(services: Services, asked: EventsAsked) -> Callable[[Record], bool]:
    hers: set[str] = set()
    if asked.customer is not None:
        customer = people.known(services, asked.customer)
        hers = {people.id_of(services, asked.customer), *(people.ids(customer) if customer else ())}

    def wanted(record: Record) -> bool:
        event = record.event
        return (
            (asked.name is None or event.name == asked.name)
            and (asked.source is None or event.source == asked.source)
            and (asked.customer is None or not hers.isdisjoint(names(event, _NO_RULES).ids()))
        )

    return wanted


class CustomerEventsAsked(Listing, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which events of a customer."""

    name: Name | None = None


def list_customer_events(services: Services, call: Call[CustomerEventsAsked, Nothing]) -> CustomerEventPage:
    asked = call.query
    customer = people.find(services, call.path["customer"])
    found: list[EventRead] = []
    place, looked = call.place(int), 0
    hers = people.ids(customer)
    while len(found) < asked.limit and looked < LOOKED_AT_MAX:
        count = READ_AT_ONCE if asked.name is not None else asked.limit - len(found)
        tail = services.view.timeline(hers, count, place)
        if not tail:
            return call.page(CustomerEventPage, found, None)
        looked += len(tail)
        for record in sorted(services.log.at([position for position, _ in tail]), key=_newest_first):
            if record.event.name != ERASED and asked.name in (None, record.event.name):
                found.append(read(record))
            place = record.position
            if len(found) == asked.limit:
                break
        else:
            place = tail[-1][0]
    more = place is not None and bool(services.view.timeline(hers, 1, place))
    return call.page(CustomerEventPage, found, place if more else None)


def _newest_first(record: Record) -> int:
    return -record.position


async def write_events(services: Services, call: Call[Nothing, EventsToWrite]) -> Taken:
    events = call.body.events
    most = services.intake.events_max
    if len(events) > most:
        raise invalid([Fault(pointer="#/events", detail=f"has {len(events)} events; at most {most} are taken at once")])
    return await take(call, [_item(event) for event in events], [f"#/events/{n}" for n in range(len(events))])


def _item(event: EventToWrite) -> dict[str, Any]:
    context = dict(event.context)
    said = without_nothing(email=event.email, phone=event.phone)
    if said:
        traits = context.get("traits")
        context["traits"] = {**(traits if isinstance(traits, dict) else {}), **said}
    return without_nothing(
        type="track",
        event=event.name,
        userId=event.user_id,
        anonymousId=event.anonymous_id,
        properties=event.properties,
        context=context,
        timestamp=event.occurred_at,
        messageId=event.id,
    )


OPERATIONS: tuple[Operation[Any, Any], ...] = (
    Operation(
        id="list_events",
        method="GET",
        path="/events",
        tag="Events",
        summary="Read the log, oldest first",
        description="Every event there is, in the order of the log, so that a program can follow it: read page after "
        "page, keep `resume` of the last one, and ask with it again later.",
        scope=Scope.EVENTS_READ,
        handler=list_events,
        answer=EventPage,
        query=EventsAsked,
        body=Nothing,
        problems=("not-found",),
    ),
    Operation(
        id="write_events",
        method="POST",
        path="/events",
        tag="Events",
        summary="Send events",
        description="The same as a client's track call. When the answer comes they are on disk.",
        scope=Scope.EVENTS_WRITE,
        handler=write_events,
        answer=Taken,
        query=Nothing,
        body=EventsToWrite,
        status=202,
        problems=WRITING,
        example={
            "events": [
                {
                    "name": "Order Completed",
                    "user_id": "ana",
                    "id": "order-1001",
                    "occurred_at": "2026-11-22T10:00:00Z",
                    "properties": {
                        "order_id": "1001",
                        "total": 27.5,
                        "currency": "EUR",
                        "products": [{"product_id": "p1", "name": "Wooden bird house", "price": 27.5, "quantity": 1}],
                    },
                }
            ]
        },
    ),
    Operation(
        id="list_customer_events",
        method="GET",
        path="/customers/{customer}/events",
        tag="Customers",
        summary="A customer's events, newest first",
        description="Those of every identity that was joined into her, as soon as they are decided on.",
        scope=Scope.EVENTS_READ,
        handler=list_customer_events,
        answer=CustomerEventPage,
        query=CustomerEventsAsked,
        body=Nothing,
    ),
)
