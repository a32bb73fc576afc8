"""Where addresses stand in a letter's HTML, found once when it is compiled, so that no letter is walked for them again.

An address's value is put between marks (`<@c…@>`) that no data can write, since `<` and `>` of data are always escaped.
Where Liquid itself writes markup, tags may come that were not there when we looked: then nothing is marked, and each
letter is walked whole.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from html import escape
from typing import Final

from .placeholders import PLACEHOLDER, Protected
from .urls import Kind, address, places

_OPEN, _CLOSE = "<@", "@>"
_LETTER: Final[dict[Kind, str]] = {"click": "c", "link": "l", "image": "i"}
_KIND: Final[dict[str, Kind]] = {letter: kind for kind, letter in _LETTER.items()}
_SLOT = re.compile(r"<@([cli])(.*?)@>", re.DOTALL)
# A text that is put together first may be changed by filters, marks and all.
_WRITES_MARKUP = re.compile(r"<(?![\s=>])|capture|url_decode|base64")


class _Unknowable(Exception):
    """Liquid writes a part of a name."""


def mark(html: str, protected: Protected) -> str | None:
    """The HTML, Liquid still swapped for placeholders, with its addresses marked; None where that is not sound."""
    if _OPEN in html or _CLOSE in html or any(map(_WRITES_MARKUP.search, protected.pieces)):
        return None
    out: list[str] = []
    kept = 0
    try:
        for place in places(html, lambda name: _without_tags(name, protected)):
            out += html[kept : place.start], _OPEN, _LETTER[place.kind], html[place.start : place.end], _CLOSE
            kept = place.end
    except _Unknowable:
        return None
    out.append(html[kept:])
    return "".join(out)


def fill(html: str, base: str, tracked: Callable[[str], str]) -> tuple[str, str]:
    """The HTML with every address checked and completed, and the same with `tracked(url)` for each link to click."""
    whole: list[str] = []
    clicks: list[str] = []
    kept = 0
    for slot in _SLOT.finditer(html):
        before, kind = html[kept : slot.start()], _KIND[slot[1]]
        kept = slot.end()
        url = address(slot[2], kind, base)
        shown = escape(url)
        whole += before, shown
        is_click = kind == "click" and url.startswith(("http://", "https://"))
        clicks += before, escape(tracked(url)) if is_click else shown
    rest = html[kept:]
    return "".join((*whole, rest)), "".join((*clicks, rest))


def _without_tags(name: str, protected: Protected) -> str:
    """`{% if x %}href` is `href`; of `{{ x }}ref` nobody knows."""
    for found in PLACEHOLDER.finditer(name):
        number = int(found[1])
        if number >= len(protected.pieces) or protected.pieces[number].startswith("{{"):
            raise _Unknowable
    return PLACEHOLDER.sub("", name)
