"""Reads the items of RSS and Atom one by one, entities off, in bounded memory."""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import iterparse

from .problem import FeedUnreadable
from .unpacking import Bounded

ITEMS = frozenset({"item", "entry"})
MERCHANT = "http://base.google.com/ns/1.0"
DEPTH_MAX = 100
"""Elements within elements. Every end looks at all that are open: a feed of nothing but beginnings would take days."""


def items(source: Bounded) -> Iterator[Element]:
    """Each `<item>` or `<entry>`, whole; it is forgotten when the next is asked for."""
    above: list[Element] = []
    try:
        for event, element in iterparse(source, events=("start", "end"), forbid_dtd=True):
            if event == "start":
                above.append(element)
                if len(above) > DEPTH_MAX:
                    raise FeedUnreadable(f"has more than {DEPTH_MAX} elements within each other; this is no feed")
                continue
            above.pop()
            if local(element) in ITEMS:
                yield element
                source.item_done()
                element.clear()
            if above and not _is_inside_item(above):
                above[-1].remove(element)
    except (ParseError, DefusedXmlException, ValueError, LookupError) as error:
        raise FeedUnreadable(f"is not sound XML: {error or type(error).__name__}") from None


def _is_inside_item(above: list[Element]) -> bool:
    return any(local(element) in ITEMS for element in above)


def local(element: Element) -> str:
    """`{http://base.google.com/ns/1.0}price` → `price`."""
    return str(element.tag).rpartition("}")[2]


def space(element: Element) -> str:
    return str(element.tag).rpartition("}")[0].lstrip("{")


def words(element: Element) -> str:
    return "".join(element.itertext()).strip()
