"""Whether an occasion of their country is near."""

from __future__ import annotations

from habitue.console.segments.rows import window
from habitue.console.segments.rows.row import Field, Kind, Row, given, needed
from habitue.console.segments.rows.values import quoted
from habitue.playbook.conditions.tree import Node, Not, Occasion


def read(node: Node) -> Row | None:
    match node:
        case Occasion():
            return _row(node, "is")
        case Not(item=Occasion() as asked):
            return _row(asked, "is not")
    return None


def _row(node: Occasion, how: str) -> Row | None:
    length: Row | None = window.amount(node.within) if node.within else {"amount": "", "unit": "d"}
    return None if length is None else {"is": how, "occasion": node.name, **length}


def write(row: Row) -> str:
    parts = [quoted(needed(row, "occasion", "choose an occasion"))]
    if given(row, "amount"):
        parts.append(f"within={quoted(window.span(row))}")
    call = f"occasion({', '.join(parts)})"
    return f"not {call}" if given(row, "is") == "is not" else call


KIND = Kind(
    name="occasion",
    title="An occasion",
    icon="calendar-event",
    fields=(
        Field("is", "choice", "Is or is not", options=(("is", "it is"), ("is not", "it is not"))),
        Field("occasion", "names", "Occasion", suggests="occasions"),
        Field("amount", "number", "At most so long before", ahead="or will be within", placeholder="0"),
        Field("unit", "choice", "Unit of time", options=window.UNIT_OPTIONS),
    ),
    blank={"is": "is", "occasion": "", "amount": "", "unit": "d"},
    read=read,
    write=write,
)
