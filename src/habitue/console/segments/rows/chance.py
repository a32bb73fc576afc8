"""A part of all people, chosen by a hash that stays the same for ever."""

from __future__ import annotations

from habitue.console.segments.rows.row import Field, Kind, Row, needed
from habitue.console.segments.rows.values import constant, quoted, shown
from habitue.playbook.conditions.tree import Bucket, Node


def read(node: Node) -> Row | None:
    match node:
        case Bucket(salt=salt, low=low, high=high):
            return {"salt": salt, "low": shown(low), "high": shown(high)}
    return None


def write(row: Row) -> str:
    salt = quoted(needed(row, "salt", "give the choice a name; another name draws other people"))
    low, high = (constant(needed(row, name, "enter both bounds, from 0 to 100")) for name in ("low", "high"))
    return f"bucket({salt}, {low}, {high})"


KIND = Kind(
    name="chance",
    title="A part by lot",
    icon="arrows-split",
    fields=(
        Field("low", "number", "From percent", ahead="drawn between"),
        Field("high", "number", "To percent", ahead="and", behind="of 100"),
        Field("salt", "text", "Name of the draw", ahead="in the draw", placeholder="spring test"),
    ),
    blank={"low": "0", "high": "10", "salt": ""},
    read=read,
    write=write,
)
