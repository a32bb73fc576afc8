"""One event after the other, and none of some others between them."""

from __future__ import annotations

from habitue.console.segments.rows import filters, window
from habitue.console.segments.rows.row import Field, Kind, Row, RowError, given, inner, needed
from habitue.console.segments.rows.values import quoted
from habitue.playbook.conditions.tree import Node, Not, Sequence, Step


def read(node: Node) -> Row | None:
    match node:
        case Sequence():
            return _row(node, "did")
        case Not(item=Sequence() as asked):
            return _row(asked, "did_not")
    return None


def _row(node: Sequence, measure: str) -> Row | None:
    seen = window.read(node)
    apart = {"amount": "", "unit": "h"} if node.apart is None else window.amount(node.apart)
    if seen is None or apart is None:
        return None
    return {
        "measure": measure,
        "steps": [_step(step) for step in node.steps],
        "without": [_step(step) for step in node.without],
        "apart": apart["amount"],
        "apart_unit": apart["unit"],
        **seen,
    }


def _step(step: Step) -> Row:
    return {"event": step.event, "filters": filters.read(step.where)}


def write(row: Row) -> str:
    steps = [_written(step) for step in inner(row, "steps")]
    if len(steps) < 2:
        raise RowError("a sequence has at least two steps; add one")
    parts = steps
    if given(row, "apart"):
        parts.append(f"apart={quoted(window.span(row, 'apart', 'apart_unit'))}")
    without = [_written(step) for step in inner(row, "without")]
    if without:
        between = ", ".join(without)
        parts.append(f"without={between}" if len(without) == 1 else f"without=({between})")
    seen = window.text(row)
    if seen:
        parts.append(seen)
    call = f"sequence({', '.join(parts)})"
    return f"not {call}" if given(row, "measure") == "did_not" else call


def _written(step: Row) -> str:
    event = quoted(needed(step, "event", "choose an event for every step"))
    where = filters.text(inner(step, "filters"))
    return f"did({event}, {where})" if where else event


KIND = Kind(
    name="sequence",
    title="One thing after another",
    icon="route",
    fields=(
        Field("measure", "choice", "What is asked", options=(("did", "did"), ("did_not", "did not do"))),
        Field("steps", "steps", "Then"),
        Field("without", "steps", "With none of these between"),
        Field("apart", "number", "At most so long from first to last", ahead="within", placeholder="any"),
        Field("apart_unit", "choice", "Unit of time", options=window.UNIT_OPTIONS, behind="of the first,"),
        *window.FIELDS,
    ),
    blank={
        "measure": "did", "steps": [{"event": "", "filters": []}, {"event": "", "filters": []}], "without": [],
        "apart": "", "apart_unit": "h", **window.BLANK, "window": "within",
    },
    read=read,
    write=write,
)  # fmt: skip
