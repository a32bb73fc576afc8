"""What people may ask for about their data: a copy, and that it be destroyed. For command line, console and API."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import msgspec

from habitue.errors import HabitueError
from habitue.model.customer import Customer, customer_id
from habitue.model.event import Event
from habitue.model.identifier import ANONYMOUS, EMAIL, IDENTIFIERS, PHONE, USER
from habitue.model.privacy import Act, OpenRequest, Receipt
from habitue.run.proof import Gaps
from habitue.settings import data_secret
from habitue.store.sqlite.privacy import Erasure, Request

from . import exporting
from .erasing import order
from .forgetting import mark_of
from .parts import Parts

ERASURE_REQUESTED = "Erasure Requested"
DATA_REQUESTED = "Data Requested"
ERASED = "erased"
"""Why an address is on the suppression list: whoever asked to be erased is not written to again."""

_BY_PHONE = ("sms", "call", "whatsapp")
_ANY_ORDINAL = 1 << 62
_KINDS = (USER, ANONYMOUS, *IDENTIFIERS)

_decode = msgspec.msgpack.Decoder(Customer).decode


class NoSuchErasure(HabitueError):
    """No erasure has this number."""


def foreseen(parts: Parts, customer: str) -> dict[str, int]:
    """What an erasure would destroy as far as that is known at once; dead letters and archive are searched later."""
    person = load(parts, customer)
    if person is None:
        return {}
    ids = [person.id, *person.merged_ids]
    held = parts.store.belongings(ids)
    messages = parts.deliveries.belongings(ids, _ANY_ORDINAL)
    found = {"events": len(held.positions), **held.places, **messages}
    return {what: count for what, count in found.items() if count}


def persons(parts: Parts, spelled: str) -> list[Customer]:
    """Everybody who goes by exactly this: a customer id, user id, anonymous id or other identifier, or her address."""
    ids = [spelled, *(customer_id(kind, one) for kind in _KINDS for one in {spelled, spelled.lower()})]
    rows = [row.id for row in parts.view.people(spelled, 20) if spelled.lower() in row.search.split()]
    found = [load(parts, one) for one in (*ids, *rows)]
    return list({person.id: person for person in found if person is not None}.values())


def request_erasure(parts: Parts, customer: str, actor: str, *, suppress: bool = True) -> int:
    """Order that a person be erased; the number of the receipt. Asked again before it is done, it is the same.

    `suppress`: she wished it, so she is not written to again. Whoever was forgotten by us may come back as she likes.
    """
    person = load(parts, customer)
    if person is None:
        raise HabitueError(f'nobody has the customer id "{customer}"; she may have been erased already')
    now = parts.clock.now()
    if suppress:
        parts.suppressions.add_all("email", emails(person), ERASED)
        for channel in _BY_PHONE:
            parts.suppressions.add_all(channel, person.identifiers.get(PHONE, ()), ERASED)
    number = parts.privacy.request(_mark(parts, person.id), person.id, actor, now)
    parts.privacy.note(now, actor, "erasure requested", _mark(parts, person.id), f"erasure {number}")
    parts.log.append([order(number, person.id, now)])
    return number


def emails(person: Customer) -> list[str]:
    """Every e-mail address she is known by."""
    known = [person.traits.get("email"), *person.identifiers.get(EMAIL, ())]
    return list(dict.fromkeys(one for one in known if isinstance(one, str) and one))


def receipt(parts: Parts, number: int) -> Receipt:
    """How far an erasure has come. Raises NoSuchErasure."""
    erasure = parts.privacy.get(number)
    if erasure is None:
        raise NoSuchErasure(f"there is no erasure {number}; `habitue people erasures` lists all")
    return _receipt(parts, erasure)


def receipts(parts: Parts, limit: int = 100, before: int | None = None) -> list[Receipt]:
    """Newest first; `before` is the number to page on from."""
    return [_receipt(parts, erasure) for erasure in parts.privacy.list(limit, before)]


def receipts_of(parts: Parts, customer: str, limit: int = 1_000) -> list[Receipt]:
    """The receipts of a customer id: how a shop proves that somebody who asks again was erased."""
    mark = _mark(parts, customer)
    return [_receipt(parts, one) for one in parts.privacy.list(limit) if one.mark == mark]


def export(parts: Parts, customer: str, actor: str, kind: exporting.Format = "json") -> Iterator[tuple[str, bytes]]:
    """Everything that is known of her, as (file name, bytes): consecutive pieces of one name are one file."""
    person = load(parts, customer)
    if person is None:
        raise HabitueError(f'nobody has the customer id "{customer}"; she may have been erased')
    now = parts.clock.now()
    parts.privacy.note(now, actor, "data exported", _mark(parts, person.id), kind)
    return exporting.files(parts, person, kind)


def open_requests(parts: Parts) -> list[OpenRequest]:
    """Oldest first."""
    return [_open_request(one) for one in parts.privacy.requests()]


def close_request(parts: Parts, position: int, actor: str, why: str = "") -> bool:
    """Take an open request off the list, such as one for data that were handed over; False when it is not open."""
    now = parts.clock.now()
    closed = parts.privacy.close_request(position, now)
    if closed:
        parts.privacy.note(now, actor, "request closed", f"position {position}", why)
    return closed


def audit(parts: Parts, limit: int = 100, before: int | None = None) -> list[Act]:
    """Who did what, newest first. People appear as keyed hashes."""
    return list(parts.privacy.audit(limit, before))


def gaps(parts: Parts) -> Gaps:
    """What a replay cannot tell any more. Raises HabitueError while an erasure is under way."""
    waiting = parts.privacy.open(1)
    if waiting:
        raise HabitueError(
            f"erasure {waiting[0].number} is not finished, so the log is between two states; let the system finish "
            "it (`habitue serve`, then `habitue people erasures`), and ask again"
        )
    return Gaps(
        events_before=parts.privacy.retention("events")[0],
        decisions_before=parts.privacy.retention("decisions")[0],
        others=parts.privacy.others(),
    )


def _mark(parts: Parts, customer: str) -> str:
    return mark_of(data_secret(parts.data), customer)


def load(parts: Parts, customer: str) -> Customer | None:
    """The person an id leads to."""
    state = parts.view.person(customer)
    person = None if state is None else _decode(state)
    while person is not None and person.merged_into is not None:
        state = parts.view.person(person.merged_into)
        person = None if state is None else _decode(state)
    return person


def whose(parts: Parts, event: Event) -> Customer | None:
    """The person an event speaks of, as things stand: by user id, then by identifiers, then by device."""
    named = [("user", event.user_id), *event.identifiers.items(), ("anonymous", event.anonymous_id)]
    for kind, value in named:
        person = load(parts, customer_id(kind, value)) if value else None
        if person is not None:
            return person
    return None


def _receipt(parts: Parts, erasure: Erasure) -> Receipt:
    return Receipt(
        number=erasure.number,
        mark=erasure.mark,
        actor=erasure.actor,
        requested_at=erasure.requested_at,
        finished_at=erasure.finished_at,
        destroyed=parts.privacy.destroyed(erasure.number),
    )


def _open_request(one: Request) -> OpenRequest:
    kind: Literal["erasure", "data"] = "erasure" if one.kind == ERASURE_REQUESTED else "data"
    return OpenRequest(
        position=one.position, kind=kind, received_at=one.received_at, source=one.source, customer=one.customer
    )
