"""Reads names and paths: `trait.address.city`, `cart.value`, `event.product_id`, and an event's own properties."""

from __future__ import annotations

import ast
from typing import Literal, TypeAlias, get_args

from .error import ConditionError, nearest, unknown
from .facts import FACTS
from .shapes import RFM_FIELDS
from .source import Source
from .tree import (
    EACH,
    Constant,
    EntryProperty,
    Fact,
    Function,
    Lifecycle,
    Node,
    Path,
    Property,
    Rfm,
    RunKey,
    Scalar,
    TextChange,
    TextTest,
    Trait,
)

PATH_MAX = 8
FUNCTIONS: tuple[Function, ...] = get_args(Function)
CONSTANTS: dict[str, Scalar] = {"true": True, "false": False, "null": None, "none": None}
"""Said as in YAML and JSON; Python's own spelling is a constant already."""
ANYWHERE: tuple[str, ...] = (*get_args(TextTest), *get_args(TextChange))
"""What is written with brackets and can be asked of an event's properties too."""
CALLS: tuple[str, ...] = (
    *FUNCTIONS,
    "sequence",
    "segment",
    "affinity",
    "reachable",
    "consents",
    "product",
    "bucket",
    "score",
    "occasion",
    *ANYWHERE,
)
"""Everything that is written with brackets."""
ROOTS: tuple[str, ...] = ("trait", "event", "run", "rfm", "lifecycle", *FACTS)

Scope: TypeAlias = Literal["condition", "filter", "counter"]
"""Where we are reading: a customer, an incoming event, or the filter of a counter."""


class Paths:
    """The names of one text. `entry_event` says whether `event.…` and `run.key` mean something there."""

    def __init__(self, source: Source, entry_event: bool) -> None:
        self._source = source
        self._entry_event = entry_event

    def read(self, node: ast.Name | ast.Attribute | ast.Subscript, scope: Scope) -> Node:
        path = self.path(node)
        root, rest = path[0], path[1:]
        if rest[:1] == (EACH,) and ((root in ROOTS and scope == "condition") or root in ("event", "run")):
            raise self._wrong(node, f"{root} is no list; write [] after the name of one, as in trait.interests[]")
        if not rest and root in CONSTANTS:
            return Constant(CONSTANTS[root])
        if root == "event":
            return self._entry(node, rest, scope)
        if root == "run":
            return self._run(node, rest, scope)
        if scope == "condition":
            return self._customer_name(node, root, rest)
        if root in ROOTS and rest and rest[0] != EACH:
            raise self._wrong(
                node,
                f"{'.'.join(path)} speaks of the customer, but a filter looks at one event's properties; "
                "ask it in a condition beside the filter",
            )
        return Property(path)

    def _customer_name(self, node: ast.expr, root: str, rest: Path) -> Node:
        if root == "trait":
            if not rest:
                raise self._wrong(node, "which trait? Write trait.country, for example")
            return Trait(rest)
        if root in FACTS:
            return self._fact(node, root, rest)
        if root == "rfm":
            return self._rfm(node, rest)
        if root == "lifecycle" and not rest:
            return Lifecycle()
        written = ".".join((root, *rest))
        guess = nearest(root, (*ROOTS, *CALLS, "True", "False"))
        hint = f'Did you mean "{guess}"?' if guess else f"A trait is written trait.{written}."
        raise self._wrong(node, f'unknown name "{written}". {hint}')

    def _entry(self, node: ast.expr, rest: Path, scope: Scope) -> Node:
        if scope == "counter":
            raise self._wrong(
                node,
                "event.… cannot stand in the filter of a counter: a counter is the same for all of a customer's runs",
            )
        if not self._entry_event:
            raise self._wrong(
                node,
                "there is no entry event here, so event.… means nothing; it does inside a journey that an event starts",
            )
        if not rest:
            raise self._wrong(node, "which property of the entry event? Write event.product_id, for example")
        return EntryProperty(rest)

    def _run(self, node: ast.expr, rest: Path, scope: Scope) -> Node:
        if rest != ("key",):
            raise self._wrong(node, f'unknown name "{".".join(("run", *rest))}". Did you mean "run.key"?')
        if scope == "counter":
            raise self._wrong(
                node,
                "run.key cannot stand in the filter of a counter: a counter is the same for all of a customer's runs",
            )
        if not self._entry_event:
            raise self._wrong(node, "there is no run here, so run.key means nothing; it does inside a journey")
        return RunKey()

    def _fact(self, node: ast.expr, root: str, rest: Path) -> Node:
        fields, title = FACTS[root], root.replace("_", " ")
        if not rest:
            there = ", ".join(f"{root}.{name}" for name in fields)
            raise self._wrong(node, f"what of the {title}? There are: {there}")
        if len(rest) != 1 or rest[0] not in fields:
            raise self._wrong(node, unknown(f"field of the {title}", ".".join(rest), fields))
        return Fact(root, rest[0])

    def _rfm(self, node: ast.expr, rest: Path) -> Node:
        if not rest:
            raise self._wrong(node, f"what of it? There are: {', '.join(f'rfm.{name}' for name in RFM_FIELDS)}")
        if len(rest) != 1 or rest[0] not in RFM_FIELDS:
            raise self._wrong(node, unknown("field of rfm", ".".join(rest), RFM_FIELDS))
        return Rfm(rest[0])

    def path(self, node: ast.expr) -> Path:
        names: list[str] = []
        part = node
        while True:
            if isinstance(part, ast.Attribute):
                names.append(part.attr)
            elif isinstance(part, ast.Subscript) and _is_each(part.slice):
                names.append(EACH)
            else:
                break
            part = part.value
        if not isinstance(part, ast.Name):
            raise self._wrong(node, f"expected a name such as trait.address.city, found {self._source.written(node)}")
        names.append(part.id)
        if len(names) > PATH_MAX:
            raise self._wrong(node, f"a path has at most {PATH_MAX} names, found {len(names)}")
        return tuple(reversed(names))

    def _wrong(self, node: ast.expr, message: str) -> ConditionError:
        return self._source.wrong(node, message)


def _is_each(node: ast.expr) -> bool:
    return isinstance(node, ast.Slice) and node.lower is node.upper is node.step is None
