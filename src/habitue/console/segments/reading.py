"""Reads a condition that is being written, as text or as rows, and says it in all three ways."""

from __future__ import annotations

import re
from typing import Any

import msgspec

from habitue.console.segments import rows
from habitue.console.segments.rows import RowError
from habitue.console.visit import Visit
from habitue.playbook.conditions import (
    Condition,
    ConditionError,
    Names,
    check_segments,
    find_circle,
    from_tree,
    parse,
    write,
)
from habitue.playbook.conditions.tree import And, Node, Or

LINE_MAX = 72
_TOKEN = re.compile(r"\"[^\"\n]*\"?|'[^'\n]*'?|[\w.]+|\S")


def names(visit: Visit, segment: str) -> Names:
    """What may be named in the segment's condition: not itself."""
    known = visit.edited.names
    return msgspec.structs.replace(known, segments=frozenset(visit.edited.segments) - {segment})


def condition(visit: Visit, segment: str) -> Condition:
    """The condition a form holds: its rows when those were edited last, else its text.

    Raises ConditionError or RowError.
    """
    outline = visit.form.get("outline", "")
    if not outline:
        return _parsed(visit, _text(visit), segment)
    known = names(visit, segment)
    tree = from_tree(rows.tree(_decoded(outline), known), names=known).tree
    found = Condition(laid_out(tree), tree)
    _check_circle(visit, segment, found)
    return found


def _parsed(visit: Visit, text: str, segment: str) -> Condition:
    found = parse(text, names=names(visit, segment))
    _check_circle(visit, segment, found)
    return found


def answer(visit: Visit, segment: str) -> dict[str, Any]:
    """The condition as rows, as text and in plain words; or the mistake and its place."""
    if not visit.form.get("outline", ""):
        return read(visit, _text(visit), segment)
    try:
        return shown(visit, condition(visit, segment))
    except RowError as error:
        return {"error": {"message": error.message, "path": error.path}}
    except ConditionError as error:
        return {"error": {"message": error.message, "path": ()}}


def read(visit: Visit, text: str, segment: str) -> dict[str, Any]:
    """The same of a text."""
    try:
        return shown(visit, _parsed(visit, text, segment))
    except ConditionError as error:
        offset = min(error.offset, len(text))
        place = {"offset": offset, "end": _end(text, offset), "line": error.line, "column": error.column}
        return {"text": text, "error": {"message": error.message, **place}}


def shown(visit: Visit, found: Condition) -> dict[str, Any]:
    return {
        "error": None,
        "text": found.text,
        "outline": rows.outline(found.tree),
        "plain": visit.services.plain(found),
    }


def laid_out(node: Node) -> str:
    """The tree as text, on several lines when one would be long."""
    text = write(node)
    if len(text) <= LINE_MAX or not isinstance(node, (And, Or)):
        return text
    word = "and" if isinstance(node, And) else "or"
    parts = [f"({write(item)})" if isinstance(item, (And, Or)) else write(item) for item in node.items]
    return f"\n{word} ".join(parts)


def _text(visit: Visit) -> str:
    """What was typed. Browsers send a line's end as two characters, and count it as one."""
    return visit.form.get("text", "").replace("\r\n", "\n")


def _decoded(outline: str) -> object:
    try:
        return msgspec.json.decode(outline)
    except (msgspec.DecodeError, RecursionError):
        raise RowError("the rows came in broken; reload the page") from None


def _check_circle(visit: Visit, segment: str, found: Condition) -> None:
    conditions = {name: one.condition for name, one in visit.edited.segments.items()} | {segment or "this one": found}
    circle = find_circle(conditions)
    if circle is not None:
        raise ConditionError(f"segments name each other in a circle: {' → '.join(circle)}; one of them must not")
    check_segments(conditions)


def _end(text: str, offset: int) -> int:
    """Where the piece ends that an error at this place is about."""
    match = _TOKEN.match(text, offset)
    return match.end() if match else min(offset + 1, len(text))
