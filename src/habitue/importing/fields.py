"""A row's cells as the fields that a mapping says they are."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

import msgspec

from habitue.model.instant import to_iso

from .mapping import IDS, NUMBERS, TIMES, As, Mapping, filled, template_columns
from .reasons import RowRefused
from .times import Times
from .values import NOTHING, boolean, identity, json_value, listed, number
from .values import text as plain_text

Values: TypeAlias = dict[str, Any]
"""Field → value. Times are instants, numbers are numbers, ids are text; what is missing is not there."""

Read: TypeAlias = Callable[[Any], Any]

_WRITTEN_SHORT = 8
"""No word that stands for nothing is longer; comparing longer cells with the list would be for nothing."""


class Fields:
    """Reads rows as one mapping says. Raises RowRefused for a constant that its field cannot have."""

    def __init__(self, mapping: Mapping) -> None:
        self.mapping = mapping
        self.times = Times(mapping.time_formats, mapping.zone)
        self._nothing = NOTHING | {word.lower() for word in mapping.missing}
        self._length_max = max(_WRITTEN_SHORT, *(len(word) for word in self._nothing))
        self._columns = [
            (column.name, column.field, self._reader(column.field, column.kind)) for column in mapping.columns
        ]
        self._templates = [
            (field, text, template_columns(text), self._reader(field, "")) for field, text in mapping.templates.items()
        ]
        self._constants: Values = {}
        for field, value in mapping.constants.items():
            if value is not None:
                self._put(self._constants, f"the constant {field}", field, value, self._reader(field, ""))

    def read(self, cells: dict[str, Any]) -> Values:
        """All fields of a row. Raises RowRefused for the first that cannot be read."""
        values = self._constants.copy()
        for name, field, read in self._columns:
            value = self.cell(cells, name)
            if value is not None:
                self._put(values, name, field, value, read)
        for field, text, names, read in self._templates:
            value = self._filled(cells, text, names)
            if value is not None:
                self._put(values, text, field, value, read)
        return values

    def _put(self, values: Values, name: str, field: str, value: Any, read: Read | None) -> None:
        try:
            values[field] = value if read is None else read(value)
        except RowRefused as refused:
            raise RowRefused(refused.reason, f"{name}: {refused.detail}") from None

    def _filled(self, cells: dict[str, Any], text: str, names: list[str]) -> str | None:
        parts = {name: self.cell(cells, name) for name in names}
        if None in parts.values():
            return None
        return filled(text, {name: plain_text(value) for name, value in parts.items()})

    def id_of(self, cells: dict[str, Any], field: str) -> str | None:
        """One field that is an id, whatever may be wrong with the others."""
        for name, known, _ in self._columns:
            if known == field:
                value = self.cell(cells, name)
                return None if value is None else identity(value)
        for known, text, names, _ in self._templates:
            if known == field:
                return self._filled(cells, text, names)
        return None

    def cell(self, cells: dict[str, Any], name: str) -> Any:
        """What stands in a column, or at a path such as `customer.email`; None when it stands for nothing."""
        value = cells.get(name)
        if value is None:
            value = _within(cells, name) if "." in name else None
        elif isinstance(value, str):
            value = value.strip()
        if isinstance(value, str) and len(value) <= self._length_max and value.lower() in self._nothing:
            return None
        return value

    def _reader(self, field: str, kind: As) -> Read | None:
        if field in NUMBERS:
            return self._number
        if field in TIMES:
            return self._instant
        if field in ("phone", "email"):
            return plain_text
        if field in IDS or field.startswith("external."):
            return identity
        match kind:
            case "text":
                return plain_text
            case "number":
                return self._number
            case "boolean":
                return boolean
            case "date":
                return lambda value: self.times.read_date(str(value))
            case "time":
                return lambda value: to_iso(self.times.read(str(value)))
            case "list":
                return listed
            case "json":
                return json_value
        return None

    def _number(self, value: Any) -> float | int:
        return number(value, self.mapping.decimal)

    def _instant(self, value: Any) -> int:
        return self.times.read(plain_text(value))


def _within(cells: dict[str, Any], path: str) -> Any:
    value: Any = cells
    for name in path.split("."):
        if not isinstance(value, dict):
            return None
        value = value.get(name)
    return value.strip() if isinstance(value, str) else value


def tree(values: Values, whole: str) -> dict[str, Any]:
    """The fields behind one prefix as an object: `traits.address.city` lies in `address`. `whole` is the prefix."""
    given = values.get(whole)
    result: dict[str, Any] = dict(given) if isinstance(given, dict) else {}
    prefix = f"{whole}."
    for field, value in values.items():
        if not field.startswith(prefix):
            continue
        inner = result
        *path, last = field[len(prefix) :].split(".")
        for name in path:
            known = inner.get(name)
            inner[name] = inner = dict(known) if isinstance(known, dict) else {}
        inner[last] = value
    return result


def encoded(value: Any) -> bytes:
    """The value as text that is the same whatever order its fields came in."""
    return msgspec.json.encode(value, order="deterministic")
