"""Reads tables (tabs, commas, semicolons or pipes) and JSON, line by line, as records of named values."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterable, Iterator
from typing import Any

import orjson

from .problem import FeedUnreadable
from .unpacking import ITEM_BYTES_MAX, Bounded

_SEPARATORS = "\t;|,"
_MARKS = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}


def encoding_of(start: bytes) -> str:
    return next((name for mark, name in _MARKS.items() if start.startswith(mark)), "utf-8")


def rows(source: Bounded, start: bytes) -> Iterator[dict[str, str]]:
    """The rows of a table under its header; names in lower case, with underscores for spaces."""
    text = io.TextIOWrapper(io.BufferedReader(source), encoding_of(start), errors="replace", newline="")
    header = text.readline()
    separator = max(_SEPARATORS, key=header.count)
    if header.count(separator) == 0:
        raise FeedUnreadable("is neither XML nor JSON, and its first line is not a table's header")
    csv.field_size_limit(ITEM_BYTES_MAX)
    try:
        (names,) = csv.reader([header], delimiter=separator)
        names = [plain_name(name) for name in names]
        for values in csv.reader(_noted(text, source), delimiter=separator):
            if values:
                yield {name: value.strip() for name, value in zip(names, values, strict=False) if value.strip()}
    except csv.Error as error:
        raise FeedUnreadable(f"is not a sound table: {error}") from None


def _noted(lines: Iterable[str], source: Bounded) -> Iterator[str]:
    for line in lines:
        source.item_done()
        yield line


def plain_name(name: str) -> str:
    """`g:Image Link` → `image_link`."""
    return name.strip().lower().removeprefix("g:").replace(" ", "_").replace("-", "_")


def documents(source: Bounded) -> Iterator[dict[str, Any]]:
    """The objects of a JSON lines file, or of one JSON array where it is small enough to be read whole."""
    lines = io.BufferedReader(source)
    first = _next_line(lines)
    if first.lstrip().startswith(b"["):
        whole = _parsed(first + lines.read())
        yield from (one for one in whole if isinstance(one, dict))
        return
    line = first
    while line:
        source.item_done()
        if line.strip():
            one = _parsed(line)
            if not isinstance(one, dict):
                raise FeedUnreadable(f"holds {line[:40]!r} where an object was expected")
            yield one
        line = _next_line(lines)


def document(source: Bounded) -> dict[str, Any]:
    """One JSON object, read whole."""
    whole = _parsed(io.BufferedReader(source).read())
    if not isinstance(whole, dict):
        raise FeedUnreadable("is JSON, but not an object")
    return whole


def _next_line(lines: io.BufferedReader[Bounded]) -> bytes:
    return lines.readline(ITEM_BYTES_MAX)


def _parsed(text: bytes) -> Any:
    try:
        return orjson.loads(text.removeprefix(codecs.BOM_UTF8))
    except orjson.JSONDecodeError as error:
        raise FeedUnreadable(f"is not sound JSON: {error}") from None
