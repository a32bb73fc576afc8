"""Rows that are customers: who she is, how she is reached, and what she consented to."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from habitue.model.event import IDENTIFIED
from habitue.model.instant import Instant

from .fields import Fields, Values, tree
from .making import EventMaker, Made, Refused, Skipped, digest
from .mapping import Answer
from .reading.rows import Row
from .reasons import RowReason, RowRefused
from .values import yes_or_no

NO_SOURCE = "a consent without a source is no proof"


class Customers(EventMaker):
    """One row: one `Identified`, and a `Consent Granted` or `Consent Withdrawn` for each answer.

    `known_at`: the time of rows that tell none. It lies so far back that an import by itself starts nothing.
    """

    def __init__(self, fields: Fields, known_at: Instant, *more: Any) -> None:
        super().__init__(fields.mapping, *more)
        self._fields = fields
        self._known_at = known_at

    def make(self, row: Row) -> Iterator[Made]:
        try:
            values = self._fields.read(row.cells)
            at = self.time_of(values) if "time" in values else self._known_at
            if self.is_too_late(at):
                yield Skipped(row.number, "not before the time asked for")
                return
            answers = [one for one in self.mapping.consents if self._said(one, row.cells) is not None]
            events = [self._identified(values, at)]
            events += [self._consent(one, row.cells, values, at) for one in answers if self._counts(one, row.cells)]
        except RowRefused as refused:
            yield Refused(row.number, refused.reason, refused.detail, row.cells)
            return
        made = [self.event(row, item) for item in events]
        refusal = next((one for one in made if isinstance(one, Refused)), None)
        if refusal is not None:  # She is taken whole or not at all, so that a corrected row still adds her.
            yield refusal
            return
        yield from made
        for _ in range(len(answers) + 1 - len(events)):
            yield Skipped(row.number, NO_SOURCE)

    def _identified(self, values: Values, at: Instant) -> dict[str, Any]:
        traits = tree(values, "traits")
        for field in ("email", "phone"):
            if field in values:
                traits.setdefault(field, values[field])
        item = self.item(IDENTIFIED, "", at, values, type="identify", traits=traits, context=tree(values, "context"))
        told_at = at if "time" in values else 0  # The moment of the import is no part of what the row says.
        key = values.get("id") or digest(item["who"])
        item["messageId"] = f"customer:{key}:{digest(told_at, item['who'], traits, item['context'])}"
        return item

    def _said(self, answer: Answer, cells: dict[str, Any]) -> bool | None:
        """Yes, no, or nothing. Raises RowRefused for a word that is neither."""
        if not answer.answer:
            return True if self._fields.cell(cells, answer.at) is not None else None
        word = self._fields.cell(cells, answer.answer)
        if word is None:
            return None
        said = yes_or_no(word)
        if said is None:
            found = f'{answer.answer}: "{str(word)[:60]}" is neither yes nor no'
            raise RowRefused(RowReason.UNKNOWN_ANSWER, found)
        return said

    def _counts(self, answer: Answer, cells: dict[str, Any]) -> bool:
        """A no always counts; a yes only with the word of who says so."""
        return bool(answer.source) or self._said(answer, cells) is False

    def _consent(self, answer: Answer, cells: dict[str, Any], values: Values, at: Instant) -> dict[str, Any]:
        granted = self._said(answer, cells)
        told = self._fields.cell(cells, answer.at) if answer.at else None
        if told is not None:
            at = self.time_of({"time": self._fields.times.read(str(told))})
        properties = {"channel": answer.channel, "source": answer.source or "import"}
        properties |= {name: said for name, said in (("topic", answer.topic), ("text", answer.text)) if said}
        item = self.item("Consent Granted" if granted else "Consent Withdrawn", "", at, values, properties=properties)
        told_at = at if told is not None or "time" in values else 0
        item["messageId"] = f"consent:{digest(item['event'], told_at, item['who'], properties)}"
        return item
