"""CleverTap's upload: records of events, profiles and device tokens, each answered for by itself."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from typing import Any, NamedTuple

import orjson

from habitue.model.event import Event
from habitue.model.instant import Instant, to_iso
from habitue.run.ports import DeadLetter

from .foreign import STEPS, Item, known, told
from .identities import identifiers, read_email, read_phone
from .pipeline import Received, Reception, read_item
from .rejection import Reject, Rejection
from .settings import IngestSettings
from .values import identity, objects, present

RECORDS_MAX = 1_000
CONCURRENT_MAX = 15
INVALID = 509
"""The code CleverTap gives a record it will not take."""

_DATE = re.compile(r"\$D_(-?\d{1,10})")
_CHANNELS = {"MSG-email": "email", "MSG-sms": "sms", "MSG-push": "push", "MSG-whatsapp": "whatsapp"}
_REFUSALS = {"MSG-dndEmail": "email", "MSG-dndPhone": "sms"}
_TRAITS = {
    "Name": "name", "Email": "email", "Phone": "phone", "Gender": "gender", "DOB": "birthday", "Photo": "avatar",
    "Tz": "timezone", "Age": "age",
}  # fmt: skip
_TOKENS = {"fcm": "android", "gcm": "android", "apns": "ios", "chrome": "web", "firefox": "web", "safari": "web"}
_NAMES = {
    "charged": "Order Completed",
    "product viewed": "Product Viewed",
    "category viewed": "Product List Viewed",
    "added to cart": "Product Added",
    "removed from cart": "Product Removed",
    "added to wishlist": "Product Added to Wishlist",
    "removed from wishlist": "Product Removed from Wishlist",
    "searched": "Products Searched",
}
"""Names CleverTap's own guides give, whatever their case → ours. Any other name is kept."""
_FIELDS = {
    "amount": "total", "chargedid": "order_id", "orderid": "order_id", "currency": "currency", "items": "products",
    "paymentmode": "payment_method", "productid": "product_id", "productname": "name", "name": "name",
    "category": "category", "brand": "brand", "price": "price", "quantity": "quantity", "sku": "sku",
    "variant": "variant", "searchterm": "query", "imageurl": "image_url", "url": "url",
}  # fmt: skip
"""Properties of those events, without case, spaces and underscores → ours."""


class Upload(NamedTuple):
    """What a request came to, and the answer CleverTap would give."""

    received: Received
    answer: dict[str, Any]


def receive_upload(content: Any, reception: Reception, settings: IngestSettings) -> Upload | Reject:
    """Every record is processed or answered for. A Reject is about the whole request."""
    records = content.get("d") if isinstance(content, dict) else None
    if not isinstance(records, list):
        return Reject(Rejection.WRONG_TYPE, 'the body must be an object with a list "d"')
    if len(records) > RECORDS_MAX:
        return Reject(Rejection.TOO_LARGE, f"found {len(records)} records; at most {RECORDS_MAX} are taken at once")
    received, unprocessed = Received([], []), []
    for record in records:
        events, dead = _read(record, reception, settings)
        received.events.extend(events)
        if dead is not None:
            received.dead.append(dead)
            unprocessed.append({"status": "fail", "code": INVALID, "error": dead.detail, "record": _shown(record)})
    processed = len(records) - len(unprocessed)
    status = "success" if not unprocessed else "partial" if processed else "fail"
    return Upload(received, {"status": status, "processed": processed, "unprocessed": unprocessed})


def _read(record: Any, reception: Reception, settings: IngestSettings) -> tuple[list[Event], DeadLetter | None]:
    """A record becomes several events where a profile also says what it may be sent; all of them or none are kept."""
    items = translate(record, reception.received_at)
    if isinstance(items, Reject):
        reject = items
        steps: tuple[Callable[[Any], Reject | None], ...] = (lambda _draft: reject,)
        refused = read_item(record, reception, steps, settings)
        return [], refused if isinstance(refused, DeadLetter) else None
    events = []
    for item in items:
        result = read_item(item, reception, STEPS, settings)
        if isinstance(result, DeadLetter):
            return [], result
        events.append(result)
    return events, None


def translate(record: Any, now: Instant) -> list[Item] | Reject:
    """One record's events. `now` is for consents, which need a time of their own to be told once."""
    if not isinstance(record, dict):
        return Reject(Rejection.NOT_AN_OBJECT, "a record must be an object")
    who = _who(record)
    if not who:
        return Reject(Rejection.NO_IDENTITY, "one of identity, objectId, FBID or GPID must name somebody")
    kind = record.get("type")
    match kind:
        case "event":
            return _event(record, who)
        case "profile":
            return _profile(record, who, now)
        case "token":
            return _token(record, who)
    return Reject(Rejection.UNKNOWN_TYPE, f"type is {str(kind)[:40]!r}; expected event, profile or token")


def _who(record: dict[str, Any]) -> dict[str, Any]:
    """`identity` may be the shop's own id, an e-mail address or a phone; `objectId` is one device's."""
    given = identity(record.get("identity"))
    email, phone = read_email(given), read_phone(given)
    network = next(
        ((kind, record[field]) for field, kind in (("FBID", "fbid"), ("GPID", "gpid")) if record.get(field)), None
    )
    return present(
        user_id="" if email or phone else given,
        anonymous_id=identity(record.get("objectId")),
        identifiers=identifiers(email=email, phone=phone, external=network),
    )


def _event(record: dict[str, Any], who: dict[str, Any]) -> list[Item] | Reject:
    name = record.get("evtName")
    if not isinstance(name, str) or not name.strip():
        return Reject(Rejection.NO_NAME, "Event Name is mandatory")
    data = record.get("evtData")
    if data is not None and not isinstance(data, dict):
        return Reject(Rejection.WRONG_TYPE, "evtData must be an object")
    ours = _NAMES.get(name.strip().lower())
    properties = _dated(data or {})
    if ours is not None:
        properties = _renamed(properties)
    order = identity(properties.get("order_id")) if ours == "Order Completed" else ""
    id = f"charged:{order}" if order else _digest(record)
    return [told(ours or name, id=id, at=record.get("ts"), properties=properties, **who)]


def _profile(record: dict[str, Any], who: dict[str, Any], now: Instant) -> list[Item] | Reject:
    data = record.get("profileData")
    if not isinstance(data, dict):
        return Reject(Rejection.WRONG_TYPE, "profileData must be an object")
    traits: dict[str, Any] = {}
    for field, value in _dated(data).items():
        if field in _CHANNELS or field in _REFUSALS:
            continue
        if isinstance(value, dict) and any(key.startswith("$") for key in value):
            if set(value) == {"$set"}:
                value = value["$set"]
            elif set(value) == {"$delete"}:
                value = None
            else:
                operation = ", ".join(sorted(value))[:80]
                return Reject(Rejection.WRONG_TYPE, f'"{field[:80]}" asks for {operation}; $set and $delete are known')
        traits[_TRAITS.get(field, field)] = value
    who = {**who, "identifiers": {**who.get("identifiers", {}), **_reachable(traits)}}
    items = [known(traits, id=_digest(record), at=record.get("ts"), **who)] if traits else []
    return [*items, *_consents(record, data, who, now)]


def _reachable(traits: dict[str, Any]) -> dict[str, str]:
    return identifiers(email=traits.get("email"), phone=traits.get("phone"))


def _consents(record: dict[str, Any], data: dict[str, Any], who: dict[str, Any], now: Instant) -> list[Item]:
    """`MSG-email: false` is her no. Without a time of its own it was said now."""
    said = [(channel, data[field]) for field, channel in _CHANNELS.items() if isinstance(data.get(field), bool)]
    said += [(channel, not data[field]) for field, channel in _REFUSALS.items() if isinstance(data.get(field), bool)]
    digest = _digest(record)
    return [
        told(
            "Consent Granted" if granted else "Consent Withdrawn",
            id=f"{digest}:{channel}" if digest else "",
            at=record.get("ts") or to_iso(now),
            properties={"channel": channel, "source": "clevertap"},
            **who,
        )
        for channel, granted in dict(said).items()
    ]


def _token(record: dict[str, Any], who: dict[str, Any]) -> list[Item] | Reject:
    data = record.get("tokenData")
    data = data if isinstance(data, dict) else {}
    kind = _TOKENS.get(str(data.get("type")).lower())
    found = identifiers(push=(kind, data.get("id"))) if kind else {}
    if not found:
        return Reject(Rejection.WRONG_TYPE, f"tokenData needs an id and a type, one of {', '.join(_TOKENS)}")
    who = {**who, "identifiers": {**who.get("identifiers", {}), **found}}
    return [told("Push Token Registered", id=_digest(record), at=record.get("ts"), **who)]


def _renamed(properties: dict[str, Any]) -> dict[str, Any]:
    """Our names for the properties of events that are ours; what has none is kept under its own."""
    found = {_FIELDS.get(_plain(field), field): value for field, value in properties.items()}
    if isinstance(found.get("products"), list):
        found["products"] = [
            {_FIELDS.get(_plain(field), field): value for field, value in one.items()}
            for one in objects(found["products"])
        ]
    return found


def _plain(field: str) -> str:
    return field.lower().replace(" ", "").replace("_", "")


def _dated(value: Any, levels: int = 4) -> Any:
    """The same with `$D_1626870112` as a time in ISO 8601."""
    if isinstance(value, str):
        found = _DATE.fullmatch(value)
        return to_iso(int(found[1]) * 1_000_000) if found else value
    if levels and isinstance(value, dict):
        return {key: _dated(child, levels - 1) for key, child in value.items()}
    if levels and isinstance(value, list):
        return [_dated(child, levels - 1) for child in value]
    return value


def _digest(record: dict[str, Any]) -> str:
    """What tells a record sent again from a new one. Without a time, two that look the same may be two."""
    if not record.get("ts"):
        return ""
    try:
        return hashlib.sha256(orjson.dumps(record, option=orjson.OPT_SORT_KEYS)).hexdigest()[:40]
    except TypeError:  # Lone surrogates and the like: such a record is kept, and may be kept twice.
        return ""


def _shown(record: Any) -> Any:
    """The record for the answer, as far as it can be written."""
    try:
        orjson.dumps(record)
    except TypeError:
        return None
    return record
