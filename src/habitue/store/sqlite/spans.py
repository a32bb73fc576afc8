"""Cuts a span of minutes into the widest tallies that fill it."""

from __future__ import annotations

from collections.abc import Iterator

from .batch import TALLY_WIDTHS

_FAR = 1 << 40
"""A minute nobody lives to see, whole in every width."""


def spans(since: int, until: int | None, bucket: int | None) -> list[tuple[int, int, int]]:
    """(width, first minute, end minute) that cover since ≤ minute < until; no width is wider than the bucket allows.

    >>> spans(0, 1500, None)
    [(1440, 0, 1440), (60, 1440, 1500)]
    """
    if since <= 0 and until is None and bucket is None:
        return [(0, 0, 1)]
    widths = [width for width in TALLY_WIDTHS if bucket is None or bucket % width == 0]
    end = _FAR // widths[0] * widths[0] if until is None else until
    return sorted(_cut(since, end, widths), key=lambda span: span[1])


def _cut(since: int, until: int, widths: list[int]) -> Iterator[tuple[int, int, int]]:
    width, *narrower = widths
    first, last = -(-since // width) * width, until // width * width
    if first >= last:  # Not one whole; only the narrowest, 1, is always whole.
        if narrower and since < until:
            yield from _cut(since, until, narrower)
        return
    yield width, first, last
    if narrower:
        yield from _cut(since, first, narrower)
        yield from _cut(last, until, narrower)
