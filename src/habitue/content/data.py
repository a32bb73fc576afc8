"""What a template may speak of: the data of the decision, the shop's facts, the ways out."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from babel import Locale, UnknownLocaleError

from habitue.model.instant import Instant, to_datetime
from habitue.playbook.playbook import Shop

from .limits import Frame
from .ports import Catalog

_NOTHING: dict[str, Any] = {
    "customer": {},
    "event": {},
    "cart": {},
    "viewed": [],
    "bought": [],
    "wishlist": {},
    "visit": {},
    "last_visit": {},
    "affinities": {},
    "orders": {},
    "run": {},
}


def template_data(data: Mapping[str, Any], shop: Shop, **links: str) -> dict[str, Any]:
    """`data` is the effect's; missing parts are empty, so that templates need not ask whether they exist."""
    return {**_NOTHING, **data, "shop": msgspec.to_builtins(shop), **links}


def frame_for(data: Mapping[str, Any], shop: Shop, catalog: Catalog, now: Instant) -> Frame:
    """The customer's own zone and locale where she has one, the shop's where not."""
    customer = data.get("customer") or {}
    return Frame(
        shop=shop,
        catalog=catalog,
        locale=_locale(str(customer.get("locale") or "")) or _locale(shop.locale) or Locale("en"),
        zone=_zone(str(customer.get("timezone") or "")) or _zone(shop.timezone) or ZoneInfo("UTC"),
        now=to_datetime(now),
    )


@lru_cache(maxsize=256)
def _locale(name: str) -> Locale | None:
    """Browsers say `en-US`, servers `en_US.UTF-8`; an unknown region falls back to its language."""
    tag = name.split(".")[0].replace("_", "-")
    for candidate in (tag, tag.split("-")[0]):
        try:
            return Locale.parse(candidate, sep="-")
        except (ValueError, TypeError, UnknownLocaleError):
            continue
    return None


@lru_cache(maxsize=256)
def _zone(name: str) -> ZoneInfo | None:
    try:
        return ZoneInfo(name) if name else None
    except (ValueError, OSError, KeyError):
        return None
