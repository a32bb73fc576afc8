"""Liquid, the way this house allows it: two environments, one for HTML and one for plain text."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from liquid import BoundTemplate, Environment, Mode
from liquid.exceptions import LiquidError, LiquidSyntaxError
from liquid.token import Token

from habitue.errors import RenderFailed

from . import filters, limits
from .limits import Frame, FramedContext, FramedTemplate

_REFUSED_TAGS = ("include", "render")
"""Templates stand alone: there is no file system behind them to include from."""
_BLANKS_MAX = 200
_TOO_BLANK = re.compile(rf"\s{{{_BLANKS_MAX + 1}}}")


class ShopEnvironment(Environment):
    """Strict about syntax and filters, lenient about data that is not there: a missing first name is no error."""

    template_class = FramedTemplate
    loop_iteration_limit = limits.LOOP_ITERATIONS_MAX
    output_stream_limit = limits.OUTPUT_BYTES_MAX
    local_namespace_limit = limits.VARIABLES_BYTES_MAX
    context_depth_limit = limits.NESTING_MAX
    block_nesting_limit = limits.NESTING_MAX

    def __init__(self, *, autoescape: bool) -> None:
        super().__init__(tolerance=Mode.STRICT, strict_filters=True, autoescape=autoescape)
        for name in _REFUSED_TAGS:
            self.tags.pop(name, None)
        # With `safe` an author could put a customer's own words into the page unescaped.
        self.filters.pop("safe", None)
        self.add_filter("product", filters.product)
        self.add_filter("bestsellers", filters.bestsellers)
        self.add_filter("articles", filters.articles)
        self.add_filter("money", filters.money)
        self.add_filter("date", filters.moment)


HTML = ShopEnvironment(autoescape=True)
TEXT = ShopEnvironment(autoescape=False)


def parse(environment: ShopEnvironment, text: str) -> BoundTemplate:
    """A template of the text. Raises LiquidError; soon, even for a text made to keep the parser busy."""
    if len(text) > limits.TEMPLATE_CHARACTERS_MAX:
        found, allowed = f"{len(text):,}", f"{limits.TEMPLATE_CHARACTERS_MAX:,}"
        raise LiquidSyntaxError(f"the template has {found} characters; at most {allowed} are allowed", token=None)
    _refuse_unclosed(text)
    _refuse_blanks(text)
    try:
        return environment.from_string(text)
    except RecursionError as error:
        raise LiquidSyntaxError("the template is nested too deeply", token=None) from error


def _refuse_unclosed(text: str) -> None:
    """The lexer reads to the end of the text again for each opening without a closing: minutes, not seconds."""
    for opening, closing in (("{{", "}}"), ("{%", "%}")):
        start = text.find(opening, text.rfind(closing) + 1)
        if start >= 0:
            token = Token("tag", opening, start, text)
            raise LiquidSyntaxError(f'"{opening}" is never closed by "{closing}"', token=token)


def _refuse_blanks(text: str) -> None:
    """The lexer's time for a tag grows with the square of the blanks in it: for 20,000 of them it is half a minute."""
    if blanks := _TOO_BLANK.search(text):
        token = Token("tag", "", blanks.start(), text)
        raise LiquidSyntaxError(f"more than {_BLANKS_MAX} blanks in a row", token=token)


def render(template: BoundTemplate, data: Mapping[str, Any], frame: Frame, field: str) -> str:
    """The template with the data put in. Raises RenderFailed naming the field and the line."""
    context = FramedContext(template, globals=template.make_globals(data))
    context.frame = frame
    buffer = template._get_buffer()
    try:
        template.render_with_context(context, buffer)
    except LiquidError as error:
        raise RenderFailed(f"{field}{where(error)}: {error.message}") from error
    except (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError, MemoryError) as error:
        # The library lets some of Python's own errors through, for example of a filter given a list for a number.
        raise RenderFailed(f"{field}: {type(error).__name__}: {error}") from error
    return buffer.getvalue()


def where(error: LiquidError) -> str:
    line = line_of(error)
    return f" line {line}" if line else ""


def line_of(error: LiquidError) -> int:
    """The line (1 is the first) an error points at, 0 when it points nowhere."""
    token = error.token
    if token is None or token.start_index < 0:
        return 0
    return token.source.count("\n", 0, token.start_index) + 1
