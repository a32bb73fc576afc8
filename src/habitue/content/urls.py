"""Addresses in rendered HTML: refuses dangerous ones, completes relative ones, puts signed links in place of clicks."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from html import escape, unescape
from typing import Literal, NamedTuple, TypeAlias
from urllib.parse import urljoin, urlsplit

from habitue.errors import RenderFailed

Kind: TypeAlias = Literal["click", "link", "image"]

LINK_SCHEMES = frozenset({"http", "https", "mailto", "tel", "sms"})
IMAGE_SCHEMES = frozenset({"http", "https", "cid"})
URL_CHARACTERS_MAX = 2_000

_TAG = re.compile(r"<([a-zA-Z][\w:-]*)")
_ATTRIBUTE = re.compile(r"\s*([^\s=<>\"'/]+)(?:\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'<>]+)))?|\s*/|\s+")
_LINKS = frozenset({"href", "xlink:href", "action", "formaction", "data", "cite"})
_IMAGES = frozenset({"src", "background", "poster"})
_CLICKABLE = frozenset({"a", "area", "v:roundrect", "v:rect"})
# Browsers skip control characters and blanks inside a scheme: "java\nscript:" is javascript.
_IGNORED = re.compile(r"[\x00-\x20\x7f-\x9f\u200b-\u200f\u2028\u2029\ufeff]+")
_SCHEME = re.compile(r"([a-zA-Z][a-zA-Z0-9+.-]*):")


def safe_url(url: str, base: str = "", schemes: frozenset[str] = LINK_SCHEMES) -> str:
    """The address, made whole with `base` if it is relative. Raises RenderFailed for a scheme that is not allowed."""
    bare = _IGNORED.sub("", url)
    if len(bare) > URL_CHARACTERS_MAX:
        raise RenderFailed(f"a link of {len(bare)} characters; at most {URL_CHARACTERS_MAX} are allowed")
    scheme = _SCHEME.match(bare)
    if scheme is not None:
        if scheme[1].lower() not in schemes:
            raise RenderFailed(f'a link starts with "{scheme[1][:20]}:"; allowed are {", ".join(sorted(schemes))}')
        _refuse_unreadable(bare)
        return bare if scheme[1].lower() in ("http", "https") else url.strip()
    if bare.startswith("#"):
        return bare
    try:
        return urljoin(base, bare)
    except ValueError as error:
        raise RenderFailed(f"a link cannot be read: {error}") from error


class Place(NamedTuple):
    """Where an attribute's value stands that is an address, and of what kind."""

    start: int
    end: int
    kind: Kind


def places(html: str, bare: Callable[[str], str] | None = None) -> Iterator[Place]:
    """Every attribute that holds an address, in order. One walk: nothing is scanned twice, however broken it is.

    `bare`: a name of an element or attribute as it is to be understood.
    """
    position = 0
    while tag := _TAG.search(html, position):
        position = tag.end()
        while (attribute := _ATTRIBUTE.match(html, position)) and attribute.end() > position:
            position = attribute.end()
            if attribute[1] is None:
                continue
            name = (bare(attribute[1]) if bare else attribute[1]).lower()
            if name not in _LINKS and name not in _IMAGES:
                continue
            group = next((number for number in (2, 3, 4) if attribute[number] is not None), None)
            if group is not None:
                yield Place(*attribute.span(group), _kind(bare(tag[1]) if bare else tag[1], name))


def _kind(element: str, attribute: str) -> Kind:
    if attribute in _IMAGES:
        return "image"
    return "click" if element.lower() in _CLICKABLE else "link"


def address(value: str, kind: Kind, base: str) -> str:
    """The address of an attribute's value, checked and completed. Raises RenderFailed."""
    return _address(unescape(value), kind, base)


def rewrite(html: str, base: str, tracked: Callable[[str], str]) -> str:
    """The HTML with every address checked and completed, and `tracked(url)` in place of each http(s) link to click."""
    out: list[str] = []
    kept = 0
    for place in places(html):
        url = address(html[place.start : place.end], place.kind, base)
        if place.kind == "click" and url.startswith(("http://", "https://")):
            url = tracked(url)
        out += html[kept : place.start], escape(url)
        kept = place.end
    out.append(html[kept:])
    return "".join(out)


def _address(value: str, kind: Kind, base: str) -> str:
    if kind != "image":
        return safe_url(value, base)
    bare = _IGNORED.sub("", value).lower()
    if bare.startswith("data:image/") and not bare.startswith("data:image/svg"):
        return value
    return safe_url(value, base, IMAGE_SCHEMES) if value else value


def _refuse_unreadable(url: str) -> None:
    try:
        urlsplit(url)
    except ValueError as error:
        raise RenderFailed(f"a link cannot be read: {error}") from error
