"""Conditions: one language in text, one tree; live evaluation and plain language are read from the tree."""

from __future__ import annotations

from .condition import Condition, Kind
from .error import ConditionError
from .names import Names
from .plain import plain
from .reading import Reader
from .segments import check_segments, find_circle
from .source import Source
from .tree import EACH, Node, names_in, walk
from .vocabulary import KNOWN_EVENTS
from .writing import write

__all__ = [
    "KNOWN_EVENTS",
    "Condition",
    "ConditionError",
    "Names",
    "check_segments",
    "find_circle",
    "from_tree",
    "parse",
    "plain",
    "write",
]


def parse(
    text: str,
    *,
    kind: Kind = "condition",
    entry_event: bool = False,
    names: Names = Names(),  # noqa: B008  # Frozen, so one for all is safe.
    line: int = 1,
    column: int = 1,
) -> Condition:
    """Read a condition over a customer, or a filter over the properties of one event.

    `entry_event` says whether a run's entry event can be spoken of (`event.…`, `run.key`). `line` and `column` are the
    place of the text in its file. Raises ConditionError.
    """
    source = Source(text, line, column)
    root = source.expression()
    return Condition(text, Reader(source, names, entry_event).truth(root, kind), kind)


def from_tree(
    tree: Node,
    *,
    kind: Kind = "condition",
    entry_event: bool = False,
    names: Names = Names(),  # noqa: B008  # Frozen, so one for all is safe.
) -> Condition:
    """A condition of a tree built elsewhere, checked as strictly as text is. Raises ConditionError."""
    for name in (name for node in walk(tree) for name in names_in(node)):
        if not (name.isidentifier() or name == EACH):  # Anything else would be read as more than a name.
            raise ConditionError(f'"{name}" cannot stand in a path; names are letters, digits and underscores')
    try:
        text = write(tree)
    except RecursionError:
        raise ConditionError("the condition is nested too deeply; split it into segments") from None
    return parse(text, kind=kind, entry_event=entry_event, names=names)
