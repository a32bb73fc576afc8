"""Reads names and paths: `trait.address.city`, `cart.value`, `event.product_id`, and an event's own properties."""

from __future__ import annotations

import ast
from typing import Literal, TypeAlias, get_args

from .error import ConditionError, nearest, unknown
from .facts import FACTS
from .source import Source
from .tree import Constant, EntryProperty, Fact, Function, Node, Path, Property, RunKey, Scalar, Trait

PATH_MAX = 8
FUNCTIONS: tuple[Function, ...] = get_args(Function)
CONSTANTS: dict[str, Scalar] = {"true": True, "false": False, "null": None, "none": None}
"""Said as in YAML and JSON; Python's own spelling is a constant already."""
CALLS: tuple[str, ...] = (*FUNCTIONS, "segment", "affinity")
"""Everything that is written with brackets."""
_ROOTS = ("trait", "event", "run", *FACTS)

Scope: TypeAlias = Literal["condition", "filter", "counter"]
"""Where we are reading: a customer, an incoming event, or the filter of a counter."""


class Paths:
    """The names of one text. `entry_event` says whether `event.…` and `run.key` mean something there."""

    def __init__(self, source: Source, entry_event: bool) -> None:
        self._source = source
        self._entry_event = entry_event

    def read(self, node: ast.Name | ast.Attribute, scope: Scope) -> Node:
        path = self.path(node)
        root, rest = path[0], path[1:]
        if not rest and root in CONSTANTS:
            return Constant(CONSTANTS[root])
        if root == "event":
            return self._entry(node, rest, scope)
        if root == "run":
            return self._run(node, rest, scope)
        if scope == "condition":
            return self._customer_name(node, root, rest)
        if (root == "trait" or root in FACTS) and rest:
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
        written = ".".join((root, *rest))
        guess = nearest(root, (*_ROOTS, *CALLS, "True", "False"))
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

    def path(self, node: ast.expr) -> Path:
        names: list[str] = []
        part = node
        while isinstance(part, ast.Attribute):
            names.append(part.attr)
            part = part.value
        if not isinstance(part, ast.Name):
            raise self._wrong(node, f"expected a name such as trait.address.city, found {self._source.written(node)}")
        names.append(part.id)
        if len(names) > PATH_MAX:
            raise self._wrong(node, f"a path has at most {PATH_MAX} names, found {len(names)}")
        return tuple(reversed(names))

    def _wrong(self, node: ast.expr, message: str) -> ConditionError:
        return self._source.wrong(node, message)
