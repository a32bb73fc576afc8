"""What a template may cost: every way a template could eat time or memory ends in a clear error, soon.

The library limits nesting, loops, output and variables. It does not limit ranges, filters that blow text up, integers
that double, or time; this module does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from time import monotonic, thread_time
from typing import Any
from zoneinfo import ZoneInfo

from babel import Locale
from liquid import BoundTemplate, RenderContext
from liquid.builtin.expressions.primitive import RangeLiteral
from liquid.exceptions import ResourceLimitError
from liquid.token import Token

from habitue.playbook.playbook import Shop

from .ports import Catalog

TEMPLATE_CHARACTERS_MAX = 200_000
OUTPUT_BYTES_MAX = 1_000_000
LOOP_ITERATIONS_MAX = 5_000
VARIABLES_BYTES_MAX = 1_000_000
NESTING_MAX = 30
RANGE_LENGTH_MAX = 1_000
TEXT_CHARACTERS_MAX = 100_000
"""What one filter may take in or give back. One quadratic filter on this much text takes about a second at worst."""
LIST_LENGTH_MAX = 2_000
INTEGER_BITS_MAX = 256
RENDER_SECONDS_MAX = 2.0


@dataclass(slots=True)
class Frame:
    """What filters know beside their input, and when the rendering must have ended."""

    shop: Shop
    catalog: Catalog
    locale: Locale
    zone: ZoneInfo
    now: datetime
    deadline: float = 0.0
    overtime_ends: float | None = None

    def start(self) -> None:
        """Real time, not the run's clock: this bounds what a template costs, it does not influence what it says."""
        self.deadline, self.overtime_ends = monotonic() + RENDER_SECONDS_MAX / 2, None

    def raise_when_late(self) -> None:
        """Half of the time by the clock, which is quickly read; then as much again by what this thread uses.

        On a machine that is busy with other things a good template must not fail for having waited.
        """
        if monotonic() <= self.deadline:
            return
        used = thread_time()
        if self.overtime_ends is None:
            self.overtime_ends = used + RENDER_SECONDS_MAX / 2
        elif used > self.overtime_ends:
            raise ResourceLimitError(f"the template takes longer than {RENDER_SECONDS_MAX:g} seconds", token=None)


class FramedContext(RenderContext):
    """A render context that looks at the clock in every loop turn and guards every filter."""

    __slots__ = ("frame",)
    frame: Frame

    @contextmanager
    def loop(self, namespace: Mapping[str, object], forloop: Any) -> Iterator[RenderContext]:
        forloop.it = self._watched(forloop.it)
        with super().loop(namespace, forloop) as context:
            yield context

    def _watched(self, items: Iterator[Any]) -> Iterator[Any]:
        for item in items:
            self.frame.raise_when_late()
            yield item

    def filter(self, name: str, token: Token | None) -> Callable[..., object]:
        return partial(_guarded, self.frame, name, super().filter(name, token))


class FramedTemplate(BoundTemplate):
    context_class = FramedContext


def _guarded(frame: Frame, name: str, function: Callable[..., object], *args: Any, **kwargs: Any) -> object:
    frame.raise_when_late()
    for value in args:
        _raise_when_big(name, value)
    if _grown(name, args) > TEXT_CHARACTERS_MAX:
        raise ResourceLimitError(f"the filter '{name}' would make a text that is too long", token=None)
    result = function(*args, **kwargs)
    _raise_when_big(name, result)
    return result


def _raise_when_big(name: str, value: object) -> None:
    if isinstance(value, str):
        too_big = len(value) > TEXT_CHARACTERS_MAX
    elif isinstance(value, (list, tuple, dict, range)):
        too_big = len(value) > LIST_LENGTH_MAX
    elif isinstance(value, int):
        too_big = value.bit_length() > INTEGER_BITS_MAX
    else:
        return
    if too_big:
        raise ResourceLimitError(f"what the filter '{name}' works on is too big", token=None)


def _grown(name: str, args: tuple[Any, ...]) -> int:
    """How long the text becomes, checked beforehand, for filters whose result is a product of their inputs' sizes."""
    if name == "replace" and len(args) == 3:
        text, seek, replacement = (str(value) for value in args)
        return len(text) + (text.count(seek) if seek else len(text) + 1) * len(replacement)
    if name == "join" and args and isinstance(args[0], (list, tuple)):
        separator = len(str(args[1])) if len(args) > 1 else 1
        return sum(len(item) if isinstance(item, str) else separator for item in args[0]) + separator * len(args[0])
    if name == "split" and len(args) == 2 and isinstance(args[0], str):
        parts = args[0].count(str(args[1])) if args[1] else len(args[0])
        return 0 if parts < LIST_LENGTH_MAX else TEXT_CHARACTERS_MAX + 1
    return 0


_make_range = RangeLiteral._make_range


def _make_short_range(self: RangeLiteral, start: Any, stop: Any) -> range:
    made = _make_range(self, start, stop)
    if len(made) > RANGE_LENGTH_MAX:
        raise ResourceLimitError(f"a range of more than {RANGE_LENGTH_MAX} numbers", token=self.token)
    return made


# The parser names the class itself, so it cannot be given a subclass. Without this `{{ (1..1000000000) | join }}` and
# `{% if (1..1000000000) contains "x" %}` run for minutes: no limit of the library counts them.
RangeLiteral._make_range = _make_short_range  # type: ignore[method-assign]
