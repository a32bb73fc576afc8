"""How deep elements may stand in one another: asked before parsers that would fall over it and take the process along.

mrml goes into itself for each element, css_inline for each level of the HTML, and neither has a bound: two thousand
elements in one another end the process, past every `except`. Both texts are read the way their parser reads them, so
that nothing can hide levels from us that it would see.
"""

from __future__ import annotations

import re

MJML_LEVELS_MAX = 60
"""Real letters have up to twenty. mrml needs about 6 KB of stack for each; some systems give a thread 512 KB."""
HTML_LEVELS_MAX = 1_000

_NAMES = "area base br col embed hr img input link meta param source track wbr"
_VOID = frozenset(_NAMES.split())
_MJML = re.compile(
    r"<!--.*?-->"
    r"|<(?P<close>/?)(?P<name>[^\s<>/!?\"'=]+)(?:[^<>\"'/]++|\"[^\"]*+\"|'[^']*+'|/(?!>))*+(?P<empty>/?)>",
    re.DOTALL,
)
# The attributes as HTML reads them: a quote opens a value only behind an equals sign.
_ATTRIBUTES = r"(?:[\s/]++|=?[^\s/>=]++(?:\s*+=\s*+(?:\"[^\"]*+\"|'[^']*+'|(?=[^\"'])[^\s>]++)?+)?+|=)*+"
_HTML = re.compile(rf"<!---?>|<!--.*?--!?>|<(?P<close>/?)(?P<name>[a-zA-Z][^\s/>]*+){_ATTRIBUTES}>", re.DOTALL)


def too_deep_in_mjml(text: str) -> int | None:
    """Where (an offset) the first element begins that stands too deep; None where none does."""
    depth = 0
    for tag in _MJML.finditer(text):
        name = tag["name"]
        if name is None or tag["empty"] or name in _VOID:
            continue
        depth += -1 if tag["close"] else 1
        if depth > MJML_LEVELS_MAX:
            return tag.start()
    return None


def is_too_deep_in_html(html: str) -> bool:
    """A closing tag counts only for the element it closes; what is left open counts as open to the end."""
    open_ones: list[str] = []
    for tag in _HTML.finditer(html):
        name = (tag["name"] or "").lower()
        if not name or name in _VOID:
            continue
        if not tag["close"]:
            open_ones.append(name)
        elif open_ones and open_ones[-1] == name:
            open_ones.pop()
        if len(open_ones) > HTML_LEVELS_MAX:
            return True
    return False
