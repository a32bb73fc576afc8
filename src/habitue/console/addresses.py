"""Addresses of the console's own pages, safely quoted; every filter is part of one, so every view can be bookmarked."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import quote, urlencode

BASE = "/console"


def to(*parts: str, **query: object) -> str:
    """`to("people", id, q="ana")` → `/console/people/…?q=ana`; empty and None parameters are left out."""
    path = "/".join([BASE, *(quote(part, safe="") for part in parts)])
    if not parts:
        path = BASE + "/"
    return path + _query(query)


def _query(query: Mapping[str, object]) -> str:
    given = {name: str(value) for name, value in query.items() if value not in (None, "", False)}
    return "?" + urlencode(given) if given else ""


def is_own(address: str) -> bool:
    """Whether an address given from outside leads to a page of this console and nowhere else."""
    return (
        (address == BASE or address.startswith((BASE + "/", BASE + "?")))
        and "\\" not in address
        and not any(ord(letter) < 32 for letter in address)
    )


def absolute(address: str, shop_url: str) -> str:
    """A picture or page of the shop as a full address; anything that is not http(s) becomes nothing."""
    if address.startswith(("http://", "https://")):
        return address
    if address.startswith("/") and not address.startswith("//") and shop_url.startswith(("http://", "https://")):
        return shop_url.rstrip("/") + address
    return ""


def origin(url: str) -> str:
    """The scheme and host of an http(s) address, as a Content-Security-Policy wants it; empty for anything else."""
    scheme, separator, rest = url.partition("://")
    host = rest.split("/", 1)[0].split("?", 1)[0]
    if not separator or scheme not in {"http", "https"} or not host or any(letter in host for letter in " ;,'\"@\\"):
        return ""
    return f"{scheme}://{host}"
