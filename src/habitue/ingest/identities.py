"""External identifiers as the world writes them, brought to the one spelling a person is known by."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import phonenumbers

from habitue.model.address import spelled
from habitue.model.id_text import ID_CHARACTERS_MAX, RoundedId, id_text, is_nobody
from habitue.model.identifier import DEVICE, EMAIL, EXTERNAL, PHONE, PUSH, SHOP

_ADDRESS = re.compile(r"[^@\s<>,;:\"\\()\[\]]{1,64}@[^@\s<>,;:\"\\()\[\]]{1,189}\.[^@\s<>,;:\"\\()\[\].]{2,63}")
TYPE_CHARACTERS_MAX = 40
_PUSH_TYPES = {"ios": "ios", "ipados": "ios", "tvos": "ios", "android": "android", "web": "web"}
_OURS = {
    "user_id": None,
    "anonymous_id": None,
    "email": EMAIL,
    "phone": PHONE,
    "ios.id": DEVICE,
    "android.id": DEVICE,
    "ios.idfv": DEVICE,
    "android.idfa": None,
    "ios.idfa": None,
    "ios.push_token": PUSH,
    "android.push_token": PUSH,
}
"""Segment's types of external ids → our kind; None for what is told elsewhere, or is shared by too many."""


def read_email(value: Any) -> str:
    """The address in its one spelling, or nothing; see `model/address.py`."""
    if not isinstance(value, str):
        return ""
    text = spelled(value)
    return text if len(text) <= ID_CHARACTERS_MAX and _ADDRESS.fullmatch(text) else ""


@lru_cache(maxsize=4_096)
def _phone(text: str, country: str) -> str:
    try:
        number = phonenumbers.parse(text, country or None)
    except phonenumbers.NumberParseException:
        return ""
    if not phonenumbers.is_valid_number(number):
        return ""
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def read_phone(value: Any, country: Any = "") -> str:
    """The number in E.164, or nothing. Without a leading + it needs the country (ISO 3166, `TR`) it is written for."""
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str) or len(value) > 60:
        return ""
    region = country.strip().upper() if isinstance(country, str) else ""
    return _phone(value.strip(), region if len(region) == 2 and region.isascii() and region.isalpha() else "")


def read_plain(value: Any) -> str:
    """An id in its one spelling, or nothing where it is none, is rounded, or stands for everybody."""
    try:
        text = id_text(value)
    except RoundedId:
        return ""
    return "" if len(text) > ID_CHARACTERS_MAX or is_nobody(text) else text


def identifiers(
    *,
    email: Any = None,
    phone: Any = None,
    country: Any = "",
    shop: str = "",
    device: Any = None,
    push: tuple[str, Any] | None = None,
    external: tuple[str, Any] | None = None,
) -> dict[str, str]:
    """What a dialect found, spelled right; whatever is no identifier is left out.

    `shop` is ready-made (`shopify:<domain>:<id>`); `push` and `external` are pairs of a type and a value.
    """
    found = {SHOP: shop, EMAIL: read_email(email), PHONE: read_phone(phone, country), DEVICE: read_plain(device)}
    for kind, pair in ((PUSH, push), (EXTERNAL, external)):
        value = read_plain(pair[1]) if pair is not None else ""
        found[kind] = f"{pair[0]}:{value}" if pair is not None and value else ""
    return {kind: value for kind, value in found.items() if value}


def of_segment(traits: Mapping[str, Any], context: Mapping[str, Any], country: str = "") -> dict[str, str]:
    """What an event of Segment's shape tells: its traits, `context.traits`, the device and `externalIds`."""
    said = context.get("traits")
    known: Mapping[str, Any] = {**said, **traits} if isinstance(said, dict) else traits
    device = context.get("device")
    external = context.get("externalIds")
    if not known and not device and not external:
        return {}
    address = known.get("address")
    home = address.get("country") if isinstance(address, dict) else None
    found = identifiers(email=known.get("email"), phone=known.get("phone"), country=home or country)
    if isinstance(device, dict):
        kind = _push_type(device, context)
        found |= identifiers(device=device.get("id"), push=(kind, device.get("token")) if kind else None)
    if isinstance(external, list):
        for one in external[:20]:
            if isinstance(one, dict):
                found = {**_external(one, country), **found}
    return found


def _push_type(device: Mapping[str, Any], context: Mapping[str, Any]) -> str:
    system = context.get("os")
    for given in (device.get("type"), system.get("name") if isinstance(system, dict) else None):
        kind = _PUSH_TYPES.get(given.lower()) if isinstance(given, str) else None
        if kind:
            return kind
    return ""


def _external(one: Mapping[str, Any], country: str) -> dict[str, str]:
    kind, value = one.get("type"), one.get("id")
    if not isinstance(kind, str) or not kind or one.get("collection", "users") != "users":
        return {}
    name = kind.strip().lower()[:TYPE_CHARACTERS_MAX]
    if name not in _OURS:
        return identifiers(external=(name, value))
    match _OURS[name]:
        case "email":
            return identifiers(email=value)
        case "phone":
            return identifiers(phone=value, country=country)
        case "device":
            return identifiers(device=value)
        case "push":
            return identifiers(push=(name.partition(".")[0], value))
    return {}
