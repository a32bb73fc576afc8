"""Whatever no form can show, or somebody would rather type: a piece of the condition as text."""

from __future__ import annotations

from habitue.console.segments.rows.row import Field, Kind, Row, needed
from habitue.playbook.conditions import write
from habitue.playbook.conditions.tree import Node


def read(node: Node) -> Row:
    return {"text": write(node)}


KIND = Kind(
    name="text",
    title="As text",
    icon="file-text",
    fields=(Field("text", "text", "Condition as text", placeholder='trait.country == "ES"'),),
    blank={"text": ""},
    read=read,
    write=lambda row: needed(row, "text", "write a condition"),
)
