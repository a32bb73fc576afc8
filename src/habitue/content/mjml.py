"""MJML to HTML, once per message and version: compiled, styles inlined, Liquid untouched."""

from __future__ import annotations

import re
from difflib import get_close_matches
from typing import NamedTuple

import css_inline
import mrml

from habitue.errors import RenderFailed

from .nesting import HTML_LEVELS_MAX, MJML_LEVELS_MAX, is_too_deep_in_html, too_deep_in_mjml
from .placeholders import LostLiquid, Protected, line_at, protect, restore
from .slots import mark

_NAMES = """
accordion accordion-element accordion-text accordion-title all attributes body breakpoint button carousel carousel-image
class column divider font group head hero html-attributes image navbar navbar-link preview raw section selector social
social-element spacer style table text title wrapper
"""
COMPONENTS = frozenset(_NAMES.split())
_COMPONENT = re.compile(r"</?mj-([a-z0-9-]+)")
_POSITION = re.compile(r" in root template(?: at position (\d+):\d+)?")
_BODY = re.compile(r"<body[^>]*>", re.IGNORECASE)
_INLINER = css_inline.CSSInliner(
    # Without it the @media rules are dropped and the letter is not responsive.
    keep_at_rules=True,
    load_remote_stylesheets=False,
)
# Fonts from another company's server would tell it who reads the letter, and when.
_OPTIONS = mrml.RenderOptions(disable_comments=False, fonts={})

PREHEADER_OPEN = (
    '<div data-preheader style="display:none;max-height:0;max-width:0;overflow:hidden;opacity:0;mso-hide:all">'
)
PREHEADER_CLOSE = "<!--preheader--></div>"
# Fills what the inbox shows after the preheader, or it would go on with the letter's first words.
_FILLER = "&#847;&zwnj;&nbsp;" * 60


class MjmlProblem(RenderFailed):
    """The MJML is wrong; `line` is where."""

    def __init__(self, line: int, said: str) -> None:
        super().__init__(f"mjml line {line}: {said}")
        self.line = line
        self.said = said


class Html(NamedTuple):
    """A Liquid template. `is_marked`: its addresses stand between the marks of `slots.py`."""

    template: str
    is_marked: bool


def compile_html(mjml: str, preheader: str = "") -> str:
    """The HTML Liquid template of an email's MJML, for who looks at it. Raises MjmlProblem."""
    return _compile(mjml, preheader, is_marking=False).template


def compile_marked(mjml: str, preheader: str = "") -> Html:
    """The same for who fills it for many people. Raises MjmlProblem."""
    return _compile(mjml, preheader, is_marking=True)


def _compile(mjml: str, preheader: str, *, is_marking: bool) -> Html:
    _refuse_unknown_components(mjml)
    try:
        protected = protect(mjml)
        html = _inline(_to_html(protected))
        # A preheader is no MJML: whatever tags it has would come in unmarked.
        marked = mark(html, protected) if is_marking and "<" not in preheader else None
        restored = restore(html if marked is None else marked, protected)
    except LostLiquid as lost:
        raise MjmlProblem(lost.line, lost.said) from lost
    return Html(_with_preheader(restored, preheader), marked is not None)


def _with_preheader(html: str, preheader: str) -> str:
    if not preheader:
        return html
    hidden = f"{PREHEADER_OPEN}{preheader}{_FILLER}{PREHEADER_CLOSE}"
    return _BODY.sub(lambda body: body[0] + hidden, html, count=1)


def _to_html(protected: Protected) -> str:
    deep = too_deep_in_mjml(protected.text)
    if deep is not None:
        said = f"elements stand more than {MJML_LEVELS_MAX} deep in one another; take some levels out"
        raise MjmlProblem(line_at(deep, protected), said)
    try:
        return str(mrml.to_html(protected.text, render_options=_OPTIONS).content)
    except OSError as error:  # mrml's only error
        said = str(error)
        position = _POSITION.search(said)
        offset = int(position[1]) if position and position[1] else 0
        said = _POSITION.sub("", said)
        raise MjmlProblem(line_at(offset, protected), f"not valid MJML: {said}") from error
    except BaseException as error:
        raise _unless_panic(error, "MJML") from error


def _inline(html: str) -> str:
    if is_too_deep_in_html(html):
        raise MjmlProblem(1, f"the HTML has elements more than {HTML_LEVELS_MAX:,} deep in one another")
    try:
        return _INLINER.inline(html)
    except ValueError as error:  # what css_inline's InlineError derives from
        raise MjmlProblem(1, f"the styles cannot be read: {error}") from error
    except BaseException as error:
        raise _unless_panic(error, "styles") from error


def _unless_panic(error: BaseException, what: str) -> BaseException:
    """A panic in Rust comes as an exception outside `Exception`; uncaught it would end the process at every attempt."""
    if type(error).__name__ == "PanicException":
        return MjmlProblem(1, f"the {what} cannot be read: {error}")
    return error


def _refuse_unknown_components(mjml: str) -> None:
    """Mrml passes unknown elements through as they are, so that a slip of the pen would only show in the inbox."""
    for match in _COMPONENT.finditer(mjml):
        name = match[1]
        if name == "include":
            said = "mj-include is not supported; a message stands alone"
        elif name not in COMPONENTS:
            near = get_close_matches(name, COMPONENTS, n=1)
            said = f"unknown element <mj-{name}>" + (f'. Did you mean "mj-{near[0]}"?' if near else "")
        else:
            continue
        raise MjmlProblem(mjml.count("\n", 0, match.start()) + 1, said)
