"""The plain-text part, read off the rendered HTML when the author wrote none."""

from __future__ import annotations

import re

from html2text import HTML2Text

from .mjml import PREHEADER_CLOSE, PREHEADER_OPEN

_BLANKS = re.compile(r"[ \t\u00a0\u200c\u034f]+\n")
_GAPS = re.compile(r"\n{3,}")
_LINK = re.compile(r"\[([^\[\]]*)\]\(<([^<>\s]*)>\)")


def text_of(html: str) -> str:
    """Readable text with the links written out. The hidden preheader is not part of it."""
    reader = HTML2Text(bodywidth=0)
    reader.ignore_images = True
    reader.ignore_tables = True
    reader.ignore_emphasis = True
    reader.inline_links = True
    reader.protect_links = True
    reader.unicode_snob = True
    text = _LINK.sub(_plain_link, reader.handle(_without_preheader(html)))
    return _GAPS.sub("\n\n", _BLANKS.sub("\n", text)).strip() + "\n"


def _plain_link(link: re.Match[str]) -> str:
    """`Unsubscribe <https://…>`, which mail programs make clickable. A linked picture has nothing to say here."""
    return f"{link[1]} <{link[2]}>" if link[1].strip() else ""


def _without_preheader(html: str) -> str:
    start = html.find(PREHEADER_OPEN)
    if start < 0:
        return html
    end = html.find(PREHEADER_CLOSE, start)
    return html[:start] + html[end + len(PREHEADER_CLOSE) :] if end >= 0 else html
