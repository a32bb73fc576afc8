"""Erasures: have a person destroyed everywhere, and read the receipt."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from msgspec import Meta

from habitue.model.api_key import Scope
from habitue.model.instant import to_iso
from habitue.model.privacy import Receipt

from . import people
from .customers import moment
from .operation import Call, Moment, Nothing, Operation
from .ports import Services
from .problems import missing


class DestroyedRead(msgspec.Struct, frozen=True, kw_only=True):
    """How many of what were destroyed where."""

    place: str
    what: str
    count: int
    at: Moment


class ErasureRead(msgspec.Struct, frozen=True, kw_only=True):
    """The receipt of an erasure."""

    number: int
    mark: Annotated[str, Meta(description="All that is left of her: a keyed hash of her customer id.")]
    actor: str
    requested_at: Moment
    finished_at: Annotated[Moment | None, Meta(description="Null while it is being carried out.")]
    destroyed: list[DestroyedRead]


def _read(receipt: Receipt) -> ErasureRead:
    return ErasureRead(
        number=receipt.number,
        mark=receipt.mark,
        actor=receipt.actor,
        requested_at=to_iso(receipt.requested_at),
        finished_at=moment(receipt.finished_at),
        destroyed=[
            DestroyedRead(place=line.place, what=line.what, count=line.count, at=to_iso(line.at))
            for line in receipt.destroyed
        ],
    )


def erase_customer(services: Services, call: Call[Nothing, Nothing]) -> ErasureRead:
    customer = people.find(services, call.path["customer"])
    return _of(services, services.privacy.request_erasure(customer.id, f"API key {call.key.name}"))


def read_erasure(services: Services, call: Call[Nothing, Nothing]) -> ErasureRead:
    number = call.path["erasure"]
    if not (number.isascii() and number.isdigit() and len(number) <= 18):
        raise missing("erasure", number)
    return _of(services, int(number))


def _of(services: Services, number: int) -> ErasureRead:
    receipt = services.privacy.receipt(number)
    if receipt is None:
        raise missing("erasure", number)
    return _read(receipt)


OPERATIONS: tuple[Operation[Any, Any], ...] = (
    Operation(
        id="erase_customer",
        method="DELETE",
        path="/customers/{customer}",
        tag="Erasures",
        summary="Have a customer erased",
        description="Asks that she be destroyed everywhere: log, archive, state, outbox, ledgers. The answer is the "
        "receipt as it stands; it says what was destroyed as the work goes on. Asked again before it is done, it is "
        "the same erasure.",
        scope=Scope.PRIVACY_WRITE,
        handler=erase_customer,
        answer=ErasureRead,
        query=Nothing,
        body=Nothing,
        status=202,
    ),
    Operation(
        id="read_erasure",
        method="GET",
        path="/erasures/{erasure}",
        tag="Erasures",
        summary="Read the receipt of an erasure",
        scope=Scope.PRIVACY_WRITE,
        handler=read_erasure,
        answer=ErasureRead,
        query=Nothing,
        body=Nothing,
    ),
)
