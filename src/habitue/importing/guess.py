"""A mapping guessed from what columns are called and what stands in the first rows."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from .mapping import Answer, As, Column, Kind, Mapping, lacking
from .names import CONSENTS, NAMES, TRAITS, are_lines, line_names, plain_name
from .reading.open import open_rows
from .reading.rows import Row
from .reasons import RowRefused
from .times import Times
from .values import NOTHING

_SAMPLE = 200
_MOST = 0.5
_SECRET = re.compile(r"passw|card_n|cvv|cvc|iban|secret|token|(^|_)ssn($|_)|hash|salt")
"""Columns that no mapping takes in by itself."""

_CALLS = {"track", "identify", "page", "screen", "group", "alias"}
_PATTERNS = [
    f"{day}{clock}"
    for day in ("%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y", "%Y/%m/%d", "%d-%m-%Y", "%d.%m.%y", "%d %b %Y", "%b %d, %Y")
    for clock in (" %H:%M:%S", " %H:%M", "", " %I:%M %p", " %I:%M:%S %p")
]
_COMMA = re.compile(r"[-+]?[\d.]*\d,\d{1,2}")
_PLAIN_NUMBER = re.compile(r"[-+]?(0|[1-9]\d{0,14})([.,]\d+)?")


class Guess(NamedTuple):
    """`doubts`: what only a person can tell; an import without a mapping file does not begin while there are any."""

    mapping: Mapping
    left_out: list[str]
    doubts: list[str]

    @property
    def complaint(self) -> str:
        """Why it cannot be used as it is; empty when it can."""
        return "; ".join([one for one in (lacking(self.mapping),) if one] + self.doubts)


def guess(path: Path, kind: Kind) -> Guess:
    """The likeliest mapping of the file."""
    rows = open_rows(path)
    try:
        sample = [row.cells for row in islice(rows, _SAMPLE) if isinstance(row, Row)]
        columns = list(_unfolded(rows.columns, sample))
    finally:
        rows.close()
    return _Guessing(kind, columns, sample).guess()


def _unfolded(columns: tuple[str, ...], sample: list[dict[str, Any]]) -> Iterator[str]:
    """The columns; objects that are no field by themselves stand as one column for each of what they hold."""
    for name in columns:
        held = {key: None for cells in sample if isinstance(cells.get(name), dict) for key in cells[name]}
        if held and plain_name(name) not in ("properties", "traits", "context"):
            yield from (f"{name}.{key}" for key in held)
        else:
            yield name


class _Guessing:
    def __init__(self, kind: Kind, columns: list[str], sample: list[dict[str, Any]]) -> None:
        self.kind = kind
        self.columns = columns
        self.sample = sample
        self.free = {plain_name(name): name for name in reversed(columns) if name}
        self.found: dict[str, str] = {}
        self.consents: list[Answer] = []

    def guess(self) -> Guess:
        calls = self._are_calls()
        self._take(NAMES[self.kind], skip=("type", "name") if self.kind == "events" and not calls else ())
        if self.kind == "orders" and are_lines(self.columns) and "products" not in self.found.values():
            self._take_lines()
        if self.kind == "customers":
            self._take_consents()
            self._take({f"traits.{name}": names for name, names in TRAITS.items()})
        left_out = [] if calls or self.kind == "products" else self._take_the_rest()
        formats, doubts = self._time_formats()
        mapping = Mapping(
            kind=self.kind,
            columns=tuple(
                Column(name, self.found[name], self._as(name, self.found[name]))
                for name in self.columns
                if name in self.found
            ),
            consents=tuple(self.consents),
            time_formats=formats,
            decimal="," if self._has_decimal_commas() else ".",
        )
        return Guess(mapping, [*left_out, *(self.free.values() if calls or self.kind == "products" else ())], doubts)

    def _take(self, names: dict[str, str], skip: tuple[str, ...] = ()) -> None:
        for field, called in names.items():
            plain = next((name for name in called.split() if name in self.free), None)
            if plain is not None and field not in skip:
                self.found[self.free.pop(plain)] = field

    def _take_lines(self) -> None:
        """Where a row is a line, `name` and `id` are the line's; in Shopify's export `Name` is the order's."""
        shopify = "lineitem_name" in self.free
        for name, field in list(self.found.items()):
            plain = plain_name(name)
            if field == "order_id" and plain in ("id", "name"):
                del self.found[name]
                self.free[plain] = name
        if shopify and "name" in self.free:
            self.found[self.free.pop("name")] = "order_id"
        names = line_names()
        self._take(names)
        if not shopify and "name" in self.free:
            self.found[self.free.pop("name")] = "line.name"

    def _take_consents(self) -> None:
        for channel, (answers, times) in CONSENTS.items():
            answer = next((name for name in answers.split() if name in self.free), None)
            if answer is None:
                continue
            at = next((name for name in times.split() if name in self.free), None)
            named = {"answer": self.free.pop(answer)} | ({"at": self.free.pop(at)} if at else {})
            self.consents.append(Answer(channel=channel, **named))

    def _take_the_rest(self) -> list[str]:
        """What is no known field becomes a property or a trait of its own name; secrets are left alone."""
        left_out = []
        whole = "traits" if self.kind == "customers" else "properties"
        for plain, name in list(self.free.items()):
            if _SECRET.search(plain) or not plain:
                left_out.append(name)
            else:
                self.found[name] = f"{whole}.{plain}"
        return left_out

    def _are_calls(self) -> bool:
        """Whether the file holds calls as clients sent them."""
        said = {str(value) for value in self._values(self.free.get("type", ""))}
        return self.kind == "events" and bool(said) and said <= _CALLS

    def _values(self, name: str) -> list[Any]:
        found = []
        for cells in self.sample:
            value: Any = cells
            for part in [name] if name in cells else name.split("."):
                value = value.get(part) if isinstance(value, dict) else None
            if value is not None and not (isinstance(value, str) and value.strip().lower() in NOTHING):
                found.append(value.strip() if isinstance(value, str) else value)
        return found

    def _as(self, name: str, field: str) -> As:
        """What text stands for, where the field leaves it open. A number with a zero before it is an id."""
        if field == "traits.birthday":
            return "date"
        if field == "traits.createdAt":
            return "time"
        values = self._values(name)
        if not field.startswith(("properties.", "traits.", "context.")) or not all(isinstance(v, str) for v in values):
            return ""
        if values and all(_PLAIN_NUMBER.fullmatch(value) for value in values):
            return "number"
        if values and {value.lower() for value in values} <= {"true", "false"}:
            return "boolean"
        return ""

    def _has_decimal_commas(self) -> bool:
        texts = [v for name in self.found for v in self._values(name) if isinstance(v, str) and len(v) < 20]
        return any(map(_COMMA.fullmatch, texts)) and not any(re.fullmatch(r"[-+]?\d+\.\d{1,2}", v) for v in texts)

    def _time_formats(self) -> tuple[tuple[str, ...], list[str]]:
        name = next((name for name, field in self.found.items() if field == "time"), None)
        values = [str(value) for value in self._values(name)] if name is not None else []
        if not values or _share_read("iso", values) >= _MOST:
            return (), []
        if all(re.fullmatch(r"\d{9,17}(\.0)?", value) for value in values):
            digits = len(values[0].split(".")[0])
            return (("seconds" if digits <= 10 else "milliseconds" if digits <= 13 else "microseconds"),), []
        if all(re.fullmatch(r"\d{5}(\.\d+)?", value) for value in values):
            return ("excel",), []
        fits = {pattern: _share_read(pattern, values) for pattern in _PATTERNS}
        best = max(fits, key=lambda pattern: fits[pattern])
        if fits[best] < _MOST:
            return (), [f'how the times in "{name}" are written is not clear, such as "{values[0][:40]}"']
        turned = best.replace("%d/%m", "%m/%d")
        if turned != best and fits[turned] == fits[best]:
            return (best,), [f'whether "{values[0][:40]}" in "{name}" begins with the day or the month is not clear']
        return (best,), []


def _share_read(pattern: str, values: list[str]) -> float:
    """How many of the values are written so, of one. A few bad rows must not hide how the others are written."""
    times = Times((pattern,))
    good = 0
    for value in values:
        try:
            times.read(value)
        except RowRefused:
            continue
        good += 1
    return good / len(values)


def written(found: Guess, path: Path) -> str:
    """The mapping as a file, to be looked through and changed."""
    mapping = found.mapping
    content: dict[str, Any] = {"kind": mapping.kind, "source": mapping.source}
    if mapping.event:
        content["event"] = mapping.event
    content["columns"] = {
        column.name: f"{column.field} as {column.kind}" if column.kind else column.field for column in mapping.columns
    }
    if mapping.kind != "products":
        content["time"] = {"format": list(mapping.time_formats) or ["iso"], "zone": mapping.zone}
    if mapping.decimal != ".":
        content["decimal"] = mapping.decimal
    if mapping.consents:
        content["consents"] = [
            {name: getattr(one, name) for name in ("channel", "answer", "at") if getattr(one, name)}
            for one in mapping.consents
        ]
    notes = [f"How {path.name} is read. Guessed from the names of its columns; look it through."]
    notes += [f"To decide: {doubt}." for doubt in (lacking(mapping), *found.doubts) if doubt]
    notes += [f'Left out: the column "{name}".' for name in found.left_out]
    if mapping.consents:
        notes.append("A yes counts only when its consent has a source: who says so, and where she said it.")
    head = "".join(f"# {note}\n" for note in notes)
    return head + yaml.safe_dump(content, sort_keys=False, allow_unicode=True, width=110)
