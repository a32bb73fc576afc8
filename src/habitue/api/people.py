"""Finding the one person an address means: by customer id, or by any identifier as `kind:value`."""

from __future__ import annotations

import re
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from habitue.model.customer import Customer, customer_id
from habitue.model.identifier import ANONYMOUS, EMAIL, EXTERNAL, IDENTIFIERS, PHONE, USER

from .operation import ID_CHARACTERS_MAX
from .ports import Services
from .problems import ApiError, Fault, Kind, invalid, missing

Whose = Annotated[
    str, Meta(min_length=1, max_length=ID_CHARACTERS_MAX, description="Only hers: a customer id or `kind:value`.")
]
KINDS = (USER, ANONYMOUS, *IDENTIFIERS)
IDS_MAX = 200
"""Of a person of more ids than this, a shared device or a mistake, the newest ids are looked at."""

_ID = re.compile(r"[a-z][0-9a-f]{20}")
_STEPS_MAX = 100
_decode = msgspec.msgpack.Decoder(Customer).decode


def find(services: Services, given: str) -> Customer:
    """The customer. Raises ApiError when nobody is known so."""
    customer = known(services, given)
    if customer is None:
        raise missing("customer", given)
    return customer


def known(services: Services, given: str) -> Customer | None:
    """The customer, or None when nobody is known so. Raises ApiError for what is no id."""
    return load(services, id_of(services, given))


def id_of(services: Services, given: str) -> str:
    """The customer id under which she is looked up."""
    if _ID.fullmatch(given):
        return given
    kind, value = identifier(services, given)
    return customer_id(kind, value)


def identifier(services: Services, given: str) -> tuple[str, str]:
    """(kind, value) of what is written as `kind:value`, in the one spelling."""
    kind, separator, value = given.partition(":")
    if not separator or kind not in KINDS:
        raise ApiError(
            Kind.NOT_FOUND,
            f'"{given[:200]}" names no customer; give a customer id, or one of '
            + ", ".join(f"{kind}:…" for kind in KINDS),
        )
    spelled = services.intake.spelled(kind, value)
    if not spelled:
        raise ApiError(Kind.NOT_FOUND, f'"{value[:200]}" is no usable identifier of the kind {kind}')
    return kind, spelled


def load(services: Services, one: str) -> Customer | None:
    """The living customer an id leads to: what was joined into somebody is followed to her."""
    for _ in range(_STEPS_MAX):
        state = services.view.person(one)
        if state is None:
            return None
        customer = _decode(state)
        if customer.merged_into is None:
            return customer
        one = customer.merged_into
    return None


def ids(customer: Customer) -> list[str]:
    """Every id that events and decisions of hers may carry."""
    return [customer.id, *customer.merged_ids][:IDS_MAX]


def named(services: Services, given: str) -> dict[str, Any]:
    """What an event must say to be hers, in Segment's words. Raises ApiError when nobody can be named so."""
    if _ID.fullmatch(given) or (customer := known(services, given)) is not None:
        return _own_words(find(services, given) if _ID.fullmatch(given) else customer)
    kind, value = identifier(services, given)
    said = _words(kind, value)
    if said is None:
        raise missing("customer", given)
    return said


def _own_words(customer: Customer | None) -> dict[str, Any]:
    assert customer is not None
    if customer.user_id is not None:
        return {"userId": customer.user_id}
    for kind in (EMAIL, PHONE, EXTERNAL):
        for value in sorted(customer.identifiers.get(kind, {})):
            return _words(kind, value) or {}
    if customer.anonymous_ids:
        return {"anonymousId": customer.anonymous_ids[0]}
    raise invalid(
        [Fault(parameter="customer", detail="is known by nothing that an event could name her with; name her yourself")]
    )


def _words(kind: str, value: str) -> dict[str, Any] | None:
    match kind:
        case "user":
            return {"userId": value}
        case "anonymous":
            return {"anonymousId": value}
        case "email" | "phone":
            return {"context": {"traits": {kind: value}}}
        case "external":
            of_kind, _, name = value.partition(":")
            return {"context": {"externalIds": [{"type": of_kind, "id": name, "collection": "users"}]}}
    return None
