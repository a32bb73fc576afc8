"""A condition as nested groups of rows: what the builder shows of a tree, and the tree that its rows come to.

An outline is plain data: a group `{"kind": "all" | "any" | "none", "items": […]}`, or a row of one of `KINDS`.
"""

from __future__ import annotations

from typing import Any, TypeAlias

from habitue.console.segments.rows import as_text, chance, channel, did, filters, known, occasion, segment, sequence
from habitue.console.segments.rows.row import Kind, Row, RowError
from habitue.playbook.conditions import ConditionError, Names, parse
from habitue.playbook.conditions.shapes import conjunction, disjunction
from habitue.playbook.conditions.tree import And, Node, Not, Or

Outline: TypeAlias = dict[str, Any]

KINDS: tuple[Kind, ...] = (
    did.KIND,
    known.KIND,
    segment.KIND,
    channel.KIND,
    sequence.KIND,
    occasion.KIND,
    chance.KIND,
    as_text.KIND,
)
"""In the order of the menu. The last one can show everything."""
_BY_NAME = {kind.name: kind for kind in KINDS}
DEPTH_MAX = 12
_GROUPS = {"all", "any", "none"}

FILTER_FIELDS, FILTER_BLANK = filters.FIELDS, filters.BLANK

__all__ = ["FILTER_BLANK", "FILTER_FIELDS", "KINDS", "Kind", "Outline", "RowError", "outline", "tree"]


def outline(node: Node) -> Outline:
    """The root group of a tree."""
    shown = _part(node, 0)
    return shown if shown["kind"] in _GROUPS else {"kind": "all", "items": [shown]}


def _part(node: Node, depth: int) -> Outline:
    match node:
        case And(items=items) | Or(items=items) if depth < DEPTH_MAX:
            return {
                "kind": "all" if isinstance(node, And) else "any",
                "items": [_part(item, depth + 1) for item in items],
            }
        case Not(item=Or(items=items)) if depth < DEPTH_MAX:
            return {"kind": "none", "items": [_part(item, depth + 1) for item in items]}
        case Not(item=And() as item) if depth < DEPTH_MAX:
            return {"kind": "none", "items": [_part(item, depth + 1)]}
    shown = _row(node)
    if shown["kind"] == "text" and isinstance(node, Not):
        positive = _row(node.item)
        if positive["kind"] != "text":
            return {"kind": "none", "items": [positive]}
    return shown


def _row(node: Node) -> Row:
    for kind in KINDS:
        found = kind.read(node)
        if found is not None:
            return {"kind": kind.name, **found}
    raise AssertionError("the last kind shows everything")


def tree(given: object, names: Names) -> Node:
    """The tree that an outline means. Raises RowError with the path to what cannot be read."""
    return _node(given, (), names)


def _node(given: object, path: tuple[int, ...], names: Names) -> Node:
    if not isinstance(given, dict) or len(path) > DEPTH_MAX:
        raise RowError("this group is nested too deeply, or is no group", path)
    name = str(given.get("kind"))
    if name in _GROUPS:
        return _group(given, path, names)
    kind = _BY_NAME.get(name)
    if kind is None:
        raise RowError("a row of this kind is not known", path)
    try:
        return parse(kind.write(given), names=names).tree
    except RowError as error:
        raise RowError(error.message, path) from None
    except ConditionError as error:
        raise RowError(error.message, path) from None


def _group(given: Outline, path: tuple[int, ...], names: Names) -> Node:
    items = given.get("items")
    if not isinstance(items, list) or not items:
        empty = "add what must be true of them" if not path else "this group is empty; add to it or take it away"
        raise RowError(empty, path)
    parts = [_node(item, (*path, place), names) for place, item in enumerate(items)]
    if given["kind"] == "all":
        return conjunction(parts)
    return disjunction(parts) if given["kind"] == "any" else Not(disjunction(parts))
