"""What a browser told, before a template may speak of it: its words are data, and not ours.

Anybody can have a page say "Your account is locked" as a product's name, with a link of their own. So where the
catalogue knows a product, it says the name, the picture and the link. Otherwise links and pictures lead to the shop's
own hosts or are left out, and names are names: one line, short, nothing in them that a mail program makes a link of.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

from babel import Locale

from habitue.playbook.playbook import Shop

from .filters import product_data
from .limits import Frame

NAME_MAX = 80
WORDS_MAX = 200
PLACES = ("event", "cart", "wishlist", "bought", "visit", "last_visit", "affinities")
"""Parts of a template's data that browsers tell of; an event only where a public key told it."""
_FROM_CATALOG = ("name", "url", "image_url", "category", "brand")
_NAMES = frozenset({"name", "title", "first_name", "category", "brand", "variant", "product_name", "list", "coupon"})
_ADDRESSES = ("url", "uri", "link", "href", "image", "picture", "img", "src", "thumbnail", "photo")
"""Ends of property names that say where something lies."""
_SCHEME = re.compile(r"\s*(?:https?:|javascript:|vbscript:|data:|[/\\]{2}|www\.)", re.IGNORECASE)
# Whatever a mail program could make a link of: with a scheme, with www, an address with @, a host and what follows it.
_LINKED = re.compile(r"(?:[a-z][a-z0-9+.-]*:[/\\]{1,2}|www\.|mailto:|tel:)\S*|\S+@\S+", re.IGNORECASE)
_HOST = re.compile(
    r"(?<![\w-])(?:[\w-]+[.\u3002\uff0e\uff61])+(xn--[a-z0-9-]+|[^\W\d_]{2,24})(?![\w-])(?:[/?#:]\S*)?", re.IGNORECASE
)
_NUMBERED = re.compile(r"(?<![\w.-])[0-9]{1,3}(?:\.[0-9]{1,3}){3}(?![\w.-])(?:[/?#:]\S*)?")
"""A machine by its number, such as `203.0.113.9/login`."""
_ENDINGS = frozenset(
    {
        "com", "net", "org", "info", "biz", "app", "dev", "shop", "store", "online", "site", "xyz", "top", "club",
        "live", "link", "click", "page", "web", "cloud", "tech", "world", "today", "email", "support", "help",
        "pro", "vip", "win", "bid", "loan", "work", "space", "fun", "icu", "buzz", "cyou", "rest", "quest", "sbs",
        "cfd", "mobi", "name", "tel", "asia", "gov", "edu", "mil", "int", "museum", "travel", "jobs", "agency",
        "news", "media", "blog", "social", "network", "digital", "solutions", "services", "company",
    }
)  # fmt: skip
_NOT_TEXT = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def believed(data: Mapping[str, Any], frame: Frame) -> dict[str, Any]:
    """The data of an effect as templates get it."""
    told = [place for place in PLACES if place != "event" or not _is_trusted(data)]
    parts = {place: data[place] for place in told if data.get(place)}
    known = _known(parts, frame)
    made = {**data, **{place: _clean(part, "", known, frame.shop) for place, part in parts.items()}}
    if data.get("customer"):
        made["customer"] = _customer(data["customer"], frame.shop)
    if data.get("run"):
        made["run"] = {**data["run"], "key": clean_words(str(data["run"].get("key") or ""))}
    return made


def _is_trusted(data: Mapping[str, Any]) -> bool:
    """Whether a server or above told the event. What nobody noted, as before levels were told, is taken for hearsay."""
    run = data.get("run")
    return isinstance(run, Mapping) and run.get("trusted") is True


def _known(parts: Mapping[str, Any], frame: Frame) -> dict[str, dict[str, Any]]:
    """The products of the catalogue that are spoken of, as templates see them. One question for all of them."""
    ids = sorted({one for part in parts.values() for one in _products(part)})
    return {one: product_data(product, frame) for one, product in frame.catalog.get(ids).items()} if ids else {}


def _products(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        if one := _product_id(value):
            yield one
        for inner in value.values():
            if isinstance(inner, (Mapping, list)):
                yield from _products(inner)
    elif isinstance(value, list):
        for inner in value:
            if isinstance(inner, (Mapping, list)):
                yield from _products(inner)


def _product_id(value: Mapping[str, Any]) -> str:
    one = value.get("product_id")
    return str(one) if isinstance(one, (str, int)) and not isinstance(one, bool) else ""


def _clean(value: Any, name: str, known: Mapping[str, dict[str, Any]], shop: Shop) -> Any:
    if isinstance(value, str):
        return _text(value, name, shop)
    if isinstance(value, list):
        return [_clean(inner, name, known, shop) for inner in value]
    if not isinstance(value, Mapping):
        return value
    made = {key: _clean(inner, key, known, shop) for key, inner in value.items()}
    product = known.get(_product_id(value))
    if product is not None:
        made |= {field: product[field] for field in _FROM_CATALOG}
    return made


def _text(value: str, name: str, shop: Shop) -> str:
    if _is_address(name) or _SCHEME.match(value):
        return own_address(value, shop)
    if name in ("page", "path") and value.startswith("/"):
        return own_address(value, shop)
    return clean_words(value, NAME_MAX if name in _NAMES else WORDS_MAX)


def says_who_told_it(field: str) -> bool:
    """Whether a property of this name is words or an address of whoever told the event."""
    return field in _NAMES or _is_address(field)


@lru_cache(maxsize=2_000)
def _is_address(name: str) -> bool:
    return name.lower().replace("_", "").endswith(_ADDRESSES)


def _customer(customer: Mapping[str, Any], shop: Shop) -> dict[str, Any]:
    names = {name: clean_words(str(customer.get(name) or "")) for name in ("first_name", "name")}
    claimed = customer.get("claimed") or ()
    traits = {
        name: _clean(value, name, {}, shop) if name in claimed else value
        for name, value in (customer.get("traits") or {}).items()
    }
    return {**customer, **names, "traits": traits}


def own_address(url: str, shop: Shop) -> str:
    """The address if it leads to the shop's own hosts, or is relative; else nothing."""
    bare = "".join(letter for letter in url if not letter.isspace() and unicodedata.category(letter) not in _NOT_TEXT)
    if "\\" in bare:
        return ""
    try:
        parts = urlsplit(bare)
        host = parts.hostname
    except ValueError:
        return ""
    if not parts.scheme and not parts.netloc:
        if bare.startswith("//") or _NUMBERED.match(bare):
            return ""  # A browser goes to `///host` as to `//host`.
        found = _HOST.match(bare)  # Printed as it is, a mail program makes a link of it.
        return "" if _SCHEME.match(bare) or (found is not None and _without_host(found) == " ") else bare
    if parts.scheme.lower() not in ("http", "https") or "@" in parts.netloc or host is None:
        return ""
    return bare if host.removeprefix("www.") in hosts_of(shop) else ""


@lru_cache(maxsize=100)
def hosts_of(shop: Shop) -> frozenset[str]:
    """Without `www.`, which is the same shop."""
    try:
        own = urlsplit(shop.url).hostname or ""
    except ValueError:
        own = ""
    return frozenset(one.lower().removeprefix("www.") for one in (own, *shop.hosts) if one)


def clean_words(text: str, longest: int = NAME_MAX) -> str:
    """One short line without anything that a mail program or a reader takes for a link."""
    bounded = text[: 4 * longest]
    shown = "".join(" " if unicodedata.category(letter) in _NOT_TEXT else letter for letter in bounded)
    bare = _HOST.sub(_without_host, _NUMBERED.sub(" ", _LINKED.sub(" ", unicodedata.normalize("NFKC", shown))))
    line = " ".join(bare.split())
    return line if len(line) <= longest and len(text) <= len(bounded) else line[: longest - 1].rstrip() + "…"


@lru_cache(maxsize=1)
def _countries() -> frozenset[str]:
    codes = [str(code) for code in Locale("en").territories]
    return frozenset({"ac", "eu", "su", "uk", *(code.lower() for code in codes if len(code) == 2 and code.isalpha())})


def _without_host(found: re.Match[str]) -> str:
    """`evil.com/x` goes; `Dr.Martens` becomes `Dr. Martens`, which nothing makes a link of."""
    ending = found[1].lower()
    if ending in _ENDINGS or ending in _countries() or ending.startswith("xn--") or not ending.isascii():
        return " "
    return re.sub(r"[.\u3002\uff0e\uff61]", ". ", found[0])
