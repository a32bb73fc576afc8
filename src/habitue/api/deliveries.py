"""Deliveries: what became of each message."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from msgspec import Meta

from habitue.model.api_key import Scope
from habitue.model.delivery import Delivery, DeliveryState
from habitue.model.instant import to_iso
from habitue.model.reached import Reached, reached_of

from . import people
from .customers import moment
from .operation import Call, Listing, Moment, Nothing, Operation, Page
from .ports import Services
from .problems import missing

Word = Annotated[str, Meta(min_length=1, max_length=200)]


class DeliveryRead(msgspec.Struct, frozen=True, kw_only=True):
    """One attempt to say a message on one channel."""

    id: str
    customer: str
    message: str
    channel: str
    address: str
    state: DeliveryState
    reached: Annotated[Reached, Meta(description="How far it came, in words: queued, sent and shown are three things.")]
    reason: str | None
    detail: str | None
    subject: str | None
    attempts: int
    journey: str | None
    run: str | None
    step: str | None
    created_at: Moment
    updated_at: Moment
    retry_at: Moment | None


class DeliveryPage(Page, frozen=True, kw_only=True):
    """Deliveries, newest first."""

    data: list[DeliveryRead]


class DeliveriesAsked(Listing, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which deliveries."""

    customer: people.Whose | None = None
    state: DeliveryState | None = None
    channel: Word | None = None
    message: Word | None = None


def _read(delivery: Delivery) -> DeliveryRead:
    return DeliveryRead(
        id=delivery.id,
        customer=delivery.customer,
        message=delivery.message,
        channel=delivery.channel,
        address=delivery.address,
        state=delivery.state,
        reached=reached_of(delivery.channel, delivery.state),
        reason=delivery.reason,
        detail=delivery.detail,
        subject=delivery.subject,
        attempts=delivery.attempts,
        journey=delivery.journey,
        run=delivery.run,
        step=delivery.step,
        created_at=to_iso(delivery.created_at),
        updated_at=to_iso(delivery.updated_at),
        retry_at=moment(delivery.retry_at),
    )


def list_deliveries(services: Services, call: Call[DeliveriesAsked, Nothing]) -> DeliveryPage:
    asked = call.query
    found = services.deliveries.list(
        customers=None if asked.customer is None else people.ids(people.find(services, asked.customer)),
        state=asked.state,
        channel=asked.channel,
        message=asked.message,
        limit=asked.limit + 1,
        before=call.place(int),
    )
    shown = found[: asked.limit]
    more = len(found) > len(shown)
    return call.page(DeliveryPage, [_read(delivery) for _, delivery in shown], shown[-1][0] if more else None)


def read_delivery(services: Services, call: Call[Nothing, Nothing]) -> DeliveryRead:
    delivery = services.deliveries.get(call.path["delivery"])
    if delivery is None:
        raise missing("delivery", call.path["delivery"])
    return _read(delivery)


OPERATIONS: tuple[Operation[Any, Any], ...] = (
    Operation(
        id="list_deliveries",
        method="GET",
        path="/deliveries",
        tag="Deliveries",
        summary="What became of messages, newest first",
        scope=Scope.CUSTOMERS_READ,
        handler=list_deliveries,
        answer=DeliveryPage,
        query=DeliveriesAsked,
        body=Nothing,
        problems=("not-found",),
    ),
    Operation(
        id="read_delivery",
        method="GET",
        path="/deliveries/{delivery}",
        tag="Deliveries",
        summary="Read a delivery",
        scope=Scope.CUSTOMERS_READ,
        handler=read_delivery,
        answer=DeliveryRead,
        query=Nothing,
        body=Nothing,
    ),
)
