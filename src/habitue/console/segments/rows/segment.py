"""Whether they are in another segment."""

from __future__ import annotations

from habitue.console.segments.rows.row import Field, Kind, Row, given, needed
from habitue.console.segments.rows.values import quoted
from habitue.playbook.conditions.tree import InSegment, Node, Not


def read(node: Node) -> Row | None:
    match node:
        case InSegment(name=name):
            return {"is": "in", "segment": name}
        case Not(item=InSegment(name=name)):
            return {"is": "out", "segment": name}
    return None


def write(row: Row) -> str:
    call = f"segment({quoted(needed(row, 'segment', 'choose a segment'))})"
    return f"not {call}" if given(row, "is") == "out" else call


KIND = Kind(
    name="segment",
    title="Another segment",
    icon="chart-pie",
    fields=(
        Field("is", "choice", "In or not", options=(("in", "are in"), ("out", "are not in"))),
        Field("segment", "names", "Segment", suggests="segments"),
    ),
    blank={"is": "in", "segment": ""},
    read=read,
    write=write,
)
