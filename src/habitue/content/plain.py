"""The plain-text part, read off the rendered HTML when the author wrote none.

A walk over our own HTML, tag by tag, once: blocks become lines, links show where they lead, and a price that is struck
out says so in words, since text has no strokes.
"""

from __future__ import annotations

import re
from html import unescape
from typing import Final

from .mjml import PREHEADER_CLOSE, PREHEADER_OPEN

# The second way swallows a tag that is no tag, so that broken markup is walked once as well.
_TOKEN = re.compile(
    r"<!--.*?(?:-->|\Z)"
    r"|<(?P<close>/?)(?P<name>[a-zA-Z][\w:-]*)(?P<attributes>(?:[^<>\"']++|\"[^\"<]*+\"|'[^'<]*+')*+)>"
    r"|<[a-zA-Z/!?][^>]*>?"
    r"|(?P<text>[^<]+|<)",
    re.DOTALL,
)
_HREF = re.compile(r"(?:^|[\s\"'])href\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'<>]+))", re.IGNORECASE)
_LINE_THROUGH = re.compile(r"text-decoration[a-z-]*\s*:[^;\"']*line-through", re.IGNORECASE)
_BLANK = re.compile(r"[ \t\r\n\f]+")
_INVISIBLE = re.compile(r"[\s\u00a0\u00ad\u034f\u200b-\u200f\u2060\ufeff]*")
_LINE_END = " \t\u00a0\u200c\u034f"
_INDENTS_MAX = 8
_GAPS = re.compile(r"\n{3,}")
_BEGINS_WITH_A_PRICE = re.compile(r"\W{0,3}\d|\w{1,4}[ \u00a0]?\d")
_ENDS_WITH_A_PRICE = re.compile(r"\d\D{0,4}\Z")

_UNSHOWN = frozenset({"head", "style", "script", "title", "template"})
_BLOCK_NAMES = """
address article aside blockquote center dd div dl dt fieldset footer form h1 h2 h3 h4 h5 h6 header main nav ol p pre
section table ul
"""
_BLOCKS = frozenset(_BLOCK_NAMES.split())
_LINES = frozenset({"br", "hr", "li", "tr"})
_CELLS = frozenset({"td", "th"})
_STRUCK = frozenset({"s", "del", "strike"})
_SAME_AS_ITS_TEXT = ("", "mailto:", "tel:", "https://", "http://")

WAS_AND_NOW: Final = {
    "da": ("før", "nu"),
    "de": ("vorher", "jetzt"),
    "en": ("was", "now"),
    "es": ("antes", "ahora"),
    "fi": ("ennen", "nyt"),
    "fr": ("avant", "maintenant"),
    "it": ("prima", "ora"),
    "nb": ("før", "nå"),
    "nl": ("was", "nu"),
    "pl": ("było", "teraz"),
    "pt": ("antes", "agora"),
    "sv": ("tidigare", "nu"),
    "tr": ("önce", "şimdi"),
}
"""How a price that is struck out is said, by language; English for all others."""


def text_of(html: str, language: str = "en") -> str:
    """Readable text with the links written out. The hidden preheader is not part of it."""
    page = _Page(*WAS_AND_NOW.get(language, WAS_AND_NOW["en"]))
    hidden = ""
    shown = _without_preheader(html)
    for token in _TOKEN.finditer(shown, max(shown.find("<body"), 0)):
        close, name, attributes, text = token.groups()
        if text is not None:
            if not hidden:
                page.say(unescape(text) if "&" in text else text)
        elif name is None:
            continue
        elif hidden:
            hidden = "" if close and name.lower() == hidden else hidden
        elif close:
            page.close(name.lower())
        elif name.lower() in _UNSHOWN:
            hidden = name.lower()
        else:
            page.open(name.lower(), attributes)
    return page.text()


class _Page:
    """What has been said so far, and what stands between it and what comes next: a blank, a line, a gap."""

    def __init__(self, was: str, now: str) -> None:
        self._was, self._now = was, now
        self._out: list[str] = []
        self._breaks = 0
        self._between = ""
        self._link: tuple[str, int] | None = None
        """Where it leads, and where in `_out` it began. A link holds no other link."""
        self._lists: list[int | None] = []
        self._struck: tuple[str, int] | None = None
        """The element that strikes out, and where in `_out` it began."""
        self._struck_depth = 0
        self._is_after_struck = False

    def say(self, text: str) -> None:
        if text.isspace():
            self._between = self._between or " "
            return
        words = _BLANK.sub(" ", text).strip(" ")
        if _INVISIBLE.fullmatch(words):
            self._between = self._between or " "
            return
        if text[0] in " \t\r\n\f":
            self._between = self._between or " "
        self._put(words)
        self._between = " " if text[-1] in " \t\r\n\f" else ""

    def open(self, name: str, attributes: str) -> None:
        if name in _BLOCKS:
            self._break(1 if self._lists else 2)
            if name in ("ul", "ol"):
                self._lists.append(0 if name == "ol" else None)
        elif name in _LINES:
            self._break(1)
            if name == "li":
                self._begin_item()
        elif name in _CELLS:
            self._between = "  "
        elif name == "a":
            self._link = (_href(attributes), len(self._out))
        if self._struck is not None:
            self._struck_depth += name == self._struck[0]
        elif name in _STRUCK or ("line-through" in attributes and _LINE_THROUGH.search(attributes)):
            self._struck, self._struck_depth = (name, len(self._out)), 1

    def close(self, name: str) -> None:
        if name == "a" and self._link is not None:
            self._end_link(*self._link)
        elif name in _BLOCKS:
            if name in ("ul", "ol") and self._lists:
                self._lists.pop()
            self._break(1 if self._lists else 2)
        elif name in ("li", "tr"):
            self._break(1)
        if self._struck is not None and name == self._struck[0]:
            self._struck_depth -= 1
            if self._struck_depth == 0:
                self._end_struck(self._struck[1])

    def text(self) -> str:
        lines = "".join(self._out).split("\n")
        return _GAPS.sub("\n\n", "\n".join(line.rstrip(_LINE_END) for line in lines)).strip() + "\n"

    def _put(self, words: str) -> None:
        if self._is_after_struck:
            self._is_after_struck = False
            if not self._breaks and _BEGINS_WITH_A_PRICE.match(words):
                self._out.append(f", {self._now}")
                self._between, words = " ", words.lstrip("\u00a0")
        if self._out:
            self._out.append("\n" * self._breaks or self._between)
        self._out.append(words)
        self._breaks, self._between = 0, ""

    def _break(self, lines: int) -> None:
        self._breaks = max(self._breaks, lines)
        self._between = ""

    def _begin_item(self) -> None:
        mark = "- "
        if self._lists and (number := self._lists[-1]) is not None:
            self._lists[-1] = number + 1
            mark = f"{number + 1}. "
        self._put("  " * min(len(self._lists) - 1, _INDENTS_MAX) + mark)

    def _end_link(self, url: str, start: int) -> None:
        """`Unsubscribe <https://…>`, which mail programs make clickable. A linked picture has nothing to say here."""
        self._link = None
        words = "".join(self._out[start:]).strip()
        if words and url and not url.startswith("#") and words not in [url.removeprefix(p) for p in _SAME_AS_ITS_TEXT]:
            self._out.append(f" <{url}>")

    def _end_struck(self, start: int) -> None:
        self._struck = None
        words = self._out[start:]
        said = "".join(words).strip()
        if not said:
            return
        before = self._out[start - 1] if start else ""
        follows_a_price = "\n" not in words[0] and _ENDS_WITH_A_PRICE.search(before) is not None
        self._out[start:] = ["," if follows_a_price else "", words[0] if start else "", f"{self._was} {said}"]
        self._is_after_struck = not follows_a_price


def _href(attributes: str) -> str:
    found = _HREF.search(attributes)
    return unescape(found[1] or found[2] or found[3] or "").strip() if found else ""


def _without_preheader(html: str) -> str:
    start = html.find(PREHEADER_OPEN)
    if start < 0:
        return html
    end = html.find(PREHEADER_CLOSE, start)
    return html[:start] + html[end + len(PREHEADER_CLOSE) :] if end >= 0 else html
