"""Which events count: comparisons of an event's own properties, one under the other, all of them true."""

from __future__ import annotations

from collections.abc import Sequence

from habitue.console.segments.rows import comparison
from habitue.console.segments.rows.row import Field, Row, given
from habitue.playbook.conditions import write
from habitue.playbook.conditions.tree import EACH, And, Node, Path

FIELDS: tuple[Field, ...] = (
    Field("what", "names", "Property", suggests="properties", placeholder="category"),
    Field("operator", "choice", "How to compare", options=comparison.OPERATORS),
    Field("value", "names", "With what", suggests="values", when=("operator", comparison.WITH_VALUE)),
)
BLANK: Row = {"what": "", "operator": "==", "value": ""}


def read(where: Node | None) -> list[Row]:
    """A row for each; what a row cannot show stands in one as text."""
    if where is None:
        return []
    items = where.items if isinstance(where, And) else (where,)
    return [comparison.read(item) or {"text": write(item)} for item in items]


def text(rows: Sequence[Row]) -> str:
    """All of them, as the filter of an event. Raises RowError."""
    return " and ".join(f"({given(row, 'text')})" if "text" in row else comparison.text(row) for row in rows)


def path_text(path: Path) -> str:
    return ".".join(path).replace(f".{EACH}", EACH)
