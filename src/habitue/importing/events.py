"""Rows that are events: anything that happened, in the shop, on the phone or on the site."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from habitue.ingest.vocabulary import COMMERCE
from habitue.model.event import IDENTIFIED

from .fields import Fields, Values, tree
from .making import EventMaker, Made, Refused, Skipped, digest
from .reading.rows import Row
from .reasons import RowRefused

SKIP = "skip"


class Events(EventMaker):
    """One row, one event."""

    def __init__(self, fields: Fields, *more: Any) -> None:
        super().__init__(fields.mapping, *more)
        self._fields = fields

    def make(self, row: Row) -> Iterator[Made]:
        try:
            yield self._event(row, self._fields.read(row.cells))
        except RowRefused as refused:
            yield Refused(row.number, refused.reason, refused.detail, row.cells)

    def _event(self, row: Row, values: Values) -> Made:
        name = self._name(values)
        if name == SKIP:
            return Skipped(row.number, "the mapping leaves such events out")
        at = self.time_of(values)
        if self.is_too_late(at):
            return Skipped(row.number, "not before the time asked for")
        properties, context, traits = (tree(values, whole) for whole in ("properties", "context", "traits"))
        if self.mapping.currency and name in COMMERCE:
            properties.setdefault("currency", self.mapping.currency)
        item = self.item(
            name, "", at, values, properties=properties, context=context, traits=traits, type=_type(name, values)
        )
        item["messageId"] = _identity(name, at, values, item)
        for field, spelt in (("previous_id", "previousId"), ("group_id", "groupId"), ("name", "name")):
            if field in values:
                item[spelt] = values[field]
        return self.event(row, item)

    def _name(self, values: Values) -> str:
        said = str(values.get("event", self.mapping.event))
        return self.mapping.events.get(said, said)


def _type(name: str, values: Values) -> str:
    said = str(values.get("type", "")).strip().lower()
    return said or ("identify" if name == IDENTIFIED else "track")


def _identity(name: str, at: int, values: Values, item: dict[str, Any]) -> str:
    """A client's own id as it stands; else the row's key; else all that the row says."""
    if "message_id" in values:
        return str(values["message_id"])
    if "id" in values:
        return f"{name}:{values['id']}"
    said = {field: value for field, value in item.items() if field != "messageId"}
    return f"{name}:{digest(at, said)}"
